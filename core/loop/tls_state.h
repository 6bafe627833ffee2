/* SPDX-License-Identifier: Apache-2.0 */
/* tls_state.h - what the TLS files share; nobody else includes it. */
#ifndef LOOP_TLS_STATE_H
#define LOOP_TLS_STATE_H

#include "loop/tls.h"

#include <openssl/ssl.h>

struct tls_rules {
	SSL_CTX *ctx;
};

#endif
