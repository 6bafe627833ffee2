/* SPDX-License-Identifier: Apache-2.0 */
/*
 * wheel.h - deadlines, coarse and cheap.
 *
 * One timer sweeps a ring of lists, a slot for each tick.  Traffic never moves
 * an item: it stands at the time when someone is to look at it, and whoever
 * looks works out from its state whether anything is due and puts it back.
 */
#ifndef WHEEL_H
#define WHEEL_H

#include <stdint.h>

enum { WHEEL_SLOTS = 64 };

struct wheel_item {
	struct wheel_item *next, *prev;
	int64_t tick; /* where it stands; 0: nowhere */
};

struct wheel {
	struct wheel_item slots[WHEEL_SLOTS];
	int64_t tick_ms;
	int64_t swept; /* the last tick that was swept */
};

typedef void wheel_fn(struct wheel_item *item, void *arg);

void wheel_init(struct wheel *wheel, int64_t tick_ms, int64_t now_ms);
/* An empty wheel that was not swept for a while. */
void wheel_wake(struct wheel *wheel, int64_t now_ms);
/* Moves the item; times beyond the ring are cut to its end. */
void wheel_put(struct wheel *wheel, struct wheel_item *item, int64_t at_ms);
void wheel_remove(struct wheel_item *item); /* legal when it is nowhere */
/* Takes out every item whose time has come and calls fn with it. */
void wheel_sweep(struct wheel *wheel, int64_t now_ms, wheel_fn *fn, void *arg);

#endif
