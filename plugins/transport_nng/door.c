/* SPDX-License-Identifier: Apache-2.0 */
/*
 * door.c - the sockets, and the connections by their pipes.
 *
 * Sockets are raw: NNG then hands over every request with the way back to who
 * sent it, and takes replies in any order.  The loop reads one when its
 * descriptor says so, without waiting.
 */
#include "door.h"

#include "conn.h"
#include "news.h"

#include <string.h>

enum { MESSAGES_PER_TURN = 256 };

static struct conn **
bucket_of(struct door *door, uint32_t pipe)
{
	return &door->conns[pipe % CONN_BUCKETS];
}

static void
forget(struct door *door, struct conn **at)
{
	struct conn *conn = *at;

	*at = conn->next;
	door->n_conns[conn->from.kind]--;
	pipes_left(&door->pipes, conn->from.origin);
	conn_free(conn);
}

void
door_look(struct door *door)
{
	struct arrival arrival;
	uint32_t pipe;

	while (pipes_arrival(&door->pipes, &arrival)) {
		struct conn **at = bucket_of(door, arrival.id);
		struct conn *conn = conn_new(door, &arrival);

		if (conn == NULL) {
			pipes_left(&door->pipes, arrival.origin);
			continue;
		}
		conn->next = *at;
		*at = conn;
		door->n_conns[arrival.kind]++;
		door->host->count(door->self, "connections", 1);
	}
	while (pipes_departure(&door->pipes, &pipe)) {
		struct conn **at = bucket_of(door, pipe);

		while (*at != NULL && (*at)->from.id != pipe)
			at = &(*at)->next;
		if (*at != NULL)
			forget(door, at);
	}
}

struct conn *
door_conn(struct door *door, uint32_t pipe)
{
	struct conn *conn = *bucket_of(door, pipe);

	while (conn != NULL && conn->from.id != pipe)
		conn = conn->next;
	return conn;
}

/* With the one aio of the line: nng_sendmsg and nng_recvmsg would make one for
   each message, at a system call each. */
static bool
submit(const struct line *line, nng_msg *msg)
{
	nng_aio_set_msg(line->aio, msg);
	nng_send_aio(line->socket, line->aio);
	nng_aio_wait(line->aio);
	if (nng_aio_result(line->aio) == 0)
		return true;
	nng_msg_free(msg);
	return false;
}

/* NULL: nothing has come. */
static nng_msg *
receive(const struct line *line)
{
	nng_recv_aio(line->socket, line->aio);
	nng_aio_wait(line->aio);
	return nng_aio_result(line->aio) == 0 ? nng_aio_get_msg(line->aio)
					      : NULL;
}

bool
door_send(struct door *door, enum pipe_kind kind, const void *header,
    size_t n_header, struct aicx_str body)
{
	nng_msg *msg;

	if (!door->lines[kind].is_open || nng_msg_alloc(&msg, body.len) != 0)
		return false;
	if (body.len > 0)
		memcpy(nng_msg_body(msg), body.ptr, body.len);
	if (nng_msg_header_append(msg, header, n_header) != 0) {
		nng_msg_free(msg);
		return false;
	}
	if (kind == PIPE_REQUESTS && door->gathers && door->n_out < OUT_MAX) {
		door->out[door->n_out++] = msg;
		return true;
	}
	return submit(&door->lines[kind], msg);
}

static void
take(struct door *door, enum pipe_kind kind, nng_msg *msg)
{
	struct aicx_str body = { nng_msg_body(msg), nng_msg_len(msg) };
	uint32_t pipe = (uint32_t)nng_pipe_id(nng_msg_get_pipe(msg));
	struct conn *conn;

	if (kind == PIPE_INTENTS) {
		news_vote(door, body);
		return;
	}
	conn = door_conn(door, pipe);
	if (conn == NULL) {
		door_look(door);
		conn = door_conn(door, pipe);
	}
	if (conn != NULL)
		conn_take(
		    conn, nng_msg_header(msg), nng_msg_header_len(msg), body);
}

/* Each send wakes one of NNG's threads: sent one after the other they find it
   awake. */
static void
send_gathered(struct door *door)
{
	for (size_t i = 0; i < door->n_out; i++)
		if (!submit(&door->lines[PIPE_REQUESTS], door->out[i]))
			door->host->count(door->self, "replies_dropped", 1);
	door->n_out = 0;
	door->gathers = false;
}

static void
drain_line(struct door *door, enum pipe_kind kind)
{
	nng_msg *msg;

	for (int i = 0; i < MESSAGES_PER_TURN; i++) {
		msg = receive(&door->lines[kind]);
		if (msg == NULL)
			return;
		take(door, kind, msg);
		nng_msg_free(msg);
	}
}

void
door_on_requests(uint32_t events, void *arg)
{
	struct door *door = arg;

	(void)events;
	door->gathers = true;
	drain_line(door, PIPE_REQUESTS);
	send_gathered(door);
}

void
door_on_votes(uint32_t events, void *arg)
{
	(void)events;
	drain_line(arg, PIPE_INTENTS);
}

/* A departure may have been missed: NNG knows no pipe that is gone. */
static bool
is_gone(const struct conn *conn)
{
	const nng_pipe pipe = { conn->from.id };
	nng_sockaddr at;

	return nng_pipe_get_addr(pipe, NNG_OPT_REMADDR, &at) == NNG_ENOENT;
}

void
door_sweep(struct door *door)
{
	int64_t now_ms = door->host->now_ms(door->self);

	door_look(door);
	for (size_t i = 0; i < CONN_BUCKETS; i++) {
		struct conn **at = &door->conns[i];

		while (*at != NULL) {
			const nng_pipe pipe = { (*at)->from.id };

			if (is_gone(*at)) {
				forget(door, at);
				continue;
			}
			if (!conn_sweep(*at, now_ms))
				(void)nng_pipe_close(pipe);
			at = &(*at)->next;
		}
	}
}

void
door_forget_all(struct door *door)
{
	for (size_t i = 0; i < CONN_BUCKETS; i++)
		while (door->conns[i] != NULL)
			forget(door, &door->conns[i]);
}

void
door_drain(struct door *door)
{
	door_look(door);
	for (size_t i = 0; i < CONN_BUCKETS; i++)
		for (struct conn *conn = door->conns[i]; conn != NULL;
		     conn = conn->next)
			conn_drain(conn);
}
