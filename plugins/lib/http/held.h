/* SPDX-License-Identifier: Apache-2.0 */
/*
 * held.h - how many bytes are kept for clients: bodies that are not whole yet,
 * and answers that were not read; of each address, and of all.
 */
#ifndef HELD_H
#define HELD_H

#include <stdbool.h>

struct conn;

/* Counts anew what this connection holds; false: it, its address or all of them
   hold more than they may. */
bool held_look(struct conn *conn);
/* The connection goes: it holds nothing any more. */
void held_none(struct conn *conn);

#endif
