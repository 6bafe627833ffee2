/* SPDX-License-Identifier: Apache-2.0 */
/* fake_host.c - a host table without sockets and with a clock of its own. */
#include "fake_host.h"

#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* An instance is its fake host. */
struct aicx_self;

struct aicx_timer {
	struct aicx_timer *next;
	struct fake *fake;
	aicx_task_fn *fn;
	void *arg;
	int64_t at_ms; /* < 0: off */
};

struct aicx_listener {
	struct fake *fake;
	aicx_accept_fn *on_accept;
	void *arg;
	char address[128];
};

struct aicx_stream {
	struct fake_client *client;
	const struct aicx_stream_ops *ops;
	void *arg;
	struct fake_bytes queue; /* written, not left */
	struct fake_bytes held; /* arrived while paused */
	bool paused, shut, dirty, eof_held;
	struct aicx_stream_peer peer; /* as the fake had it at the connect */
	struct aicx_stream_facts facts;
};

static struct fake *
fake_of(struct aicx_self *self)
{
	return (struct fake *)self;
}

struct aicx_self *
fake_self(struct fake *fake)
{
	return (struct aicx_self *)fake;
}

static void *
must(void *ptr)
{
	if (ptr == NULL)
		abort();
	return ptr;
}

void
fake_put(struct fake_bytes *bytes, const void *from, size_t n_bytes)
{
	if (bytes->len + n_bytes + 1 > bytes->cap) {
		bytes->cap = (bytes->len + n_bytes + 1) * 2;
		bytes->ptr = must(realloc(bytes->ptr, bytes->cap));
	}
	if (n_bytes > 0)
		memcpy(bytes->ptr + bytes->len, from, n_bytes);
	bytes->len += n_bytes;
	bytes->ptr[bytes->len] = '\0';
}

static void
bytes_free(struct fake_bytes *bytes)
{
	free(bytes->ptr);
	*bytes = (struct fake_bytes) { 0 };
}

static void
copy(char *to, size_t size, struct aicx_str from)
{
	size_t len = from.len < size ? from.len : size - 1;

	if (len > 0)
		memcpy(to, from.ptr, len);
	to[len] = '\0';
}

/* --- log, count, time, chance ---------------------------------------- */

static void
host_log(struct aicx_self *self, enum aicx_level level, const char *event,
    const char *text)
{
	(void)self, (void)level, (void)event, (void)text;
}

static void
host_count(struct aicx_self *self, const char *metric, int64_t delta)
{
	(void)self, (void)metric, (void)delta;
}

static int64_t
host_now_ms(struct aicx_self *self)
{
	return fake_of(self)->now_ms;
}

static int64_t
host_wall_ms(struct aicx_self *self)
{
	return INT64_C(1700000000000) + fake_of(self)->now_ms;
}

static void
host_random(struct aicx_self *self, void *buf, size_t n_bytes)
{
	(void)self;
	memset(buf, 0x5a, n_bytes);
}

/* No HMAC, but the same for the same, which is what most tests look at. */
static void
host_hmac_sha256(struct aicx_self *self, struct aicx_str key,
    struct aicx_str message, uint8_t ret_mac[32])
{
	uint32_t state = 2166136261u;

	(void)self;
	for (size_t i = 0; i < key.len; i++)
		state = (state ^ (uint8_t)key.ptr[i]) * 16777619u;
	for (size_t i = 0; i < message.len; i++)
		state = (state ^ (uint8_t)message.ptr[i]) * 16777619u;
	for (size_t i = 0; i < 32; i++)
		ret_mac[i] = (uint8_t)((state = state * 16777619u + 1) >> 24);
}

static aicx_err
host_currency_scale(struct aicx_self *self, const char *currency)
{
	(void)self;
	if (strcmp(currency, "AIC") == 0)
		return 6;
	return strcmp(currency, "JPY") == 0 ? 0 : AICX_ENOTFOUND;
}

/* --- timers ---------------------------------------------------------- */

static aicx_err
host_timer_new(struct aicx_self *self, aicx_task_fn *fn, void *arg,
    struct aicx_timer **ret_timer)
{
	struct fake *fake = fake_of(self);
	struct aicx_timer *timer = must(calloc(1, sizeof *timer));

	*timer = (struct aicx_timer) { fake->timers, fake, fn, arg, -1 };
	fake->timers = timer;
	*ret_timer = timer;
	return AICX_OK;
}

static void
host_timer_set(struct aicx_timer *timer, int64_t delay_ms)
{
	timer->at_ms = delay_ms < 0 ? -1 : timer->fake->now_ms + delay_ms;
}

static void
host_timer_free(struct aicx_timer *timer)
{
	struct aicx_timer **at;

	if (timer == NULL)
		return;
	for (at = &timer->fake->timers; *at != timer; at = &(*at)->next)
		;
	*at = timer->next;
	free(timer);
}

static struct aicx_timer *
next_timer(const struct fake *fake, int64_t until_ms)
{
	struct aicx_timer *first = NULL;

	for (struct aicx_timer *timer = fake->timers; timer != NULL;
	     timer = timer->next)
		if (timer->at_ms >= 0 && timer->at_ms <= until_ms &&
		    (first == NULL || timer->at_ms < first->at_ms))
			first = timer;
	return first;
}

void
fake_advance(struct fake *fake, int64_t ms)
{
	int64_t until_ms = fake->now_ms + ms;
	struct aicx_timer *timer;

	while ((timer = next_timer(fake, until_ms)) != NULL) {
		if (timer->at_ms > fake->now_ms)
			fake->now_ms = timer->at_ms;
		timer->at_ms = -1;
		timer->fn(timer->arg);
		fake_turn(fake);
	}
	fake->now_ms = until_ms;
}

/* --- streams --------------------------------------------------------- */

static aicx_err
host_listen(struct aicx_self *self, const char *address,
    aicx_accept_fn *on_accept, void *arg, struct aicx_listener **ret_listener,
    struct aicx_error *reterr)
{
	struct aicx_listener *listener = must(calloc(1, sizeof *listener));

	(void)reterr;
	listener->fake = fake_of(self);
	listener->on_accept = on_accept;
	listener->arg = arg;
	(void)snprintf(
	    listener->address, sizeof listener->address, "%s", address);
	fake_of(self)->listener = listener;
	*ret_listener = listener;
	return AICX_OK;
}

static aicx_err
host_listen_mode(struct aicx_self *self, const char *address, uint32_t mode,
    aicx_accept_fn *on_accept, void *arg, struct aicx_listener **ret_listener,
    struct aicx_error *reterr)
{
	fake_of(self)->listen_mode = mode;
	return host_listen(self, address, on_accept, arg, ret_listener, reterr);
}

static aicx_err
host_stream_peer(
    const struct aicx_stream *stream, struct aicx_stream_peer *ret_peer)
{
	if (stream->peer.size == 0)
		return AICX_ESTATE;
	*ret_peer = stream->peer;
	return AICX_OK;
}

static aicx_err
host_listen_as(struct aicx_self *self, const char *address,
    const struct aicx_listen *how, aicx_accept_fn *on_accept, void *arg,
    struct aicx_listener **ret_listener, struct aicx_error *reterr)
{
	fake_of(self)->listen_how = *how;
	return host_listen(self, address, on_accept, arg, ret_listener, reterr);
}

/* Files whose name begins with "bad" are not good, and nobody is in "bad". */
static aicx_err
host_listen_check(const struct aicx_listen *how, struct aicx_error *reterr)
{
	const char *file = how->certificate_file;

	if ((file == NULL) == (how->key_file == NULL) &&
	    (file == NULL || strncmp(file, "bad", 3) != 0) &&
	    (how->proxies == NULL || strcmp(how->proxies, "bad") != 0))
		return AICX_OK;
	(void)snprintf(reterr->text, sizeof reterr->text, "it is bad");
	return AICX_EINVAL;
}

static int
host_address_is_open(const char *address)
{
	return strncmp(address, "127.", 4) != 0 &&
	    strncmp(address, "unix:", 5) != 0;
}

/* Is one of the words the beginning of the address?  "0.0.0.0/0, ::/0" has all
   that begin with a digit or a bracket. */
static int
host_address_in(const char *networks, struct aicx_str address)
{
	if (strncmp(networks, "0.0.0.0/0", 9) == 0)
		return address.len > 0 &&
		    strchr("[0123456789", address.ptr[0]) != NULL;
	for (; *networks != '\0'; networks += strspn(networks, ", ")) {
		size_t len = strcspn(networks, ", ");

		if (len <= address.len &&
		    memcmp(networks, address.ptr, len) == 0)
			return 1;
		networks += len;
	}
	return 0;
}

static void
host_stream_facts(
    const struct aicx_stream *stream, struct aicx_stream_facts *ret_facts)
{
	*ret_facts = stream->facts;
}

static aicx_err
host_stream_auth(struct aicx_self *self, const struct aicx_stream *stream,
    char ret_auth[AICX_AUTH_TEXT])
{
	(void)self;
	if (!stream->facts.known)
		return AICX_ESTATE;
	(void)snprintf(ret_auth, AICX_AUTH_TEXT, "Bearer the-certificate");
	return AICX_OK;
}

static const char *
host_operator_auth(struct aicx_self *self)
{
	(void)self;
	return "Bearer the-operator";
}

static const char *
host_listener_address(struct aicx_listener *listener)
{
	return listener->address;
}

static void
host_listener_close(struct aicx_listener *listener)
{
	listener->fake->listener = NULL;
	free(listener);
}

static void
host_stream_attach(
    struct aicx_stream *stream, const struct aicx_stream_ops *ops, void *arg)
{
	stream->ops = ops;
	stream->arg = arg;
}

static aicx_err
host_stream_write(struct aicx_stream *stream, struct aicx_str bytes)
{
	if (stream->shut)
		return AICX_ESTATE;
	fake_put(&stream->queue, bytes.ptr, bytes.len);
	stream->dirty = true;
	return AICX_OK;
}

static size_t
host_stream_queued(struct aicx_stream *stream)
{
	return stream->queue.len;
}

static void
host_stream_pause(struct aicx_stream *stream, int paused)
{
	stream->paused = paused != 0;
}

static void
host_stream_shutdown(struct aicx_stream *stream)
{
	stream->shut = true;
	stream->dirty = true;
}

static void
flush(struct aicx_stream *stream)
{
	fake_put(&stream->client->got, stream->queue.ptr, stream->queue.len);
	stream->queue.len = 0;
}

static void
host_stream_close(struct aicx_stream *stream)
{
	if (!stream->client->stalled)
		flush(stream);
	stream->client->eof = true;
	stream->client->stream = NULL;
	bytes_free(&stream->queue);
	bytes_free(&stream->held);
	free(stream);
}

/* One stream's share of a turn; false when nothing was to do. */
static bool
turn_one(struct fake_client *client)
{
	struct aicx_stream *stream = client->stream;

	if (stream == NULL)
		return false;
	if (stream->dirty && !client->stalled) {
		stream->dirty = false;
		flush(stream);
		client->eof = stream->shut;
		stream->ops->on_drain(stream->arg);
		return true;
	}
	if (!stream->paused && stream->held.len > 0) {
		struct fake_bytes held = stream->held;

		stream->held = (struct fake_bytes) { 0 };
		stream->ops->on_data(
		    (struct aicx_str) { held.ptr, held.len }, stream->arg);
		bytes_free(&held);
		return true;
	}
	if (!stream->paused && stream->eof_held) {
		stream->eof_held = false;
		stream->ops->on_end(AICX_STREAM_EOF, stream->arg);
		return true;
	}
	return false;
}

void
fake_turn(struct fake *fake)
{
	bool again = true;

	while (again) {
		again = false;
		for (struct fake_client *client = fake->clients; client != NULL;
		     client = client->next)
			again = turn_one(client) || again;
	}
}

struct fake_client *
fake_connect(struct fake *fake, const char *address)
{
	struct fake_client *client = must(calloc(1, sizeof *client));
	struct aicx_stream *stream = must(calloc(1, sizeof *stream));

	client->next = fake->clients;
	fake->clients = client;
	client->stream = stream;
	stream->client = client;
	stream->peer = fake->stream_peer;
	stream->facts = fake->stream_facts;
	fake_put(&client->got, "", 0);
	if (fake->listener != NULL)
		fake->listener->on_accept(stream,
		    (struct aicx_str) { address, strlen(address) },
		    fake->listener->arg);
	if (client->stream != NULL && stream->ops == NULL)
		host_stream_close(stream);
	fake_turn(fake);
	return client;
}

void
fake_send(struct fake *fake, struct fake_client *client, const void *bytes,
    size_t n_bytes)
{
	struct aicx_stream *stream = client->stream;
	char *own;

	if (stream == NULL || n_bytes == 0)
		return;
	if (stream->paused) {
		fake_put(&stream->held, bytes, n_bytes);
		return;
	}
	/* Memory of exactly this size, so that a sanitizer sees an overrun. */
	own = must(malloc(n_bytes));
	memcpy(own, bytes, n_bytes);
	stream->ops->on_data((struct aicx_str) { own, n_bytes }, stream->arg);
	free(own);
	fake_turn(fake);
}

void
fake_text(struct fake *fake, struct fake_client *client, const char *text)
{
	fake_send(fake, client, text, strlen(text));
}

void
fake_eof(struct fake *fake, struct fake_client *client)
{
	if (client->stream == NULL)
		return;
	client->stream->eof_held = true;
	fake_turn(fake);
}

void
fake_reset(struct fake *fake, struct fake_client *client)
{
	if (client->stream == NULL)
		return;
	client->stream->ops->on_end(AICX_STREAM_ERROR, client->stream->arg);
	fake_turn(fake);
}

void
fake_unstall(struct fake *fake, struct fake_client *client)
{
	client->stalled = false;
	fake_turn(fake);
}

/* --- peers ----------------------------------------------------------- */

static aicx_err
host_peer_new(struct aicx_self *self, const struct aicx_peer_ops *ops,
    void *conn, const struct aicx_peer_info *info, struct aicx_peer **ret_peer,
    struct aicx_error *reterr)
{
	struct fake *fake = fake_of(self);
	struct aicx_peer *peer;

	(void)reterr;
	if (fake->peer_error != AICX_OK)
		return fake->peer_error;
	peer = must(calloc(1, sizeof *peer));
	*peer = (struct aicx_peer) { .fake = fake, .ops = ops, .conn = conn };
	peer->has_credential = info->credential.ptr != NULL;
	peer->secure = info->secure != 0;
	copy(peer->credential, sizeof peer->credential, info->credential);
	fake->peer = peer;
	fake->n_peers++;
	if (fake->peer_greeting != NULL)
		(void)ops->send(conn,
		    (struct aicx_str) {
			fake->peer_greeting, strlen(fake->peer_greeting) });
	*ret_peer = peer;
	return AICX_OK;
}

static void
host_deliver(struct aicx_peer *peer, struct aicx_str message)
{
	struct fake *fake = peer->fake;

	if (!fake->quiet) {
		if (fake->n_messages == FAKE_MESSAGES_MAX)
			abort();
		fake_put(&fake->messages[fake->n_messages], message.ptr,
		    message.len);
	}
	fake->n_messages++;
	if (fake->echo)
		(void)peer->ops->send(peer->conn, message);
}

static void
host_peer_free(struct aicx_peer *peer)
{
	struct fake *fake = peer->fake;

	fake->n_peers--;
	if (fake->peer == peer)
		fake->peer = NULL;
	free(peer);
}

/* --- exchanges ------------------------------------------------------- */

static void
exchange_free(struct aicx_exchange *exchange)
{
	bytes_free(&exchange->body);
	free(exchange);
}

static void
reply(struct aicx_exchange *exchange, uint16_t status, const char *body)
{
	const struct aicx_http_response response = {
		.size = sizeof response,
		.status = status,
		.content_type = { "application/json", 16 },
		.body = { body, strlen(body) },
	};

	if (exchange->done || exchange->cancelled || exchange->begun)
		abort();
	exchange->done = true;
	if (exchange->sink != NULL)
		exchange->sink->whole(&response, exchange->arg);
	else
		exchange->reply(&response, exchange->arg);
}

void
fake_reply(struct aicx_exchange *exchange, uint16_t status, const char *body)
{
	reply(exchange, status, body);
	fake_turn(exchange->fake);
}

void
fake_begin(struct aicx_exchange *exchange, uint16_t status)
{
	const struct aicx_http_response response = {
		.size = sizeof response,
		.status = status,
		.content_type = { "text/event-stream", 17 },
	};

	if (exchange->done || exchange->cancelled || exchange->begun)
		abort();
	exchange->begun = true;
	exchange->sink->begin(&response, exchange->arg);
	fake_turn(exchange->fake);
}

aicx_err
fake_part(struct aicx_exchange *exchange, const char *part)
{
	aicx_err err;

	if (exchange->done || exchange->cancelled || !exchange->begun)
		abort();
	err = exchange->sink->part(
	    (struct aicx_str) { part, strlen(part) }, exchange->arg);
	exchange->refused = exchange->refused || err == AICX_EAGAIN;
	fake_turn(exchange->fake);
	return err;
}

void
fake_end(struct aicx_exchange *exchange, bool complete)
{
	if (exchange->done || exchange->cancelled || !exchange->begun)
		abort();
	exchange->done = true;
	exchange->sink->end(complete, exchange->arg);
	fake_turn(exchange->fake);
}

static void
host_serve_drained(struct aicx_exchange *exchange)
{
	if (exchange->done || exchange->cancelled || !exchange->refused)
		abort();
	exchange->refused = false;
}

static void
answer_in_parts(const struct aicx_http_request *request,
    const struct aicx_http_sink *sink, void *arg)
{
	const struct aicx_http_response head = {
		.size = sizeof head,
		.status = 200,
		.content_type = { "text/event-stream", 17 },
		.body = request->path,
	};

	sink->begin(&head, arg);
	(void)sink->part(request->query, arg);
	(void)sink->part(request->body, arg);
	sink->end(request->path.len % 2 == 0, arg);
}

static void
serve(struct aicx_self *self, const struct aicx_http_request *request,
    aicx_http_reply_fn *reply_fn, const struct aicx_http_sink *sink, void *arg,
    struct aicx_exchange **ret_exchange)
{
	struct fake *fake = fake_of(self);
	struct aicx_exchange *exchange;

	if (fake->quiet) {
		const struct aicx_http_response response = {
			.size = sizeof response,
			.status = 200,
			.content_type = { "application/json", 16 },
			.body = request->body.len > 0 ? request->body
						      : request->path,
		};

		fake->n_requests++;
		if (sink != NULL && fake->in_parts)
			answer_in_parts(request, sink, arg);
		else if (sink != NULL)
			sink->whole(&response, arg);
		else
			reply_fn(&response, arg);
		return;
	}
	exchange = must(calloc(1, sizeof *exchange));
	exchange->fake = fake;
	copy(exchange->method, sizeof exchange->method, request->method);
	copy(exchange->path, sizeof exchange->path, request->path);
	copy(exchange->query, sizeof exchange->query, request->query);
	copy(exchange->address, sizeof exchange->address, request->address);
	exchange->secure = request->secure;
	for (size_t i = 0; i < request->n_headers; i++)
		if (request->headers[i].name.len == 13 &&
		    memcmp(request->headers[i].name.ptr, "Authorization", 13) ==
			0)
			copy(exchange->authorization,
			    sizeof exchange->authorization,
			    request->headers[i].value);
	fake_put(&exchange->body, request->body.ptr, request->body.len);
	exchange->reply = reply_fn;
	exchange->sink = sink;
	exchange->arg = arg;
	if (fake->n_requests == FAKE_REQUESTS_MAX)
		abort();
	fake->requests[fake->n_requests++] = exchange;
	*ret_exchange = exchange;
	if (!fake->hold)
		reply(exchange, 200,
		    exchange->body.len > 0 ? exchange->body.ptr
					   : exchange->path);
}

static void
host_serve(struct aicx_self *self, const struct aicx_http_request *request,
    aicx_http_reply_fn *reply_fn, void *arg,
    struct aicx_exchange **ret_exchange)
{
	serve(self, request, reply_fn, NULL, arg, ret_exchange);
}

static void
host_serve_streams(struct aicx_self *self,
    const struct aicx_http_request *request, const struct aicx_http_sink *sink,
    void *arg, struct aicx_exchange **ret_exchange)
{
	serve(self, request, NULL, sink, arg, ret_exchange);
}

static void
host_serve_cancel(struct aicx_exchange *exchange)
{
	if (exchange->done || exchange->cancelled)
		abort();
	exchange->cancelled = true;
}

static void
keep_response(struct fake *fake, const struct aicx_http_response *response)
{
	fake->response = *response;
	fake->response_type.len = 0;
	fake->response_body.len = 0;
	fake->response_headers.len = 0;
	fake_put(&fake->response_type, response->content_type.ptr,
	    response->content_type.len);
	fake_put(&fake->response_body, response->body.ptr, response->body.len);
	fake_put(&fake->response_headers, "", 0);
	for (size_t i = 0; i < response->n_headers; i++) {
		const struct aicx_header *header = &response->headers[i];

		fake_put(&fake->response_headers, header->name.ptr,
		    header->name.len);
		fake_put(&fake->response_headers, ": ", 2);
		fake_put(&fake->response_headers, header->value.ptr,
		    header->value.len);
		fake_put(&fake->response_headers, "\n", 1);
	}
	fake->n_responses++;
	fake->n_parts = 0;
}

static void
host_respond(
    struct aicx_exchange *exchange, const struct aicx_http_response *response)
{
	if (exchange->done || exchange->cancelled || exchange->begun)
		abort();
	exchange->done = true;
	keep_response(exchange->fake, response);
}

static aicx_err
host_respond_begin(
    struct aicx_exchange *exchange, const struct aicx_http_response *response)
{
	struct fake *fake = exchange->fake;

	if (exchange->done || exchange->cancelled || exchange->begun)
		abort();
	exchange->begun = true;
	keep_response(fake, response);
	fake->parts[fake->n_parts++] = fake->response_body.len;
	return AICX_OK;
}

static aicx_err
host_respond_part(struct aicx_exchange *exchange, struct aicx_str bytes)
{
	struct fake *fake = exchange->fake;

	if (exchange->done || exchange->cancelled || !exchange->begun)
		abort();
	if (fake->part_error != AICX_OK)
		return fake->part_error;
	if (fake->n_parts == FAKE_PARTS_MAX)
		abort();
	fake_put(&fake->response_body, bytes.ptr, bytes.len);
	fake->parts[fake->n_parts++] = fake->response_body.len;
	return AICX_OK;
}

static size_t
host_respond_queued(struct aicx_exchange *exchange)
{
	(void)exchange;
	return 0;
}

static void
host_respond_end(struct aicx_exchange *exchange, int complete)
{
	struct fake *fake = exchange->fake;

	if (exchange->done || exchange->cancelled || !exchange->begun)
		abort();
	exchange->done = true;
	fake->complete = complete != 0;
	fake->n_ended++;
}

char *
fake_sent(const struct fake *fake, size_t n)
{
	size_t from = n == 0 ? 0 : fake->parts[n - 1];
	size_t len;
	char *text;

	if (n >= fake->n_parts)
		abort();
	len = fake->parts[n] - from;
	text = must(calloc(1, len + 1));
	memcpy(text, fake->response_body.ptr + from, len);
	return text;
}

static const char *
host_public_url(struct aicx_self *self)
{
	return fake_of(self)->public_url;
}

/* --- wire methods ---------------------------------------------------- */

static const struct aicx_method *const *
host_methods(struct aicx_self *self, size_t *ret_n)
{
	*ret_n = fake_of(self)->n_methods;
	return fake_of(self)->methods;
}

void
fake_answer(struct aicx_ticket *ticket, const struct aicx_answer *answer)
{
	if (ticket->answered || ticket->cancelled)
		abort();
	ticket->answered = true;
	ticket->done(answer, ticket->arg);
	fake_turn(ticket->fake);
}

static void
host_call(struct aicx_self *self, const struct aicx_call *call,
    aicx_answer_fn *done, void *arg, struct aicx_ticket **ret_ticket)
{
	struct fake *fake = fake_of(self);
	struct aicx_ticket *ticket = must(calloc(1, sizeof *ticket));
	struct aicx_answer answer = fake->answer;

	ticket->fake = fake;
	ticket->method = call->method;
	fake_put(&ticket->params, call->params.ptr, call->params.len);
	copy(ticket->credential, sizeof ticket->credential, call->credential);
	copy(ticket->key, sizeof ticket->key, call->idempotency_key);
	copy(
	    ticket->correlation, sizeof ticket->correlation, call->correlation);
	ticket->has_credential = call->credential.ptr != NULL;
	ticket->has_key = call->idempotency_key.ptr != NULL;
	ticket->has_correlation = call->correlation.ptr != NULL;
	ticket->secure = call->secure != 0;
	ticket->done = done;
	ticket->arg = arg;
	if (fake->n_calls == FAKE_REQUESTS_MAX)
		abort();
	fake->calls[fake->n_calls++] = ticket;
	*ret_ticket = NULL;
	if (fake->hold_calls) {
		*ret_ticket = ticket;
		return;
	}
	if (answer.size == 0)
		answer = (struct aicx_answer) {
			.size = sizeof answer,
			.status = call->method->success,
			.retry_after_ms = -1,
			.content_type = { "application/json", 16 },
			.body = call->params,
			.correlation = { "req-1", 5 },
		};
	ticket->answered = true;
	done(&answer, arg);
}

static void
host_call_cancel(struct aicx_ticket *ticket)
{
	if (ticket->answered || ticket->cancelled)
		abort();
	ticket->cancelled = true;
}

/* --- life ------------------------------------------------------------ */

static int64_t
host_catalog_version(struct aicx_self *self)
{
	return fake_of(self)->catalog;
}

/* No server wants to see anything; a test may say otherwise. */
static aicx_err
host_errand_pass(
    const struct aicx_errand *errand, struct aicx_header *ret_header)
{
	(void)errand, (void)ret_header;
	return AICX_ENOTFOUND;
}

struct fake *
fake_new(void)
{
	struct fake *fake = must(calloc(1, sizeof *fake));

	fake->now_ms = 1000000;
	fake->table = (struct aicx_host) {
		.size = sizeof fake->table,
		.abi_major = AICX_ABI_MAJOR,
		.abi_minor = AICX_ABI_MINOR,
		.log = host_log,
		.count = host_count,
		.now_ms = host_now_ms,
		.wall_ms = host_wall_ms,
		.random = host_random,
		.currency_scale = host_currency_scale,
		.hmac_sha256 = host_hmac_sha256,
		.errand_pass = host_errand_pass,
		.catalog_version = host_catalog_version,
		.timer_new = host_timer_new,
		.timer_set = host_timer_set,
		.timer_free = host_timer_free,
		.listen = host_listen,
		.listener_address = host_listener_address,
		.listener_close = host_listener_close,
		.stream_attach = host_stream_attach,
		.stream_write = host_stream_write,
		.stream_queued = host_stream_queued,
		.stream_pause = host_stream_pause,
		.stream_shutdown = host_stream_shutdown,
		.stream_close = host_stream_close,
		.peer_new = host_peer_new,
		.deliver = host_deliver,
		.peer_free = host_peer_free,
		.serve = host_serve,
		.serve_cancel = host_serve_cancel,
		.respond = host_respond,
		.methods = host_methods,
		.call = host_call,
		.call_cancel = host_call_cancel,
		.serve_streams = host_serve_streams,
		.serve_drained = host_serve_drained,
		.respond_begin = host_respond_begin,
		.respond_part = host_respond_part,
		.respond_queued = host_respond_queued,
		.respond_end = host_respond_end,
		.public_url = host_public_url,
		.listen_mode = host_listen_mode,
		.stream_peer = host_stream_peer,
		.operator_auth = host_operator_auth,
		.listen_as = host_listen_as,
		.listen_check = host_listen_check,
		.address_is_open = host_address_is_open,
		.address_in = host_address_in,
		.stream_facts = host_stream_facts,
		.stream_auth = host_stream_auth,
	};
	return fake;
}

void
fake_free(struct fake *fake)
{
	for (size_t i = 0; i < fake->n_requests && !fake->quiet; i++)
		exchange_free(fake->requests[i]);
	for (size_t i = 0; i < fake->n_calls; i++) {
		bytes_free(&fake->calls[i]->params);
		free(fake->calls[i]);
	}
	for (size_t i = 0; i < FAKE_MESSAGES_MAX; i++)
		bytes_free(&fake->messages[i]);
	while (fake->clients != NULL) {
		struct fake_client *client = fake->clients;

		fake->clients = client->next;
		bytes_free(&client->got);
		free(client);
	}
	bytes_free(&fake->response_type);
	bytes_free(&fake->response_body);
	bytes_free(&fake->response_headers);
	free(fake);
}

const struct aicx_plugin *
fake_plugin(const char *path)
{
	void *handle = dlopen(path, RTLD_NOW | RTLD_LOCAL);

	if (handle == NULL) {
		(void)fprintf(stderr, "%s\n", dlerror());
		exit(1);
	}
	return must(dlsym(handle, "aicx_plugin"));
}

/* "32k", "10s", "yes", "64"; enough for the fallbacks of our own plugins. */
static int64_t
number_of(const struct aicx_option *option)
{
	char *end;
	long long number = strtoll(option->fallback, &end, 10);

	if (option->type == AICX_OPT_BOOL)
		return strcmp(option->fallback, "yes") == 0;
	if (option->type == AICX_OPT_SIZE)
		return number << (*end == 'k' ? 10 : *end == 'm' ? 20 : 0);
	if (option->type == AICX_OPT_MSEC && strcmp(end, "ms") != 0)
		return number *
		    (*end == 's'          ? 1000
			    : *end == 'm' ? 60000
					  : 3600000);
	return number;
}

void *
fake_settings(const struct aicx_plugin *plugin)
{
	void *settings = must(calloc(1, plugin->settings_size + 1));

	for (const struct aicx_option *option = plugin->options;
	     option != NULL && option->name != NULL; option++)
		if (option->fallback != NULL)
			fake_set(settings, plugin, option->name,
			    option->type == AICX_OPT_STR ? 0
							 : number_of(option),
			    option->fallback);
	return settings;
}

static void
set_money(void *at, int64_t minor, const char *currency)
{
	struct aicx_money money = { .minor = minor };

	if (currency != NULL)
		(void)snprintf(
		    money.currency, sizeof money.currency, "%s", currency);
	memcpy(at, &money, sizeof money);
}

void
fake_set(void *settings, const struct aicx_plugin *plugin, const char *name,
    int64_t number, const char *text)
{
	const struct aicx_option *option = plugin->options;

	while (option->name != NULL && strcmp(option->name, name) != 0)
		option++;
	if (option->name == NULL)
		abort();
	if (option->type == AICX_OPT_STR || option->type == AICX_OPT_PATH)
		memcpy((char *)settings + option->offset, &text, sizeof text);
	else if (option->type == AICX_OPT_MONEY)
		set_money((char *)settings + option->offset, number, text);
	else if (option->type == AICX_OPT_BOOL)
		*((uint8_t *)settings + option->offset) = (uint8_t)number;
	else
		memcpy(
		    (char *)settings + option->offset, &number, sizeof number);
}
