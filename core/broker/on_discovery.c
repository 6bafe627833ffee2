/* SPDX-License-Identifier: Apache-2.0 */
/* on_discovery.c - registering, finding and reading agents. */
#include "base/b64.h"
#include "base/err.h"
#include "base/id.h"
#include "base/str.h"
#include "broker/handlers.h"
#include "broker/outside.h"
#include "broker/pass.h"
#include "broker/peer.h"
#include "broker/state_index.h"
#include "economics/bill.h"

#include <stdio.h>
#include <string.h>

struct registration {
	PARAMS;
	struct aicx_id agent_id;
	struct aicx_str name, description, public_key;
	struct field_strs tags;
	struct field_list endpoints, capabilities;
	struct pricing pricing;
	struct pass pass;
};

const struct field register_params[] = {
	PARAMS_METHOD(struct registration),
	FIELD(struct registration, agent_id, "agent_id", FIELD_ID,
	    .help = "Own id to change one's entry; absent: a new agent."),
	FIELD(struct registration, name, "name", FIELD_STR, .max = 256,
	    .help = "For people."),
	FIELD(struct registration, description, "description", FIELD_STR,
	    .max = 4096, .help = "Words that search finds."),
	FIELD(struct registration, tags, "tags", FIELD_STRS, .max = TAGS_MAX,
	    .help = "Exact labels to filter by."),
	FIELD(struct registration, public_key, "public_key", FIELD_STR,
	    .min = 43, .max = 43,
	    .help =
		"Raw Ed25519 key in base64url; absent: the broker keeps one."),
	FIELD(struct registration, endpoints, "endpoints", FIELD_LIST,
	    .fields = endpoint_fields, .item_size = sizeof(struct endpoint),
	    .max = ENDPOINTS_MAX, .help = "Ways to reach it."),
	FIELD(struct registration, capabilities, "capabilities", FIELD_LIST,
	    .fields = capability_fields, .item_size = sizeof(struct capability),
	    .max = CAPABILITIES_MAX,
	    .help = "What it sells; absent: a server outside is asked."),
	FIELD(struct registration, pricing, "pricing", FIELD_OBJECT,
	    .fields = pricing_fields, .item_size = sizeof(struct pricing),
	    .help = "Price of capabilities that name none."),
	FIELD(struct registration, pass, "credential", FIELD_OBJECT,
	    .fields = pass_fields, .item_size = sizeof(struct pass),
	    .help = "What its server wants to see; kept sealed, never shown."),
	FIELD_END,
};
PARAMS_SIZE(register, registration);

static bool
has_pricing(const struct capability *capability)
{
	return money_is_set(&capability->pricing.base_cost) ||
	    money_is_set(&capability->pricing.unit_cost) ||
	    money_is_set(&capability->pricing.subscription_cost);
}

static aicx_err
accept_schema(const struct capability *capability, const char *member,
    struct aicx_str text, struct aicx_error *reterr)
{
	struct aicx_error why = { 0 };

	if (schemas_accept(text, &why) == AICX_OK)
		return AICX_OK;
	return err_field(reterr, AICX_EINVAL, "invalid_params", "/capabilities",
	    "%s of capability \"%.*s\": %s", member, STR_ARG(capability->name),
	    why.text);
}

/* Ids default to names, prices to the operator's standard. */
static aicx_err
complete_capability(struct broker *broker, struct capability *capability,
    struct aicx_error *reterr)
{
	struct aicx_price_terms standard = { .size = sizeof standard };

	if (capability->capability_id.len == 0)
		capability->capability_id = capability->name;
	aicx_err err = capability_check(capability, reterr);
	if (err == AICX_OK)
		err = accept_schema(capability, "input_schema",
		    capability->input_schema, reterr);
	if (err == AICX_OK)
		err = accept_schema(capability, "output_schema",
		    capability->output_schema, reterr);
	if (err != AICX_OK || has_pricing(capability))
		return err != AICX_OK
		    ? err
		    : pricing_check(&capability->pricing, reterr);
	if (broker->pricing->standard(
		broker->pricing_state, &standard, reterr) != AICX_OK)
		return err_field(reterr, AICX_EINVAL, "invalid_params",
		    "/capabilities/pricing",
		    "capability \"%.*s\" has no price and the operator sets "
		    "none",
		    STR_ARG(capability->name));
	for (int i = 0; pricing_models[i] != NULL; i++)
		if (str_is(standard.model, pricing_models[i]))
			capability->pricing.model = i;
	capability->pricing.base_cost = standard.base_cost;
	capability->pricing.unit_cost = standard.unit_cost;
	capability->pricing.unit = standard.unit;
	return AICX_OK;
}

static void
apply_entry(struct agent *agent, const struct registration *entry)
{
	if (entry->name.ptr != NULL)
		agent->name = entry->name;
	if (entry->description.ptr != NULL)
		agent->description = entry->description;
	if (entry->tags.n > 0)
		agent->tags = entry->tags;
	if (entry->endpoints.n > 0) {
		agent->endpoints = entry->endpoints;
		agent->passes = entry->pass.value.ptr != NULL;
	}
	if (entry->capabilities.n > 0)
		agent->capabilities = entry->capabilities;
	agent->removed = false;
}

static aicx_err
new_agent(struct call *call, const struct registration *entry,
    struct agent *ret_agent, struct aicx_error *reterr)
{
	struct broker *broker = call->broker;
	uint8_t raw[KEY_BYTES];

	if (call->who.role < ROLE_AGENT)
		return err_word(reterr, AICX_EDENIED, "unauthenticated",
		    "registering needs a credential or a signed message");
	ret_agent->agent_id = id_is_nil(&entry->agent_id)
	    ? broker_new_id(broker)
	    : entry->agent_id;
	aicx_err err = agent_may_be(broker, &ret_agent->agent_id, reterr);
	if (err != AICX_OK)
		return err;
	ret_agent->owner_id = call->who.agent_id;
	ret_agent->created_ms = broker_now(broker);
	if (entry->public_key.ptr != NULL) {
		if (!b64_parse(entry->public_key, raw, sizeof raw))
			return err_field(reterr, AICX_EINVAL, "invalid_params",
			    "/public_key",
			    "public_key is no base64url of 32 bytes");
		ret_agent->public_key = entry->public_key;
		return AICX_OK;
	}
	struct sign_key *key = broker_custody_key(broker, &ret_agent->agent_id);
	char *text = arena_new(&call->mem, B64_LEN(KEY_BYTES));
	b64_print(sign_key_public(key), KEY_BYTES, text);
	sign_key_free(key);
	ret_agent->public_key = (struct aicx_str) { text, B64_LEN(KEY_BYTES) };
	ret_agent->custody = true;
	return AICX_OK;
}

static void
put_token(struct json_writer *w, struct broker *broker,
    const struct aicx_id *agent_id)
{
	uint8_t token[16];
	char text[B64_LEN(16)];

	/* Derived, so that a repeat gives the same one. */
	broker_derive(
	    broker, agent_id, "aiconexus registration v1", token, sizeof token);
	b64_print(token, sizeof token, text);
	json_key(w, "agent_id");
	json_put_id(w, agent_id);
	json_key(w, "registration_token");
	json_put_str(w, (struct aicx_str) { text, sizeof text });
	json_key(w, "lease_ms");
	json_put_int(w, broker->settings->lease_ms);
}

/* An envelope is signed by the agent itself: without an id it means its own. */
static const struct registration *
own_entry(struct call *call, const struct registration *entry)
{
	bool own = !id_is_nil(&call->message_id) && id_is_nil(&entry->agent_id);
	struct registration *copy;

	if (!own)
		return entry;
	copy = arena_new(&call->mem, sizeof *copy);
	*copy = *entry;
	copy->agent_id = call->who.agent_id;
	return copy;
}

/* Who says it reads its mailbox is reached there from now on. */
static bool
has_mailbox(const struct agent *agent)
{
	const struct endpoint *list = agent->endpoints.items;

	for (size_t i = 0; i < agent->endpoints.n; i++)
		if (list[i].kind == ENDPOINT_MAILBOX)
			return true;
	return false;
}

/* Who is registered, as it will be; refuses who may not. */
static aicx_err
agent_of_entry(struct call *call, const struct registration *entry,
    struct agent *ret_agent, struct aicx_error *reterr)
{
	const struct agent *known =
	    state_agent(&call->broker->state, &entry->agent_id);
	aicx_err err;

	if (known == NULL)
		return new_agent(call, entry, ret_agent, reterr);
	*ret_agent = *known;
	err = must_act_for(call, &entry->agent_id, reterr);
	if (err == AICX_OK && entry->public_key.ptr != NULL &&
	    !str_eq(entry->public_key, known->public_key))
		err = err_word(reterr, AICX_EDENIED, "sender_mismatch",
		    "agent id is bound to another key");
	return err;
}

static aicx_err
register_entry(struct call *call, const struct registration *entry,
    struct aicx_error *reterr)
{
	struct broker *broker = call->broker;
	struct capability *list = entry->capabilities.items;
	struct agent agent = { .removed = false };
	aicx_err err = agent_of_entry(call, entry, &agent, reterr);

	for (size_t i = 0; err == AICX_OK && i < entry->capabilities.n; i++) {
		if (!has_pricing(&list[i]))
			list[i].pricing = entry->pricing;
		err = complete_capability(broker, &list[i], reterr);
	}
	if (err != AICX_OK)
		return err;
	apply_entry(&agent, entry);
	err = agent_check(&agent, reterr);
	if (err != AICX_OK)
		return err;
	if (entry->endpoints.n > 0)
		pass_keep(broker, &agent.agent_id, &entry->pass);
	struct member *member = member_need(broker, &agent.agent_id);
	member_seen(member, broker_now(broker), broker->settings->lease_ms);
	if (has_mailbox(&agent))
		member->polls_mail = true;
	struct step *step = call_step(call, "agent.register", NULL);
	step_put(step, T_AGENT, &agent);
	struct json_writer w = step_reply(step);
	put_token(&w, broker, &agent.agent_id);
	json_close(&w);
	return call_commit(call, step, 201, reterr);
}

/* --- what a server outside says of itself ----------------------------- */

/* The members of a description that are taken. */
static const struct field described_fields[] = {
	FIELD(struct registration, name, "name", FIELD_STR, .max = 256),
	FIELD(struct registration, description, "description", FIELD_STR,
	    .max = 4096),
	FIELD(struct registration, tags, "tags", FIELD_STRS, .max = TAGS_MAX),
	FIELD(struct registration, capabilities, "capabilities", FIELD_LIST,
	    .fields = capability_fields, .item_size = sizeof(struct capability),
	    .max = CAPABILITIES_MAX, .flags = FIELDF_REQUIRED),
	FIELD_END,
};

static aicx_err
take_description(struct call *call, struct aicx_str text,
    struct registration *entry, struct aicx_error *reterr)
{
	struct json *doc = arena_new(&call->mem, sizeof *doc);
	struct registration said;
	aicx_err err =
	    json_parse(arena_str(&call->mem, text), &call->mem, doc, reterr);

	if (err == AICX_OK)
		err = field_parse(described_fields, json_root(doc),
		    &call->broker->state.currencies, false, &call->mem, &said,
		    sizeof said, reterr);
	if (err != AICX_OK)
		return err;
	if (entry->name.ptr == NULL)
		entry->name = said.name;
	if (entry->description.ptr == NULL)
		entry->description = said.description;
	if (entry->tags.n == 0)
		entry->tags = said.tags;
	entry->capabilities = said.capabilities;
	return AICX_OK;
}

static void
on_described(
    struct aicx_str description, const struct aicx_error *why, void *arg)
{
	struct call *call = arg;
	struct registration *entry = call->held;
	struct aicx_error error = { 0 };
	aicx_err err;

	if (why != NULL) {
		call_fail(call, why);
		return;
	}
	err = take_description(call, description, entry, &error);
	if (err != AICX_OK) { /* the server's fault, not the caller's */
		struct aicx_error inner = error;
		(void)err_word(&error, AICX_EAGAIN, "provider_failed",
		    "server says what cannot be sold: %s", inner.text);
	} else
		err = register_entry(call, entry, &error);
	if (err != AICX_OK)
		call_fail(call, &error);
}

aicx_err
on_register(struct call *call, const void *params, struct aicx_error *reterr)
{
	const struct registration *given = own_entry(call, params);
	const struct endpoint *endpoint = outside_endpoint(&given->endpoints);
	struct registration *entry;
	struct agent agent;
	aicx_err err = pass_check(&given->pass, &given->endpoints, reterr);

	if (err != AICX_OK)
		return err;
	if (given->capabilities.n > 0 || endpoint == NULL)
		return register_entry(call, given, reterr);
	/* Nobody is asked for who may not register. */
	err = agent_of_entry(call, given, &agent, reterr);
	if (err != AICX_OK)
		return err;
	entry = arena_new(&call->mem, sizeof *entry);
	*entry = *given;
	call->held = entry;
	return outside_describe(
	    call->broker, endpoint, &given->pass, on_described, call, reterr);
}

/* --- by agent id ----------------------------------------------------- */

struct by_agent {
	PARAMS;
	struct aicx_id agent_id;
};

#define BY_AGENT(name)                                                         \
	const struct field name##_params[] = {                                 \
		PARAMS_METHOD(struct by_agent),                                \
		FIELD(struct by_agent, agent_id, "agent_id", FIELD_ID,         \
		    .help = "Which agent; absent: the caller."),               \
		FIELD_END,                                                     \
	};                                                                     \
	PARAMS_SIZE(name, by_agent)

BY_AGENT(unregister);
BY_AGENT(heartbeat);
BY_AGENT(get_agent);

static const struct aicx_id *
agent_of(const struct call *call, const struct by_agent *by)
{
	return id_is_nil(&by->agent_id) ? &call->who.agent_id : &by->agent_id;
}

aicx_err
on_unregister(struct call *call, const void *params, struct aicx_error *reterr)
{
	struct broker *broker = call->broker;
	const struct aicx_id *id = agent_of(call, params);
	const struct agent *known = state_agent(&broker->state, id);
	aicx_err err = must_act_for(call, id, reterr);

	if (err != AICX_OK)
		return err;
	if (known == NULL || known->removed)
		return not_found("agent", id, reterr);
	struct agent agent = *known;
	agent.removed = true;
	struct step *step = call_step(call, "agent.unregister", NULL);
	step_put(step, T_AGENT, &agent);
	struct json_writer w = step_reply(step);
	json_key(&w, "agent_id");
	json_put_id(&w, id);
	json_key(&w, "removed");
	json_put_bool(&w, true);
	json_close(&w);
	return call_commit(call, step, 200, reterr);
}

aicx_err
on_heartbeat(struct call *call, const void *params, struct aicx_error *reterr)
{
	struct broker *broker = call->broker;
	const struct aicx_id *id = agent_of(call, params);
	const struct agent *known = state_agent(&broker->state, id);
	aicx_err err = must_act_for(call, id, reterr);
	struct reply reply;

	if (err != AICX_OK)
		return err;
	if (known == NULL || known->removed)
		return not_found("agent", id, reterr);
	member_seen(member_need(broker, id), broker_now(broker),
	    broker->settings->lease_ms);
	reply_begin(&reply, call);
	json_key(&reply.w, "agent_id");
	json_put_id(&reply.w, id);
	json_key(&reply.w, "lease_ms");
	json_put_int(&reply.w, broker->settings->lease_ms);
	reply_send(&reply, 200);
	return AICX_OK;
}

static void
put_agent(
    struct json_writer *w, struct broker *broker, const struct agent *agent)
{
	const struct member *member = member_find(broker, &agent->agent_id);

	field_print(agent_fields, agent, &broker->state.currencies, w);
	json_key(w, "online");
	json_put_bool(w,
	    member_is_there(member, broker_now(broker)) ||
		outside_is(broker, &agent->agent_id));
	json_key(w, "reputation");
	json_open(w, '{');
	reputation_put(state_reputation(&broker->state, &agent->agent_id), w);
	json_close(w);
}

aicx_err
on_get_agent(struct call *call, const void *params, struct aicx_error *reterr)
{
	struct broker *broker = call->broker;
	const struct aicx_id *id = agent_of(call, params);
	const struct agent *agent = state_agent(&broker->state, id);
	struct reply reply;

	if (agent == NULL || agent->removed)
		return not_found("agent", id, reterr);
	reply_begin(&reply, call);
	put_agent(&reply.w, broker, agent);
	reply_send(&reply, 200);
	return AICX_OK;
}

/* --- capabilities ---------------------------------------------------- */

struct by_capability {
	PARAMS;
	struct aicx_id agent_id;
	struct capability capability;
	struct aicx_str capability_id;
};

const struct field get_capability_params[] = {
	PARAMS_METHOD(struct by_capability),
	FIELD(struct by_capability, agent_id, "agent_id", FIELD_ID,
	    .flags = FIELDF_REQUIRED, .help = "Whose capability."),
	FIELD(struct by_capability, capability_id, "capability_id", FIELD_STR,
	    .flags = FIELDF_REQUIRED, .max = 128, .help = "Which one."),
	FIELD_END,
};
PARAMS_SIZE(get_capability, by_capability);

aicx_err
on_get_capability(
    struct call *call, const void *params, struct aicx_error *reterr)
{
	struct broker *broker = call->broker;
	const struct by_capability *by = params;
	const struct agent *agent = state_agent(&broker->state, &by->agent_id);
	const struct capability *capability = agent && !agent->removed
	    ? agent_capability(agent, by->capability_id)
	    : NULL;
	struct reply reply;

	if (capability == NULL)
		return err_word(reterr, AICX_ENOTFOUND, "not_found",
		    "agent has no capability \"%.*s\"",
		    STR_ARG(by->capability_id));
	reply_begin(&reply, call);
	json_key(&reply.w, "agent_id");
	json_put_id(&reply.w, &by->agent_id);
	field_print(
	    capability_fields, capability, &broker->state.currencies, &reply.w);
	reply_send(&reply, 200);
	return AICX_OK;
}

const struct field update_capability_params[] = {
	PARAMS_METHOD(struct by_capability),
	FIELD(struct by_capability, agent_id, "agent_id", FIELD_ID,
	    .help = "Whose capability; absent: the caller's."),
	FIELD(struct by_capability, capability.capability_id, "capability_id",
	    FIELD_STR, .flags = FIELDF_REQUIRED, .max = 128,
	    .help = "Which one; a new id adds a capability."),
	FIELD(struct by_capability, capability.name, "name", FIELD_STR,
	    .max = 128, .help = "What buyers ask for; default: the id."),
	FIELD(struct by_capability, capability.version, "version", FIELD_STR,
	    .max = 64, .help = "The provider's own version."),
	FIELD(struct by_capability, capability.description, "description",
	    FIELD_STR, .max = 4096, .help = "Words that search finds."),
	FIELD(struct by_capability, capability.tags, "tags", FIELD_STRS,
	    .max = TAGS_MAX, .help = "Exact labels to filter by."),
	FIELD(struct by_capability, capability.input_schema, "input_schema",
	    FIELD_JSON, .max = 65536, .help = "JSON Schema of the input."),
	FIELD(struct by_capability, capability.output_schema, "output_schema",
	    FIELD_JSON, .max = 65536, .help = "JSON Schema of the result."),
	FIELD(struct by_capability, capability.pricing, "pricing", FIELD_OBJECT,
	    .fields = pricing_fields, .item_size = sizeof(struct pricing),
	    .help = "Price that offers start from."),
	FIELD(struct by_capability, capability.sla, "sla", FIELD_OBJECT,
	    .fields = sla_fields, .item_size = sizeof(struct sla),
	    .help = "Promised service."),
	FIELD_END,
};
PARAMS_SIZE(update_capability, by_capability);

aicx_err
on_update_capability(
    struct call *call, const void *params, struct aicx_error *reterr)
{
	struct broker *broker = call->broker;
	const struct by_capability *by = params;
	struct aicx_id agent_id =
	    id_is_nil(&by->agent_id) ? call->who.agent_id : by->agent_id;
	const struct agent *known = state_agent(&broker->state, &agent_id);
	struct capability capability = by->capability;
	struct capability list[CAPABILITIES_MAX];
	aicx_err err = must_act_for(call, &agent_id, reterr);
	size_t n, at;

	if (err != AICX_OK)
		return err;
	if (known == NULL || known->removed)
		return not_found("agent", &agent_id, reterr);
	if (capability.name.ptr == NULL)
		capability.name = capability.capability_id;
	err = complete_capability(broker, &capability, reterr);
	if (err != AICX_OK)
		return err;
	n = known->capabilities.n;
	if (n > 0)
		memcpy(list, known->capabilities.items, n * sizeof list[0]);
	for (at = 0; at < n; at++)
		if (str_eq(list[at].capability_id, capability.capability_id))
			break;
	if (at == CAPABILITIES_MAX)
		return err_word(reterr, AICX_ELIMIT, "too_many",
		    "agent has %d capabilities already", CAPABILITIES_MAX);
	list[at] = capability;
	struct agent agent = *known;
	agent.capabilities = (struct field_list) { list, at == n ? n + 1 : n };
	struct step *step = call_step(call, "agent.update_capability", NULL);
	step_put(step, T_AGENT, &agent);
	struct json_writer w = step_reply(step);
	json_key(&w, "agent_id");
	json_put_id(&w, &agent_id);
	json_key(&w, "capability_id");
	json_put_str(&w, capability.capability_id);
	json_close(&w);
	return call_commit(call, step, 200, reterr);
}

/* --- searching ------------------------------------------------------- */

struct query {
	PARAMS;
	struct aicx_str words, tag, max_price;
	int64_t limit, offset;
	int64_t min_reputation; /* milli-stars */
	struct aicx_str min_reputation_text, cursor;
	struct broker *broker;
	struct aicx_money ceiling; /* of max_price */
};

const struct field search_params[] = {
	PARAMS_METHOD(struct query),
	FIELD(struct query, words, "q", FIELD_STR, .max = 512,
	    .help = "Words that all must be there."),
	FIELD(struct query, words, "query", FIELD_STR, .max = 512,
	    .help = "The same as q."),
	FIELD(struct query, tag, "tag", FIELD_STR, .max = 128,
	    .help = "An exact label."),
	FIELD(struct query, max_price, "max_price", FIELD_STR, .max = 64,
	    .help = "Amount and currency, e.g. \"0.01 AIC\"."),
	FIELD(struct query, min_reputation_text, "min_reputation", FIELD_STR,
	    .max = 8, .help = "Stars from 0 to 5, e.g. 3.5."),
	FIELD(struct query, limit, "limit", FIELD_INT, .min = 1,
	    .max = LIST_LIMIT_MAX, .fallback = 20, .help = "How many at most."),
	FIELD(struct query, cursor, "cursor", FIELD_STR, .max = 16,
	    .help = "Where the last page ended."),
	FIELD_END,
};
PARAMS_SIZE(search, query);

static bool
has_tag(const struct agent *agent, struct aicx_str tag)
{
	const struct capability *list = agent->capabilities.items;

	for (size_t i = 0; i < agent->tags.n; i++)
		if (str_eq(agent->tags.items[i], tag))
			return true;
	for (size_t i = 0; i < agent->capabilities.n; i++)
		for (size_t k = 0; k < list[i].tags.n; k++)
			if (str_eq(list[i].tags.items[k], tag))
				return true;
	return false;
}

static bool
costs_at_most(const struct agent *agent, const struct aicx_money *ceiling)
{
	const struct capability *list = agent->capabilities.items;

	for (size_t i = 0; i < agent->capabilities.n; i++) {
		const struct aicx_money *cost =
		    pricing_leading_cost(&list[i].pricing);
		if (money_same_currency(cost, ceiling) &&
		    cost->minor <= ceiling->minor)
			return true;
	}
	return false;
}

static int
hit_counts(void *doc, void *arg)
{
	const struct query *query = arg;
	const struct aicx_id *id = &((const struct doc *)doc)->agent_id;
	const struct agent *agent = state_agent(&query->broker->state, id);

	if (agent == NULL || agent->removed)
		return 0;
	if (query->tag.len > 0 && !has_tag(agent, query->tag))
		return 0;
	if (money_is_set(&query->ceiling) &&
	    !costs_at_most(agent, &query->ceiling))
		return 0;
	return broker_reputation(query->broker, id) >= query->min_reputation;
}

/* "3.5" stars to 3500. */
static bool
parse_stars(struct aicx_str text, int64_t *ret_milli)
{
	struct aicx_str decimals, whole = str_cut(text, '.', &decimals);
	int64_t stars = 0, milli = 0;

	if (!str_int(whole, &stars) || stars < 0 || stars > 5 ||
	    decimals.len > 3)
		return false;
	for (size_t i = 0; i < 3; i++) {
		char c = i < decimals.len ? decimals.ptr[i] : '0';
		if (c < '0' || c > '9')
			return false;
		milli = milli * 10 + (c - '0');
	}
	*ret_milli = stars * 1000 + milli;
	return true;
}

static aicx_err
read_filters(struct query *query, struct aicx_error *reterr)
{
	if (query->max_price.len > 0) {
		aicx_err err =
		    money_parse_text(&query->broker->state.currencies,
			query->max_price, &query->ceiling, reterr);
		if (err != AICX_OK)
			return err;
	}
	if (query->min_reputation_text.len > 0 &&
	    !parse_stars(query->min_reputation_text, &query->min_reputation))
		return err_field(reterr, AICX_EINVAL, "invalid_params",
		    "/min_reputation", "\"%.*s\" is no number of stars 0..5",
		    STR_ARG(query->min_reputation_text));
	if (query->cursor.len > 0 &&
	    (!str_int(query->cursor, &query->offset) || query->offset < 0 ||
		query->offset > LIST_LIMIT_MAX * 20))
		return err_field(reterr, AICX_EINVAL, "invalid_params",
		    "/cursor", "\"%.*s\" is no cursor of a search",
		    STR_ARG(query->cursor));
	return AICX_OK;
}

aicx_err
on_search(struct call *call, const void *params, struct aicx_error *reterr)
{
	struct broker *broker = call->broker;
	struct query query = *(const struct query *)params;
	struct reply reply;

	query.broker = broker;
	aicx_err err = read_filters(&query, reterr);
	if (err != AICX_OK)
		return err;
	size_t cap = (size_t)(query.offset + query.limit + 1);
	struct index_hit *hits =
	    arena_new(&call->mem, cap * sizeof(struct index_hit));
	size_t n = index_search(
	    broker->state.index, query.words, hit_counts, &query, hits, cap);
	size_t end = (size_t)(query.offset + query.limit);
	reply_begin(&reply, call);
	json_key(&reply.w, "agents");
	json_open(&reply.w, '[');
	for (size_t i = (size_t)query.offset; i < n && i < end; i++) {
		const struct doc *doc = hits[i].doc;
		json_open(&reply.w, '{');
		put_agent(&reply.w, broker,
		    state_agent(&broker->state, &doc->agent_id));
		json_key(&reply.w, "relevance");
		json_put_int(&reply.w, hits[i].relevance);
		json_close(&reply.w);
	}
	json_close(&reply.w);
	if (n > end) {
		char cursor[24];
		(void)snprintf(cursor, sizeof cursor, "%zu", end);
		json_key(&reply.w, "cursor");
		json_put_text(&reply.w, cursor);
	}
	reply_send(&reply, 200);
	return AICX_OK;
}
