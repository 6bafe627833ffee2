/* SPDX-License-Identifier: Apache-2.0 */
/*
 * run_recover.c - a store that refuses to open, saved on a copy.
 *
 * A power cut leaves an end that was never whole.  A copy is opened without the
 * checks that refuse it; what stands behind the last whole record is cut off
 * when no checkpoint covers it; then all is audited.  Records that a checkpoint
 * covers were acknowledged: without them nothing is accepted.
 */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <string.h>
#include <unistd.h>

#include "base/err.h"
#include "base/str.h"
#include "cli/audit.h"
#include "cli/folder.h"
#include "cli/run.h"

struct recovery {
	struct invocation *inv;
	const struct vault_place *from;
	struct aicx_str kept; /* a checkpoint from elsewhere; absent: none */
};

/* True when what is not whole can go: it lies behind all that a checkpoint
   covers. */
static bool
may_cut(const struct audit *audit, enum verdict verdict)
{
	return verdict == VERDICT_BROKEN && audit->compared &&
	    audit->notes_good && audit->stopped &&
	    audit->n_whole >= audit->n_covered;
}

static enum verdict
judge_again(struct audit *audit, struct aicx_error *reterr)
{
	struct buf first = *audit->report;
	uint64_t n_whole = audit->n_whole, n_cut = 0;

	*audit->report = (struct buf) { 0 };
	aicx_err err = vault_cut(audit->vault, n_whole, &n_cut, reterr);
	enum verdict verdict =
	    err == AICX_OK ? audit_run(audit, reterr) : VERDICT_UNREADABLE;
	if (verdict == VERDICT_GOOD)
		buf_printf(audit->report,
		    "cut off: what came after record %" PRIu64
		    " was not whole and no checkpoint covers it, keys: %" PRIu64
		    "\n",
		    n_whole, n_cut);
	else
		buf_str(audit->report, buf_view(&first));
	buf_fini(&first);
	return verdict;
}

/* The copy that is accepted makes its index anew at the next start. */
static enum verdict
judge(struct audit *audit, struct aicx_error *reterr)
{
	uint64_t n_cut;
	enum verdict verdict = audit_run(audit, reterr);

	if (may_cut(audit, verdict))
		verdict = judge_again(audit, reterr);
	if (verdict == VERDICT_GOOD && !audit->compared) {
		buf_text(audit->report,
		    "BAD   without a checkpoint nothing tells whether all is "
		    "there: give one by --checkpoint FILE\n");
		verdict = VERDICT_BROKEN;
	}
	if (verdict == VERDICT_GOOD &&
	    vault_cut(audit->vault, audit->n_whole, &n_cut, reterr) != AICX_OK)
		verdict = VERDICT_UNREADABLE;
	return verdict;
}

static enum verdict
recover_copy(const struct recovery *recovery, const struct vault_place *place)
{
	struct aicx_error why = { 0 };
	struct buf report = { 0 };
	struct audit audit = { .kept = recovery->kept,
		.kept_name = invocation_value(recovery->inv, "checkpoint"),
		.report = &report };
	enum verdict verdict = VERDICT_UNREADABLE;

	if (vault_open(place, &audit.vault, &why) == AICX_OK)
		verdict = judge(&audit, &why);
	vault_close(audit.vault);
	if (verdict != VERDICT_UNREADABLE)
		verify_say(&report, verdict);
	run_print_report(recovery->inv, buf_view(&report), verdict);
	if (verdict == VERDICT_UNREADABLE)
		(void)invocation_fail(&why);
	buf_fini(&report);
	return verdict;
}

/* One way, on a copy of its own; the paths of `from` are usable after it. */
static int
recover_try(const struct recovery *recovery, const char *copy, bool repair)
{
	struct vault_place place = *recovery->from;
	struct aicx_error why = { 0 };
	int here = open(".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	aicx_err err = here < 0
	    ? err_set(&why, AICX_EIO, "cannot open the current folder: %s",
		  strerror(errno))
	    : folder_copy(place.data_dir, copy, &why);
	int status = err == AICX_OK ? STATUS_OK : invocation_fail(&why);

	if (err == AICX_OK) {
		place.data_dir = copy;
		place.lenient = true;
		place.repair = repair;
		status = (int)recover_copy(recovery, &place);
		invocation_note(status == VERDICT_GOOD
			? "all that was checkpointed is in \"%s\": start the "
			  "broker with it"
			: "\"%s\" is not accepted; the original is as it was",
		    copy);
		if (status != VERDICT_GOOD && !repair && fchdir(here) == 0) {
			struct buf next = { 0 };
			buf_printf(&next, "%s.repaired", copy);
			status = recover_try(recovery, buf_cstr(&next), true);
			buf_fini(&next);
		}
	}
	if (here >= 0)
		(void)close(here);
	return status;
}

int
run_ledger_recover(struct invocation *inv)
{
	struct vault_place place = ledger_place(inv);
	struct recovery recovery = { inv, &place, { NULL, 0 } };
	struct aicx_error why = { 0 };
	struct buf kept = { 0 }, copy = { 0 };
	size_t n = strlen(place.data_dir);
	int status;

	while (n > 1 && place.data_dir[n - 1] == '/')
		n--;
	buf_printf(&copy, "%.*s.recovered", (int)n, place.data_dir);
	if (ledger_kept_read(inv, &kept, &why) == AICX_OK) {
		recovery.kept = buf_view(&kept);
		status = recover_try(&recovery, buf_cstr(&copy), false);
	} else {
		status = invocation_fail(&why);
	}
	buf_fini(&kept);
	buf_fini(&copy);
	return status;
}
