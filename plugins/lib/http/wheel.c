/* SPDX-License-Identifier: Apache-2.0 */
/* wheel.c - deadlines, coarse and cheap. */
#include "wheel.h"

#include <stddef.h>

static void
ring_init(struct wheel_item *head)
{
	head->next = head->prev = head;
}

static void
ring_push(struct wheel_item *head, struct wheel_item *item)
{
	item->prev = head->prev;
	item->next = head;
	head->prev->next = item;
	head->prev = item;
}

void
wheel_init(struct wheel *wheel, int64_t tick_ms, int64_t now_ms)
{
	for (size_t i = 0; i < WHEEL_SLOTS; i++)
		ring_init(&wheel->slots[i]);
	wheel->tick_ms = tick_ms;
	wheel->swept = now_ms / tick_ms;
}

void
wheel_wake(struct wheel *wheel, int64_t now_ms)
{
	wheel->swept = now_ms / wheel->tick_ms;
}

void
wheel_put(struct wheel *wheel, struct wheel_item *item, int64_t at_ms)
{
	/* Rounded up: an item is never looked at before its time. */
	int64_t tick = (at_ms + wheel->tick_ms - 1) / wheel->tick_ms;

	if (tick <= wheel->swept)
		tick = wheel->swept + 1;
	if (tick > wheel->swept + WHEEL_SLOTS - 1)
		tick = wheel->swept + WHEEL_SLOTS - 1;
	wheel_remove(item);
	item->tick = tick;
	ring_push(&wheel->slots[tick % WHEEL_SLOTS], item);
}

void
wheel_remove(struct wheel_item *item)
{
	if (item->tick == 0)
		return;
	item->prev->next = item->next;
	item->next->prev = item->prev;
	item->tick = 0;
}

/* fn may put items back, also into this slot: one turn later. */
static void
sweep_slot(struct wheel_item *slot, wheel_fn *fn, void *arg)
{
	struct wheel_item due;

	if (slot->next == slot)
		return;
	due = (struct wheel_item) { .next = slot->next, .prev = slot->prev };
	due.next->prev = due.prev->next = &due;
	ring_init(slot);
	while (due.next != &due) {
		struct wheel_item *item = due.next;

		wheel_remove(item);
		fn(item, arg);
	}
}

void
wheel_sweep(struct wheel *wheel, int64_t now_ms, wheel_fn *fn, void *arg)
{
	int64_t now = now_ms / wheel->tick_ms;
	int64_t tick = wheel->swept + 1;

	/* After a long pause one turn of the ring finds everything. */
	if (now - wheel->swept > WHEEL_SLOTS)
		tick = now - WHEEL_SLOTS + 1;
	wheel->swept = now;
	for (; tick <= now; tick++)
		sweep_slot(&wheel->slots[tick % WHEEL_SLOTS], fn, arg);
}
