/* SPDX-License-Identifier: Apache-2.0 */
/*
 * words.h - the words of a text, and their stems.
 *
 * A word is a run of ASCII letters, digits and bytes of other scripts (0x80 and
 * above), with ASCII lower-cased.  Of a longer run the first WORD_BYTES_MAX
 * bytes count.  Words that say nothing ("the", "of") are passed over.
 */
#ifndef DISCOVERY_WORDS_H
#define DISCOVERY_WORDS_H

#include <aiconexus/types.h>
#include <stdbool.h>

enum { WORD_BYTES_MAX = 64 };

struct words {
	struct aicx_str rest;
	char text[WORD_BYTES_MAX];
};

struct words words_of(struct aicx_str text); /* borrows the text */
/* The word is a view of *words until the next call. */
bool words_next(struct words *words, struct aicx_str *ret_word);

struct stemmer;

struct stemmer *stemmer_new(void); /* English */
void stemmer_free(struct stemmer *stemmer);
/* Words with letters of other scripts are their own stem.  A view until the
   next call. */
struct aicx_str stemmer_stem(struct stemmer *stemmer, struct aicx_str word);

#endif
