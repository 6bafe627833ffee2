/* SPDX-License-Identifier: Apache-2.0 */
/*
 * fuzz_x402.c - what payers and facilitators send: the first byte says which.
 *
 * A header that decodes to a payment is one again as JSON; amounts stay what
 * they are; an answer of a facilitator is never good when it is no JSON object.
 */
/* fuzz: -Iplugins/payment_x402 -Iplugins/lib -ljansson */
/* fuzz: plugins/payment_x402/claim.c plugins/payment_x402/number.c */
/* fuzz: plugins/payment_x402/facilitator.c */
/* fuzz: plugins/lib/base64.c plugins/lib/bytes.c plugins/lib/text.c */
#include "claim.h"
#include "facilitator.h"
#include "number.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Of the plugin, which is not here. */
void
x402_wake(struct x402 *x402, int64_t delay_ms)
{
	(void)x402, (void)delay_ms;
}

static void
must(bool fact)
{
	if (!fact)
		abort();
}

static void
take_json(struct aicx_str text)
{
	struct claim claim;
	const char *why = NULL;

	if (!claim_parse(text, &claim, &why)) {
		must(why != NULL);
		return;
	}
	must(strlen(claim.from) == 42 && strlen(claim.nonce) == 66);
	must(digits_are(claim.value) && digits_same(claim.value, claim.value));
	must(claim.valid_before >= 0 && claim.valid_before < INT64_MAX / 1000);
	must(claim.id == NULL || strlen(claim.id) <= PAYMENT_ID_MAX);
	claim_fini(&claim);
}

static void
take_header(struct aicx_str text)
{
	char *json;
	size_t len;
	const char *why = NULL;

	if (claim_decode(text, &json, &len, &why)) {
		take_json((struct aicx_str) { json, len });
		free(json);
	} else
		must(why != NULL);
}

static void
take_answer(struct aicx_str text, bool again)
{
	struct aicx_http_outcome outcome = {
		.size = sizeof outcome, .status = 200, .body = text
	};
	json_t *requirements =
	    json_pack("{s:s,s:s}", "network", "eip155:1", "amount", "50000");
	const char *reason = NULL;
	json_t *doc;

	if (facilitator_verified(&outcome, "0xabc", &reason, &doc) ==
	    VERDICT_GOOD)
		must(json_is_object(doc));
	json_decref(doc);
	if (facilitator_settled(&outcome, requirements, "0xabc", again, &reason,
		&doc) == VERDICT_GOOD)
		must(json_is_object(doc));
	must(reason != NULL);
	json_decref(doc);
	json_decref(requirements);
}

static void
take_amount(struct aicx_str text)
{
	char copy[128];
	struct rate rate;
	char atomic[ATOMIC_TEXT];
	int64_t minor;

	if (text.len >= sizeof copy)
		return;
	memcpy(copy, text.ptr, text.len);
	copy[text.len] = '\0';
	if (minor_parse(copy, 6, &minor) && rate_parse("1.5", &rate) &&
	    atomic_print(minor, 6, &rate, 18, atomic))
		must(digits_are(atomic));
	if (rate_parse(copy, &rate) && atomic_print(1, 9, &rate, 0, atomic))
		must(digits_are(atomic));
	if (digits_are(copy))
		must(digits_number(copy) >= 0);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct aicx_str text;

	if (size == 0)
		return 0;
	text = (struct aicx_str) { (const char *)data + 1, size - 1 };
	switch (data[0] % 5) {
	case 0:
		take_header(text);
		break;
	case 1:
		take_json(text);
		break;
	case 2:
		take_answer(text, false);
		break;
	case 3:
		take_answer(text, true);
		break;
	default:
		take_amount(text);
		break;
	}
	return 0;
}
