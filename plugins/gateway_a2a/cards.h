/* SPDX-License-Identifier: Apache-2.0 */
/*
 * cards.h - cards and the key set as they are served: made from the wire's
 * answers, signed once for each change, the bytes kept.
 */
#ifndef CARDS_H
#define CARDS_H

#include "op.h"

struct cards *cards_new(void);
void cards_free(struct cards *cards); /* NULL is legal */
/* Answers a GET of DOOR_CARD or, op->keys, DOOR_KEYS. */
void cards_serve(struct op *op);
/* GetExtendedAgentCard: the same with more skills, for who has a credential. */
void cards_extended(struct op *op);

#endif
