/* SPDX-License-Identifier: Apache-2.0 */
/* claim.h - what a payer sends: PaymentPayload of x402 version 2. */
#ifndef PAYMENT_X402_CLAIM_H
#define PAYMENT_X402_CLAIM_H

#include <aiconexus/types.h>
#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

enum { CLAIM_BYTES_MAX = 16 << 10, PAYMENT_ID_MIN = 16, PAYMENT_ID_MAX = 128 };

/* Checked; texts are the document's own. */
struct claim {
	json_t *doc; /* as it came, foreign members too */
	const json_t *accepted;
	const char *from, *to, *value, *nonce;
	int64_t valid_after, valid_before; /* seconds since 1970 */
	const char *id; /* of the extension payment-identifier, or NULL */
};

/* JSON text; false: *ret_why says what is wrong with it, in a few words. */
bool claim_parse(
    struct aicx_str text, struct claim *ret_claim, const char **ret_why);
/* PAYMENT-SIGNATURE: base64 of JSON, with padding or without; ret_json to be
   freed. */
bool claim_decode(struct aicx_str header, char **ret_json, size_t *ret_len,
    const char **ret_why);
void claim_fini(struct claim *claim);

/* A member that is text, or "". */
const char *text_in(const json_t *object, const char *name);
/* Letters of ASCII without regard to case, for addresses. */
bool same_address(const char *a, const char *b);

#endif
