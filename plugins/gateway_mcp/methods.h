/* SPDX-License-Identifier: Apache-2.0 */
/* methods.h - the methods of MCP, by name and era. */
#ifndef METHODS_H
#define METHODS_H

#include "talk.h"

/* Answers a request whose head has passed. */
void methods_run(struct talk *talk);
/* A notification: never answered by more than 202. */
void methods_note(struct talk *talk);

/* In tools.c, resources.c. */
void tools_list(struct talk *talk);
void tools_call(struct talk *talk);
void resources_list(struct talk *talk);
void resources_templates(struct talk *talk);
void resources_read(struct talk *talk);

#endif
