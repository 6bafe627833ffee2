/* SPDX-License-Identifier: Apache-2.0 */
/*
 * host.h - what the broker offers a plugin.
 *
 * The table is the only way back into the broker: a plugin links against
 * nothing of ours.  Unless marked [any thread], call on the loop thread.
 * Fields are only ever appended; test newer ones with AICX_HAS().
 *
 * Nothing a plugin needs lies outside this table (no socket, clock or random
 * source of its own), so the same .so runs inside a simulator.
 */
#ifndef AICX_HOST_H
#define AICX_HOST_H

#include "msg.h"
#include "payment.h"
#include "types.h"

struct aicx_self; /* this instance, as the broker knows it */
struct aicx_timer;
struct aicx_watch;
struct aicx_listener;
struct aicx_stream;

enum aicx_level {
	AICX_DEBUG = 0,
	AICX_INFO = 1,
	AICX_WARN = 2,
	AICX_ERROR = 3
};

enum { AICX_READABLE = 1u << 0, AICX_WRITABLE = 1u << 1 };

typedef void aicx_task_fn(void *arg);
typedef void aicx_watch_fn(uint32_t events, void *arg);

/* Why a stream ended. */
enum aicx_stream_end {
	AICX_STREAM_EOF =
	    1, /* the other side sent all it had; we may still write */
	AICX_STREAM_ERROR =
	    2 /* reset, refused, timed out: nothing more passes */
};

/*
 * Callbacks of a stream.  on_data gets each run of bytes once; what the plugin
 * wants to keep it copies.  on_end is called at most once for EOF and at most
 * once for ERROR; after stream_close() nothing is called.
 */
struct aicx_stream_ops {
	uint32_t size;
	void (*on_data)(struct aicx_str bytes, void *arg);
	void (*on_end)(enum aicx_stream_end end, void *arg);
	void (*on_drain)(void *arg); /* all written bytes left; may be NULL */
	void (*on_connect)(void *arg); /* stream_connect() succeeded; or NULL */
};

/* 0.6: whom the system says is at the other end of a unix socket, as of when it
   connected. */
struct aicx_stream_peer {
	uint32_t size;
	uint32_t uid, gid;
	uint8_t ours; /* the user that the broker runs as */
};

/* 0.7: of whom a listener with TLS wants to see a certificate.  Only those that
   this broker issued are good, and a bad one ends the connection. */
enum aicx_tls_clients {
	AICX_TLS_NOBODY = 0,
	AICX_TLS_ANYBODY = 1, /* who has one shows it */
	AICX_TLS_EVERYBODY = 2 /* nobody else comes in */
};

/* 0.7: how to listen; borrowed until the call returns. */
struct aicx_listen {
	uint32_t size;
	uint32_t mode; /* of a unix socket's file: 0600, 0660, 0666; 0: 0660 */
	/* PEM files; both: TLS 1.3, both NULL: plain.  They are read anew when
	   the configuration is; open connections keep what they have. */
	const char *certificate_file, *key_file;
	uint32_t clients; /* enum aicx_tls_clients */
	/* Addresses and networks ("127.0.0.1, 10.0.0.0/8", or "unix") whose
	   connections begin with a PROXY header of version 2: then the address
	   is the one it names.  NULL or "": none. */
	const char *proxies;
};

/* 0.7: what is known of a stream on which bytes have come. */
struct aicx_stream_facts {
	uint32_t size;
	uint8_t secret; /* nobody on the way reads along: TLS, up to us or up
			   to a proxy that says so */
	uint8_t proxied; /* a proxy named the client's address */
	uint8_t known; /* the client showed a certificate of ours */
};

enum { AICX_AUTH_TEXT = 160 }; /* with its NUL */

/* A new connection; take it with stream_attach() or it is closed. */
typedef void aicx_accept_fn(
    struct aicx_stream *stream, struct aicx_str address, void *arg);

struct aicx_host {
	uint32_t size;
	uint16_t abi_major, abi_minor;

	/* --- log, count, time, chance ------------------------------------ */

	/* [any thread] One line; the broker adds instance, time, correlation.
	 */
	void (*log)(struct aicx_self *, enum aicx_level, const char *event,
	    const char *text);
	/* Adds to aiconexus_plugin_events_total{plugin="<instance>",
	   metric="<metric>"}; delta is at least 0. */
	void (*count)(struct aicx_self *, const char *metric, int64_t delta);
	/* [any thread] Milliseconds that never go backwards. */
	int64_t (*now_ms)(struct aicx_self *);
	/* [any thread] Broker time: milliseconds since 1970, UTC. */
	int64_t (*wall_ms)(struct aicx_self *);
	/* [any thread] Unpredictable bytes. */
	void (*random)(struct aicx_self *, void *buf, size_t n_bytes);
	/* Decimals of a currency (0..9), or AICX_ENOTFOUND. */
	aicx_err (*currency_scale)(struct aicx_self *, const char *currency);

	/* --- tasks, timers, descriptors ------------------------------------
	 */

	/* [any thread] Run fn(arg) on the loop thread, in post order.
	   AICX_ELIMIT: too many wait; AICX_EAGAIN: the broker is ending. */
	aicx_err (*post)(struct aicx_self *, aicx_task_fn *fn, void *arg);
	/* work(arg) on the pool, then done(arg) on the loop thread.
	   AICX_ELIMIT: too much waits; AICX_EAGAIN: no thread, or the broker is
	   ending; then neither is called. */
	aicx_err (*work)(struct aicx_self *, aicx_task_fn *work,
	    aicx_task_fn *done, void *arg);
	/* A one-shot timer, not running until timer_set().  timer_free(NULL) is
	   legal; a freed or cancelled timer never fires. */
	aicx_err (*timer_new)(struct aicx_self *, aicx_task_fn *fn, void *arg,
	    struct aicx_timer **ret_timer);
	void (*timer_set)(
	    struct aicx_timer *, int64_t delay_ms); /* < 0: cancel */
	void (*timer_free)(struct aicx_timer *);
	/* Watch a descriptor of the plugin's own (an eventfd, a libpq socket).
	 */
	aicx_err (*watch_fd)(struct aicx_self *, int fd, uint32_t events,
	    aicx_watch_fn *fn, void *arg, struct aicx_watch **ret_watch);
	void (*watch_set)(struct aicx_watch *, uint32_t events);
	void (*watch_free)(struct aicx_watch *);

	/* --- streams
	 * ------------------------------------------------------------ */

	/* "127.0.0.1:8700", "[::1]:0", "unix:/path".  Port 0 picks a free one.
	 */
	aicx_err (*listen)(struct aicx_self *, const char *address,
	    aicx_accept_fn *on_accept, void *arg,
	    struct aicx_listener **ret_listener, struct aicx_error *reterr);
	/* The address really bound; valid as long as the listener. */
	const char *(*listener_address)(struct aicx_listener *);
	void (*listener_close)(struct aicx_listener *);
	aicx_err (*stream_connect)(struct aicx_self *, const char *address,
	    const struct aicx_stream_ops *ops, void *arg,
	    struct aicx_stream **ret_stream, struct aicx_error *reterr);
	void (*stream_attach)(
	    struct aicx_stream *, const struct aicx_stream_ops *ops, void *arg);
	/* Copies; gathered and written once per loop turn.  All or nothing:
	   AICX_ELIMIT when 64 MiB would wait, AICX_ESTATE after
	   stream_shutdown(), AICX_EIO after ERROR. */
	aicx_err (*stream_write)(struct aicx_stream *, struct aicx_str bytes);
	/* Bytes accepted by stream_write() that have not left yet. */
	size_t (*stream_queued)(struct aicx_stream *);
	/* paused != 0: no on_data until resumed (back-pressure). */
	void (*stream_pause)(struct aicx_stream *, int paused);
	/* Send what is queued, then our EOF; reading goes on. */
	void (*stream_shutdown)(struct aicx_stream *);
	/* Ends it now; queued bytes are tried once, then dropped.  Once; NULL
	   is legal. */
	void (*stream_close)(struct aicx_stream *);

	/* --- envelopes: a transport's side ----------------------------------
	 */

	/* A new connection.  The host may send at once (session.challenge). */
	aicx_err (*peer_new)(struct aicx_self *,
	    const struct aicx_peer_ops *ops, void *conn,
	    const struct aicx_peer_info *info, struct aicx_peer **ret_peer,
	    struct aicx_error *reterr);
	/* One whole message as it was received. */
	void (*deliver)(struct aicx_peer *, struct aicx_str message);
	/* The connection is gone; no peer op is called from now on. */
	void (*peer_free)(struct aicx_peer *);

	/* --- HTTP: transport to gateway
	 * ------------------------------------------ */

	/* Hands a request to the gateway whose prefix fits.  reply is called
	   exactly once, perhaps before this returns, unless cancelled. */
	void (*serve)(struct aicx_self *,
	    const struct aicx_http_request *request, aicx_http_reply_fn *reply,
	    void *arg, struct aicx_exchange **ret_exchange);
	/* The client went away; reply will not be called. */
	void (*serve_cancel)(struct aicx_exchange *);
	/* A gateway answers, once; `exchange` is gone afterwards. */
	void (*respond)(
	    struct aicx_exchange *, const struct aicx_http_response *);

	/* --- wire methods: a gateway's side
	 * ------------------------------------ */

	/* The whole method table; constant until close(). */
	const struct aicx_method *const *(*methods)(
	    struct aicx_self *, size_t *ret_n);
	/* Runs a method; done is called exactly once, perhaps before this
	   returns (then *ret_ticket is NULL), unless cancelled. */
	void (*call)(struct aicx_self *, const struct aicx_call *call,
	    aicx_answer_fn *done, void *arg, struct aicx_ticket **ret_ticket);
	/* Nobody waits any more; the call itself goes on. */
	void (*call_cancel)(struct aicx_ticket *);

	/* --- the plugin's own keys
	 * -------------------------------------------- */

	/* Written with the step that is being decided (inside an op the host
	   called for it), and forgotten when the step is refused; or at once
	   otherwise.  value absent: delete.  Keys live under the instance's own
	   prefix; 1 byte to 1 KiB.  AICX_ESTATE: the store is not open yet;
	   AICX_ELIMIT: a longer key, or more than 16 keys in one step. */
	aicx_err (*put)(struct aicx_self *, struct aicx_str key,
	    struct aicx_str value, struct aicx_error *reterr);
	/* Reads what is there, put() of this step included, or AICX_ENOTFOUND.
	   The view is valid until the next get(). */
	aicx_err (*get)(struct aicx_self *, struct aicx_str key,
	    struct aicx_str *ret_value, struct aicx_error *reterr);

	/* --- HTTP servers outside, and paths of our own
	 * ----------------------- */

	/* done is called exactly once, later, unless cancelled.  AICX_EINVAL,
	   AICX_ELIMIT (too many under way), AICX_EIO (the host lacks libcurl):
	   nothing was asked, done is not called. */
	aicx_err (*http_request)(struct aicx_self *,
	    const struct aicx_http_ask *ask, aicx_http_done_fn *done, void *arg,
	    struct aicx_fetch **ret_fetch, struct aicx_error *reterr);
	/* done will not be called; the server may have done it all the same. */
	void (*http_cancel)(struct aicx_fetch *);
	/* Requests for this path and below come to ops->request, as they come
	   to a gateway, from every loaded HTTP transport; until close().  Only
	   from inside open(); ops must outlive the instance. */
	aicx_err (*listen_path)(struct aicx_self *, const char *prefix,
	    const struct aicx_path_ops *ops, void *arg,
	    struct aicx_error *reterr);
	/* [any thread] HMAC-SHA256 (RFC 2104). */
	void (*hmac_sha256)(struct aicx_self *, struct aicx_str key,
	    struct aicx_str message, uint8_t ret_mac[32]);

	/* --- payments: a payment plugin's side
	 * ---------------------------------- */

	/* What happened to money without being asked.  done is called exactly
	   once, perhaps before this returns: AICX_OK when it is on disk, also
	   for an event that was told before; else why it was refused. */
	void (*pay_event)(struct aicx_self *, const struct aicx_pay_event *,
	    aicx_pay_event_fn *done, void *arg);

	/* --- 0.5: answers in parts
	 * ----------------------------------------------- */

	/* serve() for a transport whose clients can take a stream; the sink is
	   borrowed until whole() or end() was called, or serve_cancel(). */
	void (*serve_streams)(struct aicx_self *,
	    const struct aicx_http_request *request,
	    const struct aicx_http_sink *sink, void *arg,
	    struct aicx_exchange **ret_exchange);
	/* A part was refused and all that waited has left. */
	void (*serve_drained)(struct aicx_exchange *);

	/*
	 * A gateway answers in parts, instead of respond(): begin once, any
	 * number of parts, end once; each goes out at the end of the loop's
	 * turn.  The body of begin is the first part, perhaps empty; no header
	 * may say a length.  The exchange is the gateway's until it calls
	 * respond_end() or gets cancel(); a client that goes away, a
	 * half-closed one too, is cancelled.  A client that reads nothing for
	 * the transport's write_timeout is cut off; nothing else ends a stream,
	 * so the gateway sends what keeps idle ones open, and ends them in
	 * drain().  AICX_ESTATE: begun or answered already, or the transport
	 * has no streams; then respond().
	 */
	aicx_err (*respond_begin)(
	    struct aicx_exchange *, const struct aicx_http_response *);
	/* All or nothing, copied.  AICX_EAGAIN: more than the transport's
	   max_queue would wait, nothing was taken: try again in drained(), or
	   end it.  A part of any length is taken when nothing waits.  AICX_EIO:
	   the client is lost, cancel() follows.  AICX_ESTATE: not begun. */
	aicx_err (*respond_part)(struct aicx_exchange *, struct aicx_str bytes);
	/* Bytes taken that have not left. */
	size_t (*respond_queued)(struct aicx_exchange *);
	/* The exchange is gone afterwards.  complete 0: break it off, so that
	   the client sees that something is missing. */
	void (*respond_end)(struct aicx_exchange *, int complete);

	/* The origin under which clients reach the broker, from the option
	   public_url of [broker], without a slash at its end
	   ("https://broker.example.org"); NULL: the operator named none.
	   Absolute URLs are built from this, never from a Host header. */
	const char *(*public_url)(struct aicx_self *);

	/* EdDSA (RFC 8037) under the broker's key, whose id and public half
	   session.about names, over base64url(header) "." base64url(payload):
	   a JWS, and nothing that the broker signs elsewhere looks like one. */
	void (*sign_jws)(struct aicx_self *, struct aicx_str header,
	    struct aicx_str payload, uint8_t ret_signature[64]);

	/* --- 0.5: sellers outside; see gateway.h
	 * ---------------------------------- */

	/* Ends an errand that was not recalled, once. */
	void (*errand_done)(
	    struct aicx_errand *, const struct aicx_errand_result *);
	/* How far the work is, told to who follows the deal: a JSON object
	   with progress?, total? (numbers), message? (text) and data? (any
	   JSON, 64 KiB at most).  AICX_EINVAL: it is not like that. */
	aicx_err (*errand_progress)(
	    struct aicx_errand *, struct aicx_str progress);

	/* --- 0.6: signatures of others
	 * ----------------------------------- */

	/* Whether a JWS (RFC 7515) holds: text is header "." payload, both in
	   base64url.  alg "EdDSA": key is 32 bytes of Ed25519; "ES256": 65 of
	   P-256, 0x04 X Y; any other: it does not hold. */
	int (*verify_jws)(struct aicx_self *, struct aicx_str alg,
	    struct aicx_str key, struct aicx_str text,
	    struct aicx_str signature);

	/* --- 0.6: clients on this machine
	 * ------------------------------------------ */

	/* listen() on "unix:/path" whose file gets this mode: 0600, 0660 or
	   0666. */
	aicx_err (*listen_mode)(struct aicx_self *, const char *address,
	    uint32_t mode, aicx_accept_fn *on_accept, void *arg,
	    struct aicx_listener **ret_listener, struct aicx_error *reterr);
	/* AICX_ESTATE: no unix socket, or it is gone. */
	aicx_err (*stream_peer)(
	    const struct aicx_stream *, struct aicx_stream_peer *ret_peer);
	/* An Authorization header's value that speaks for the operator, over
	   secure connections only; another one after each start.  For a
	   transport that knows the operator by other means than a key.  Never
	   logged, never sent. */
	const char *(*operator_auth)(struct aicx_self *);

	/* --- 0.7: sellers outside that ask back
	 * --------------------------------- */

	/* The work waits for the buyer: question is a JSON object with
	   message? (text for people), auth? (true: it must show the server who
	   it is, elsewhere) and data? (any JSON, 64 KiB at most); absent: it
	   goes on without an answer.  ops->answer() brings the answer; time
	   runs on meanwhile.  AICX_ESTATE: those who wait for this work take no
	   questions, so end the errand; AICX_EINVAL: it is not like that. */
	aicx_err (*errand_ask)(struct aicx_errand *, struct aicx_str question);
	/* The header field that the server of this errand wants to see from us,
	   as its owner gave it; or AICX_ENOTFOUND.  A secret: it goes to the
	   origin of the endpoint's url and nowhere else, into no log and no
	   store.  Valid until the errand ends. */
	aicx_err (*errand_pass)(
	    const struct aicx_errand *, struct aicx_header *ret_header);

	/* --- 0.7: TLS and proxies
	 * -------------------------------------------- */

	/* listen() with more to say. */
	aicx_err (*listen_as)(struct aicx_self *, const char *address,
	    const struct aicx_listen *how, aicx_accept_fn *on_accept, void *arg,
	    struct aicx_listener **ret_listener, struct aicx_error *reterr);
	/* Would listen_as() take these files and networks?  Nothing is opened;
	   also from inside a plugin's check(). */
	aicx_err (*listen_check)(
	    const struct aicx_listen *how, struct aicx_error *reterr);
	/* A listener in the clear at this address is heard by others: it is
	   neither loopback nor a unix socket.  Also from inside check(). */
	int (*address_is_open)(const char *address);
	/* Does a client's address lie in such a list of networks? */
	int (*address_in)(const char *networks, struct aicx_str address);
	void (*stream_facts)(
	    const struct aicx_stream *, struct aicx_stream_facts *ret_facts);
	/* An Authorization header's value that speaks for whom the stream's
	   certificate names, over secure connections only.  AICX_ESTATE: there
	   is no certificate.  Never logged, never sent. */
	aicx_err (*stream_auth)(struct aicx_self *, const struct aicx_stream *,
	    char ret_auth[AICX_AUTH_TEXT]);

	/* --- 0.7: what is sold changes
	 * ------------------------------------------- */

	/* Grows with each change of an agent's entry, until the broker ends. */
	int64_t (*catalog_version)(struct aicx_self *);
};

#endif
