/* SPDX-License-Identifier: Apache-2.0 */
/*
 * insider.c - the operator without a key: a transport that learned from the
 * system who connected speaks for the operator by a text that lives in this
 * process only.
 *
 * It stands for the operator's oldest credential that is good, so that records,
 * repeats and audit look as they always do.  A lost or revoked key does not
 * lock the operator out: then it stands for the oldest one there is.
 */
#include "base/b64.h"
#include "base/err.h"
#include "base/mem.h"
#include "base/str.h"
#include "broker/peer.h"

#include <string.h>

#define SCHEME "Bearer "

enum {
	TOKEN_BYTES = 32,
	TOKEN_TEXT = B64_LEN(TOKEN_BYTES),
};

/* "Bearer aicx_local_<base64url>" */
static const char head[] = SCHEME "aicx_local_";
_Static_assert(
    sizeof(((struct broker *)0)->insider) >= sizeof head + TOKEN_TEXT,
    "the header fits");

const char *
insider_auth(void *arg)
{
	struct broker *broker = arg;
	uint8_t token[TOKEN_BYTES];

	if (broker->insider[0] != '\0')
		return broker->insider;
	broker->ports.random(broker->ports.arg, token, sizeof token);
	memcpy(broker->insider, head, sizeof head - 1);
	b64_print(token, sizeof token, broker->insider + sizeof head - 1);
	broker->insider[sizeof head - 1 + TOKEN_TEXT] = '\0';
	mem_wipe(token, sizeof token);
	return broker->insider;
}

bool
insider_is(const struct broker *broker, struct aicx_str bearer)
{
	struct aicx_str ours = str_of(broker->insider);
	size_t scheme = strlen(SCHEME);

	return ours.len > scheme && bearer.len == ours.len - scheme &&
	    bytes_equal(bearer.ptr, ours.ptr + scheme, bearer.len);
}

/* Good before not good, then old before young. */
static const struct credential *
better(struct broker *broker, const struct credential *a,
    const struct credential *b)
{
	bool a_good, b_good;

	if (a == NULL || b == NULL)
		return a != NULL ? a : b;
	a_good = credential_is_good(broker, a);
	b_good = credential_is_good(broker, b);
	if (a_good != b_good)
		return a_good ? a : b;
	return memcmp(&a->credential_id, &b->credential_id,
		   sizeof a->credential_id) <= 0
	    ? a
	    : b;
}

static const struct credential *
find(struct broker *broker)
{
	const struct credential *best = NULL;

	MAP_EACH (entry, &broker->state.credentials_of_agent) {
		const struct group *group = entry->value;
		for (size_t i = 0; i < group->n; i++) {
			const struct credential *one =
			    state_credential(&broker->state, &group->ids[i]);
			if (one != NULL && one->role == ROLE_OPERATOR &&
			    one->permissions.n == 0)
				best = better(broker, best, one);
		}
	}
	return best;
}

/* Looked for again when it is good no longer: operators have few. */
const struct credential *
insider_credential(struct broker *broker, struct aicx_error *reterr)
{
	const struct credential *credential =
	    state_credential(&broker->state, &broker->insider_id);

	if (credential == NULL || !credential_is_good(broker, credential))
		credential = find(broker);
	if (credential == NULL) {
		(void)err_word(reterr, AICX_EDENIED, "unauthenticated",
		    "there is no operator");
		return NULL;
	}
	broker->insider_id = credential->credential_id;
	return credential;
}
