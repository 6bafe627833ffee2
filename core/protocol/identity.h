/* SPDX-License-Identifier: Apache-2.0 */
/*
 * identity.h - who somebody is, as kept in a file of mode 0600:
 * {"agent_id","key_id","private_key","api_key"?,"broker"?}.
 */
#ifndef PROTOCOL_IDENTITY_H
#define PROTOCOL_IDENTITY_H

#include "base/arena.h"
#include "base/buf.h"
#include "protocol/crypto.h"

#include <aiconexus/types.h>

enum { IDENTITY_BYTES_MAX = 16 * 1024 }; /* of such a file */

struct identity {
	struct aicx_id agent_id;
	uint8_t seed[KEY_BYTES]; /* Ed25519; key_id follows from it */
	struct aicx_str api_key; /* or absent */
	struct aicx_str broker; /* URL, or absent */
};

/* text is kept by the caller as long as the result.  "malformed" names the
   line or the member. */
aicx_err identity_parse(struct aicx_str text, struct arena *arena,
    struct identity *ret, struct aicx_error *reterr);
/* Appends the JSON text and a newline.  The buf then holds secrets. */
void identity_print(struct buf *buf, const struct identity *identity);

#endif
