/* SPDX-License-Identifier: Apache-2.0 */
/*
 * lexicon.h - every word the index has met, by text and in alphabetical order.
 *
 * A word knows its stem, which is a word too, so a text is stemmed only where
 * it brings a new word.  Postings hang on stems.
 */
#ifndef DISCOVERY_LEXICON_H
#define DISCOVERY_LEXICON_H

#include "base/arena.h"
#include "base/map.h"
#include "discovery/postings.h"
#include "discovery/words.h"

struct word {
	struct word *stem; /* NULL: nobody wrote it, it is only a stem */
	struct postings postings; /* of the documents with this stem */
	uint8_t len;
	char text[]; /* not terminated */
};

struct word_block;

struct lexicon {
	struct arena arena; /* the words */
	struct map by_text;
	/* Blocks of words in order; only words that somebody wrote. */
	struct word_block **blocks;
	size_t n_blocks, cap_blocks;
};

void lexicon_init(struct lexicon *lexicon);
void lexicon_fini(struct lexicon *lexicon);
/* Makes word and stem known; returns the stem. */
struct word *lexicon_add(
    struct lexicon *lexicon, struct stemmer *stemmer, struct aicx_str word);
struct word *lexicon_find(
    const struct lexicon *lexicon, struct aicx_str text); /* or NULL */
/* Adds to n stems those of words that start so, in alphabetical order and each
   once, up to cap; returns how many there are. */
size_t lexicon_find_prefix(const struct lexicon *lexicon,
    struct aicx_str prefix, const struct word **stems, size_t n, size_t cap);
/* Renumbers all postings, and forgets the words that no document is left of
   once they are many. */
void lexicon_renumber(struct lexicon *lexicon, const uint32_t *new_numbers);

#endif
