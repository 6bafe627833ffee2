/* SPDX-License-Identifier: Apache-2.0 */
/* tail.c - a sorted list; most keys come in order, behind all the others. */
#include "tail.h"

#include <stdlib.h>
#include <string.h>

int
key_compare(struct aicx_str a, struct aicx_str b)
{
	size_t shorter = a.len < b.len ? a.len : b.len;
	int order = shorter == 0 ? 0 : memcmp(a.ptr, b.ptr, shorter);

	return order != 0 ? order : (a.len > b.len) - (a.len < b.len);
}

size_t
tail_seek(const struct tail *tail, struct aicx_str key)
{
	size_t low = 0, high = tail->n;

	while (low < high) {
		size_t middle = low + (high - low) / 2;
		if (key_compare(tail->items[middle].key, key) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

const struct tail_item *
tail_find(const struct tail *tail, struct aicx_str key)
{
	size_t i = tail_seek(tail, key);

	return i < tail->n && key_compare(tail->items[i].key, key) == 0
	    ? &tail->items[i]
	    : NULL;
}

static bool
grow(struct tail *tail, size_t n)
{
	size_t cap = tail->cap > 0 ? tail->cap : 64;

	while (cap < n)
		cap *= 2;
	if (cap == tail->cap)
		return true;
	struct tail_item *items =
	    realloc(tail->items, cap * sizeof *tail->items);
	if (items == NULL)
		return false;
	tail->items = items;
	tail->cap = cap;
	return true;
}

/* malloc(0) may be NULL. */
static char *
key_copy(struct aicx_str key)
{
	char *copy = malloc(key.len + 1);

	if (copy != NULL && key.len > 0)
		memcpy(copy, key.ptr, key.len);
	return copy;
}

bool
tail_put(
    struct tail *tail, struct aicx_str key, bool gone, const struct spot *spot)
{
	size_t i = tail_seek(tail, key);
	struct tail_item item = { .spot = *spot, .gone = gone };

	if (i < tail->n && key_compare(tail->items[i].key, key) == 0) {
		tail->items[i].spot = *spot;
		tail->items[i].gone = gone;
		return true;
	}
	if (!grow(tail, tail->n + 1))
		return false;
	item.key = (struct aicx_str) { key_copy(key), key.len };
	if (item.key.ptr == NULL)
		return false;
	memmove(
	    &tail->items[i + 1], &tail->items[i], (tail->n - i) * sizeof item);
	tail->items[i] = item;
	tail->n++;
	return true;
}

bool
tail_copy(
    const struct tail *tail, size_t from, size_t to, struct tail *ret_copy)
{
	struct tail copy = { NULL };

	if (from < to && !grow(&copy, to - from))
		return false;
	for (size_t i = from; i < to; i++) {
		struct tail_item *item = &copy.items[copy.n];
		*item = tail->items[i];
		item->key.ptr = key_copy(tail->items[i].key);
		if (item->key.ptr == NULL) {
			tail_fini(&copy);
			return false;
		}
		copy.n++;
	}
	*ret_copy = copy;
	return true;
}

void
tail_clear(struct tail *tail)
{
	for (size_t i = 0; i < tail->n; i++)
		free((char *)tail->items[i].key.ptr);
	tail->n = 0;
}

void
tail_fini(struct tail *tail)
{
	tail_clear(tail);
	free(tail->items);
	*tail = (struct tail) { NULL };
}
