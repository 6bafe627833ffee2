/* SPDX-License-Identifier: Apache-2.0 */
/* index_inside.h - the inside of an index, shared by index.c and
 * index_search.c.
 */
#ifndef DISCOVERY_INDEX_INSIDE_H
#define DISCOVERY_INDEX_INSIDE_H

#include "discovery/index.h"
#include "discovery/lexicon.h"

/* A document that has all words of the query looked at so far. */
struct found {
	uint32_t doc, score;
};

/* Memory of searches, kept for the next: up to 9 bytes for each document. */
struct scratch {
	uint8_t *places; /* by document: how well the present word fits */
	size_t cap_places;
	struct found *found; /* in order of number */
	size_t n_found, cap_found;
};

struct index {
	struct lexicon lexicon;
	struct stemmer *stemmer;
	void **docs; /* by number; NULL: removed */
	uint32_t n_docs, cap_docs, n_empty;
	uint32_t *slots; /* hash of the pointer -> number + 1; 0: free */
	size_t n_slots; /* a power of two */
	struct scratch *scratch;
};

#endif
