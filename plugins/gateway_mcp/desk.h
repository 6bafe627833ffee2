/* SPDX-License-Identifier: Apache-2.0 */
/* desk.h - the broker's own tools, whose names never change. */
#ifndef DESK_H
#define DESK_H

#include "talk.h"

bool desk_has(struct aicx_str name);
void desk_put(struct print *out); /* all of them, as elements of a list */
/* Runs a tool of this name; false: there is none. */
bool desk_call(struct talk *talk, const char *name);

#endif
