/* SPDX-License-Identifier: Apache-2.0 */
/* gateway.h - an open instance, and what its files share. */
#ifndef GATEWAY_H
#define GATEWAY_H

#include "bytes.h"

#include <aiconexus/gateway.h>
#include <aiconexus/option.h>
#include <aiconexus/plugin.h>
#include <jansson.h>

enum { OP_BUCKETS = 1024 };

struct bill;
struct op;
struct cards;
struct courier;
struct job;
struct shelf;

struct settings {
	const char *name, *description, *extension;
	const char *skill; /* what a message that names none means, or "" */
	const struct aicx_ref *payments; /* sells to payers; or NULL */
	const char *payer_key; /* under which they see what is sold */
	const char *anonymous; /* API key of callers without one, or "" */
	const char *agents_allow; /* the same for agents that sell */
	const char *agents_ca_file;
	const char *card_keys; /* their_seal.h */
	uint8_t cards_signed;
	int64_t agents_timeout_ms, agents_max_answer;
	const char *push_allow; /* private addresses that may be posted to */
	int64_t push_tries, push_timeout_ms;
	int64_t card_max_age_ms, skills_max;
};

struct gateway {
	const struct aicx_host *host;
	struct aicx_self *self;
	const struct settings *settings;
	struct op *ops[OP_BUCKETS]; /* by exchange */
	struct cards *cards;
	struct aicx_timer *start; /* goes on with what a stop interrupted */
	struct aicx_timer *beat; /* keeps silent streams open; or NULL */
	bool beats;
	struct courier *couriers;
	struct bill *bills; /* of payers, see till.h */
	struct job *jobs; /* errands to agents of others */
	struct shelf *shelf; /* their cards */
};

/* A method of the wire by its name, or NULL. */
const struct aicx_method *gateway_method(
    struct gateway *gateway, const char *name);
/* "https://host", as the client reaches us: the operator's word, or the Host
   field when it names loopback; false: unknown. */
bool gateway_origin(
    const struct gateway *gateway, struct aicx_str host, struct bytes *out);

#endif
