/* SPDX-License-Identifier: Apache-2.0 */
/*
 * on_audit.c - the audit trail: what an agent did and was refused, newest
 * first, read out of the records themselves.
 */
#include "base/err.h"
#include "base/id.h"
#include "base/str.h"
#include "broker/handlers.h"
#include "broker/opened.h"

#include <string.h>

enum { TRAIL_LIMIT = 50, TRAIL_LIMIT_MAX = 200, TRAIL_LOOKS_MAX = 400 };

struct trail_query {
	PARAMS;
	struct aicx_id agent_id, deal_id;
	int64_t from_ms, to_ms, limit, cursor;
};

const struct field get_audit_trail_params[] = {
	PARAMS_METHOD(struct trail_query),
	FIELD(struct trail_query, agent_id, "agent_id", FIELD_ID,
	    .help = "Whose; absent: the caller's, or everybody's to those who "
		    "see all."),
	FIELD(struct trail_query, deal_id, "deal_id", FIELD_ID,
	    .help = "Only of this deal, of both its parties."),
	FIELD(struct trail_query, from_ms, "from", FIELD_TIME,
	    .help = "Only from this time on."),
	FIELD(struct trail_query, to_ms, "to", FIELD_TIME,
	    .help = "Only before this time."),
	FIELD(struct trail_query, limit, "limit", FIELD_INT, .min = 1,
	    .max = TRAIL_LIMIT_MAX, .fallback = TRAIL_LIMIT,
	    .help = "How many records at most."),
	FIELD(struct trail_query, cursor, "cursor", FIELD_INT, .min = 1,
	    .help = "Where the last page ended."),
	FIELD_END,
};
PARAMS_SIZE(get_audit_trail, trail_query);

/* --- one record ---------------------------------------------------------- */

static void
put_member(struct json_writer *w, const char *name, struct json_ref value)
{
	if (!json_has(value))
		return;
	json_key(w, name);
	json_put_raw(w, json_raw(value));
}

/* The first thing it put, or the account its money came to: "deal/<id>". */
static void
put_resource(struct json_writer *w, struct json_ref root, struct arena *mem)
{
	struct json_iter row = json_iter(json_at(json_get(root, "put"), 0));
	struct json_ref entry = json_at(json_get(root, "entries"), 0);
	struct aicx_str kind = STR("account"), id = { NULL, 0 }, rest;

	if (json_next(&row)) {
		struct json_iter member = json_iter(row.value);
		kind = json_str(row.name, mem);
		if (json_next(&member))
			id = json_str(member.value, mem);
	} else if (json_has(entry)) {
		id = json_str(json_get(entry, "credit"), mem);
		id = str_cut(id, ':', &rest);
	}
	if (id.ptr == NULL)
		return;
	struct buf text = { 0 };
	buf_str(&text, kind);
	buf_char(&text, '/');
	buf_str(&text, id);
	json_key(w, "resource");
	json_put_str(w, buf_view(&text));
	buf_fini(&text);
}

static void
put_head(struct json_writer *w, struct json_ref root)
{
	json_open(w, '{');
	put_member(w, "record", json_get(root, "seq"));
	put_member(w, "timestamp", json_get(root, "time"));
}

/* A record that was carried out. */
static void
put_act(struct json_writer *w, struct json_ref root, struct arena *mem)
{
	struct json_ref event = json_get(root, "event");
	struct json_ref request = json_get(root, "request");
	struct json_ref status = json_get(json_get(root, "answer"), "status");

	put_head(w, root);
	put_member(w, "actor_id", json_get(root, "actor"));
	if (json_has(event)) {
		put_member(w, "action", json_get(event, "action"));
		put_member(w, "resource", json_get(event, "resource"));
		put_member(w, "result", json_get(event, "result"));
		put_member(w, "details", json_get(event, "details"));
	} else {
		put_member(w, "action", json_get(root, "step"));
		put_resource(w, root, mem);
		json_key(w, "result");
		json_put_text(w, "success");
	}
	put_member(w, "status", status);
	put_member(w, "deal_id", json_get(root, "deal"));
	put_member(w, "correlation_id", json_get(request, "id"));
	put_member(w, "correlation_id", json_get(root, "correlation"));
	json_close(w);
}

static void
put_refusal(struct json_writer *w, struct json_ref root, struct json_ref one)
{
	put_head(w, root);
	put_member(w, "actor_id", json_get(one, "agent_id"));
	put_member(w, "address", json_get(one, "address"));
	put_member(w, "action", json_get(one, "method"));
	json_key(w, "result");
	json_put_text(w, "failure");
	put_member(w, "cause", json_get(one, "cause"));
	put_member(w, "count", json_get(one, "count"));
	put_member(w, "first", json_get(one, "first"));
	put_member(w, "last", json_get(one, "last"));
	json_close(w);
}

static bool
is_asked_for(
    const struct trail_query *query, struct json_ref who, struct arena *mem)
{
	struct aicx_str text = json_str(who, mem);
	struct aicx_id id;

	return id_is_nil(&query->agent_id) ||
	    (text.ptr != NULL && id_parse(text, &id) &&
		id_eq(&id, &query->agent_id));
}

/* false: none of it was asked for. */
static bool
put_entries(struct json_writer *w, const struct trail_query *query,
    struct json_ref root, struct arena *mem)
{
	struct json_ref refused = json_get(root, "refused");
	struct json_iter each = json_iter(refused);
	bool put = false;

	if (!json_has(refused)) {
		put = is_asked_for(query, json_get(root, "actor"), mem);
		if (put)
			put_act(w, root, mem);
		return put;
	}
	while (json_next(&each))
		if (is_asked_for(
			query, json_get(each.value, "agent_id"), mem)) {
			put_refusal(w, root, each.value);
			put = true;
		}
	return put;
}

/* --- a page -------------------------------------------------------------- */

struct trail_page {
	struct broker *broker;
	const struct trail_query *query;
	struct json_writer *w;
	uint64_t before; /* records below this number are looked at */
	size_t n_put;
	bool over; /* what is older is not asked for */
};

static aicx_err
take_record(struct trail_page *page, uint64_t seq, struct aicx_error *reterr)
{
	const struct trail_query *query = page->query;
	struct opened record = { 0 };
	aicx_err err = opened_read(page->broker->journal, seq, &record, reterr);

	if (err == AICX_OK) {
		page->before = seq;
		page->over = record.at_ms < query->from_ms;
		if (!page->over &&
		    put_entries(
			page->w, query, json_root(&record.doc), &record.mem))
			page->n_put++;
	}
	opened_close(&record);
	return err;
}

/* The numbers of records to look at, newest first. */
static size_t
next_records(const struct trail_page *page, uint64_t *ret_seqs, size_t cap)
{
	const struct trail_query *query = page->query;
	const struct state *state = &page->broker->state;
	size_t n = 0;

	if (!id_is_nil(&query->deal_id))
		return state_records(state, ROLL_TRAIL, &query->deal_id,
		    page->before, ret_seqs, cap);
	if (!id_is_nil(&query->agent_id))
		return state_records(state, ROLL_ACTS, &query->agent_id,
		    page->before, ret_seqs, cap);
	while (n < cap && page->before > 1 + n) {
		ret_seqs[n] = page->before - 1 - n;
		n++;
	}
	return n;
}

static aicx_err
put_page(struct trail_page *page, struct aicx_error *reterr)
{
	size_t limit = (size_t)page->query->limit, n_looked = 0, n = 1;
	uint64_t seqs[TRAIL_LIMIT_MAX];
	aicx_err err = AICX_OK;

	while (err == AICX_OK && n > 0 && !page->over && page->n_put < limit &&
	    n_looked < TRAIL_LOOKS_MAX) {
		n = next_records(page, seqs, limit - page->n_put);
		n_looked += n;
		for (size_t i = 0; i < n && err == AICX_OK && !page->over; i++)
			err = take_record(page, seqs[i], reterr);
	}
	if (err == AICX_OK && n > 0 && !page->over && page->before > 1) {
		json_close(page->w);
		json_key(page->w, "cursor");
		json_put_int(page->w, (int64_t)page->before);
	} else {
		json_close(page->w);
	}
	return err;
}

/* All that was there when it was asked is on disk. */
static void
on_trail(void *arg)
{
	struct call *call = arg;
	const struct trail_query *query = call->held;
	struct aicx_error error = { 0 };
	struct reply reply;
	struct trail_page page = { .broker = call->broker,
		.query = query,
		.w = &reply.w,
		.before = journal_durable(call->broker->journal) + 1 };
	aicx_err err = AICX_OK;

	if (query->cursor > 0 && (uint64_t)query->cursor < page.before)
		page.before = (uint64_t)query->cursor;
	if (query->to_ms > 0)
		err = opened_seek(call->broker->journal, query->to_ms,
		    page.before, &page.before, &error);
	reply_begin(&reply, call);
	json_key(&reply.w, "events");
	json_open(&reply.w, '[');
	if (err == AICX_OK)
		err = put_page(&page, &error);
	if (err == AICX_OK) {
		reply_send(&reply, 200);
		return;
	}
	buf_fini(&reply.buf);
	call_fail(call, &error);
}

static aicx_err
check_query(const struct call *call, struct trail_query *query,
    struct aicx_error *reterr)
{
	const struct deal *deal;

	if (!id_is_nil(&query->deal_id)) {
		deal = state_deal(&call->broker->state, &query->deal_id);
		if (deal == NULL || !may_see(call, deal))
			return not_found("deal", &query->deal_id, reterr);
		return AICX_OK;
	}
	if (id_is_nil(&query->agent_id) && !role_sees_all(call->who.role))
		query->agent_id = call->who.agent_id;
	if (id_is_nil(&query->agent_id))
		return AICX_OK;
	return must_see_agent(call, &query->agent_id, reterr);
}

aicx_err
on_get_audit_trail(
    struct call *call, const void *params, struct aicx_error *reterr)
{
	struct trail_query *query = arena_new(&call->mem, sizeof *query);

	*query = *(const struct trail_query *)params;
	aicx_err err = check_query(call, query, reterr);

	if (err != AICX_OK)
		return err;
	call->held = query;
	/* Whoever sees all sees what waits, too; others could buy a write with
	   each refusal. */
	if (role_sees_all(call->who.role))
		audit_tell(call->broker);
	journal_after(call->broker->journal, on_trail, call);
	return AICX_OK;
}
