/* SPDX-License-Identifier: Apache-2.0 */
/*
 * index_search.c - documents that have every word, the best of them first.
 *
 * Documents are looked at in blocks small enough for the processor's nearest
 * memory.  In each, the rarest word of the query gives the first list, every
 * other word thins it, and what is left is ranked.  How well a word fits a
 * document is 1..8: the weight of its place, twice for the word itself, once
 * for one that only starts so.  Rare words count more.
 */
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/mem.h"
#include "discovery/index_inside.h"

enum {
	PREFIX_LETTERS_MIN = 3,
	FIT_MAX = 2 * WEIGHT_MAX,
	RELEVANCE_MAX = 1000,
	BLOCK_DOCS = 8192
};

/* A word of the query: the stems that stand for it. */
struct term {
	const struct word *stems[INDEX_PREFIX_MAX];
	uint32_t from[INDEX_PREFIX_MAX]; /* postings before it are done */
	size_t n_stems;
	bool has_exact; /* the first one is the word's own stem */
	uint64_t n_postings; /* of all stems */
	uint32_t rarity; /* 1.. */
	uint32_t rest; /* the most that later words may add to a score */
};

/* A document of the block that has all words looked at so far. */
struct found {
	uint32_t doc, score;
};

struct ranking {
	int (*accept)(void *doc, void *arg);
	void *arg;
	struct index_hit *hits; /* best first; relevance: the score */
	size_t n, cap;
	uint32_t floor; /* scores up to here are no hits any more */
};

struct search {
	struct term terms[INDEX_QUERY_WORDS_MAX];
	size_t n_terms;
	struct ranking ranking;
	uint32_t low, high; /* the block: low <= document < high */
	uint8_t fits[BLOCK_DOCS]; /* how well a term fits; 0: not at all */
	struct found found[BLOCK_DOCS + 1]; /* in order; one to write over */
	size_t n_found;
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
	for (size_t i = 0; i < term->n_stems; i++) {
		term->n_postings += term->stems[i]->postings.n;
		term->from[i] = 0;
	}
	term->rarity = 1;
	for (uint64_t n = term->n_postings; n > 0 && n < index->n_docs; n *= 2)
		term->rarity++;
}

static uint32_t
doubled(const struct term *term, size_t stem)
{
	return stem == 0 && term->has_exact ? 2 : 1;
}

/* The postings of the block: from *ret_from up to the returned place. */
static uint32_t
block_postings(struct term *term, size_t stem, const struct search *search,
    uint32_t *ret_from)
{
	const struct postings *postings = &term->stems[stem]->postings;

	*ret_from = postings_seek(postings, term->from[stem], search->low);
	term->from[stem] = postings_seek(postings, *ret_from, search->high);
	return term->from[stem];
}

static void
fits_fill(struct search *search, struct term *term)
{
	memset(search->fits, 0, sizeof search->fits);
	for (size_t i = 0; i < term->n_stems; i++) {
		const uint32_t *list = postings_list(&term->stems[i]->postings);
		uint32_t from, end, times = doubled(term, i);
		end = block_postings(term, i, search, &from);
		for (uint32_t k = from; k < end; k++) {
			uint8_t *best =
			    &search->fits[posting_doc(list[k]) - search->low];
			uint8_t fit =
			    (uint8_t)(posting_weight(list[k]) * times);
			*best = fit > *best ? fit : *best;
		}
	}
}

/* Where what passes is written; in registers while a loop runs. */
struct sieve {
	struct found *end;
	uint32_t rarity, floor; /* scores up to the floor do not pass */
};

static struct sieve
sieve_of(struct search *search, const struct term *term)
{
	uint32_t floor = search->ranking.floor;

	return (struct sieve) { search->found, term->rarity,
		floor > term->rest ? floor - term->rest : 0 };
}

/* Writes first and then moves on or not: without a branch to guess. */
static inline void
sieve_take(struct sieve *sieve, struct found found, uint32_t fit)
{
	found.score += sieve->rarity * fit;
	*sieve->end = found;
	sieve->end += (fit > 0) & (found.score > sieve->floor);
}

static void
find_first_of_one(struct search *search, struct term *term)
{
	const uint32_t *list = postings_list(&term->stems[0]->postings);
	uint32_t from, end, times = doubled(term, 0);
	struct sieve sieve = sieve_of(search, term);

	end = block_postings(term, 0, search, &from);
	for (uint32_t i = from; i < end; i++)
		sieve_take(&sieve, (struct found) { posting_doc(list[i]), 0 },
		    posting_weight(list[i]) * times);
	search->n_found = (size_t)(sieve.end - search->found);
}

/* Most documents have none of the stems: eight of them at a look. */
static void
find_first_of_many(struct search *search, struct term *term)
{
	uint32_t n = search->high - search->low;
	struct sieve sieve = sieve_of(search, term);

	fits_fill(search, term);
	for (uint32_t i = 0; i < n; i += 8) {
		uint64_t eight;
		memcpy(&eight, &search->fits[i], sizeof eight);
		if (eight == 0)
			continue;
		for (uint32_t k = i; k < i + 8; k++)
			sieve_take(&sieve,
			    (struct found) { search->low + k, 0 },
			    search->fits[k]);
	}
	search->n_found = (size_t)(sieve.end - search->found);
}

/* Keeps what the term fits too: by a look at every posting of the block. */
static void
thin_by_block(struct search *search, struct term *term)
{
	struct sieve sieve = sieve_of(search, term);
	uint32_t low = search->low;

	fits_fill(search, term);
	for (size_t i = 0; i < search->n_found; i++)
		sieve_take(&sieve, search->found[i],
		    search->fits[search->found[i].doc - low]);
	search->n_found = (size_t)(sieve.end - search->found);
}

static uint32_t
fit_by_seeking(struct term *term, uint32_t doc)
{
	uint32_t best = 0;

	for (size_t i = 0; i < term->n_stems; i++) {
		const struct postings *postings = &term->stems[i]->postings;
		const uint32_t *list = postings_list(postings);
		uint32_t at = postings_seek(postings, term->from[i], doc);
		term->from[i] = at;
		if (at == postings->n || posting_doc(list[at]) != doc)
			continue;
		uint32_t fit = posting_weight(list[at]) * doubled(term, i);
		best = fit > best ? fit : best;
	}
	return best;
}

/* The same by seeking each document in each list: for few documents. */
static void
thin_by_seeking(struct search *search, struct term *term)
{
	struct sieve sieve = sieve_of(search, term);

	for (size_t i = 0; i < search->n_found; i++)
		sieve_take(&sieve, search->found[i],
		    fit_by_seeking(term, search->found[i].doc));
	search->n_found = (size_t)(sieve.end - search->found);
}

static void
thin(struct search *search, struct term *term, uint32_t n_docs)
{
	/* A seek costs about as much as 16 postings in a row; clearing a
	   block is as cheap as a few hundred. */
	uint64_t seeking = (uint64_t)search->n_found * term->n_stems * 16;
	uint64_t block = term->n_postings * BLOCK_DOCS / n_docs;

	if (seeking < block + term->n_stems + 256)
		thin_by_seeking(search, term);
	else
		thin_by_block(search, term);
}

/* Documents come in order of insertion, so an equal one goes behind. */
static void
rank(struct ranking *ranking, void *doc, uint32_t score)
{
	struct index_hit *hits = ranking->hits;
	size_t at = ranking->n;

	if (doc == NULL || score <= ranking->floor ||
	    (ranking->accept != NULL && !ranking->accept(doc, ranking->arg)))
		return;
	if (at == ranking->cap)
		at--;
	else
		ranking->n++;
	for (; at > 0 && hits[at - 1].relevance < score; at--)
		hits[at] = hits[at - 1];
	hits[at] = (struct index_hit) { doc, score };
	if (ranking->n == ranking->cap)
		ranking->floor = (uint32_t)hits[ranking->n - 1].relevance;
}

static void
rank_all(struct ranking *ranking, const struct index *index)
{
	for (uint32_t i = 0; i < index->n_docs && ranking->n < ranking->cap;
	     i++)
		rank(ranking, index->docs[i], RELEVANCE_MAX);
}

/* The block begins at the next document of the rarest word. */
static bool
block_next(struct search *search, const struct index *index)
{
	const struct term *term = &search->terms[0];
	uint32_t low = index->n_docs;

	for (size_t i = 0; i < term->n_stems; i++) {
		const struct postings *postings = &term->stems[i]->postings;
		if (term->from[i] == postings->n)
			continue;
		uint32_t doc =
		    posting_doc(postings_list(postings)[term->from[i]]);
		low = doc < low ? doc : low;
	}
	search->low = low;
	search->high =
	    index->n_docs - low > BLOCK_DOCS ? low + BLOCK_DOCS : index->n_docs;
	return low < index->n_docs;
}

static int
by_postings(const void *a, const void *b)
{
	const struct term *x = a, *y = b;

	return (x->n_postings > y->n_postings) -
	    (x->n_postings < y->n_postings);
}

static void
search_terms(struct search *search, const struct index *index)
{
	struct ranking *ranking = &search->ranking;
	struct term *terms = search->terms;
	uint32_t best = 0;

	qsort(terms, search->n_terms, sizeof *terms, by_postings);
	for (size_t i = search->n_terms; i-- > 0;) {
		terms[i].rest = best;
		best += terms[i].rarity * FIT_MAX;
	}
	ENSURE(best > 0);
	while (block_next(search, index)) {
		if (terms[0].n_stems == 1)
			find_first_of_one(search, &terms[0]);
		else
			find_first_of_many(search, &terms[0]);
		for (size_t i = 1; i < search->n_terms; i++)
			thin(search, &terms[i], index->n_docs);
		for (size_t i = 0; i < search->n_found; i++)
			if (search->found[i].score > ranking->floor)
				rank(ranking, index->docs[search->found[i].doc],
				    search->found[i].score);
	}
	for (size_t i = 0; i < ranking->n; i++)
		ranking->hits[i].relevance =
		    ranking->hits[i].relevance * RELEVANCE_MAX / best;
}

/* false: a word is nowhere. */
static bool
search_parse(
    struct search *search, const struct index *index, struct aicx_str query)
{
	struct words words = words_of(query);
	struct aicx_str word;

	search->n_terms = 0;
	while (search->n_terms < INDEX_QUERY_WORDS_MAX &&
	    words_next(&words, &word)) {
		struct term *term = &search->terms[search->n_terms++];
		term_init(term, index, word);
		if (term->n_postings == 0)
			return false;
	}
	return true;
}

size_t
index_search(const struct index *index, struct aicx_str query,
    int (*accept)(void *doc, void *arg), void *arg, struct index_hit *ret_hits,
    size_t cap)
{
	struct search *search = index->search;

	if (search == NULL)
		return 0;
	search->ranking = (struct ranking) { accept, arg, ret_hits, 0, cap, 0 };
	if (cap == 0 || !search_parse(search, index, query))
		return 0;
	if (search->n_terms == 0)
		rank_all(&search->ranking, index);
	else
		search_terms(search, index);
	return search->ranking.n;
}

struct search *
search_new(void)
{
	return MEM_NEW(struct search);
}
