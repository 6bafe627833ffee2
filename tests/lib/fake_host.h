/* SPDX-License-Identifier: Apache-2.0 */
/*
 * fake_host.h - a host table without sockets and with a clock of its own, for
 * tests and fuzzers of plugins.
 *
 * Time moves by fake_advance() only.  A client is the far end of a stream: what
 * the plugin writes leaves at the end of fake_turn(), as in the real loop.
 * Requests are answered by the test, at once or whenever it likes.
 */
#ifndef FAKE_HOST_H
#define FAKE_HOST_H

#include <aiconexus/plugin.h>
#include <stdbool.h>

enum { FAKE_REQUESTS_MAX = 256, FAKE_MESSAGES_MAX = 256, FAKE_PARTS_MAX = 256 };

struct fake_bytes {
	char *ptr; /* with a NUL behind the end */
	size_t len, cap;
};

struct fake;
struct fake_key; /* fake_keys.h */

/* The far end of a connection; it stays until fake_free(). */
struct fake_client {
	struct fake_client *next;
	struct aicx_stream *stream; /* the plugin's end; NULL once closed */
	struct fake_bytes got; /* all it received so far */
	bool stalled; /* reads nothing: the plugin's writes stay queued */
	bool eof; /* the plugin's side is shut or closed */
};

/* A request in the host's hands. */
struct aicx_exchange {
	struct fake *fake;
	char method[64];
	char path[256];
	char query[256];
	char authorization[256]; /* "" without one */
	char address[64];
	bool secure;
	struct fake_bytes body;
	aicx_http_reply_fn *reply; /* or sink */
	const struct aicx_http_sink *sink;
	void *arg;
	bool done, cancelled;
	bool begun; /* an answer in parts */
	bool refused; /* a part: drained() is owed */
};

struct aicx_peer {
	struct fake *fake;
	const struct aicx_peer_ops *ops;
	void *conn;
	char credential[256];
	bool has_credential, secure, gone;
};

/* A wire call in the host's hands. */
struct aicx_ticket {
	struct fake *fake;
	const struct aicx_method *method;
	struct fake_bytes params;
	char credential[256], key[300], correlation[300];
	bool has_credential, has_key, has_correlation, secure;
	aicx_answer_fn *done;
	void *arg;
	bool answered, cancelled;
};

struct fake {
	struct aicx_host table;
	int64_t now_ms;
	struct aicx_timer *timers;
	struct aicx_listener *listener;
	struct fake_client *clients;

	/* Transport side. */
	uint32_t listen_mode; /* of the last listen_mode() */
	struct aicx_stream_peer stream_peer; /* size 0: no unix socket */
	struct aicx_listen listen_how; /* of the last listen_as() */
	struct aicx_stream_facts stream_facts; /* of the next connections */
	bool hold; /* requests wait for fake_reply() instead of an echo */
	struct aicx_exchange *requests[FAKE_REQUESTS_MAX];
	size_t n_requests;
	aicx_err peer_error; /* what peer_new() returns */
	const char *peer_greeting; /* sent from inside peer_new(), or NULL */
	struct aicx_peer *peer; /* the last one */
	size_t n_peers;
	bool echo; /* messages come back */
	bool quiet; /* messages and requests are counted, not kept */
	bool in_parts; /* quiet answers come as streams where they can; those to
			  a path of odd length break off */
	struct fake_bytes messages[FAKE_MESSAGES_MAX];
	size_t n_messages;

	struct fake_key *keys; /* the plugin's own; free them yourself */

	/* Gateway side. */
	int64_t catalog; /* what catalog_version() says */
	const struct aicx_method *const *methods;
	size_t n_methods;
	bool hold_calls;
	struct aicx_answer answer; /* to each call; zeroed: an echo */
	struct aicx_ticket *calls[FAKE_REQUESTS_MAX];
	size_t n_calls;
	struct aicx_http_response response; /* the last respond(), copied */
	struct fake_bytes response_type, response_body, response_headers;
	size_t n_responses; /* whole or begun */
	/* Of an answer in parts: response has its head, response_body all parts
	   joined, parts where each ended in it (the first is begin's). */
	size_t parts[FAKE_PARTS_MAX];
	size_t n_parts, n_ended;
	bool complete; /* as the last respond_end() said */
	aicx_err part_error; /* what respond_part() returns; 0: it takes them */
	const char *public_url;
};

struct fake *fake_new(void);
void fake_free(struct fake *fake);
struct aicx_self *fake_self(struct fake *fake);
/* dlopen()s a plugin; ends the process when that fails. */
const struct aicx_plugin *fake_plugin(const char *path);
/* Settings of a plugin by its fallbacks, in memory to be freed. */
void *fake_settings(const struct aicx_plugin *plugin);
/* Sets one number or text of them, or an amount: its minor units and, as text,
   its currency. */
void fake_set(void *settings, const struct aicx_plugin *plugin,
    const char *name, int64_t number, const char *text);

void fake_advance(struct fake *fake, int64_t ms); /* fires timers on the way */
void fake_turn(struct fake *fake); /* writes leave */

struct fake_client *fake_connect(struct fake *fake, const char *address);
void fake_send(struct fake *fake, struct fake_client *client, const void *bytes,
    size_t n_bytes);
void fake_text(struct fake *fake, struct fake_client *client, const char *text);
void fake_eof(struct fake *fake, struct fake_client *client);
void fake_reset(struct fake *fake, struct fake_client *client);
/* Reads again: what was queued arrives. */
void fake_unstall(struct fake *fake, struct fake_client *client);

void fake_reply(struct aicx_exchange *exchange, uint16_t status,
    const char *body); /* and ends the turn */
/* A transport's answer in parts; each ends the turn. */
void fake_begin(struct aicx_exchange *exchange, uint16_t status);
aicx_err fake_part(struct aicx_exchange *exchange, const char *part);
void fake_end(struct aicx_exchange *exchange, bool complete);
/* The n-th part that a gateway sent, in fresh memory to be freed. */
char *fake_sent(const struct fake *fake, size_t n);
void fake_answer(struct aicx_ticket *ticket, const struct aicx_answer *answer);

void fake_put(struct fake_bytes *bytes, const void *from, size_t n_bytes);

#endif
