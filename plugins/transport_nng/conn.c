/* SPDX-License-Identifier: Apache-2.0 */
/* conn.c - one connection of a requester, and what waits there. */
#include "conn.h"

#include "frame.h"

#include <stdlib.h>
#include <string.h>

#define NOTHING ((struct aicx_str) { "", 0 })

/* --- replies --------------------------------------------------------- */

/* A slot that was replied to stays linked while a call runs. */
static void
reply(struct slot *slot, struct aicx_str body)
{
	struct door *door = slot->conn->door;

	slot->done = true;
	if (!door_send(door, PIPE_REQUESTS, slot->header, slot->n_header, body))
		door->host->count(door->self, "replies_dropped", 1);
}

static void
tidy(struct conn *conn)
{
	struct slot **at = &conn->first;

	if (conn->depth > 0)
		return;
	while (*at != NULL) {
		struct slot *slot = *at;

		if (!slot->done) {
			at = &slot->next;
			continue;
		}
		*at = slot->next;
		conn->n_slots--;
		free(slot);
	}
	conn->end = at;
}

/* RFC 9457, as over HTTP. */
static void
print_problem(
    struct bytes *out, uint16_t status, const char *code, const char *why)
{
	bytes_clear(out);
	bytes_text(out, "{\"type\":\"about:blank\",\"title\":");
	bytes_json(out, text_of(code));
	bytes_text(out, ",\"status\":");
	bytes_number(out, status);
	bytes_text(out, ",\"detail\":");
	bytes_json(out, text_of(why));
	bytes_text(out, ",\"code\":");
	bytes_json(out, text_of(code));
	bytes_char(out, '}');
}

static void
refuse(struct slot *slot, uint16_t status, const char *code, const char *why)
{
	struct bytes text = { 0 };

	print_problem(&text, status, code, why);
	reply(slot, bytes_view(&text));
	bytes_fini(&text);
	slot->conn->door->host->count(
	    slot->conn->door->self, "requests_refused", 1);
}

/* --- what waits ------------------------------------------------------ */

static aicx_err
keep(struct conn *conn, struct aicx_str text)
{
	struct letter *letter;

	if (conn->n_queued + text.len > (size_t)conn->door->settings->max_queue)
		return AICX_ELIMIT;
	letter = malloc(sizeof *letter + text.len);
	if (letter == NULL)
		return AICX_ENOMEM;
	letter->next = NULL;
	letter->len = text.len;
	memcpy(letter->text, text.ptr, text.len);
	*conn->letters_end = letter;
	conn->letters_end = &letter->next;
	conn->n_queued += text.len;
	return AICX_OK;
}

static void
drop_first(struct conn *conn)
{
	struct letter *letter = conn->letters;

	conn->letters = letter->next;
	if (conn->letters == NULL)
		conn->letters_end = &conn->letters;
	conn->n_queued -= letter->len;
	free(letter);
}

static struct slot *
first_poll(const struct conn *conn)
{
	struct slot *slot = conn->first;

	while (slot != NULL && (slot->done || slot->asks))
		slot = slot->next;
	return slot;
}

static void
hand_out(struct conn *conn)
{
	struct slot *slot;

	while (conn->letters != NULL && (slot = first_poll(conn)) != NULL) {
		reply(slot,
		    (struct aicx_str) {
			conn->letters->text, conn->letters->len });
		drop_first(conn);
	}
}

/* Who asked for just this. */
static struct slot *
asker(const struct conn *conn, struct aicx_str correlation)
{
	struct slot *slot = conn->first;

	/* A refusal that names nothing is of what was just handed over. */
	if (correlation.len == 0)
		return conn->current != NULL && !conn->current->done &&
			conn->current->asks
		    ? conn->current
		    : NULL;
	while (slot != NULL &&
	    (slot->done ||
		!text_same(
		    (struct aicx_str) { slot->id, slot->n_id }, correlation)))
		slot = slot->next;
	return slot;
}

/* --- the host's side ------------------------------------------------- */

static aicx_err
on_send(void *arg, struct aicx_str message)
{
	struct conn *conn = arg;
	struct slot *slot;

	if (conn->closing)
		return AICX_ESTATE;
	slot = asker(conn, frame_read(message).correlation);
	if (slot == NULL && conn->letters == NULL)
		slot = first_poll(conn);
	if (slot == NULL)
		return keep(conn, message);
	reply(slot, message);
	return AICX_OK;
}

/* 1008 a rule was broken, 1013 too much, 1001 we go away. */
static void
on_close(void *arg, uint16_t code, const char *why)
{
	struct conn *conn = arg;
	const char *word = code == 1008 ? "session_closed" : "unavailable";
	bool told = false;

	if (conn->closing)
		return;
	conn->closing = true;
	print_problem(&conn->farewell, code == 1008 ? 401 : 503, word,
	    why != NULL ? why : "the session has ended");
	for (struct slot *slot = conn->first; slot != NULL; slot = slot->next)
		if (!slot->done && slot->ticket == NULL) {
			reply(slot, bytes_view(&conn->farewell));
			told = true;
		}
	if (told)
		bytes_clear(&conn->farewell);
}

static void
end_session(struct conn *conn)
{
	if (conn->peer != NULL)
		conn->door->host->peer_free(conn->peer);
	conn->peer = NULL;
	conn->closing = false;
	while (conn->letters != NULL)
		drop_first(conn);
}

/* The host may close the session in its own call: it goes after that. */
static void
settle(struct conn *conn)
{
	if (conn->depth > 0)
		return;
	if (conn->closing)
		end_session(conn);
	tidy(conn);
}

static void
open_session(struct conn *conn, struct slot *slot)
{
	static const struct aicx_peer_ops ops = {
		.size = sizeof ops,
		.send = on_send,
		.close = on_close,
	};
	struct door *door = conn->door;
	const struct aicx_peer_info info = {
		.size = sizeof info,
		.address = text_of(conn->from.address),
		.secure = conn->from.local,
	};
	struct aicx_error reason = { 0 };
	struct aicx_peer *peer = NULL;

	conn->depth++;
	if (door->host->peer_new(
		door->self, &ops, conn, &info, &peer, &reason) == AICX_OK)
		conn->peer = peer;
	else
		refuse(slot, 503, "unavailable",
		    "no room for another session; try later");
	conn->depth--;
}

/* --- a message by itself --------------------------------------------- */

static void
on_answer(const struct aicx_answer *answer, void *arg)
{
	struct slot *slot = arg;
	struct conn *conn = slot->conn;

	slot->ticket = NULL;
	reply(slot, answer->body);
	if (conn->current != slot)
		settle(conn);
}

static void
judge(struct conn *conn, struct slot *slot, struct aicx_str message)
{
	struct door *door = conn->door;
	const struct aicx_call call = {
		.size = sizeof call,
		.method = door->take,
		.params = message,
		.address = text_of(conn->from.address),
		.secure = conn->from.local,
	};
	struct aicx_ticket *ticket = NULL;

	conn->depth++;
	door->host->call(door->self, &call, on_answer, slot, &ticket);
	conn->depth--;
	if (!slot->done)
		slot->ticket = ticket;
}

/* --- requests -------------------------------------------------------- */

static bool
is_repeat(const struct conn *conn, const void *header, size_t n_header)
{
	for (const struct slot *slot = conn->first; slot != NULL;
	     slot = slot->next)
		if (!slot->done && slot->n_header == n_header &&
		    memcmp(slot->header, header, n_header) == 0)
			return true;
	return false;
}

static struct slot *
slot_new(struct conn *conn, const void *header, size_t n_header)
{
	struct slot *slot = calloc(1, sizeof *slot);

	if (slot == NULL)
		return NULL;
	slot->conn = conn;
	slot->since_ms = conn->seen_ms;
	slot->n_header = n_header;
	memcpy(slot->header, header, n_header);
	*conn->end = slot;
	conn->end = &slot->next;
	conn->n_slots++;
	return slot;
}

static void
take_message(struct conn *conn, struct slot *slot, struct aicx_str message)
{
	struct frame frame = frame_read(message);

	if (frame.id.len <= ID_MAX) {
		slot->n_id = frame.id.len;
		if (slot->n_id > 0)
			memcpy(slot->id, frame.id.ptr, slot->n_id);
	}
	if (conn->peer == NULL) {
		slot->asks = true;
		judge(conn, slot, message);
		return;
	}
	slot->asks = frame.asks;
	conn->depth++;
	conn->door->host->deliver(conn->peer, message);
	conn->depth--;
}

static void
take_poll(struct conn *conn, struct slot *slot)
{
	if (conn->peer != NULL)
		return;
	if (conn->farewell.len > 0) {
		reply(slot, bytes_view(&conn->farewell));
		bytes_clear(&conn->farewell);
		return;
	}
	open_session(conn, slot);
}

void
conn_take(struct conn *conn, const void *header, size_t n_header,
    struct aicx_str body)
{
	struct door *door = conn->door;
	struct slot *slot;

	conn->seen_ms = door->host->now_ms(door->self);
	settle(conn);
	/* NNG asks again when an answer takes long: it is on its way. */
	if (n_header > HEADER_MAX || is_repeat(conn, header, n_header))
		return;
	slot = slot_new(conn, header, n_header);
	if (slot == NULL)
		return;
	conn->current = slot;
	if (door->draining)
		refuse(slot, 503, "draining", "the broker is shutting down");
	else if (conn->n_slots > (size_t)door->settings->max_pending)
		refuse(slot, 429, "too_many",
		    "too many requests of this connection are unanswered");
	else if (body.len > 0)
		take_message(conn, slot, body);
	else
		take_poll(conn, slot);
	conn->current = NULL;
	hand_out(conn);
	settle(conn);
}

/* --- life ------------------------------------------------------------ */

struct conn *
conn_new(struct door *door, const struct arrival *from)
{
	struct conn *conn = calloc(1, sizeof *conn);

	if (conn == NULL)
		return NULL;
	conn->door = door;
	conn->from = *from;
	conn->end = &conn->first;
	conn->letters_end = &conn->letters;
	conn->seen_ms = door->host->now_ms(door->self);
	return conn;
}

void
conn_free(struct conn *conn)
{
	for (struct slot *slot = conn->first; slot != NULL; slot = slot->next)
		if (slot->ticket != NULL)
			conn->door->host->call_cancel(slot->ticket);
	end_session(conn);
	while (conn->first != NULL) {
		struct slot *slot = conn->first;

		conn->first = slot->next;
		free(slot);
	}
	bytes_fini(&conn->farewell);
	free(conn);
}

bool
conn_sweep(struct conn *conn, int64_t now_ms)
{
	const struct settings *settings = conn->door->settings;

	for (struct slot *slot = conn->first; slot != NULL; slot = slot->next) {
		int64_t limit_ms = slot->asks ? settings->answer_timeout
					      : settings->poll_timeout;
		if (slot->done || slot->ticket != NULL ||
		    now_ms - slot->since_ms < limit_ms)
			continue;
		if (slot->asks)
			refuse(slot, 504, "timeout",
			    "there was no answer in answer_timeout");
		else
			reply(slot, NOTHING);
	}
	settle(conn);
	return conn->from.kind != PIPE_REQUESTS || conn->n_slots > 0 ||
	    now_ms - conn->seen_ms < settings->idle_timeout;
}

void
conn_drain(struct conn *conn)
{
	for (struct slot *slot = conn->first; slot != NULL; slot = slot->next)
		if (!slot->done && !slot->asks)
			refuse(slot, 503, "draining",
			    "the broker is shutting down");
	settle(conn);
}
