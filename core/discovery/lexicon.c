/* SPDX-License-Identifier: Apache-2.0 */
/* lexicon.c - a hash map of words, and sorted blocks of them. */
#include "discovery/lexicon.h"

#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/mem.h"
#include "base/str.h"

enum { BLOCK_WORDS = 128 };

/* The first eight bytes of each word as one number decide most comparisons
   without a look at the word, which is elsewhere in memory. */
struct word_block {
	uint64_t heads[BLOCK_WORDS];
	struct word *words[BLOCK_WORDS];
	size_t n; /* at least 1 */
};

static struct aicx_str
word_text(const struct word *word)
{
	return (struct aicx_str) { word->text, word->len };
}

static uint64_t
head_of(struct aicx_str text)
{
	uint64_t head = 0;

	for (size_t i = 0; i < 8; i++)
		head = head << 8 | (i < text.len ? (uint8_t)text.ptr[i] : 0);
	return head;
}

static bool
is_before(const struct word_block *block, size_t i, uint64_t head,
    struct aicx_str text)
{
	if (block->heads[i] != head)
		return block->heads[i] < head;
	return str_cmp(word_text(block->words[i]), text) < 0;
}

/* The last block whose first word is before the text, or the first block. */
static size_t
block_of(const struct lexicon *lexicon, uint64_t head, struct aicx_str text)
{
	size_t low = 0, high = lexicon->n_blocks;

	while (high - low > 1) {
		size_t middle = low + (high - low) / 2;
		if (is_before(lexicon->blocks[middle], 0, head, text))
			low = middle;
		else
			high = middle;
	}
	return low;
}

/* The place of the first word of the block that is not before the text. */
static size_t
place_in(const struct word_block *block, uint64_t head, struct aicx_str text)
{
	size_t low = 0, high = block->n;

	while (low < high) {
		size_t middle = low + (high - low) / 2;
		if (is_before(block, middle, head, text))
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

static struct word_block *
block_add(struct lexicon *lexicon, size_t at)
{
	if (lexicon->n_blocks == lexicon->cap_blocks) {
		lexicon->cap_blocks = lexicon->cap_blocks * 2 + 4;
		lexicon->blocks = mem_grow(lexicon->blocks,
		    lexicon->cap_blocks * sizeof *lexicon->blocks);
	}
	memmove(&lexicon->blocks[at + 1], &lexicon->blocks[at],
	    (lexicon->n_blocks - at) * sizeof *lexicon->blocks);
	lexicon->n_blocks++;
	lexicon->blocks[at] = MEM_NEW(struct word_block);
	return lexicon->blocks[at];
}

/* Moves the upper half to a block of its own. */
static void
block_split(struct lexicon *lexicon, size_t at)
{
	struct word_block *upper = block_add(lexicon, at + 1);
	struct word_block *block = lexicon->blocks[at];
	size_t half = BLOCK_WORDS / 2;

	memcpy(upper->heads, block->heads + half, half * sizeof *block->heads);
	memcpy(upper->words, block->words + half, half * sizeof *block->words);
	upper->n = half;
	block->n = half;
}

static void
order_add(struct lexicon *lexicon, struct word *word)
{
	struct aicx_str text = word_text(word);
	uint64_t head = head_of(text);

	if (lexicon->n_blocks == 0)
		(void)block_add(lexicon, 0);
	size_t at = block_of(lexicon, head, text);
	if (lexicon->blocks[at]->n == BLOCK_WORDS) {
		block_split(lexicon, at);
		at = block_of(lexicon, head, text);
	}
	struct word_block *block = lexicon->blocks[at];
	size_t place = place_in(block, head, text), after = block->n - place;
	memmove(&block->heads[place + 1], &block->heads[place],
	    after * sizeof *block->heads);
	memmove(&block->words[place + 1], &block->words[place],
	    after * sizeof(struct word *));
	block->heads[place] = head;
	block->words[place] = word;
	block->n++;
}

static void
order_fini(struct lexicon *lexicon)
{
	for (size_t i = 0; i < lexicon->n_blocks; i++)
		free(lexicon->blocks[i]);
	free(lexicon->blocks);
}

void
lexicon_init(struct lexicon *lexicon)
{
	*lexicon = (struct lexicon) { .n_blocks = 0 };
}

void
lexicon_fini(struct lexicon *lexicon)
{
	MAP_EACH (entry, &lexicon->by_text)
		postings_fini(&((struct word *)entry->value)->postings);
	order_fini(lexicon);
	map_fini(&lexicon->by_text);
	arena_fini(&lexicon->arena);
	lexicon_init(lexicon);
}

struct word *
lexicon_find(const struct lexicon *lexicon, struct aicx_str text)
{
	return map_find(&lexicon->by_text, text);
}

static struct word *
word_add(struct lexicon *lexicon, struct aicx_str text)
{
	struct word *word = lexicon_find(lexicon, text);

	if (word != NULL)
		return word;
	ENSURE(text.len <= UINT8_MAX);
	word =
	    arena_new(&lexicon->arena, offsetof(struct word, text) + text.len);
	word->len = (uint8_t)text.len;
	memcpy(word->text, text.ptr, text.len);
	(void)map_put(&lexicon->by_text, word_text(word), word);
	return word;
}

struct word *
lexicon_add(
    struct lexicon *lexicon, struct stemmer *stemmer, struct aicx_str text)
{
	struct word *word = word_add(lexicon, text);

	if (word->stem == NULL) {
		word->stem = word_add(lexicon, stemmer_stem(stemmer, text));
		order_add(lexicon, word);
	}
	return word->stem;
}

static bool
is_among(const struct word *word, const struct word *const *list, size_t n)
{
	while (n-- > 0)
		if (list[n] == word)
			return true;
	return false;
}

size_t
lexicon_find_prefix(const struct lexicon *lexicon, struct aicx_str prefix,
    const struct word **stems, size_t n, size_t cap)
{
	uint64_t head = head_of(prefix);

	if (lexicon->n_blocks == 0)
		return n;
	size_t at = block_of(lexicon, head, prefix);
	size_t place = place_in(lexicon->blocks[at], head, prefix);
	for (; at < lexicon->n_blocks; at++, place = 0) {
		const struct word_block *block = lexicon->blocks[at];
		for (; place < block->n; place++) {
			const struct word *word = block->words[place];
			if (n == cap || word->len < prefix.len ||
			    memcmp(word->text, prefix.ptr, prefix.len) != 0)
				return n;
			if (word->stem->postings.n > 0 &&
			    !is_among(word->stem, stems, n))
				stems[n++] = word->stem;
		}
	}
	return n;
}

/* A new lexicon of what is left; the old words' memory goes with the old. */
static void
rebuild(struct lexicon *lexicon)
{
	struct lexicon old = *lexicon;

	lexicon_init(lexicon);
	MAP_EACH (entry, &old.by_text) {
		const struct word *word = entry->value;
		if (word->postings.n > 0)
			word_add(lexicon, word_text(word))->postings =
			    word->postings;
	}
	MAP_EACH (entry, &old.by_text) {
		const struct word *word = entry->value;
		if (word->stem == NULL || word->stem->postings.n == 0)
			continue;
		struct word *copy = word_add(lexicon, word_text(word));
		copy->stem = lexicon_find(lexicon, word_text(word->stem));
		order_add(lexicon, copy);
	}
	order_fini(&old);
	map_fini(&old.by_text);
	arena_fini(&old.arena);
}

void
lexicon_renumber(struct lexicon *lexicon, const uint32_t *new_numbers)
{
	size_t n_idle = 0;

	MAP_EACH (entry, &lexicon->by_text) {
		struct word *word = entry->value;
		postings_renumber(&word->postings, new_numbers);
		n_idle += word->postings.n == 0 &&
		    (word->stem == NULL || word->stem == word);
	}
	if (n_idle > map_len(&lexicon->by_text) / 3)
		rebuild(lexicon);
}
