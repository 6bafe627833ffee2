/* SPDX-License-Identifier: Apache-2.0 */
/* index_inside.h - the inside of an index, shared by index.c and
 * index_search.c.
 */
#ifndef DISCOVERY_INDEX_INSIDE_H
#define DISCOVERY_INDEX_INSIDE_H

#include "discovery/index.h"
#include "discovery/lexicon.h"

/* The memory of a search, kept for the next; there is none before something is
   there to be found. */
struct search;

struct search *search_new(void); /* free() it */

struct index {
	struct lexicon lexicon;
	struct stemmer *stemmer;
	void **docs; /* by number; NULL: removed */
	uint32_t n_docs, cap_docs, n_empty;
	uint32_t *slots; /* hash of the pointer -> number + 1; 0: free */
	size_t n_slots; /* a power of two */
	struct search *search; /* NULL: nothing was put yet */
};

#endif
