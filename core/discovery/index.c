/* SPDX-License-Identifier: Apache-2.0 */
/*
 * index.c - documents by number, and what is removed from them.
 *
 * A removed document leaves its number empty; its postings go when a third of
 * all numbers are empty, in one pass that renumbers the rest.
 */
#include "discovery/index.h"

#include <stdlib.h>

#include "base/err.h"
#include "base/mem.h"
#include "discovery/index_inside.h"

enum { COMPACT_MIN = 256, DOCS_MAX = 1 << 30 };

struct index *
index_new(void)
{
	struct index *index = MEM_NEW(struct index);

	lexicon_init(&index->lexicon);
	index->stemmer = stemmer_new();
	return index;
}

void
index_free(struct index *index)
{
	if (index == NULL)
		return;
	lexicon_fini(&index->lexicon);
	stemmer_free(index->stemmer);
	free(index->search);
	free(index->docs);
	free(index->slots);
	free(index);
}

/* Callers' pointers are no attack: Fibonacci hashing spreads them. */
static size_t
slot_of(const struct index *index, const void *doc)
{
	uint64_t hash = (uint64_t)(uintptr_t)doc * UINT64_C(0x9e3779b97f4a7c15);

	return (size_t)(hash >> 32) & (index->n_slots - 1);
}

static uint32_t
find(const struct index *index, const void *doc)
{
	if (index->n_slots == 0)
		return NO_DOC;
	size_t at = slot_of(index, doc);
	for (; index->slots[at] != 0; at = (at + 1) & (index->n_slots - 1))
		if (index->docs[index->slots[at] - 1] == doc)
			return index->slots[at] - 1;
	return NO_DOC;
}

static void
slot_fill(struct index *index, uint32_t number)
{
	size_t at = slot_of(index, index->docs[number]);

	while (index->slots[at] != 0)
		at = (at + 1) & (index->n_slots - 1);
	index->slots[at] = number + 1;
}

static void
slots_build(struct index *index)
{
	size_t n_slots = 64;

	while (n_slots < (size_t)index->n_docs * 2)
		n_slots *= 2;
	free(index->slots);
	index->slots = mem_new(n_slots * sizeof *index->slots);
	index->n_slots = n_slots;
	for (uint32_t i = 0; i < index->n_docs; i++)
		if (index->docs[i] != NULL)
			slot_fill(index, i);
}

static uint32_t
doc_add(struct index *index, void *doc)
{
	ENSURE(index->n_docs < DOCS_MAX);
	if (index->n_docs == index->cap_docs) {
		index->cap_docs += index->cap_docs / 4 + 16;
		index->docs = mem_grow(
		    index->docs, index->cap_docs * sizeof *index->docs);
	}
	uint32_t number = index->n_docs++;
	index->docs[number] = doc;
	if ((size_t)index->n_docs * 2 > index->n_slots)
		slots_build(index);
	else
		slot_fill(index, number);
	return number;
}

static void
compact(struct index *index)
{
	uint32_t *new_numbers =
	    mem_new(index->n_docs * sizeof *new_numbers + 1);
	uint32_t n = 0;

	for (uint32_t i = 0; i < index->n_docs; i++) {
		new_numbers[i] = index->docs[i] ? n : NO_DOC;
		if (index->docs[i] != NULL)
			index->docs[n++] = index->docs[i];
	}
	index->n_docs = n;
	index->n_empty = 0;
	slots_build(index);
	lexicon_renumber(&index->lexicon, new_numbers);
	free(new_numbers);
}

void
index_remove(struct index *index, void *doc)
{
	uint32_t number = find(index, doc);

	if (number == NO_DOC)
		return;
	index->docs[number] = NULL;
	index->n_empty++;
	if (index->n_empty >= COMPACT_MIN && index->n_empty > index->n_docs / 3)
		compact(index);
}

/* Returns how many words of the document are left to take. */
static size_t
text_add(struct index *index, uint32_t number, const struct index_text *text,
    size_t n_left)
{
	struct words words = words_of(text->text);
	struct aicx_str word;

	while (n_left > 0 && words_next(&words, &word)) {
		struct word *stem =
		    lexicon_add(&index->lexicon, index->stemmer, word);
		n_left -= postings_add(&stem->postings, number, text->weight);
	}
	return n_left;
}

/* The weightiest texts first: the first posting of a word is the one kept. */
void
index_put(struct index *index, void *doc, const struct index_text *texts,
    size_t n_texts)
{
	size_t n_left = INDEX_WORDS_MAX;

	ENSURE(doc != NULL);
	index_remove(index, doc);
	if (index->search == NULL)
		index->search = search_new();
	uint32_t number = doc_add(index, doc);
	for (int weight = WEIGHT_MAX; weight > 0; weight--)
		for (size_t i = 0; i < n_texts; i++) {
			ENSURE(texts[i].weight >= 1 &&
			    texts[i].weight <= WEIGHT_MAX);
			if (texts[i].weight == weight)
				n_left =
				    text_add(index, number, &texts[i], n_left);
		}
}
