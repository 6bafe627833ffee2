/* SPDX-License-Identifier: Apache-2.0 */
/*
 * keyring.h - the keys under which secrets lie on disk.
 *
 * A master key from outside seals the keys of this ring, and nothing else: the
 * broker's signing seed, the root that other secrets are derived from, and data
 * keys.  Data keys seal the values.  So another master key is put in force by
 * sealing the ring anew: no value is touched, and no record.
 *
 * A value's key is HMAC-SHA256(data key, its place), its nonce 96 random bits:
 * chance instead of a counter, as a counter comes again when a copy of the disk
 * is restored.  Only nonces of one place could meet, as each place has a key of
 * its own; the limit of NIST SP 800-38D (8.3), 2^32 values under a key, is thus
 * one for how often the same place is written, and a data key has none that a
 * broker reaches.  A box is the number of its data key (4 bytes), nonce,
 * ciphertext, tag; the place is authenticated too.
 */
#ifndef SECURITY_KEYRING_H
#define SECURITY_KEYRING_H

#include "base/buf.h"
#include "protocol/crypto.h"

#include <stdbool.h>

enum {
	MASTERS_MAX = 8,
	DATA_KEYS_MAX = 1000,
	SEALED_EXTRA = 4 + SEAL_EXTRA,
	MASTER_TAG = 11 /* base64url of 8 bytes: tells master keys apart */
};

/* The first seals; the others only open, while one takes another's place. */
struct masters {
	size_t n;
	uint8_t keys[MASTERS_MAX][KEY_BYTES];
};

/* One key a line in base64url, blank lines and lines that begin with # aside.
   AICX_EINVAL: it is none, or there are none or too many. */
aicx_err masters_parse(
    struct aicx_str text, struct masters *ret, struct aicx_error *reterr);
void masters_print(const struct masters *masters, struct buf *ret_text);
void master_tag(const uint8_t master[KEY_BYTES], char ret_tag[MASTER_TAG + 1]);

struct keyring_chance {
	void (*random)(void *arg, void *ret_bytes, size_t n_bytes);
	void *arg;
};

struct keyring;

/* With new keys. */
struct keyring *keyring_new(
    const struct aicx_id *broker_id, const struct keyring_chance *chance);
/* With keys that lay open before; one data key is new. */
struct keyring *keyring_adopt(const struct aicx_id *broker_id,
    const uint8_t seed[KEY_BYTES], const uint8_t root[KEY_BYTES],
    const struct keyring_chance *chance);
void keyring_free(struct keyring *keyring); /* wipes; NULL is legal */

/* The ring as a file: JSON, its keys sealed under the master key. */
void keyring_print(const struct keyring *keyring,
    const uint8_t master[KEY_BYTES], struct buf *ret_text);
/* AICX_EDENIED: none of the master keys opens it; AICX_EINVAL: it is damaged.
   ret_master: which one did. */
aicx_err keyring_parse(struct aicx_str text, const struct masters *masters,
    const struct keyring_chance *chance, struct keyring **ret,
    size_t *ret_master, struct aicx_error *reterr);
/* From now on values lie under a data key more; the ring must be on disk before
   one of them is.  AICX_ELIMIT: there are too many. */
aicx_err keyring_renew(struct keyring *keyring, struct aicx_error *reterr);
void keyring_renew_undo(struct keyring *keyring);
size_t keyring_len(const struct keyring *keyring); /* data keys */

const struct aicx_id *keyring_broker_id(const struct keyring *keyring);
const uint8_t *keyring_seed(const struct keyring *keyring); /* Ed25519 */
const uint8_t *keyring_root(const struct keyring *keyring); /* derives */

/* place: where the value will lie; it opens there alone. */
void keyring_seal(struct keyring *keyring, struct aicx_str place,
    struct aicx_str plain, struct buf *ret_box);
/* false: the box is not of this ring, or of another place, or damaged.  The
   caller wipes what it got. */
bool keyring_open(const struct keyring *keyring, struct aicx_str place,
    struct aicx_str box, struct buf *ret_plain);

#endif
