/* SPDX-License-Identifier: Apache-2.0 */
/*
 * body.h - just enough of a JSON body to put members into it.
 *
 * Nothing here decides whether the text is JSON: a text that is not stays so
 * when a list of members is put before its last brace, because whatever the
 * body left open, a comma and a quote cannot close it.
 */
#ifndef BODY_H
#define BODY_H

#include "text.h"

enum body_shape {
	BODY_ABSENT = 1, /* empty or blank */
	BODY_EMPTY = 2, /* {} */
	BODY_OBJECT = 3, /* {...} */
	BODY_BROKEN = 4, /* begins as an object and does not end as one */
	BODY_OTHER = 5
};

/* Cuts blanks behind the end off *body; those before it stay, for offsets. */
enum body_shape body_shape(struct aicx_str *body);

#endif
