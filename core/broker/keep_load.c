/* SPDX-License-Identifier: Apache-2.0 */
/* keep_load.c - a start from the index: live rows, accounts, the tree. */
#include "base/err.h"
#include "base/id.h"
#include "base/mem.h"
#include "base/str.h"
#include "broker/inside.h"

#include <stdlib.h>
#include <string.h>

enum { FORGET_AT_ONCE = 4096 };

/* Prefixes of all that the index holds; records and the like are not among
   them. */
static const char *const prefixes[] = { "0/w/", "0/i/", "0/q/", "0/x/", "0/a/",
	"0/l/", "0/t/" };

/* What follows the last key with this prefix. */
static struct aicx_str
prefix_end(const char *prefix, char ret_end[5])
{
	memcpy(ret_end, prefix, 5);
	ret_end[3]++;
	return (struct aicx_str) { ret_end, 4 };
}

/* --- live rows ------------------------------------------------------- */

struct live {
	enum table table;
	struct aicx_id id;
	struct row_entry entry;
};

struct loading {
	struct broker *broker;
	struct live *rows;
	size_t n, cap;
	size_t n_accounts;
	struct aicx_error *reterr;
	aicx_err err;
};

static int
on_live(struct aicx_str key, struct aicx_str value, void *arg)
{
	struct loading *loading = arg;
	struct live live = { .table = 0 };
	struct aicx_str name = { NULL, 0 };

	bool good = catalog_row_parse(key, &name, &live.id) &&
	    row_entry_parse(value, &live.entry);
	while (live.table < T_N && !str_is(name, table_defs[live.table].name))
		live.table++;
	if (!good || live.table == T_N) {
		loading->err = err_set(loading->reterr, AICX_EIO,
		    "index's key of a row of \"%.*s\" cannot be read",
		    STR_ARG(name));
		return 1;
	}
	if (loading->n == loading->cap) {
		loading->cap = loading->cap ? loading->cap * 2 : 256;
		loading->rows = mem_grow(
		    loading->rows, loading->cap * sizeof *loading->rows);
	}
	loading->rows[loading->n++] = live;
	return 0;
}

static int
by_rank(const void *a, const void *b)
{
	const struct live *left = a, *right = b;

	return (left->entry.rank[0] > right->entry.rank[0]) -
	    (left->entry.rank[0] < right->entry.rank[0]);
}

static aicx_err
load_row(struct broker *broker, const struct live *live, struct buf *record,
    uint64_t *record_seq, struct aicx_error *reterr)
{
	struct state *state = &broker->state;
	const struct spot *spot = &live->entry.spot;
	aicx_err err = AICX_OK;

	if (*record_seq != spot->seq) {
		buf_clear(record);
		err =
		    catalog_record(&state->catalog, spot->seq, record, reterr);
		*record_seq = spot->seq;
	}
	if (err != AICX_OK)
		return err;
	if (spot->offset > record->len ||
	    spot->len > record->len - spot->offset)
		return err_set(
		    reterr, AICX_EIO, "record is shorter than the index says");
	err = state_load(state, live->table,
	    (struct aicx_str) { record->ptr + spot->offset, spot->len },
	    &live->entry, reterr);
	if (err == AICX_OK && state_row(state, live->table, &live->id) == NULL)
		err = err_set(reterr, AICX_EIO, "record has another row there");
	return err;
}

/* In the order in which they first appeared, as a replay would. */
static aicx_err
load_rows(struct loading *loading, struct aicx_error *reterr)
{
	struct aicx_error why = { 0 };
	struct buf record = { 0 };
	uint64_t seq = 0;
	aicx_err err = AICX_OK;
	size_t i = 0;

	if (loading->n > 0)
		qsort(
		    loading->rows, loading->n, sizeof *loading->rows, by_rank);
	while (i < loading->n && err == AICX_OK)
		err = load_row(
		    loading->broker, &loading->rows[i++], &record, &seq, &why);
	buf_fini(&record);
	if (err == AICX_OK)
		return AICX_OK;
	return err_set(reterr, AICX_EIO,
	    "index does not agree with the records: %s \"%s\": %s",
	    table_defs[loading->rows[i - 1].table].name,
	    id_text(&loading->rows[i - 1].id).text, why.text);
}

/* --- accounts -------------------------------------------------------- */

static aicx_err
load_account(struct broker *broker, struct aicx_str key, struct aicx_str value,
    struct arena *mem, struct aicx_error *reterr)
{
	struct account account;
	struct json doc;
	aicx_err err = json_parse(value, mem, &doc, reterr);
	size_t prefix = 4 + sizeof account.owner;

	if (err == AICX_OK)
		err = field_parse(account_fields, json_root(&doc),
		    &broker->state.currencies, true, mem, &account,
		    sizeof account, reterr);
	if (err != AICX_OK)
		return err;
	if (key.len <= prefix || key.len - prefix >= sizeof account.currency ||
	    memcmp(key.ptr + 4, &account.owner, sizeof account.owner) != 0)
		return err_set(reterr, AICX_EIO, "its key is another one's");
	memcpy(account.currency, key.ptr + prefix, key.len - prefix);
	ledger_restore(broker->state.ledger, &account);
	return AICX_OK;
}

static int
on_account(struct aicx_str key, struct aicx_str value, void *arg)
{
	struct loading *loading = arg;
	struct arena mem = { NULL };
	struct aicx_error why = { 0 };
	aicx_err err = load_account(loading->broker, key, value, &mem, &why);

	arena_fini(&mem);
	loading->n_accounts++;
	if (err == AICX_OK)
		return 0;
	loading->err = err_set(loading->reterr, AICX_EIO,
	    "index's key of an account cannot be read: %s", why.text);
	return 1;
}

/* --- the whole ------------------------------------------------------- */

static aicx_err
load_range(struct loading *loading, const char *prefix, aicx_pair_fn *fn)
{
	const struct catalog *catalog = &loading->broker->state.catalog;
	char end[5];
	aicx_err err = catalog->ops->range(catalog->store, str_of(prefix),
	    prefix_end(prefix, end), 0, fn, loading, loading->reterr);

	return err == AICX_OK ? loading->err : err;
}

static aicx_err
load_all(struct broker *broker, const struct applied *applied,
    struct aicx_error *reterr)
{
	struct loading loading = { .broker = broker, .reterr = reterr };
	aicx_err err = load_range(&loading, "0/w/", on_live);

	if (err == AICX_OK)
		err = load_range(&loading, "0/a/", on_account);
	if (err == AICX_OK &&
	    ((int64_t)loading.n != applied->n_rows ||
		(int64_t)loading.n_accounts != applied->n_accounts))
		err = err_set(reterr, AICX_EIO,
		    "index is not whole: it has %zu rows and %zu accounts, "
		    "and says %lld and %lld",
		    loading.n, loading.n_accounts, (long long)applied->n_rows,
		    (long long)applied->n_accounts);
	if (err == AICX_OK)
		err = load_rows(&loading, reterr);
	free(loading.rows);
	if (err != AICX_OK)
		return err;
	ledger_restore_count(
	    broker->state.ledger, (size_t)applied->n_transactions);
	broker->time.time_ms = applied->time_ms;
	broker->keep.sent = applied->seq;
	return AICX_OK;
}

static aicx_err
find_applied(struct broker *broker, struct applied *ret_applied,
    struct aicx_error *reterr)
{
	struct catalog_key key = catalog_applied_key();
	struct buf text = { 0 };
	aicx_err err = catalog_get(&broker->state.catalog, &key, &text, reterr);

	if (err == AICX_OK)
		err = applied_parse(buf_view(&text), ret_applied, reterr);
	buf_fini(&text);
	return err;
}

aicx_err
keep_load(struct broker *broker, struct aicx_error *reterr)
{
	struct applied applied = { .form = 0 };
	struct aicx_error error = { 0 };
	aicx_err err = find_applied(broker, &applied, &error);

	if (err == AICX_ENOTFOUND ||
	    (err == AICX_OK && applied.form != CATALOG_FORM))
		return keep_forget(broker, reterr);
	if (err == AICX_OK)
		err = journal_resume(
		    broker->journal, applied.seq, applied.hash, &error);
	if (err == AICX_OK)
		err = load_all(broker, &applied, &error);
	if (err != AICX_OK && reterr != NULL)
		(void)err_set(reterr, AICX_EIO,
		    "%s (aicxd --rebuild makes the index anew)", error.text);
	return err;
}

/* --- throwing it away ------------------------------------------------ */

struct forgetting {
	struct lot lot;
};

static int
on_forget(struct aicx_str key, struct aicx_str value, void *arg)
{
	struct forgetting *forgetting = arg;
	struct aicx_write write = { key, { NULL, 0 } };

	(void)value;
	lot_put(&forgetting->lot, 0, &write, 1, 0);
	return forgetting->lot.n_steps == FORGET_AT_ONCE;
}

static size_t
forget_some(struct broker *broker, struct forgetting *forgetting)
{
	size_t n = forgetting->lot.n_steps;

	if (n == 0)
		return 0;
	struct lot_slice slice =
	    lot_slice(&forgetting->lot, 0, SIZE_MAX, SIZE_MAX);
	struct aicx_write *writes = mem_new(n * sizeof *writes);
	lot_writes(&forgetting->lot, &slice, writes);
	journal_beside(broker->journal, writes, n, true);
	free(writes);
	lot_clear(&forgetting->lot);
	return n;
}

aicx_err
keep_forget(struct broker *broker, struct aicx_error *reterr)
{
	const struct catalog *catalog = &broker->state.catalog;
	struct catalog_key key = catalog_applied_key();
	struct aicx_write applied = { catalog_key_view(&key), { NULL, 0 } };
	struct forgetting forgetting = { { NULL } };
	struct buf value = { 0 };
	aicx_err err = AICX_OK;

	/* First, so that a half of it is never taken for the whole; and nothing
	   is written where there is none. */
	if (catalog_get(catalog, &key, &value, NULL) == AICX_OK)
		journal_beside(broker->journal, &applied, 1, true);
	buf_fini(&value);
	for (size_t i = 0; i < sizeof prefixes / sizeof *prefixes; i++) {
		char end[5];
		do {
			err = catalog->ops->range(catalog->store,
			    str_of(prefixes[i]), prefix_end(prefixes[i], end),
			    0, on_forget, &forgetting, reterr);
		} while (err == AICX_OK && !broker->failed &&
		    forget_some(broker, &forgetting) > 0);
		if (err != AICX_OK)
			break;
	}
	lot_fini(&forgetting.lot);
	if (err == AICX_OK && broker->failed) {
		if (reterr != NULL)
			*reterr = broker->failure;
		return broker->failure.code;
	}
	return err;
}
