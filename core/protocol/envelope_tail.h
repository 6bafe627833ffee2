/* SPDX-License-Identifier: Apache-2.0 */
/* envelope_tail.h - the last member of a message, for who reads and writes
   it. */
#ifndef PROTOCOL_ENVELOPE_TAIL_H
#define PROTOCOL_ENVELOPE_TAIL_H

#include "base/b64.h"
#include "base/id.h"
#include "base/str.h"
#include "protocol/crypto.h"

#include <stddef.h>

#define ENVELOPE_MEMBER STR(",\"signature\":\"")

/* An algorithm's value: name with colon, key id, colon, base64url. */
struct envelope_alg {
	struct aicx_str name;
	size_t key_id_len, n_bytes, value_len;
};

enum { ENVELOPE_N_ALGS = 2 }; /* indexed by enum sig_alg */
enum { ENVELOPE_VALUE_MAX = 8 + KEY_ID_TEXT + 1 + B64_LEN(SIG_BYTES) };

extern const struct envelope_alg envelope_algs[ENVELOPE_N_ALGS];

#endif
