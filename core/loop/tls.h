/* SPDX-License-Identifier: Apache-2.0 */
/*
 * tls.h - TLS 1.3 over a connected, non-blocking socket.
 *
 * OpenSSL's TLS is named in this folder only; streams use this, and so does the
 * blocking client of core/cli.  It writes with write(2): whoever makes rules
 * has SIGPIPE ignored from then on.
 */
#ifndef LOOP_TLS_H
#define LOOP_TLS_H

#include <aiconexus/host.h>
#include <stdbool.h>

/* What is agreed on: certificates, keys, whom to believe.  Made once for many
   connections, which keep what they need of it. */
struct tls_rules;

enum { TLS_HASH_BYTES = 32, TLS_NAME_MAX = 253 };

/* Borrowed until the call returns. */
struct tls_server {
	const char *certificate_file, *key_file; /* PEM; the chain in one */
	enum aicx_tls_clients clients;
	struct aicx_str client_ca; /* DER; absent: clients is AICX_TLS_NOBODY */
};

struct tls_client {
	const char *ca_file; /* PEM; NULL: the system's authorities */
	const char *certificate_file, *key_file; /* or both NULL */
};

/* Refused by name: files that are missing, broken or open to others, a key of
   another certificate, keys that are too small, certificates out of date. */
aicx_err tls_server_rules(const struct tls_server *server,
    struct tls_rules **ret_rules, struct aicx_error *reterr);
aicx_err tls_client_rules(const struct tls_client *client,
    struct tls_rules **ret_rules, struct aicx_error *reterr);
void tls_rules_free(struct tls_rules *rules); /* NULL is legal */

/* One end of one connection. */
struct tls;

enum tls_state {
	TLS_DONE,
	TLS_WANTS_READ, /* again when there is something to read */
	TLS_WANTS_WRITE,
	TLS_ENDED, /* the other side sent all it had */
	TLS_FAILED
};

/* Does this begin like a TLS client's first record?  Fewer than six bytes may
   yet. */
bool tls_looks_right(struct aicx_str first);

/* The descriptor stays the caller's.  name: whom the server must show to be, a
   host or an address; NULL: this end is the server. */
struct tls *tls_new(const struct tls_rules *rules, int fd, const char *name);
void tls_free(struct tls *tls); /* NULL is legal */
/* [any thread], one at a time.  Until TLS_DONE. */
enum tls_state tls_handshake(struct tls *tls);
/* Of a failed handshake: a word, such as "certificate_expired". */
const char *tls_reason(const struct tls *tls);
/* At least one byte when TLS_DONE. */
enum tls_state tls_read(
    struct tls *tls, char *buf, size_t n_bytes, size_t *ret_n);
/* There may be more to read although the descriptor has nothing. */
bool tls_has_more(const struct tls *tls);
/* Repeated with the same bytes, or more, after TLS_WANTS_WRITE. */
enum tls_state tls_write(struct tls *tls, struct aicx_str bytes, size_t *ret_n);
/* Tells the other side that no more comes. */
enum tls_state tls_shut(struct tls *tls);
/* SHA-256 of the other side's certificate; false: it showed none. */
bool tls_peer(const struct tls *tls, uint8_t ret_hash[TLS_HASH_BYTES]);
bool tls_was_resumed(const struct tls *tls);

#endif
