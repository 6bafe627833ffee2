/* SPDX-License-Identifier: Apache-2.0 */
/*
 * verify.h - judging deal files, receipts, checkpoints, consistency proofs and
 * ledgers offline, from their texts and trusted keys only.
 *
 * Pure: no file, clock or network.  Each link of the chain is one line of the
 * report; the first that does not hold ends it.
 */
#ifndef CLI_VERIFY_H
#define CLI_VERIFY_H

#include "base/buf.h"
#include "protocol/crypto.h"

#include <aiconexus/types.h>
#include <stdbool.h>

/* Exit statuses of `aicx verify`. */
enum verdict {
	VERDICT_GOOD = 0,
	VERDICT_BROKEN = 1,
	VERDICT_UNREADABLE = 2,
	VERDICT_UNKNOWN_KEY = 3
};

struct trusted {
	uint8_t key[KEY_BYTES];
	struct aicx_id broker_id; /* nil: of any broker */
	struct aicx_str source; /* where the key comes from, for the report */
};

struct trust {
	const struct trusted *list;
	size_t n;
	/* The keys were named for this very file: another one is a broken
	   link, not an unknown broker. */
	bool strict;
};

/* What files that belong together say, to be held against each other. */
struct verify_set;
struct verify_set *verify_set_new(void);
void verify_set_free(struct verify_set *set); /* NULL is legal */
/* Appends what was compared and what could not be; changes no verdict. */
void verify_compare(const struct verify_set *set, struct buf *report);

/* The line that a report ends with. */
void verify_say(struct buf *report, enum verdict verdict);

/* One file but a ledger, under its name (borrowed until return).  Appends the
   report. */
enum verdict verify_file(const char *name, struct aicx_str text,
    const struct trust *trust, struct verify_set *set, struct buf *report);

/* A ledger or a part of one (an audit file) comes line by line (no newlines),
   after all other files: so the checkpoints in them can be recomputed on the
   way. */
bool verify_is_ledger(struct aicx_str first_line);
struct ledger_check;
struct ledger_check *ledger_check_new(const char *name,
    const struct trust *trust, struct verify_set *set, struct buf *report);
/* false: more would change nothing. */
bool ledger_check_line(struct ledger_check *check, struct aicx_str line);
enum verdict ledger_check_end(struct ledger_check *check); /* frees */
/* The same of records that no checkpoint ends: those of this origin in the set
   must be about them, and about no more. */
enum verdict ledger_check_stop(
    struct ledger_check *check, struct aicx_str origin);

/* A file of any kind by itself. */
enum verdict verify_text(
    struct aicx_str text, const struct trust *trust, struct buf *report);

#endif
