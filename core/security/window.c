/* SPDX-License-Identifier: Apache-2.0 */
/* window.c - open addressing over two generations. */
#include "security/window.h"

#include "base/map.h"
#include "base/mem.h"

#include <stdlib.h>
#include <string.h>

struct seen {
	uint64_t who, body; /* who == 0: free */
};

struct generation {
	struct seen *slots;
	size_t n_slots, n; /* n_slots: 0 or a power of two */
};

enum { SLOTS_FIRST = 1024, SHARES = 4096 };

struct window {
	struct generation now, before;
	int64_t window_ms, turned_ms;
	size_t ids_max;
	uint32_t shares[SHARES]; /* ids of this generation, by sender's hash */
};

struct window *
window_new(int64_t window_ms, size_t ids_max)
{
	struct window *window = MEM_NEW(struct window);

	window->window_ms = window_ms;
	window->ids_max = ids_max;
	return window;
}

void
window_free(struct window *window)
{
	if (window == NULL)
		return;
	free(window->now.slots);
	free(window->before.slots);
	free(window);
}

static struct seen *
slot(const struct generation *g, uint64_t who)
{
	size_t i = (size_t)who & (g->n_slots - 1);

	while (g->slots[i].who != 0 && g->slots[i].who != who)
		i = (i + 1) & (g->n_slots - 1);
	return &g->slots[i];
}

static const struct seen *
find(const struct generation *g, uint64_t who)
{
	if (g->n_slots == 0)
		return NULL;
	const struct seen *seen = slot(g, who);
	return seen->who == 0 ? NULL : seen;
}

static void
grow(struct generation *g)
{
	struct generation bigger = {
		.n_slots = g->n_slots ? g->n_slots * 2 : SLOTS_FIRST,
		.n = g->n,
	};

	bigger.slots = mem_new(bigger.n_slots * sizeof *bigger.slots);
	for (size_t i = 0; i < g->n_slots; i++)
		if (g->slots[i].who != 0)
			*slot(&bigger, g->slots[i].who) = g->slots[i];
	free(g->slots);
	*g = bigger;
}

static void
turn(struct window *window, int64_t now_ms)
{
	if (now_ms - window->turned_ms < window->window_ms)
		return;
	free(window->before.slots);
	window->before = window->now;
	if (now_ms - window->turned_ms >= 2 * window->window_ms) {
		free(window->before.slots);
		memset(&window->before, 0, sizeof window->before);
	}
	memset(&window->now, 0, sizeof window->now);
	memset(window->shares, 0, sizeof window->shares);
	window->turned_ms = now_ms;
}

enum window_verdict
window_see(struct window *window, const struct aicx_id *sender,
    const struct aicx_id *id, uint64_t body, int64_t now_ms)
{
	uint8_t key[32];
	uint64_t who;

	turn(window, now_ms);
	memcpy(key, sender->bytes, 16);
	memcpy(key + 16, id->bytes, 16);
	who = map_mark(key, sizeof key);
	if (who == 0)
		who = 1;
	const struct seen *seen = find(&window->now, who);
	if (seen == NULL)
		seen = find(&window->before, who);
	if (seen != NULL)
		return seen->body == body ? WINDOW_REPEAT : WINDOW_CONFLICT;
	uint32_t *share = &window->shares[map_mark(sender->bytes, 16) % SHARES];
	if (window->now.n >= window->ids_max ||
	    *share >= window->ids_max - window->now.n)
		return WINDOW_FULL;
	++*share;
	if (window->now.n * 4 >= window->now.n_slots * 3)
		grow(&window->now);
	*slot(&window->now, who) = (struct seen) { who, body };
	window->now.n++;
	return WINDOW_NEW;
}
