/* SPDX-License-Identifier: Apache-2.0 */
/* certificate_state.h - what certificate.c and authority.c share. */
#ifndef PROTOCOL_CERTIFICATE_STATE_H
#define PROTOCOL_CERTIFICATE_STATE_H

#include "protocol/certificate.h"

#include <openssl/x509v3.h>

const EVP_MD *certificate_digest(const EVP_PKEY *key);
BIO *certificate_bio(struct aicx_str text); /* of borrowed text */
/* A certificate that issues itself, without dates and extensions. */
X509 *certificate_begin(
    const char *subject, const uint8_t serial[16], EVP_PKEY *key);
void certificate_extend(X509 *cert, X509 *issuer, int nid, const char *value);
void certificate_date(X509 *cert, int64_t from_ms, int64_t until_ms);

#endif
