/* SPDX-License-Identifier: Apache-2.0 */
/* audit.c - the records of a data folder, as aicx verify judges a ledger. */
#include "cli/audit.h"

#include <inttypes.h>
#include <string.h>

#include "base/id.h"
#include "base/json.h"
#include "base/str.h"
#include "protocol/checkpoint.h"

void
audit_put_head(const struct vault *vault, struct buf *buf)
{
	struct json_writer w = json_writer(buf);
	char key_id[KEY_ID_TEXT + 1];

	key_id_of(vault_broker_key(vault), key_id);
	json_open(&w, '{');
	json_key(&w, "version");
	json_put_int(&w, 1);
	json_key(&w, "kind");
	json_put_text(&w, "ledger");
	json_key(&w, "broker");
	json_open(&w, '{');
	json_key(&w, "id");
	json_put_id(&w, vault_broker_id(vault));
	json_key(&w, "key_id");
	json_put_text(&w, key_id);
	json_close(&w);
	json_close(&w);
}

void
audit_put_end(struct aicx_str note, struct buf *buf)
{
	struct json_writer w = json_writer(buf);

	json_open(&w, '{');
	json_key(&w, "checkpoint");
	json_put_str(&w, note);
	json_close(&w);
}

struct trusted
audit_trusted(const struct vault *vault)
{
	struct trusted broker = { .broker_id = *vault_broker_id(vault),
		.source = STR("broker.identity") };

	memcpy(broker.key, vault_broker_key(vault), KEY_BYTES);
	return broker;
}

struct walk {
	struct ledger_check *check;
	uint64_t seq; /* of the last one */
	uint64_t bad_key; /* 0: none */
	bool stopped;
};

static bool
on_record(uint64_t seq, struct aicx_str record, void *arg)
{
	struct walk *walk = arg;

	walk->stopped = true;
	if (!ledger_check_line(walk->check, record))
		return false;
	if (seq != walk->seq + 1) {
		walk->bad_key = seq;
		return false;
	}
	walk->seq++;
	walk->stopped = false;
	return true;
}

static enum verdict
worse(enum verdict a, enum verdict b)
{
	return a == VERDICT_GOOD ? b : a;
}

/* The origin of the first note that is one is that of the records. */
static enum verdict
take_note(struct audit *audit, const char *name, struct aicx_str note,
    const struct trust *trust, struct verify_set *set,
    struct aicx_str *ret_origin)
{
	struct checkpoint checkpoint;

	if (note.len == 0)
		return VERDICT_GOOD;
	audit->compared = true;
	bool read = checkpoint_parse(note, &checkpoint, NULL) == AICX_OK;
	if (ret_origin->len == 0 && read)
		*ret_origin = checkpoint.origin;
	enum verdict verdict =
	    verify_file(name, note, trust, set, audit->report);
	if (verdict != VERDICT_GOOD || !read)
		audit->notes_good = false;
	else if (checkpoint.n_leaves > audit->n_covered)
		audit->n_covered = checkpoint.n_leaves;
	return verdict;
}

static enum verdict
take_records(struct audit *audit, const struct trust *trust,
    struct verify_set *set, struct aicx_str origin, struct aicx_error *reterr)
{
	struct walk walk = { .check = ledger_check_new(
				 "the store", trust, set, audit->report) };
	struct buf head = { 0 };

	audit_put_head(audit->vault, &head);
	(void)ledger_check_line(walk.check, buf_view(&head));
	buf_fini(&head);
	aicx_err err = vault_records(audit->vault, on_record, &walk, reterr);
	enum verdict verdict = ledger_check_stop(walk.check, origin);
	audit->n_whole = walk.seq;
	audit->stopped = walk.stopped;
	if (err != AICX_OK)
		return VERDICT_UNREADABLE;
	if (walk.bad_key == 0)
		return verdict;
	buf_printf(audit->report,
	    "BAD   record %" PRIu64 " is kept under number %" PRIu64 "\n",
	    walk.seq + 1, walk.bad_key);
	return VERDICT_BROKEN;
}

enum verdict
audit_run(struct audit *audit, struct aicx_error *reterr)
{
	struct trusted broker = audit_trusted(audit->vault);
	struct trust trust = { &broker, 1, true };
	struct verify_set *set = verify_set_new();
	struct buf stored = { 0 };
	struct aicx_str origin = { NULL, 0 };
	enum verdict verdict = VERDICT_UNREADABLE;

	audit->notes_good = true;
	if (vault_checkpoint(audit->vault, &stored, reterr) == AICX_OK) {
		verdict = take_note(audit, "the store's last checkpoint",
		    buf_view(&stored), &trust, set, &origin);
		verdict = worse(verdict,
		    take_note(audit, audit->kept_name, audit->kept, &trust, set,
			&origin));
		verdict = worse(
		    verdict, take_records(audit, &trust, set, origin, reterr));
		verify_compare(set, audit->report);
	}
	if (!audit->compared)
		buf_text(audit->report,
		    "not compared: there is no checkpoint, so records lost at "
		    "the end cannot be told\n");
	buf_fini(&stored);
	verify_set_free(set);
	return verdict;
}
