/* SPDX-License-Identifier: Apache-2.0 */
/*
 * verify_books.h - all the money of a ledger, added up record by record.
 *
 * Its own arithmetic and its own rules: it shares no code with the broker's
 * ledger.
 */
#ifndef CLI_VERIFY_BOOKS_H
#define CLI_VERIFY_BOOKS_H

#include "base/map.h"
#include "cli/verify_deal.h"

struct books { /* a zeroed struct has no money anywhere */
	struct map places; /* "<place> <currency>" -> struct place */
	struct map holds, mandates; /* id -> what is known of it */
	struct arena arena;
	uint64_t n_entries;
};

void books_fini(struct books *books);
/* Applies the record's entries and rows; says what is wrong with them. */
bool books_take(
    struct books *books, struct deal *file, const struct record_part *record);
/* The batches in the record pay the net of their payments, and no more. */
bool batches_check(struct deal *file, const struct record_part *record);
/* All is there: sums are zero. */
bool books_close(struct books *books, struct deal *file);

#endif
