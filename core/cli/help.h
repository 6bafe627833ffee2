/* SPDX-License-Identifier: Apache-2.0 */
/* help.h - the help texts, printed from the verbs' tables. */
#ifndef CLI_HELP_H
#define CLI_HELP_H

#include "base/buf.h"
#include "cli/verb.h"

/* Of the program, or of a group ("mandate"), when group is not NULL. */
void help_program(struct buf *buf, const char *group);
void help_verb(struct buf *buf, const struct verb *verb);

#endif
