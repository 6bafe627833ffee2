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

/* A walk over the members of the outermost object; zeroed but for the body. */
struct body_walk {
	struct aicx_str body;
	size_t at; /* 0: before the brace */
};

/* The next member, its name without quotes as written, its value as text; false
   at the end and where the text makes no sense. */
bool body_next(struct body_walk *walk, struct aicx_str *ret_name,
    struct aicx_str *ret_value);

#endif
