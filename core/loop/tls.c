/* SPDX-License-Identifier: Apache-2.0 */
/* tls.c - one end of one connection: handshake, bytes, why it failed. */
#include "loop/tls.h"

#include <arpa/inet.h>
#include <openssl/err.h>
#include <openssl/x509v3.h>
#include <stdlib.h>

#include "base/err.h"
#include "base/mem.h"
#include "loop/tls_state.h"

struct tls {
	SSL *ssl;
	const char *reason; /* of a failed handshake */
};

bool
tls_looks_right(struct aicx_str first)
{
	/* A handshake record of TLS, then a ClientHello (RFC 8446 section 5.1).
	 */
	static const int wanted[] = { 22, 3, -1, -1, -1, 1 };

	for (size_t i = 0; i < first.len && i < sizeof wanted / sizeof *wanted;
	     i++)
		if (wanted[i] >= 0 && (unsigned char)first.ptr[i] != wanted[i])
			return false;
	return true;
}

static void
expect(SSL *ssl, const char *name)
{
	struct in6_addr address;
	bool numeric = inet_pton(AF_INET, name, &address) == 1 ||
	    inet_pton(AF_INET6, name, &address) == 1;

	SSL_set_connect_state(ssl);
	if (numeric) {
		ENSURE(X509_VERIFY_PARAM_set1_ip_asc(
			   SSL_get0_param(ssl), name) == 1);
		return;
	}
	SSL_set_hostflags(ssl, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
	ENSURE(SSL_set1_host(ssl, name) == 1);
	(void)SSL_set_tlsext_host_name(ssl, name);
}

struct tls *
tls_new(const struct tls_rules *rules, int fd, const char *name)
{
	struct tls *tls = MEM_NEW(struct tls);

	tls->ssl = SSL_new(rules->ctx);
	ENSURE(tls->ssl != NULL && SSL_set_fd(tls->ssl, fd) == 1);
	if (name != NULL)
		expect(tls->ssl, name);
	else
		SSL_set_accept_state(tls->ssl);
	return tls;
}

void
tls_free(struct tls *tls)
{
	if (tls == NULL)
		return;
	SSL_free(tls->ssl);
	free(tls);
}

static const char *
verify_word(long result)
{
	switch (result) {
	case X509_V_ERR_CERT_HAS_EXPIRED:
		return "certificate_expired";
	case X509_V_ERR_CERT_NOT_YET_VALID:
		return "certificate_not_yet_valid";
	case X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT:
	case X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN:
		return "certificate_self_signed";
	case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT:
	case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY:
	case X509_V_ERR_UNABLE_TO_VERIFY_LEAF_SIGNATURE:
		return "certificate_foreign";
	case X509_V_ERR_CERT_SIGNATURE_FAILURE:
		return "certificate_forged";
	case X509_V_ERR_EE_KEY_TOO_SMALL:
	case X509_V_ERR_CA_KEY_TOO_SMALL:
	case X509_V_ERR_CA_MD_TOO_WEAK:
		return "certificate_key_refused";
	case X509_V_ERR_INVALID_PURPOSE:
		return "certificate_purpose";
	case X509_V_ERR_HOSTNAME_MISMATCH:
	case X509_V_ERR_IP_ADDRESS_MISMATCH:
		return "certificate_of_another";
	default:
		return "certificate_refused";
	}
}

static const char *
reason_of(const SSL *ssl)
{
	long result = SSL_get_verify_result(ssl);
	unsigned long last = ERR_peek_last_error();

	if (result != X509_V_OK)
		return verify_word(result);
	if (last == 0 || ERR_GET_LIB(last) != ERR_LIB_SSL)
		return "connection_lost";
	switch (ERR_GET_REASON(last)) {
	case SSL_R_UNSUPPORTED_PROTOCOL:
	case SSL_R_WRONG_VERSION_NUMBER:
	case SSL_R_TLSV1_ALERT_PROTOCOL_VERSION:
		return "protocol_too_old";
	case SSL_R_PEER_DID_NOT_RETURN_A_CERTIFICATE:
		return "certificate_missing";
	case SSL_R_NO_SHARED_CIPHER:
		return "no_shared_cipher";
	case SSL_R_NO_APPLICATION_PROTOCOL:
		return "no_shared_protocol";
	case SSL_R_UNEXPECTED_EOF_WHILE_READING:
		return "connection_lost";
	default:
		/* Ours of theirs, or what they said of ours: an alert. */
		return ERR_GET_REASON(last) > SSL_AD_REASON_OFFSET
		    ? "refused_by_peer"
		    : "malformed";
	}
}

/* After a call that returned n <= 0. */
static enum tls_state
state_of(const struct tls *tls, int n)
{
	switch (SSL_get_error(tls->ssl, n)) {
	case SSL_ERROR_WANT_READ:
		return TLS_WANTS_READ;
	case SSL_ERROR_WANT_WRITE:
		return TLS_WANTS_WRITE;
	case SSL_ERROR_ZERO_RETURN:
		return TLS_ENDED;
	default:
		return TLS_FAILED;
	}
}

enum tls_state
tls_handshake(struct tls *tls)
{
	enum tls_state state;
	int n;

	ERR_clear_error();
	n = SSL_do_handshake(tls->ssl);
	if (n == 1)
		return TLS_DONE;
	state = state_of(tls, n);
	if (state == TLS_ENDED)
		state = TLS_FAILED;
	if (state == TLS_FAILED)
		tls->reason = reason_of(tls->ssl);
	ERR_clear_error();
	return state;
}

const char *
tls_reason(const struct tls *tls)
{
	return tls->reason;
}

enum tls_state
tls_read(struct tls *tls, char *buf, size_t n_bytes, size_t *ret_n)
{
	enum tls_state state;

	if (SSL_read_ex(tls->ssl, buf, n_bytes, ret_n) == 1)
		return TLS_DONE;
	state = state_of(tls, 0);
	ERR_clear_error();
	return state;
}

bool
tls_has_more(const struct tls *tls)
{
	return SSL_has_pending(tls->ssl) == 1;
}

enum tls_state
tls_write(struct tls *tls, struct aicx_str bytes, size_t *ret_n)
{
	enum tls_state state;

	if (SSL_write_ex(tls->ssl, bytes.ptr, bytes.len, ret_n) == 1)
		return TLS_DONE;
	state = state_of(tls, 0);
	ERR_clear_error();
	return state == TLS_ENDED ? TLS_FAILED : state;
}

enum tls_state
tls_shut(struct tls *tls)
{
	enum tls_state state;
	int n = SSL_shutdown(tls->ssl);

	if (n >= 0)
		return TLS_DONE;
	state = state_of(tls, n);
	ERR_clear_error();
	return state;
}

bool
tls_peer(const struct tls *tls, uint8_t ret_hash[TLS_HASH_BYTES])
{
	const X509 *peer = SSL_get0_peer_certificate(tls->ssl);
	unsigned n = TLS_HASH_BYTES;

	return peer != NULL && SSL_get_verify_result(tls->ssl) == X509_V_OK &&
	    X509_digest(peer, EVP_sha256(), ret_hash, &n) == 1;
}

bool
tls_was_resumed(const struct tls *tls)
{
	return SSL_session_reused(tls->ssl) == 1;
}
