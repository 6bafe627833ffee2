/* SPDX-License-Identifier: Apache-2.0 */
/* audit.c - the chain, the entries and the requests of each record. */
#include "audit.h"

#include "base/b64.h"
#include "base/clock.h"
#include "base/err.h"
#include "base/id.h"
#include "base/mem.h"
#include "base/str.h"
#include "broker/inside.h"
#include "broker/receipt.h"
#include "history.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define FAIL(audit, invariant, fmt, ...)                                       \
	sim_fail((audit)->sim, (invariant), "record %" PRIu64 " (%s): " fmt,   \
	    (audit)->seq, (audit)->step, __VA_ARGS__)

struct audit *
audit_new(struct sim *sim)
{
	struct audit *audit = MEM_NEW(struct audit);
	uint8_t zero[HASH_BYTES] = { 0 };

	audit->sim = sim;
	b64_print(zero, sizeof zero, audit->prev);
	audit->prev[43] = '\0';
	return audit;
}

void
audit_free(struct audit *audit)
{
	struct map *maps[] = { &audit->accounts, &audit->requests,
		&audit->holds, &audit->deals, &audit->contracts, &audit->orders,
		&audit->executions, &audit->mandates, &audit->offers,
		&audit->payments, &audit->disputes };

	for (size_t i = 0; i < sizeof maps / sizeof *maps; i++)
		map_fini(maps[i]);
	free(audit->leaves);
	arena_fini(&audit->mem);
	arena_fini(&audit->scratch);
	free(audit);
}

/* --- reading -------------------------------------------------------------- */

struct aicx_str
audit_text(struct audit *audit, struct json_ref ref, const char *name)
{
	return json_str(json_get(ref, name), &audit->scratch);
}

struct aicx_id
audit_id(struct audit *audit, struct json_ref ref, const char *name)
{
	struct aicx_str text = audit_text(audit, ref, name);
	struct aicx_id id = { { 0 } };

	if (text.ptr != NULL && !id_parse(text, &id))
		FAIL(audit, "form", "%s is no id", name);
	return id;
}

int64_t
audit_int(struct json_ref ref, const char *name)
{
	int64_t value = 0;

	(void)json_int(json_get(ref, name), &value);
	return value;
}

int64_t
audit_time(struct audit *audit, struct json_ref ref, const char *name)
{
	struct aicx_str text = audit_text(audit, ref, name);
	int64_t at_ms = 0;

	if (text.ptr != NULL && !time_parse(text, &at_ms))
		FAIL(audit, "form", "%s is no time", name);
	return at_ms;
}

int64_t
audit_money(struct audit *audit, struct json_ref ref, const char *name,
    char ret_currency[8])
{
	struct json_ref money = json_get(ref, name);
	struct aicx_money value = { 0 };

	if (!json_has(money))
		return 0;
	if (money_parse(&audit->sim->currencies,
		audit_text(audit, money, "amount"),
		audit_text(audit, money, "currency"), &value, NULL) != AICX_OK)
		FAIL(audit, "form", "%s is no money", name);
	if (ret_currency != NULL)
		memcpy(ret_currency, value.currency, 8);
	return value.minor;
}

/* --- chain ---------------------------------------------------------------- */

static void
check_head(struct audit *audit, struct json_ref root, struct aicx_str record)
{
	struct aicx_str prev = audit_text(audit, root, "prev");
	struct aicx_str step = audit_text(audit, root, "step");
	uint64_t seq = (uint64_t)audit_int(root, "seq");
	uint64_t epoch = (uint64_t)audit_int(root, "epoch");
	int64_t time_ms = audit_time(audit, root, "time");
	uint8_t hash[HASH_BYTES];

	(void)str_copy(step, audit->step, sizeof audit->step);
	if (seq != audit->seq + 1)
		FAIL(audit, "chain", "number %" PRIu64 " follows", seq);
	audit->seq = seq;
	if (!str_is(prev, audit->prev))
		FAIL(audit, "chain", "prev is %.*s", STR_ARG(prev));
	if (epoch < audit->epoch)
		FAIL(audit, "chain", "epoch %" PRIu64 " goes back", epoch);
	if (time_ms < audit->time_ms)
		FAIL(audit, "time", "goes back %" PRId64 " ms",
		    audit->time_ms - time_ms);
	if (step.len == 0 || !json_has(json_get(root, "actor")))
		FAIL(audit, "audit trail", "no %s", "step or actor");
	audit->epoch = epoch;
	audit->time_ms = time_ms;
	merkle_leaf(record.ptr, record.len, hash);
	b64_print(hash, sizeof hash, audit->prev);
}

/* --- requests ------------------------------------------------------------- */

static struct audit_request *
find_request(const struct audit *audit, const struct aicx_id *sender,
    const struct aicx_id *id)
{
	struct audit_request probe = { .key = { *sender, *id } };

	return map_find(&audit->requests,
	    (struct aicx_str) { (const char *)&probe.key, sizeof probe.key });
}

const struct audit_request *
audit_request(const struct audit *audit, const struct aicx_id *sender,
    const struct aicx_id *id)
{
	return find_request(audit, sender, id);
}

static void
take_request(struct audit *audit, struct json_ref root)
{
	struct json_ref given = json_get(root, "request");
	struct json_ref answer = json_get(root, "answer");

	if (!json_has(given))
		return;
	struct aicx_id sender = audit_id(audit, given, "sender");
	struct aicx_id id = audit_id(audit, given, "id");
	struct aicx_str body = audit_text(audit, given, "body");
	struct audit_request *request = find_request(audit, &sender, &id);
	if (request == NULL) {
		request = arena_new(&audit->mem, sizeof *request);
		request->key.sender = sender;
		request->key.id = id;
		(void)str_copy(body, request->body, sizeof request->body);
		(void)map_put(&audit->requests,
		    (struct aicx_str) {
			(const char *)&request->key, sizeof request->key },
		    request);
	}
	if (!str_is(body, request->body))
		FAIL(audit, "id at most once", "%s has another body",
		    id_text(&id).text);
	if (request->answered_seq != 0)
		FAIL(audit, "id at most once", "%s was answered in %" PRIu64,
		    id_text(&id).text, request->answered_seq);
	if (!json_has(answer)) {
		if (request->n_begun++ > 0)
			FAIL(audit, "id at most once", "%s began before",
			    id_text(&id).text);
		return;
	}
	struct buf text = { 0 };
	struct json_writer w = json_writer(&text);
	receipt_put_recorded(
	    &w, root, &audit->sim->currencies, &audit->scratch);
	request->answered_seq = audit->seq;
	request->status = audit_int(answer, "status");
	request->answer = map_hash(text.ptr, text.len);
	buf_fini(&text);
}

/* --- entries -------------------------------------------------------------- */

struct audit_account *
audit_account(struct audit *audit, struct aicx_str owner, const char *currency)
{
	struct audit_account probe = { .n_seen = 0 };

	memset(&probe.key, 0, sizeof probe.key);
	(void)str_copy(owner, probe.key.owner, sizeof probe.key.owner);
	(void)str_copy(
	    str_of(currency), probe.key.currency, sizeof probe.key.currency);
	struct audit_account *account = map_find(&audit->accounts,
	    (struct aicx_str) { (const char *)&probe.key, sizeof probe.key });
	if (account == NULL) {
		account = arena_new(&audit->mem, sizeof *account);
		account->key = probe.key;
		account->n_seen = 1; /* it begins with nothing */
		(void)map_put(&audit->accounts,
		    (struct aicx_str) {
			(const char *)&account->key, sizeof account->key },
		    account);
	}
	return account;
}

/* From where to where money of a kind may go: an agent's (a)vailable,
   (r)eserved or (p)ending, (f)unding, f(e)es, (c)learing, (s)uspense; `same`:
   of one agent. */
static const struct {
	const char *kind;
	char from, to;
	bool same;
} entry_kinds[] = {
	{ "fund", 'f', 'a', false },
	{ "withdraw", 'a', 'f', false },
	{ "withdraw", 'a', 'p', true },
	{ "withdraw", 'p', 'f', false },
	{ "withdraw", 'p', 'a', true },
	{ "reserve", 'a', 'r', true },
	{ "post", 'r', 'a', false },
	{ "post", 'r', 'p', true },
	{ "release", 'r', 'a', true },
	{ "void", 'r', 'a', true },
	{ "expire", 'r', 'a', true },
	{ "fee", 'a', 'e', false },
	{ "charge", 'a', 'a', false },
	{ "charge", 'r', 'a', false },
	{ "charge", 'a', 'p', true },
	{ "charge", 'r', 'p', true },
	{ "record", 'a', 'a', false },
	{ "record", 'a', 'p', true },
	{ "refund", 'a', 'a', false },
	{ "refund", 'p', 'a', true },
	{ "refund", 's', 'a', false },
	{ "fee_refund", 'e', 'a', false },
	{ "freeze", 'a', 's', false },
	{ "thaw", 's', 'a', false },
	{ "settle", 'p', 'c', false },
	{ "settle", 'c', 'a', false },
	{ "net", 'p', 'a', true },
};

static char
place_sort(struct aicx_str owner, struct aicx_str column)
{
	static const char *const own[] = { "funding", "fees", "clearing",
		"suspense" };

	for (size_t i = 0; i < 4; i++)
		if (str_is(owner, own[i]))
			return "fecs"[i];
	if (str_is(column, "reserved"))
		return 'r';
	return str_is(column, "pending") ? 'p' : 'a';
}

static void
check_kind(
    struct audit *audit, struct aicx_str kind, char from, char to, bool same)
{
	for (size_t i = 0; i < sizeof entry_kinds / sizeof *entry_kinds; i++)
		if (str_is(kind, entry_kinds[i].kind) &&
		    entry_kinds[i].from == from && entry_kinds[i].to == to &&
		    (same || !entry_kinds[i].same))
			return;
	FAIL(audit, "double entry", "%.*s goes from %c to %c", STR_ARG(kind),
	    from, to);
}

static void
move(struct audit *audit, struct audit_account *account, struct aicx_str column,
    int64_t minor)
{
	int64_t *balance = &account->available_minor;

	if (str_is(column, "reserved"))
		balance = &account->reserved_minor;
	else if (str_is(column, "pending")) {
		balance = &account->pending_minor;
		audit->pending_minor += minor;
	} else if (strcmp(account->key.owner, "suspense") == 0)
		audit->suspense_minor += minor;
	if (__builtin_add_overflow(*balance, minor, balance))
		FAIL(audit, "overflow", "of %s", account->key.owner);
	if (*balance < 0 && strcmp(account->key.owner, "funding") != 0)
		FAIL(audit, "floor", "%s has %" PRId64 " %.*s",
		    account->key.owner, *balance, STR_ARG(column));
}

/* What is paid is given back at most once, in however many parts. */
static void
check_refund(struct audit *audit, struct aicx_str kind, struct json_ref entry,
    int64_t minor)
{
	bool back = str_is(kind, "refund");
	struct aicx_id id = audit_id(audit, entry, back ? "of" : "id");
	struct audit_payment *paid = map_find_id(&audit->payments, &id);

	if (!back && !str_is(kind, "post") && !str_is(kind, "charge") &&
	    !str_is(kind, "record"))
		return;
	if (!back && paid != NULL)
		FAIL(audit, "id at most once", "payment %s is made again",
		    id_text(&id).text);
	if (paid == NULL) {
		if (back)
			FAIL(audit, "refund", "of %s, which is none",
			    id_text(&id).text);
		paid = arena_new(&audit->mem, sizeof *paid);
		paid->id = id;
		paid->minor = minor;
		(void)map_put_id(&audit->payments, &paid->id, paid);
		return;
	}
	paid->refunded_minor += minor;
	if (paid->refunded_minor > paid->minor)
		FAIL(audit, "refund", "%" PRId64 " of %" PRId64,
		    paid->refunded_minor, paid->minor);
}

static void
note_seen(struct audit_account *account)
{
	int64_t *seen = account->seen[account->n_seen++ % 32];

	seen[0] = account->available_minor;
	seen[1] = account->reserved_minor;
}

static void
check_post(struct audit *audit, struct json_ref entry, int64_t minor)
{
	struct aicx_id id = audit_id(audit, entry, "execution_id");
	struct audit_execution *execution =
	    map_find_id(&audit->executions, &id);

	if (execution == NULL)
		return;
	const struct audit_hold *hold =
	    map_find_id(&audit->holds, &execution->hold);
	if (execution->n_posts++ > 0)
		FAIL(audit, "posted once", "execution %s is paid again",
		    id_text(&id).text);
	if (hold == NULL || hold->state != HOLD_POSTED ||
	    hold->posted_minor != minor)
		FAIL(audit, "hold", "post of %" PRId64 " without its hold",
		    minor);
	if (execution->state != EXECUTION_COMPLETED)
		FAIL(audit, "failed work costs nothing", "execution is %s",
		    execution_state_names[execution->state]);
}

static void
take_entry(struct audit *audit, struct json_ref entry)
{
	struct aicx_str from_column, to_column;
	struct aicx_str kind = audit_text(audit, entry, "kind");
	struct aicx_str from =
	    str_cut(audit_text(audit, entry, "debit"), ':', &from_column);
	struct aicx_str to =
	    str_cut(audit_text(audit, entry, "credit"), ':', &to_column);
	char currency[8] = "", name[MARK_NAME];
	int64_t minor = audit_money(audit, entry, "amount", currency);

	if (minor <= 0)
		FAIL(audit, "double entry", "amount of %" PRId64, minor);
	check_kind(audit, kind, place_sort(from, from_column),
	    place_sort(to, to_column), str_eq(from, to));
	struct audit_account *debit = audit_account(audit, from, currency);
	struct audit_account *credit = audit_account(audit, to, currency);
	move(audit, debit, from_column, -minor);
	move(audit, credit, to_column, minor);
	note_seen(debit);
	if (credit != debit)
		note_seen(credit);
	if (str_is(kind, "post"))
		check_post(audit, entry, minor);
	check_refund(audit, kind, entry, minor);
	(void)snprintf(name, sizeof name, "entry %.*s", STR_ARG(kind));
	mark(name);
}

/* --- a record ------------------------------------------------------------- */

static void
take_puts(struct audit *audit, struct json_ref puts)
{
	struct json_iter each = json_iter(puts);

	while (json_next(&each)) {
		struct json_iter put = json_iter(each.value);
		if (json_next(&put))
			audit_row(audit, json_str(put.name, NULL), put.value);
	}
}

/* --- the tree, once more and in the plainest way -------------------------- */

static void
note_leaf(struct audit *audit, struct aicx_str record)
{
	if (audit->seq > audit->cap_leaves) {
		audit->cap_leaves = audit->cap_leaves * 2 + 64;
		audit->leaves =
		    mem_grow(audit->leaves, audit->cap_leaves * HASH_BYTES);
	}
	sha256_two((struct aicx_str) { "\0", 1 }, record,
	    audit->leaves[audit->seq - 1]);
}

static void
root_of(uint8_t (*leaves)[HASH_BYTES], size_t n, uint8_t ret[HASH_BYTES])
{
	uint8_t both[1 + 2 * HASH_BYTES] = { 1 };
	size_t left = 1;

	if (n == 1) {
		memcpy(ret, leaves[0], HASH_BYTES);
		return;
	}
	while (left * 2 < n)
		left *= 2;
	root_of(leaves, left, both + 1);
	root_of(leaves + left, n - left, both + 1 + HASH_BYTES);
	sha256(both, sizeof both, ret);
}

void
audit_checkpoint(struct audit *audit, struct aicx_str note)
{
	struct aicx_str size_text, root_text, rest;
	uint8_t root[HASH_BYTES];
	char text[B64_LEN(HASH_BYTES) + 1] = "";
	int64_t size = 0;

	(void)str_cut(note, '\n', &rest);
	size_text = str_cut(rest, '\n', &rest);
	root_text = str_cut(rest, '\n', &rest);
	if (!str_int(size_text, &size) || size < 1)
		sim_fail(audit->sim, "form", "checkpoint %.*s", STR_ARG(note));
	if ((uint64_t)size > audit->seq)
		sim_fail(audit->sim, "no reads ahead of the disk",
		    "checkpoint of %" PRId64 " records, %" PRIu64
		    " are on the disk",
		    size, audit->seq);
	root_of(audit->leaves, (size_t)size, root);
	b64_print(root, sizeof root, text);
	for (char *c = text; *c != '\0'; c++) /* the note's is not base64url */
		*c = *c == '-' ? '+' : *c == '_' ? '/' : *c;
	if (root_text.len < B64_LEN(HASH_BYTES) ||
	    memcmp(root_text.ptr, text, B64_LEN(HASH_BYTES)) != 0)
		sim_fail(audit->sim, "tree",
		    "checkpoint of %" PRId64 " records has root %.*s, not %s",
		    size, STR_ARG(root_text), text);
	mark("checkpoint checked");
}

void
audit_record(struct audit *audit, struct aicx_str record)
{
	struct json doc;

	arena_clear(&audit->scratch);
	if (json_parse(record, &audit->scratch, &doc, NULL) != AICX_OK)
		FAIL(audit, "form", "no JSON: %.*s", STR_ARG(record));
	struct json_ref root = json_root(&doc);
	check_head(audit, root, record);
	struct aicx_id deal = audit_id(audit, root, "deal");
	trace_line(&audit->sim->trace, audit->sim->now_ms,
	    "record %" PRIu64 " %s %s", audit->seq, audit->step,
	    id_is_nil(&deal) ? "" : id_text(&deal).text);
	trace_bytes(&audit->sim->trace, record);
	note_leaf(audit, record);
	history_record(audit->sim, root, &audit->scratch);
	take_puts(audit, json_get(root, "put"));
	struct json_iter entries = json_iter(json_get(root, "entries"));
	while (json_next(&entries))
		take_entry(audit, entries.value);
	take_request(audit, root);
	audit_rows_end(audit);
}

/* --- against the broker's memory ------------------------------------------ */

static void
compare_accounts(struct audit *audit, const struct broker *broker)
{
	MAP_EACH (entry, &audit->accounts) {
		const struct audit_account *is = entry->value;
		struct aicx_id owner = ledger_funding;
		if (strcmp(is->key.owner, "fees") == 0)
			owner = ledger_fees;
		else if (strcmp(is->key.owner, "clearing") == 0)
			owner = ledger_clearing;
		else if (strcmp(is->key.owner, "suspense") == 0)
			owner = ledger_suspense;
		else if (strcmp(is->key.owner, "funding") != 0 &&
		    !id_parse(str_of(is->key.owner), &owner))
			continue;
		const struct account *has = ledger_account(
		    broker->state.ledger, &owner, is->key.currency);
		if (has->available_minor != is->available_minor ||
		    has->reserved_minor != is->reserved_minor ||
		    has->pending_minor != is->pending_minor)
			sim_fail(audit->sim, "memory is the records",
			    "%s has %" PRId64 "+%" PRId64 " in memory, %" PRId64
			    "+%" PRId64 " in the records",
			    is->key.owner, has->available_minor,
			    has->reserved_minor, is->available_minor,
			    is->reserved_minor);
	}
}

void
audit_memory(struct audit *audit)
{
	struct sim *sim = audit->sim;
	const struct broker *broker = sim->broker;

	for (size_t i = 0; i < sim->currencies.n; i++) {
		const char *code = sim->currencies.list[i].code;
		if (ledger_sum(broker->state.ledger, code).total != 0)
			sim_fail(sim, "sum zero", "of %s", code);
	}
	if (broker_seq(broker) < audit->seq)
		sim_fail(sim, "acknowledged is kept",
		    "broker is at %" PRIu64 ", the disk at %" PRIu64,
		    broker_seq(broker), audit->seq);
	if (broker_seq(broker) != audit->seq)
		return;
	compare_accounts(audit, broker);
	if (broker_open_holds(broker) != audit->n_open_holds ||
	    broker_open_deals(broker) != audit->n_open_deals)
		sim_fail(sim, "memory is the records",
		    "%zu holds and %zu deals open in memory, %zu and %zu in "
		    "the records",
		    broker_open_holds(broker), broker_open_deals(broker),
		    audit->n_open_holds, audit->n_open_deals);
}

struct order { /* work that a seller was given */
	struct aicx_id work, execution;
	int life;
};

void
audit_ordered(struct audit *audit, const struct aicx_id *work_id,
    const struct aicx_id *execution_id)
{
	struct order *order = map_find_id(&audit->orders, work_id);

	if (order == NULL) {
		order = arena_new(&audit->mem, sizeof *order);
		*order = (struct order) { *work_id, *execution_id,
			audit->sim->n_lives };
		(void)map_put_id(&audit->orders, &order->work, order);
	}
	if (!id_eq(&order->execution, execution_id))
		sim_fail(audit->sim, "asked once, ordered once",
		    "work %s is execution %s and %s", id_text(work_id).text,
		    id_text(&order->execution).text,
		    id_text(execution_id).text);
	if (order->life != audit->sim->n_lives)
		mark("free work: ordered again after a crash");
}

void
audit_rest(struct audit *audit)
{
	MAP_EACH (entry, &audit->holds) {
		const struct audit_hold *hold = entry->value;
		if (hold->state == HOLD_OPEN)
			sim_fail(audit->sim, "resolved at the end",
			    "hold %s is open", id_text(&hold->id).text);
	}
	MAP_EACH (entry, &audit->deals) {
		const struct audit_deal *deal = entry->value;
		if (!deal_is_final((enum deal_state)deal->state))
			sim_fail(audit->sim, "final at the end",
			    "deal %s is %s", id_text(&deal->id).text,
			    deal->text);
	}
	MAP_EACH (entry, &audit->accounts) {
		const struct audit_account *account = entry->value;
		if (account->reserved_minor + account->pending_minor != 0)
			sim_fail(audit->sim, "resolved at the end",
			    "%s has %" PRId64 " reserved, %" PRId64 " pending",
			    account->key.owner, account->reserved_minor,
			    account->pending_minor);
	}
}
