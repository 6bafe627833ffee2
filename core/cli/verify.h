/* SPDX-License-Identifier: Apache-2.0 */
/*
 * verify.h - judging a deal file offline, from its text and trusted keys only.
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

/* Appends the report. */
enum verdict verify_text(
    struct aicx_str text, const struct trust *trust, struct buf *report);

#endif
