/* SPDX-License-Identifier: Apache-2.0 */
/* print.h - JSON as it is written: commas come by themselves. */
#ifndef PRINT_H
#define PRINT_H

#include "bytes.h"

struct print {
	struct bytes bytes;
	bool comma; /* before the next key or value */
};

void print_fini(struct print *print);
void print_open(struct print *print, char bracket); /* { or [ */
void print_close(struct print *print, char bracket); /* } or ] */
void print_key(struct print *print, const char *name);
void print_str(struct print *print, struct aicx_str value); /* UTF-8 */
void print_text(struct print *print, const char *value);
void print_raw(struct print *print, struct aicx_str json);
void print_number(struct print *print, int64_t number);
void print_bool(struct print *print, bool value);
/* Key and JSON; an absent value is left out. */
void print_member(struct print *print, const char *name, struct aicx_str json);

#endif
