/* SPDX-License-Identifier: Apache-2.0 */
/*
 * index_search.c - documents that have every word, the best of them first.
 *
 * The rarest word of the query gives the first list of documents, every other
 * word thins it.  How well a word fits a document is 1..8: the weight of its
 * place, twice for the word itself, once for one that only starts so.  Rare
 * words count more.
 */
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "discovery/index_inside.h"

enum { PREFIX_LETTERS_MIN = 3, FIT_MAX = 2 * WEIGHT_MAX, RELEVANCE_MAX = 1000 };

/* A word of the query: the stems that stand for it. */
struct term {
	const struct word *stems[INDEX_PREFIX_MAX];
	size_t n_stems;
	bool has_exact; /* the first one is the word's own stem */
	uint64_t n_postings; /* of all stems */
	uint32_t rarity; /* 1.. */
};

static size_t
letters(struct aicx_str word)
{
	size_t n = 0;

	for (size_t i = 0; i < word.len; i++)
		n += ((unsigned char)word.ptr[i] & 0xc0) != 0x80;
	return n;
}

static void
term_init(struct term *term, const struct index *index, struct aicx_str word)
{
	const struct word *known = lexicon_find(&index->lexicon, word);
	const struct word *own = known && known->stem
	    ? known->stem
	    : lexicon_find(&index->lexicon, stemmer_stem(index->stemmer, word));

	term->n_stems = 0;
	term->n_postings = 0;
	term->has_exact = own != NULL && own->postings.n > 0;
	if (term->has_exact)
		term->stems[term->n_stems++] = own;
	if (letters(word) >= PREFIX_LETTERS_MIN)
		term->n_stems = lexicon_find_prefix(&index->lexicon, word,
		    term->stems, term->n_stems, INDEX_PREFIX_MAX);
	for (size_t i = 0; i < term->n_stems; i++)
		term->n_postings += term->stems[i]->postings.n;
	term->rarity = 1;
	for (uint64_t n = term->n_postings; n < index->n_docs; n = n * 2 + 1)
		term->rarity++;
}

static uint32_t
fit(const struct term *term, size_t stem, uint32_t posting)
{
	bool exact = stem == 0 && term->has_exact;

	return posting_weight(posting) * (exact ? 2 : 1);
}

static void
found_add(struct scratch *scratch, uint32_t doc, uint32_t score)
{
	scratch->found[scratch->n_found++] = (struct found) { doc, score };
}

static void
found_room(struct scratch *scratch, uint64_t n)
{
	if (n > scratch->cap_found) {
		scratch->cap_found = n + n / 4;
		scratch->found = mem_grow(scratch->found,
		    scratch->cap_found * sizeof *scratch->found);
	}
	scratch->n_found = 0;
}

/* Fills places[document] with how well the term fits there; 0: not at all. */
static void
places_fill(const struct index *index, const struct term *term)
{
	struct scratch *scratch = index->scratch;

	if (scratch->cap_places < index->n_docs) {
		scratch->cap_places = index->n_docs + index->n_docs / 4;
		scratch->places =
		    mem_grow(scratch->places, scratch->cap_places);
	}
	uint8_t *places = scratch->places;
	memset(places, 0, index->n_docs);
	for (size_t i = 0; i < term->n_stems; i++) {
		const struct postings *postings = &term->stems[i]->postings;
		const uint32_t *list = postings_list(postings);
		for (uint32_t k = 0; k < postings->n; k++) {
			uint8_t *place = &places[posting_doc(list[k])];
			uint8_t fits = (uint8_t)fit(term, i, list[k]);
			*place = fits > *place ? fits : *place;
		}
	}
}

static void
find_first(const struct index *index, const struct term *term)
{
	struct scratch *scratch = index->scratch;

	if (term->n_stems == 1) {
		const struct postings *postings = &term->stems[0]->postings;
		const uint32_t *list = postings_list(postings);
		found_room(scratch, postings->n);
		for (uint32_t i = 0; i < postings->n; i++)
			found_add(scratch, posting_doc(list[i]),
			    term->rarity * fit(term, 0, list[i]));
		return;
	}
	found_room(scratch, index->n_docs);
	places_fill(index, term);
	for (uint32_t i = 0; i < index->n_docs; i++)
		if (scratch->places[i] > 0)
			found_add(
			    scratch, i, term->rarity * scratch->places[i]);
}

/* Keeps what the term fits too: by a look at every posting. */
static void
thin_by_places(const struct index *index, const struct term *term)
{
	struct scratch *scratch = index->scratch;
	size_t n = 0;

	places_fill(index, term);
	for (size_t i = 0; i < scratch->n_found; i++) {
		struct found found = scratch->found[i];
		uint32_t fits = scratch->places[found.doc];
		found.score += term->rarity * fits;
		scratch->found[n] = found;
		n += fits > 0;
	}
	scratch->n_found = n;
}

/* The same by seeking each document in each list: for few documents. */
static void
thin_by_seeking(const struct index *index, const struct term *term)
{
	struct scratch *scratch = index->scratch;
	uint32_t from[INDEX_PREFIX_MAX] = { 0 };
	size_t n = 0;

	for (size_t i = 0; i < scratch->n_found; i++) {
		struct found found = scratch->found[i];
		uint32_t best = 0;
		for (size_t k = 0; k < term->n_stems; k++) {
			const struct postings *postings =
			    &term->stems[k]->postings;
			from[k] = postings_seek(postings, from[k], found.doc);
			if (from[k] == postings->n)
				continue;
			uint32_t posting = postings_list(postings)[from[k]];
			if (posting_doc(posting) == found.doc &&
			    fit(term, k, posting) > best)
				best = fit(term, k, posting);
		}
		found.score += term->rarity * best;
		if (best > 0)
			scratch->found[n++] = found;
	}
	scratch->n_found = n;
}

static void
thin(const struct index *index, const struct term *term)
{
	/* A seek costs about as much as 16 postings in a row; clearing and
	   reading places is cheap for each document. */
	uint64_t seeking =
	    (uint64_t)index->scratch->n_found * term->n_stems * 16;

	if (seeking < term->n_postings + index->n_docs / 16)
		thin_by_seeking(index, term);
	else
		thin_by_places(index, term);
}

struct ranking {
	int (*accept)(void *doc, void *arg);
	void *arg;
	struct index_hit *hits; /* best first; relevance: the score */
	size_t n, cap;
};

/* Documents come in order of insertion, so an equal one goes behind. */
static void
rank(struct ranking *ranking, void *doc, uint32_t score)
{
	struct index_hit *hits = ranking->hits;
	size_t at = ranking->n;

	if (doc == NULL ||
	    (at == ranking->cap && hits[at - 1].relevance >= score) ||
	    (ranking->accept != NULL && !ranking->accept(doc, ranking->arg)))
		return;
	if (at == ranking->cap)
		at--;
	else
		ranking->n++;
	for (; at > 0 && hits[at - 1].relevance < score; at--)
		hits[at] = hits[at - 1];
	hits[at] = (struct index_hit) { doc, score };
}

static void
rank_all(const struct index *index, struct ranking *ranking)
{
	for (uint32_t i = 0; i < index->n_docs && ranking->n < ranking->cap;
	     i++)
		rank(ranking, index->docs[i], RELEVANCE_MAX);
}

static int
by_postings(const void *a, const void *b)
{
	const struct term *x = a, *y = b;

	return (x->n_postings > y->n_postings) -
	    (x->n_postings < y->n_postings);
}

static void
rank_found(const struct index *index, struct ranking *ranking,
    struct term *terms, size_t n_terms)
{
	struct scratch *scratch = index->scratch;
	int64_t best = 0;

	qsort(terms, n_terms, sizeof *terms, by_postings);
	find_first(index, &terms[0]);
	for (size_t i = 1; i < n_terms; i++)
		thin(index, &terms[i]);
	for (size_t i = 0; i < n_terms; i++)
		best += (int64_t)terms[i].rarity * FIT_MAX;
	for (size_t i = 0; i < scratch->n_found; i++)
		rank(ranking, index->docs[scratch->found[i].doc],
		    scratch->found[i].score);
	for (size_t i = 0; i < ranking->n; i++)
		ranking->hits[i].relevance =
		    ranking->hits[i].relevance * RELEVANCE_MAX / best;
}

size_t
index_search(const struct index *index, struct aicx_str query,
    int (*accept)(void *doc, void *arg), void *arg, struct index_hit *ret_hits,
    size_t cap)
{
	struct ranking ranking = { accept, arg, ret_hits, 0, cap };
	struct words words = words_of(query);
	struct term terms[INDEX_QUERY_WORDS_MAX];
	struct aicx_str word;
	size_t n = 0;

	if (cap == 0)
		return 0;
	while (n < INDEX_QUERY_WORDS_MAX && words_next(&words, &word)) {
		term_init(&terms[n], index, word);
		if (terms[n++].n_postings == 0)
			return 0;
	}
	if (n == 0)
		rank_all(index, &ranking);
	else
		rank_found(index, &ranking, terms, n);
	return ranking.n;
}
