/* SPDX-License-Identifier: Apache-2.0 */
/* dues.c - a binary heap. */
#include "broker/dues.h"

#include "base/mem.h"

#include <stdlib.h>

static void
heap_up(struct due *heap, size_t i)
{
	while (i > 0 && heap[i].at_ms < heap[(i - 1) / 2].at_ms) {
		struct due due = heap[i];
		heap[i] = heap[(i - 1) / 2];
		heap[(i - 1) / 2] = due;
		i = (i - 1) / 2;
	}
}

static void
heap_down(struct due *heap, size_t n)
{
	size_t i = 0;

	for (;;) {
		size_t least = i;
		for (size_t child = 2 * i + 1; child <= 2 * i + 2; child++)
			if (child < n && heap[child].at_ms < heap[least].at_ms)
				least = child;
		if (least == i)
			return;
		struct due due = heap[i];
		heap[i] = heap[least];
		heap[least] = due;
		i = least;
	}
}

void
dues_put(struct dues *dues, int64_t at_ms, const struct aicx_id *id)
{
	if (dues->n == dues->cap) {
		dues->cap = dues->cap ? dues->cap * 2 : 64;
		dues->list =
		    mem_grow(dues->list, dues->cap * sizeof(struct due));
	}
	dues->list[dues->n] = (struct due) { at_ms, *id };
	heap_up(dues->list, dues->n++);
}

bool
dues_take(struct dues *dues, int64_t now_ms, struct due *ret_due)
{
	if (dues->n == 0 || dues->list[0].at_ms > now_ms)
		return false;
	*ret_due = dues->list[0];
	dues->list[0] = dues->list[--dues->n];
	heap_down(dues->list, dues->n);
	return true;
}

int64_t
dues_next(const struct dues *dues)
{
	return dues->n > 0 ? dues->list[0].at_ms : 0;
}

void
dues_fini(struct dues *dues)
{
	free(dues->list);
	*dues = (struct dues) { .n = 0 };
}
