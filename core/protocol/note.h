/* SPDX-License-Identifier: Apache-2.0 */
/*
 * note.h - a C2SP signed note: a text, a blank line, and a line for each
 * signature.  base64 here is that of RFC 4648 section 4, with padding.
 */
#ifndef PROTOCOL_NOTE_H
#define PROTOCOL_NOTE_H

#include "base/buf.h"
#include "protocol/crypto.h"

#include <aiconexus/types.h>
#include <stdbool.h>

enum { NOTE_MAX = 4096 };

/* Checks the form of the whole and gives the text, its last newline included.
   AICX_EINVAL ("malformed"): too long, no UTF-8, control characters, no blank
   line, no or a bad signature line. */
aicx_err note_text(
    struct aicx_str note, struct aicx_str *ret_text, struct aicx_error *reterr);
/* Appends the blank line and the signature to a buf that holds just the text.
   [any thread] */
void note_sign(
    struct buf *buf, struct aicx_str name, const struct sign_key *key);
/* One of the note's signatures is by `name` under this key, and all of those
   are good; those of others (witnesses) are passed over. */
bool note_verify(
    struct aicx_str note, struct aicx_str name, const uint8_t key[KEY_BYTES]);

void base64_put(struct buf *buf, const void *bytes, size_t n_bytes);
/* false: not just the digits and padding of some bytes, or more than cap. */
bool base64_parse(
    struct aicx_str text, void *ret_bytes, size_t cap, size_t *ret_n_bytes);

#endif
