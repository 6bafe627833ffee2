/* SPDX-License-Identifier: Apache-2.0 */
/*
 * their_seal.h - signatures on cards of others: JWS over RFC 8785, by keys that
 * the operator pinned.
 */
#ifndef THEIR_SEAL_H
#define THEIR_SEAL_H

#include "gateway.h"

enum their_seal {
	SEAL_NONE = 0, /* unsigned, or by keys that are not pinned */
	SEAL_GOOD,
	SEAL_BROKEN /* by a pinned key, and does not hold */
};

/* text: "EdDSA:X:KID" and "ES256:X:Y:KID", separated by commas or blanks; X and
   Y as in a JWK (RFC 7518 section 6.2, RFC 8037). */
bool their_seal_keys_are_good(const char *text);
enum their_seal their_seal_judge(struct gateway *gateway, const json_t *card);

#endif
