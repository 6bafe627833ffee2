/* SPDX-License-Identifier: Apache-2.0 */
/*
 * server.h - one open instance: its listener, its connections, what they share.
 *
 * Everything here lives on the loop thread.
 */
#ifndef SERVER_H
#define SERVER_H

#include "bytes.h"
#include "origin.h"
#include "wheel.h"

#include <aiconexus/plugin.h>

/* What an operator sets; parsed, checked and owned by the host. */
struct settings {
	const char *listen; /* transport_http */
	const char *certificate, *key, *client_certificate; /* or NULL */
	const char *proxies, *client_from;
	uint8_t insecure;
	const char *path, *mode; /* transport_unix */
	int64_t operator_uid;
	const char *ws_path;
	const char *origins;
	int64_t max_connections;
	int64_t max_per_address;
	int64_t max_header;
	int64_t max_body;
	int64_t max_message;
	int64_t max_queue;
	int64_t max_held, max_held_per_address;
	int64_t max_pipeline;
	int64_t header_timeout;
	int64_t body_rate;
	int64_t idle_timeout;
	int64_t write_timeout;
	int64_t close_timeout;
	int64_t ping_interval;
};

/* Who says whose address a request comes from; the order matters. */
enum names {
	NAMES_CONNECTION,
	NAMES_PROXY, /* the PROXY protocol */
	NAMES_FORWARDED, /* RFC 7239 */
	NAMES_X_FORWARDED_FOR
};

struct conn;
struct head;

struct server {
	const struct aicx_host *host;
	struct aicx_self *self;
	const struct settings *settings;
	struct aicx_listener *listener;
	char url[128]; /* of it */
	bool listens_local; /* on a unix socket: every client is on this machine
			     */
	bool certified; /* over TLS */
	uint32_t clients; /* enum aicx_tls_clients */
	enum names names;
	bool draining;
	/* Of transport_unix; 0 and false elsewhere. */
	uint32_t mode; /* of the socket's file */
	bool asks_who; /* the system is asked who connects */

	struct conn *conns;
	size_t n_conns;
	size_t held; /* bytes of all, see held.h */
	struct origins origins;

	/* Time as of the last sweep: exact to a tick, and free to ask. */
	int64_t now_ms;
	struct wheel wheel;
	struct aicx_timer *sweep;
	char date[32]; /* IMF-fixdate, RFC 9110 section 5.6.7 */
	int64_t date_s;

	/* Used within one call and kept for the next. */
	struct head *spare_head;
	struct bytes out; /* the head of an answer */
	struct bytes message; /* an unmasked WebSocket payload */
};

/* An aicx_accept_fn; arg is the server. */
void server_on_accept(
    struct aicx_stream *stream, struct aicx_str address, void *arg);

/* The sweep runs while there are connections. */
void server_wake(struct server *server);

/* A plugin's own functions; *ret_state is a struct server. */
aicx_err server_check(const struct aicx_host *host, const void *settings,
    const char **ret_option, struct aicx_error *reterr);
aicx_err server_open(const struct aicx_host *host, struct aicx_self *self,
    const void *settings, void **ret_state, struct aicx_error *reterr);
/* address NULL: settings->listen. */
aicx_err server_start(
    void *state, const char *address, struct aicx_error *reterr);
const char *server_address(void *state);
const char *server_url(void *state);
void server_drain(void *state);
void server_close(void *state);

#endif
