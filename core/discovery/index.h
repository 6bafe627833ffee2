/* SPDX-License-Identifier: Apache-2.0 */
/*
 * index.h - an inverted index over what agents say of themselves.
 *
 * Words are lower-cased, split at anything that is no letter or digit (so
 * "text.spellcheck" is also "text" and "spellcheck") and stemmed; a query word
 * also matches as a prefix of at least three letters.  Words like "the" and
 * "of" count nowhere.  All in memory, rebuilt from the records at start.
 */
#ifndef DISCOVERY_INDEX_H
#define DISCOVERY_INDEX_H

#include <aiconexus/types.h>
#include <stddef.h>
#include <stdint.h>

enum {
	INDEX_WORDS_MAX = 1024, /* of one document, the weightiest first */
	INDEX_QUERY_WORDS_MAX = 16, /* later ones are not looked at */
	INDEX_PREFIX_MAX = 256 /* stems a prefix stands for, in order */
};

struct index;

struct index_hit {
	void *doc;
	int64_t relevance; /* 0..1000 */
};

struct index *index_new(void);
void index_free(struct index *index);
/* Adds or replaces.  weight 1..4: a word in the name counts more than one in
   a description.  doc is the caller's and identifies the entry. */
struct index_text {
	struct aicx_str text;
	int weight;
};
void index_put(struct index *index, void *doc, const struct index_text *texts,
    size_t n_texts);
void index_remove(struct index *index, void *doc);
/* Documents that contain every word of the query (all documents when it has no
   word), best first (ties in order of insertion), at most cap of those that
   accept() lets pass; returns how many.  accept is asked only about those that
   would be among the hits; NULL lets all pass. */
size_t index_search(const struct index *index, struct aicx_str query,
    int (*accept)(void *doc, void *arg), void *arg, struct index_hit *ret_hits,
    size_t cap);

#endif
