/* SPDX-License-Identifier: Apache-2.0 */
/*
 * certificate.h - X.509 (RFC 5280): the broker's own authority, what it issues
 * to agents, and certificates that a server makes for itself.
 *
 * The authority's key is derived from the broker's and is Ed25519; its
 * certificate has no dates or chance in it, so it is the same each time and
 * kept nowhere.  What it issues names one agent, for showing to servers only.
 */
#ifndef PROTOCOL_CERTIFICATE_H
#define PROTOCOL_CERTIFICATE_H

#include "base/buf.h"
#include "protocol/crypto.h"

#include <aiconexus/types.h>
#include <stdbool.h>

struct evp_pkey_st; /* OpenSSL's EVP_PKEY */

/* Of an agent's key, and of nothing else: Ed25519 or P-256. */
bool certificate_key_is_fit(const struct evp_pkey_st *key);

/* A new P-256 key as PEM (PKCS 8), unencrypted. */
void certificate_key_new(struct buf *ret_pem);
/* A request for a certificate (RFC 2986), which shows that its maker has the
   key. */
aicx_err certificate_request(
    struct aicx_str key_pem, struct buf *ret_pem, struct aicx_error *reterr);
/* A server's certificate, signed by itself.  names: hosts and addresses,
   separated by commas; the first one is its subject. */
aicx_err certificate_self(struct aicx_str key_pem, const char *names,
    int64_t from_ms, int64_t until_ms, struct buf *ret_pem,
    struct aicx_error *reterr);

/* The broker's authority; DER. */
struct authority;
struct authority *authority_new(
    const uint8_t broker_seed[KEY_BYTES], const struct aicx_id *broker_id);
void authority_free(struct authority *authority); /* NULL is legal */
struct aicx_str authority_der(const struct authority *authority);

struct certificate_wish {
	struct aicx_id serial, agent_id;
	int64_t from_ms, until_ms;
};

/* AICX_EINVAL "invalid_params": it is no request, or not signed by its key;
   "bad_key": a key of another kind or size. */
aicx_err authority_issue(const struct authority *authority,
    struct aicx_str request_pem, const struct certificate_wish *wish,
    struct buf *ret_der, struct aicx_error *reterr);

void certificate_put_pem(struct buf *out, struct aicx_str der);

#endif
