/* SPDX-License-Identifier: Apache-2.0 */
/* postings.c - lists of documents that grow at the end. */
#include "discovery/postings.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

void
postings_fini(struct postings *postings)
{
	if (postings->cap > 0)
		free(postings->list.many);
	*postings = (struct postings) { .n = 0 };
}

static uint32_t *
room(struct postings *postings)
{
	uint32_t cap = postings->cap;

	if (cap == 0 && postings->n < POSTINGS_FEW)
		return &postings->list.few[postings->n++];
	if (postings->n < cap)
		return &postings->list.many[postings->n++];
	/* By a quarter: these lists are most of what the index weighs. */
	cap = postings->n + postings->n / 4 + 2;
	uint32_t *many = mem_grow(
	    postings->cap ? postings->list.many : NULL, cap * sizeof *many);
	if (postings->cap == 0)
		memcpy(many, postings->list.few, sizeof postings->list.few);
	postings->list.many = many;
	postings->cap = cap;
	return &many[postings->n++];
}

size_t
postings_add(struct postings *postings, uint32_t doc, int weight)
{
	uint32_t n = postings->n;

	if (n > 0 && posting_doc(postings_list(postings)[n - 1]) == doc)
		return 0;
	*room(postings) = doc << 2 | (uint32_t)(weight - 1);
	return 1;
}

void
postings_renumber(struct postings *postings, const uint32_t *new_numbers)
{
	uint32_t *list =
	    postings->cap ? postings->list.many : postings->list.few;
	uint32_t n = 0;

	for (uint32_t i = 0; i < postings->n; i++) {
		uint32_t doc = new_numbers[posting_doc(list[i])];
		if (doc != NO_DOC)
			list[n++] = doc << 2 | (list[i] & 3);
	}
	postings->n = n;
	if (postings->cap == 0)
		return;
	if (n <= POSTINGS_FEW) {
		uint32_t few[POSTINGS_FEW] = { 0 };
		memcpy(few, list, n * sizeof *few);
		free(list);
		memcpy(postings->list.few, few, sizeof few);
		postings->cap = 0;
	} else if (n < postings->cap / 2) {
		postings->list.many = mem_grow(list, n * sizeof *list);
		postings->cap = n;
	}
}

/* Strides that double, then halves: near places are found in few steps. */
uint32_t
postings_seek(const struct postings *postings, uint32_t from, uint32_t doc)
{
	const uint32_t *list = postings_list(postings);
	uint32_t stride = 1, low = from, high;

	while (low < postings->n && posting_doc(list[low]) < doc) {
		from = low + 1;
		low += stride;
		stride *= 2;
	}
	high = low < postings->n ? low : postings->n;
	while (from < high) {
		uint32_t middle = from + (high - from) / 2;
		if (posting_doc(list[middle]) < doc)
			from = middle + 1;
		else
			high = middle;
	}
	return from;
}
