/* SPDX-License-Identifier: Apache-2.0 */
/* keep.c - batches of the index: when they are made and what is in them. */
#include "broker/keep.h"

#include "base/err.h"
#include "base/mem.h"
#include "base/str.h"
#include "broker/inside.h"

#include <stdlib.h>

void
keep_init(struct broker *broker)
{
	broker->keep.every = KEEP_EVERY;
}

void
keep_fini(struct broker *broker)
{
	lot_fini(&broker->keep.lot);
	free(broker->keep.writes);
}

/* --- sending --------------------------------------------------------- */

static void
collect(const struct catalog_key *key, struct aicx_str value, void *arg)
{
	struct keep *keep = arg;
	struct aicx_write write = { catalog_key_view(key), value };

	lot_put(&keep->lot, 0, &write, 1, 0);
}

static void
collect_applied(struct broker *broker)
{
	struct applied applied = {
		.form = CATALOG_FORM,
		.seq = journal_next(broker->journal) - 1,
		.time_ms = broker->time.time_ms,
		.n_rows = (int64_t)broker->state.n_listed,
		.n_accounts = (int64_t)ledger_n_accounts(broker->state.ledger),
		.n_transactions = (int64_t)ledger_sum(broker->state.ledger, "")
				      .n_transactions,
	};
	struct aicx_write write = { str_of(applied_key), { NULL, 0 } };
	struct buf text = { 0 };

	journal_hash(broker->journal, applied.hash);
	applied_print(&text, &applied);
	write.value = buf_view(&text);
	lot_put(&broker->keep.lot, 0, &write, 1, 0);
	buf_fini(&text);
}

static void
write_batch(struct broker *broker, bool now)
{
	struct keep *keep = &broker->keep;

	state_send(&broker->state, collect, keep);
	journal_tiles_send(broker->journal, collect, keep);
	collect_applied(broker);
	struct lot_slice slice = lot_slice(&keep->lot, 0, SIZE_MAX, SIZE_MAX);
	if (slice.n_writes > keep->cap_writes) {
		keep->cap_writes = slice.n_writes * 2;
		keep->writes = mem_grow(
		    keep->writes, keep->cap_writes * sizeof *keep->writes);
	}
	lot_writes(&keep->lot, &slice, keep->writes);
	journal_beside(broker->journal, keep->writes, slice.n_writes, now);
	lot_clear(&keep->lot);
	keep->sent = journal_next(broker->journal) - 1;
	keep->waiting = true;
}

static void
confirm(struct broker *broker)
{
	broker->keep.waiting = false;
	state_confirm(&broker->state, broker->keep.sent);
	journal_tiles_confirm(broker->journal);
}

static bool
is_due(const struct broker *broker, uint64_t every)
{
	uint64_t seq = journal_next(broker->journal) - 1;

	return seq > broker->keep.sent && seq - broker->keep.sent >= every;
}

void
keep_turn(struct broker *broker)
{
	struct keep *keep = &broker->keep;

	if (broker->step.active || !keep->ready)
		return;
	if (broker->failed) {
		if (broker->read_only)
			state_sweep(&broker->state);
		return;
	}
	if (keep->waiting && journal_has_beside(broker->journal, keep->sent))
		confirm(broker);
	if (!keep->waiting && is_due(broker, keep->every)) {
		write_batch(broker, false);
		if (journal_has_beside(broker->journal, keep->sent))
			confirm(broker);
	}
	state_sweep(&broker->state);
}

void
keep_replayed(struct broker *broker, bool last)
{
	broker->keep.ready = last;
	if (journal_failure(broker->journal) != NULL ||
	    !is_due(broker, last ? 1 : KEEP_EVERY_REPLAY))
		return;
	write_batch(broker, true);
	confirm(broker);
	state_sweep(&broker->state);
}

void
keep_finish(struct broker *broker)
{
	if (broker->failed || !broker->keep.ready)
		return;
	journal_flush(broker->journal);
	if (broker->keep.waiting)
		confirm(broker);
	if (!is_due(broker, 1))
		return;
	write_batch(broker, false);
	journal_flush(broker->journal);
	confirm(broker);
}
