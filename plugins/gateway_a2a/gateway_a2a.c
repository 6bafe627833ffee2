/* SPDX-License-Identifier: Apache-2.0 */
/*
 * gateway_a2a.c - A2A 1.0 on the broker: cards, and tasks that are deals.
 *
 * It turns operations into wire calls and answers into tasks; what a deal is,
 * may cost and comes to is the broker's.
 *
 *     request      the checks, and which operation it is
 *     door         which operation, binding and agent a path means
 *     ask          what the header fields ask for
 *     op reply     one operation under way: wire calls, one answer
 *     send accept  a message that becomes a task; offers, one accepted
 *     task tasks   a deal as a task; reading, listing, cancelling
 *     stream push courier   a task as it goes on, to who waits or to a URL
 *     record       what is kept of a task beside its deal
 *     card cards   agent cards, signed and cached
 *     provider job shelf   agents of others as sellers: errands to them, their
 * cards their_card their_seal their_task their_work   what they say and do
 *     canon fault message   texts, errors, parts
 */
#include "cards.h"
#include "courier.h"
#include "member.h"
#include "op.h"
#include "provider.h"
#include "push.h"
#include "reached.h"
#include "request.h"
#include "shelf.h"
#include "stream.h"
#include "their_seal.h"
#include "till.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { START_WAIT_MS = 50 };

/* --- shared by the files ------------------------------------------------- */

const struct aicx_method *
gateway_method(struct gateway *gateway, const char *name)
{
	size_t n = 0;
	const struct aicx_method *const *methods =
	    gateway->host->methods(gateway->self, &n);

	for (size_t i = 0; i < n; i++)
		if (strcmp(methods[i]->name, name) == 0)
			return methods[i];
	return NULL;
}

bool
gateway_origin(
    const struct gateway *gateway, struct aicx_str host, struct bytes *out)
{
	return reached_url(gateway->host, gateway->self, host, out);
}

static void
a2a_cancel(void *state, struct aicx_exchange *exchange)
{
	struct op *op = op_find(state, exchange);

	if (op != NULL)
		op_leave(op);
}

/* --- the plugin
 * --------------------------------------------------------------------- */

static const char *const *
a2a_prefixes(void *state)
{
	static const char *const prefixes[] = { "/a2a/",
		"/.well-known/agent-card.json", "/.well-known/jwks.json",
		NULL };

	(void)state;
	return prefixes;
}

static void
a2a_close(void *state)
{
	struct gateway *gateway = state;

	for (size_t i = 0; i < OP_BUCKETS; i++)
		while (gateway->ops[i] != NULL)
			op_leave(gateway->ops[i]);
	till_free_all(gateway);
	courier_free_all(gateway);
	provider_free_all(gateway);
	shelf_free(gateway->shelf);
	gateway->host->timer_free(gateway->beat);
	gateway->host->timer_free(gateway->start);
	cards_free(gateway->cards);
	free(gateway);
}

static void
a2a_drain(void *state)
{
	stream_end_all(state);
}

/* The store opens after the plugins. */
static void
on_start(void *arg)
{
	struct gateway *gateway = arg;

	if (!push_resume(gateway))
		gateway->host->timer_set(gateway->start, START_WAIT_MS);
}

static aicx_err
a2a_open(const struct aicx_host *host, struct aicx_self *self,
    const void *settings, void **ret_state, struct aicx_error *reterr)
{
	struct gateway *gateway = calloc(1, sizeof *gateway);

	if (gateway == NULL)
		return AICX_ENOMEM;
	gateway->host = host;
	gateway->self = self;
	gateway->settings = settings;
	if (!their_seal_keys_are_good(gateway->settings->card_keys)) {
		free(gateway);
		reterr->code = AICX_EINVAL;
		(void)snprintf(reterr->text, sizeof reterr->text,
		    "card_keys is not like EdDSA:X:KID, ES256:X:Y:KID");
		return AICX_EINVAL;
	}
	gateway->cards = cards_new();
	gateway->shelf = shelf_new();
	*ret_state = gateway;
	if (gateway->cards != NULL && gateway->shelf != NULL &&
	    host->timer_new(self, on_start, gateway, &gateway->start) ==
		AICX_OK) {
		host->timer_set(gateway->start, 0);
		return AICX_OK;
	}
	cards_free(gateway->cards);
	shelf_free(gateway->shelf);
	free(gateway);
	return AICX_ENOMEM;
}

/* clang-format off */
static const struct aicx_option a2a_options[] = {
	{ AICX_FIELD(struct settings, name), .type = AICX_OPT_STR, .fallback = "AIConexus", .help = "Name in the broker's card." },
	{ AICX_FIELD(struct settings, description), .type = AICX_OPT_STR, .fallback = "A broker that finds sellers, bargains, signs, pays and proves it.", .help = "Description in the broker's card, and of agents without one." },
	{ AICX_FIELD(struct settings, extension), .type = AICX_OPT_STR, .fallback = "https://aiconexus.example/ext/contract-terms/v1", .help = "URI of the extension that carries prices, offers and receipts." },
	{ AICX_FIELD(struct settings, skill), .type = AICX_OPT_STR, .fallback = "", .help = "Capability that messages without a skill mean; empty: they are refused." },
	{ AICX_FIELD(struct settings, anonymous), .type = AICX_OPT_STR, .flags = AICX_OPTF_SECRET, .fallback = "", .help = "API key of callers on loopback that bring none; empty: they are refused." },
	{ AICX_FIELD(struct settings, payments), .type = AICX_OPT_REF, .min = AICX_PAYMENT, .help = "Payment plugin that sells to callers without a key: the name of a payment x402 section." },
	{ AICX_FIELD(struct settings, payer_key), .type = AICX_OPT_STR, .flags = AICX_OPTF_SECRET, .fallback = "", .help = "API key under which those callers see what is sold." },
	{ AICX_FIELD(struct settings, push_allow), .type = AICX_OPT_STR, .fallback = "", .help = "Hosts and addresses that tasks' events are posted to though they are private." },
	{ AICX_FIELD(struct settings, push_tries), .type = AICX_OPT_INT, .fallback = "6", .min = 1, .max = 20, .help = "How often an event is posted until it is given up." },
	{ .name = "push_timeout", .offset = offsetof(struct settings, push_timeout_ms), .size = sizeof(int64_t), .type = AICX_OPT_MSEC, .fallback = "15s", .min = 100, .max = 60000, .help = "How long a posted event is waited for." },
	{ .name = "card_max_age", .offset = offsetof(struct settings, card_max_age_ms), .size = sizeof(int64_t), .type = AICX_OPT_MSEC, .fallback = "60s", .max = 86400000, .help = "How long clients may keep a card." },
	{ AICX_FIELD(struct settings, skills_max), .type = AICX_OPT_INT, .fallback = "200", .min = 1, .max = 500, .help = "Capabilities of a card at most." },
	{ AICX_FIELD(struct settings, agents_allow), .type = AICX_OPT_STR, .fallback = "", .help = "Hosts and addresses where agents may sell though they are private." },
	{ AICX_FIELD(struct settings, agents_ca_file), .type = AICX_OPT_STR, .fallback = "", .help = "PEM file of authorities besides the system's, for agents that sell." },
	{ .name = "agents_timeout", .offset = offsetof(struct settings, agents_timeout_ms), .size = sizeof(int64_t), .type = AICX_OPT_MSEC, .fallback = "60s", .min = 100, .max = 3600000, .help = "The longest one answer of an agent may take." },
	{ AICX_FIELD(struct settings, agents_max_answer), .type = AICX_OPT_SIZE, .fallback = "4m", .min = 1024, .max = 16777216, .help = "The largest answer of an agent that is taken." },
	{ AICX_FIELD(struct settings, card_keys), .type = AICX_OPT_STR, .fallback = "", .help = "Keys that sign agents' cards: EdDSA:X:KID or ES256:X:Y:KID, as in a JWK." },
	{ AICX_FIELD(struct settings, cards_signed), .type = AICX_OPT_BOOL, .fallback = "no", .help = "Agents sell only with a card that is signed by one of card_keys." },
	{ .name = NULL },
};
/* clang-format on */

static const struct aicx_gateway_ops a2a_ops = {
	.size = sizeof a2a_ops,
	.prefixes = a2a_prefixes,
	.request = request_serve,
	.cancel = a2a_cancel,
	.speaks = provider_speaks,
	.execute = provider_execute,
	.describe = provider_describe,
	.recall = provider_recall,
	.answer = provider_answer,
};

const struct aicx_plugin aicx_plugin = {
	AICX_PLUGIN_HEAD(AICX_GATEWAY),
	.name = "a2a",
	.version = "0.1.0",
	.license = "Apache-2.0",
	.summary = "A2A 1.0 over JSON-RPC and HTTP+JSON: tasks are deals",
	.options = a2a_options,
	.settings_size = sizeof(struct settings),
	.ops.gateway = &a2a_ops,
	.open = a2a_open,
	.close = a2a_close,
	.drain = a2a_drain,
};
