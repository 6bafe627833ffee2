/* SPDX-License-Identifier: Apache-2.0 */
/*
 * tls_rules.c - certificates and keys from files, and what is accepted of the
 * other side.
 *
 * TLS 1.3 alone.  Sessions resume by tickets, sealed under a key of these
 * rules: new rules, new key.  No early data, which could be played back.
 */
#include <errno.h>
#include <openssl/err.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/err.h"
#include "base/mem.h"
#include "loop/tls_state.h"
#include "protocol/certificate.h"

enum {
	SECURITY_LEVEL = 2, /* RSA from 2048 bits, curves from 224, no SHA-1 */
	TICKETS = 1 /* after a handshake */
};

/* RFC 7301: a length before each name. */
/* The first one that both have; 128 bits are enough and quicker. */
static const char ciphers[] = "TLS_AES_128_GCM_SHA256:TLS_AES_256_GCM_SHA384:"
			      "TLS_CHACHA20_POLY1305_SHA256";

/* Those that are cheap for a server: others let a stranger spend its time. */
static const char groups[] = "X25519:P-256:P-384";

static const unsigned char protocols[] = "\x08http/1.1";
enum { PROTOCOLS_BYTES = sizeof protocols - 1 };

void
tls_rules_free(struct tls_rules *rules)
{
	if (rules == NULL)
		return;
	SSL_CTX_free(rules->ctx);
	free(rules);
}

static void
rules_free(struct tls_rules **rules)
{
	tls_rules_free(*rules);
}

/* Why OpenSSL refused first, and nothing is left in its queue. */
static aicx_err
fail(const char *what, const char *subject, struct aicx_error *reterr)
{
	const char *why = ERR_reason_error_string(ERR_peek_error());

	aicx_err err =
	    err_set(reterr, AICX_EINVAL, "cannot use %s \"%.120s\": %s", what,
		subject, why != NULL ? why : "it is malformed");
	ERR_clear_error();
	return err;
}

static aicx_err
refuse(const char *what, const char *subject, const char *why,
    struct aicx_error *reterr)
{
	return err_set(reterr, AICX_EINVAL, "cannot use %s \"%.120s\": %s",
	    what, subject, why);
}

/* A key with a passphrase is not asked for. */
static int
no_passphrase(char *buf, int size, int writing, void *arg)
{
	(void)buf, (void)size, (void)writing, (void)arg;
	return 0;
}

static struct tls_rules *
rules_new(const SSL_METHOD *method)
{
	struct tls_rules *rules = MEM_NEW(struct tls_rules);

	(void)signal(SIGPIPE, SIG_IGN);
	rules->ctx = SSL_CTX_new(method);
	ENSURE(rules->ctx != NULL);
	ENSURE(SSL_CTX_set_min_proto_version(rules->ctx, TLS1_3_VERSION) == 1);
	SSL_CTX_set_security_level(rules->ctx, SECURITY_LEVEL);
	ENSURE(SSL_CTX_set_ciphersuites(rules->ctx, ciphers) == 1);
	ENSURE(SSL_CTX_set1_groups_list(rules->ctx, groups) == 1);
	(void)SSL_CTX_set_options(rules->ctx,
	    SSL_OP_NO_RENEGOTIATION | SSL_OP_IGNORE_UNEXPECTED_EOF |
		SSL_OP_CIPHER_SERVER_PREFERENCE);
	(void)SSL_CTX_set_mode(rules->ctx,
	    SSL_MODE_ENABLE_PARTIAL_WRITE |
		SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER | SSL_MODE_RELEASE_BUFFERS);
	/* One recv(2) for a record, not one for its head and one for the rest.
	 */
	SSL_CTX_set_read_ahead(rules->ctx, 1);
	SSL_CTX_set_default_passwd_cb(rules->ctx, no_passphrase);
	return rules;
}

/* --- files ------------------------------------------------------------ */

static aicx_err
check_secret(const char *path, struct aicx_error *reterr)
{
	char why[96];
	struct stat at;

	if (stat(path, &at) != 0)
		return refuse(
		    "key", path, strerror_r(errno, why, sizeof why), reterr);
	if ((at.st_mode & 007) != 0)
		return refuse("key", path,
		    "everybody can read it: chmod 600, or 640 for a group",
		    reterr);
	return AICX_OK;
}

static aicx_err
check_dates(SSL_CTX *ctx, const char *path, struct aicx_error *reterr)
{
	const X509 *own = SSL_CTX_get0_certificate(ctx);

	if (X509_cmp_current_time(X509_get0_notBefore(own)) > 0)
		return refuse(
		    "certificate", path, "it is not valid yet", reterr);
	if (X509_cmp_current_time(X509_get0_notAfter(own)) < 0)
		return refuse("certificate", path, "it has expired", reterr);
	return AICX_OK;
}

static aicx_err
take_own(SSL_CTX *ctx, const char *certificate_file, const char *key_file,
    struct aicx_error *reterr)
{
	struct stat at;
	char why[96];
	aicx_err err;

	if (stat(certificate_file, &at) != 0)
		return refuse("certificate", certificate_file,
		    strerror_r(errno, why, sizeof why), reterr);
	if (SSL_CTX_use_certificate_chain_file(ctx, certificate_file) != 1)
		return fail("certificate", certificate_file, reterr);
	err = check_secret(key_file, reterr);
	if (err != AICX_OK)
		return err;
	if (SSL_CTX_use_PrivateKey_file(ctx, key_file, SSL_FILETYPE_PEM) != 1)
		return fail("key", key_file, reterr);
	return AICX_OK;
}

/* --- servers ---------------------------------------------------------- */

static int
on_protocols(SSL *ssl, const unsigned char **ret, unsigned char *ret_len,
    const unsigned char *offered, unsigned n_offered, void *arg)
{
	unsigned char *choice;

	(void)ssl, (void)arg;
	if (SSL_select_next_proto(&choice, ret_len, protocols, PROTOCOLS_BYTES,
		offered, n_offered) != OPENSSL_NPN_NEGOTIATED)
		return SSL_TLSEXT_ERR_ALERT_FATAL;
	*ret = choice;
	return SSL_TLSEXT_ERR_OK;
}

/* Keys that the broker's own authority never signs are no client's. */
static int
on_client_verify(int good, X509_STORE_CTX *chain)
{
	X509 *leaf = X509_STORE_CTX_get_current_cert(chain);

	if (good && X509_STORE_CTX_get_error_depth(chain) == 0 &&
	    !certificate_key_is_fit(X509_get0_pubkey(leaf))) {
		X509_STORE_CTX_set_error(chain, X509_V_ERR_EE_KEY_TOO_SMALL);
		return 0;
	}
	return good;
}

static aicx_err
believe(SSL_CTX *ctx, struct aicx_str der, enum aicx_tls_clients clients,
    struct aicx_error *reterr)
{
	const unsigned char *at = (const unsigned char *)der.ptr;
	X509 *ca = d2i_X509(NULL, &at, (long)der.len);

	if (ca == NULL)
		return fail("authority", "of clients", reterr);
	ENSURE(X509_STORE_add_cert(SSL_CTX_get_cert_store(ctx), ca) == 1);
	ENSURE(SSL_CTX_add_client_CA(ctx, ca) == 1);
	X509_free(ca);
	SSL_CTX_set_verify(ctx,
	    SSL_VERIFY_PEER |
		(clients == AICX_TLS_EVERYBODY ? SSL_VERIFY_FAIL_IF_NO_PEER_CERT
					       : 0),
	    on_client_verify);
	return AICX_OK;
}

aicx_err
tls_server_rules(const struct tls_server *server, struct tls_rules **ret_rules,
    struct aicx_error *reterr)
{
	AUTO(rules_free)
	struct tls_rules *rules = rules_new(TLS_server_method());
	SSL_CTX *ctx = rules->ctx;
	aicx_err err =
	    take_own(ctx, server->certificate_file, server->key_file, reterr);

	/* A client's clock may be wrong: its server judges. */
	if (err == AICX_OK)
		err = check_dates(ctx, server->certificate_file, reterr);
	if (err == AICX_OK && server->clients != AICX_TLS_NOBODY)
		err = believe(ctx, server->client_ca, server->clients, reterr);
	if (err != AICX_OK)
		return err;
	(void)SSL_CTX_set_session_cache_mode(ctx, SSL_SESS_CACHE_OFF);
	ENSURE(SSL_CTX_set_session_id_context(
		   ctx, protocols, PROTOCOLS_BYTES) == 1);
	ENSURE(SSL_CTX_set_num_tickets(ctx, TICKETS) == 1);
	SSL_CTX_set_alpn_select_cb(ctx, on_protocols, NULL);
	*ret_rules = rules;
	rules = NULL;
	return AICX_OK;
}

/* --- clients ---------------------------------------------------------- */

aicx_err
tls_client_rules(const struct tls_client *client, struct tls_rules **ret_rules,
    struct aicx_error *reterr)
{
	AUTO(rules_free)
	struct tls_rules *rules = rules_new(TLS_client_method());
	SSL_CTX *ctx = rules->ctx;
	aicx_err err = AICX_OK;

	if (client->ca_file == NULL)
		ENSURE(SSL_CTX_set_default_verify_paths(ctx) == 1);
	else if (SSL_CTX_load_verify_file(ctx, client->ca_file) != 1)
		return fail("authorities", client->ca_file, reterr);
	if (client->certificate_file != NULL)
		err = take_own(
		    ctx, client->certificate_file, client->key_file, reterr);
	if (err != AICX_OK)
		return err;
	SSL_CTX_set_verify(ctx, SSL_VERIFY_PEER, NULL);
	ENSURE(SSL_CTX_set_alpn_protos(ctx, protocols, PROTOCOLS_BYTES) == 0);
	*ret_rules = rules;
	rules = NULL;
	return AICX_OK;
}
