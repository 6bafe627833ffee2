/* SPDX-License-Identifier: Apache-2.0 */
/* accept.h - a client that chooses itself: offers shown, one accepted. */
#ifndef ACCEPT_H
#define ACCEPT_H

#include "op.h"

/* Takes order; ends with a task that shows the offers. */
void accept_ask(struct op *op, json_t *order);
/* A message for a task that is there. */
void accept_message(struct op *op);

#endif
