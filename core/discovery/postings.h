/* SPDX-License-Identifier: Apache-2.0 */
/*
 * postings.h - which documents have a word, and in how weighty a place.
 *
 * Documents are numbers that only grow, so a list is in order by being added
 * to at its end.  A posting is four bytes: number << 2 | weight - 1.  Two of
 * them stand where the pointer to more would be: most words are rare.
 */
#ifndef DISCOVERY_POSTINGS_H
#define DISCOVERY_POSTINGS_H

#include <stddef.h>
#include <stdint.h>

enum { POSTINGS_FEW = 2, WEIGHT_MAX = 4 };

struct postings { /* a zeroed struct has none */
	union {
		uint32_t few[POSTINGS_FEW];
		uint32_t *many;
	} list;
	uint32_t n, cap; /* cap 0: few */
};

static inline uint32_t
posting_doc(uint32_t posting)
{
	return posting >> 2;
}

static inline uint32_t
posting_weight(uint32_t posting)
{
	return (posting & 3) + 1;
}

static inline const uint32_t *
postings_list(const struct postings *postings)
{
	return postings->cap ? postings->list.many : postings->list.few;
}

void postings_fini(struct postings *postings);
/* doc is not below any before; one that is there already keeps its weight.
   Returns how many were added: 0 or 1. */
size_t postings_add(struct postings *postings, uint32_t doc, int weight);
/* new_numbers[old]: in the same order as the old; NO_DOC drops it. */
enum { NO_DOC = UINT32_MAX };
void postings_renumber(struct postings *postings, const uint32_t *new_numbers);
/* The place at or after `from` of the first posting not below doc. */
uint32_t postings_seek(
    const struct postings *postings, uint32_t from, uint32_t doc);

#endif
