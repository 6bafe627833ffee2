/* SPDX-License-Identifier: Apache-2.0 */
/*
 * bench_search.c - what a search costs at 100,000 agents.
 *
 * Agents have a name of their own, a capability, and a description of words as
 * common as in natural text: the n-th most frequent one 1/n as often as the
 * first, after those the index passes over.  Queries are three words of one
 * agent, one in four cut to a prefix, behind a filter that lets half pass; the
 * best 20 are taken.  Processor time, so that a busy machine counts less.
 */
#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/mem.h"
#include "base/str.h"
#include "discovery/index.h"

enum {
	AGENTS = 100000,
	VOCABULARY = 20000,
	EMPTY_WORDS = 21, /* "the", "of", ... */
	DESCRIPTION_WORDS = 24,
	QUERIES = 20000,
	TOP = 20
};

struct profile {
	uint32_t words[DESCRIPTION_WORDS];
	bool accepted;
};

struct market {
	struct profile *agents;
	char (*vocabulary)[16];
	double *sums; /* of 1/n, for drawing by frequency */
	uint64_t seed;
};

static uint32_t
draw(struct market *market, uint32_t below)
{
	market->seed = market->seed * UINT64_C(6364136223846793005) +
	    UINT64_C(1442695040888963407);
	return (uint32_t)((market->seed >> 33) % below);
}

/* Syllables, so that words have beginnings in common. */
static void
word_make(struct market *market, char word[16])
{
	static const char *const syllables[] = { "tra", "ne", "lo", "spel",
		"con", "ti", "ma", "sum", "ver", "im", "age", "ri", "do", "pho",
		"ta", "qui", "ban", "cer", "mo", "el", "sta", "fi" };
	uint32_t n = 2 + draw(market, 3);
	size_t used = 0;

	for (uint32_t i = 0; i < n; i++)
		used += (size_t)snprintf(
		    word + used, 16 - used, "%s", syllables[draw(market, 22)]);
}

static uint32_t
word_draw(struct market *market)
{
	double at = market->sums[VOCABULARY - 1] *
	    (draw(market, 1 << 30) / (double)(1 << 30));
	size_t low = 0, high = VOCABULARY - 1;

	while (low < high) {
		size_t middle = (low + high) / 2;
		if (market->sums[middle] < at)
			low = middle + 1;
		else
			high = middle;
	}
	return (uint32_t)low;
}

static void
market_init(struct market *market)
{
	double sum = 0;

	market->seed = 11;
	market->agents = mem_new(AGENTS * sizeof *market->agents);
	market->vocabulary = mem_new(VOCABULARY * sizeof *market->vocabulary);
	market->sums = mem_new(VOCABULARY * sizeof *market->sums);
	for (size_t i = 0; i < VOCABULARY; i++) {
		word_make(market, market->vocabulary[i]);
		sum += 1.0 / (double)(i + 1 + EMPTY_WORDS);
		market->sums[i] = sum;
	}
	for (size_t i = 0; i < AGENTS; i++) {
		market->agents[i].accepted = draw(market, 2);
		for (size_t k = 0; k < DESCRIPTION_WORDS; k++)
			market->agents[i].words[k] = word_draw(market);
	}
}

static void
market_fini(struct market *market)
{
	free(market->agents);
	free(market->vocabulary);
	free(market->sums);
}

static double
now_us(void)
{
	struct timespec at;

	(void)clock_gettime(CLOCK_THREAD_CPUTIME_ID, &at);
	return (double)at.tv_sec * 1e6 + (double)at.tv_nsec / 1e3;
}

/* Returns how long the index took. */
static double
put_us(struct index *index, struct market *market, size_t i)
{
	struct profile *agent = &market->agents[i];
	char name[32], description[DESCRIPTION_WORDS * 17];
	size_t n = 0;

	snprintf(name, sizeof name, "%s-%06zu",
	    market->vocabulary[agent->words[0]], i);
	for (size_t k = 0; k < DESCRIPTION_WORDS; k++)
		n += (size_t)snprintf(description + n, sizeof description - n,
		    "%s ", market->vocabulary[agent->words[k]]);
	struct index_text texts[] = { { str_of(name), 3 },
		{ { description, n }, 1 },
		{ str_of(market->vocabulary[agent->words[1]]), 4 } };
	double start = now_us();
	index_put(index, agent, texts, 3);
	return now_us() - start;
}

static int
is_accepted(void *doc, void *arg)
{
	(void)arg;
	return ((const struct profile *)doc)->accepted;
}

static struct aicx_str
query_make(struct market *market, char query[64])
{
	const struct profile *agent = &market->agents[draw(market, AGENTS)];
	size_t n = 0;

	for (int i = 0; i < 3; i++) {
		const char *word = market->vocabulary[agent->words[draw(
		    market, DESCRIPTION_WORDS)]];
		int cut = draw(market, 4) == 0 ? 4 : 16;
		n += (size_t)snprintf(query + n, 64 - n, "%.*s ", cut, word);
	}
	return (struct aicx_str) { query, n };
}

static int
by_size(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

static void
search_all(struct market *market, const struct index *index)
{
	double *took_us = mem_new(QUERIES * sizeof *took_us);
	struct index_hit hits[TOP];
	char query[64];
	size_t n_hits = 0;

	for (size_t i = 0; i < QUERIES; i++) {
		struct aicx_str text = query_make(market, query);
		double start = now_us();
		n_hits +=
		    index_search(index, text, is_accepted, NULL, hits, TOP);
		took_us[i] = now_us() - start;
	}
	qsort(took_us, QUERIES, sizeof *took_us, by_size);
	if (n_hits == 0)
		printf("# nothing was found: these figures say nothing\n");
	printf("bench search_p50_us %.1f us\n", took_us[QUERIES / 2]);
	printf("bench search_p99_us %.1f us\n", took_us[QUERIES * 99 / 100]);
	printf("bench search_max_us %.1f us\n", took_us[QUERIES - 1]);
	free(took_us);
}

/* Bytes in use by the heap. */
static size_t
heap(void)
{
	struct mallinfo2 info = mallinfo2();

	return info.uordblks + info.hblkhd;
}

int
main(void)
{
	struct market market;

	market_init(&market);
	size_t before = heap();
	struct index *index = index_new();
	double load_us = 0, worst_us = 0;
	for (size_t i = 0; i < AGENTS; i++)
		load_us += put_us(index, &market, i);
	printf("bench search_load_ms %.0f ms\n", load_us / 1e3);
	search_all(&market, index);
	printf(
	    "bench search_bytes_per_agent %zu B\n", (heap() - before) / AGENTS);
	for (size_t i = 0; i < AGENTS; i++) {
		double took_us = put_us(index, &market, i);
		worst_us = took_us > worst_us ? took_us : worst_us;
	}
	printf("bench search_put_max_us %.0f us\n", worst_us);
	index_free(index);
	market_fini(&market);
	return 0;
}
