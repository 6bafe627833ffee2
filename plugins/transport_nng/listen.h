/* SPDX-License-Identifier: Apache-2.0 */
/* listen.h - sockets opened, set up, and listening at the URLs of an option. */
#ifndef LISTEN_H
#define LISTEN_H

#include "door.h"

/* ret_first, of URL_MAX bytes, gets the first URL as it is really bound, or is
   left alone; urls are separated by commas or blanks, none: nothing happens. */
aicx_err line_open(struct door *door, enum pipe_kind kind, const char *urls,
    char *ret_first, struct aicx_error *reterr);
void line_close(struct door *door, enum pipe_kind kind);
/* -1: not 0600, 0660 or 0666. */
int line_mode(const char *text);

#endif
