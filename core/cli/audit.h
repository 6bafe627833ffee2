/* SPDX-License-Identifier: Apache-2.0 */
/* audit.h - all records of a data folder, held against each other and against
   the checkpoints that were made of them. */
#ifndef CLI_AUDIT_H
#define CLI_AUDIT_H

#include "base/buf.h"
#include "cli/vault.h"
#include "cli/verify.h"

struct audit {
	struct vault *vault;
	struct aicx_str kept; /* a checkpoint from elsewhere; absent: none */
	const char *kept_name;
	struct buf *report; /* appended to */
	/* Set by audit_run(). */
	bool compared; /* there was a checkpoint to compare with */
	bool notes_good; /* all of them are signed as they should be */
	bool stopped; /* a record was not whole: none after it was read */
	uint64_t n_whole; /* records up to there */
	uint64_t n_covered; /* by the checkpoints */
};

/* Verdict of chain, tree, checkpoints and money.  *reterr is filled and
   VERDICT_UNREADABLE given when the store cannot be read to its end. */
enum verdict audit_run(struct audit *audit, struct aicx_error *reterr);

/* What a ledger file begins and ends with; no newlines. */
void audit_put_head(const struct vault *vault, struct buf *buf);
void audit_put_end(struct aicx_str note, struct buf *buf);
/* The broker's key in the data folder. */
struct trusted audit_trusted(const struct vault *vault);

#endif
