/* SPDX-License-Identifier: Apache-2.0 */
/*
 * api_key.c - the one secret of an agent that keeps no key pair: a bearer over
 * REST, and the MAC keys of signed messages.
 */
#include "protocol/session.h"

#include <string.h>

#include "base/b64.h"
#include "base/mem.h"
#include "base/str.h"

#define PREFIX "aicx_"

void
api_key_print(const uint8_t random[32], char ret_text[API_KEY_TEXT + 1])
{
	memcpy(ret_text, PREFIX, sizeof PREFIX - 1);
	b64_print(random, 32, ret_text + sizeof PREFIX - 1);
	ret_text[API_KEY_TEXT] = '\0';
}

bool
api_key_is_valid(struct aicx_str text)
{
	uint8_t random[32];

	bool valid = text.len == API_KEY_TEXT && str_starts(text, PREFIX) &&
	    b64_parse((struct aicx_str) { text.ptr + sizeof PREFIX - 1,
			  text.len - (sizeof PREFIX - 1) },
		random, sizeof random);

	mem_wipe(random, sizeof random);
	return valid;
}

void
api_key_derive(struct aicx_str api_key, struct session_keys *ret_keys)
{
	struct aicx_str no_salt = { NULL, 0 };

	hkdf(api_key, no_salt, STR("aiconexus api key v1 agent to broker"),
	    ret_keys->agent_to_broker, KEY_BYTES);
	hkdf(api_key, no_salt, STR("aiconexus api key v1 broker to agent"),
	    ret_keys->broker_to_agent, KEY_BYTES);
}

void
api_key_verifier(struct aicx_str api_key, uint8_t ret[HASH_BYTES])
{
	sha256(api_key.ptr, api_key.len, ret);
}
