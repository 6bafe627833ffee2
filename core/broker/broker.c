/* SPDX-License-Identifier: Apache-2.0 */
/* broker.c - putting the parts together: start, replay, time, end. */

#include "broker/broker.h"
#include "base/b64.h"
#include "base/err.h"
#include "base/id.h"
#include "base/mem.h"
#include "base/str.h"
#include "broker/feed.h"
#include "broker/flow.h"
#include "broker/herald.h"
#include "broker/outside.h"
#include "broker/payments.h"
#include "broker/peer.h"
#include "broker/policies.h"
#include "broker/signed_call.h"
#include "broker/transit.h"
#include "protocol/certificate.h"

#include <stdlib.h>
#include <string.h>

/* clang-format off */
#define OPT(name_, field, type_, fallback_, min_, max_, help_) \
	{ .name = (name_), .offset = offsetof(struct broker_settings, field), \
	  .size = sizeof(((struct broker_settings *)0)->field), .type = AICX_OPT_##type_, \
	  .fallback = (fallback_), .min = (min_), .max = (max_), .help = (help_) }

const struct aicx_option broker_options[] = {
	{ AICX_FIELD(struct broker_settings, store), .type = AICX_OPT_STR, .fallback = "main", .help = "Instance of the store that keeps the records." },
	{ AICX_FIELD(struct broker_settings, pricing), .type = AICX_OPT_STR, .fallback = "standard", .help = "Instance that computes fixed prices and gives the standard price." },
	{ AICX_FIELD(struct broker_settings, payment), .type = AICX_OPT_STR, .fallback = "credit", .help = "Instance through which money comes in and goes out." },
	{ AICX_FIELD(struct broker_settings, registration), .type = AICX_OPT_STR, .fallback = "open", .help = "Who may join: open (anybody with a key), or operator." },
	{ AICX_FIELD(struct broker_settings, public_url), .type = AICX_OPT_STR, .fallback = "", .help = "Origin under which clients reach the broker; empty: none is named." },
	{ AICX_FIELD(struct broker_settings, currency), .type = AICX_OPT_STR, .fallback = "AIC", .help = "Currency of answers that need one." },
	{ AICX_FIELD(struct broker_settings, master_key), .type = AICX_OPT_STR, .fallback = "file:master.key", .help = "Where the master key is: file:PATH, credential:NAME or env:NAME." },
	OPT("lease", lease_ms, MSEC, "60s", 1000, 86400000, "How long an agent counts as there after it was heard."),
	OPT("window", window_ms, MSEC, "60s", 1000, 600000, "How far a message's timestamp may be from the broker's time."),
	OPT("offer_window", offer_window_ms, MSEC, "1s", 10, 3600000, "How long sellers have to make an offer."),
	OPT("deadline", deadline_ms, MSEC, "60s", 100, 86400000, "Time of a deal that names none."),
	OPT("deadline_max", deadline_max_ms, MSEC, "1h", 100, 86400000, "The longest time a deal may take."),
	OPT("timeout", timeout_ms, MSEC, "30s", 10, 86400000, "Time of one execution when the terms name none."),
	OPT("grace", grace_ms, MSEC, "5s", 10, 3600000, "How long a provider that went away may come back."),
	OPT("contract", contract_ms, MSEC, "24h", 1000, 86400000000, "How long contracts and intents made by hand live."),
	OPT("clock_gap", clock_gap_ms, MSEC, "24h", 1000, 31536000000, "How far the clock may be ahead of the last record at a start."),
	OPT("fee_ppm", fee_ppm, INT, "0", 0, 1000000, "The broker's fee in parts per million, paid by the payee."),
	{ AICX_FIELD(struct broker_settings, settlement), .type = AICX_OPT_STR, .fallback = "immediate", .help = "When the payee gets what was paid: immediate, or batch (netted across parties)." },
	OPT("settle_every", settle_every_ms, MSEC, "1h", 0, 86400000, "How often batches are settled; 0: when the operator says so."),
	OPT("dispute_window", dispute_window_ms, MSEC, "24h", 0, 31536000000, "How long after a result its payment can be disputed."),
	OPT("reservation_max", reservation_max_ms, MSEC, "720h", 1000, 31536000000, "How long an agent may reserve money for itself."),
	OPT("reservations_max", reservations_max, INT, "100000", 1, 10000000, "Open reservations at once."),
	OPT("mailbox_max", mailbox_max, INT, "1000", 1, 1000000, "Messages kept for one agent."),
	OPT("sessions_max", sessions_max, INT, "20000", 1, 1000000, "Connections at once."),
	OPT("unopened_max", unopened_max, INT, "1000", 1, 1000000, "Connections at once that have not opened a session."),
	OPT("ids_max", ids_max, INT, "4000000", 1000, 100000000, "Message ids remembered in one window."),
	OPT("deals_max", deals_max, INT, "100000", 1, 10000000, "Open deals at once."),
	OPT("offers_max", offers_max, INT, "64", 1, 64, "Offers taken for one intent."),
	OPT("disk_floor", disk_floor, SIZE, "64m", 0, INT64_MAX, "With less room on the disk no money is set aside or taken in."),
	OPT("disk_stop", disk_stop, SIZE, "16m", 0, INT64_MAX, "With less room the broker gives up its ballast and stops in order."),
	OPT("ballast", ballast, SIZE, "8m", 0, INT64_C(1) << 30, "Size of each of two files that keep room for that; 0: none."),
	OPT("agent_rate", agent_rate, INT, "5000", 0, 1000000000, "Calls a second of one agent; 429 beyond. 0: any number."),
	OPT("address_rate", address_rate, INT, "5000", 0, 1000000000, "Messages and requests a second from one address. 0: any number."),
	OPT("unproven_rate", unproven_rate, INT, "20", 0, 1000000, "Ed25519 signatures a second from one address that may be nobody's. 0: any number."),
	{ AICX_FIELD(struct broker_settings, method_rates), .type = AICX_OPT_STR, .fallback = "", .help = "Calls a second of single methods by one caller: METHOD=NUMBER, METHOD=NUMBER."},
	OPT("rate_burst", rate_burst_ms, MSEC, "2s", 1, 3600000, "How much of a rate may be saved up and used at once."),
	{ AICX_FIELD(struct broker_settings, limit_local), .type = AICX_OPT_BOOL, .fallback = "no", .help = "Does what counts by address count for this machine's own, too?"},
	OPT("open_timeout", open_timeout_ms, MSEC, "30s", 1000, 3600000, "How long a connection may take to open its session."),
	OPT("unopened_per_address", unopened_per_address, INT, "64", 1, 1000000, "Connections of one address at once that have not opened a session."),
	OPT("memory_max", memory_max, SIZE, "0", 0, INT64_MAX, "Memory of the process above which nothing new begins; 0: no ceiling."),
	OPT("message_max", message_max, SIZE, "1m", 1024, 16777216, "The largest message."),
	OPT("input_max", input_max, SIZE, "768k", 1, 16777216, "The largest input of an execution."),
	OPT("payment_retry", payment_retry_ms, MSEC, "1s", 10, 3600000, "How long until a payment nobody knows of is asked about; twice as long each time."),
	OPT("payment_retry_max", payment_retry_max_ms, MSEC, "60s", 10, 86400000, "The longest time between two such questions."),
	OPT("payment_wait", payment_wait_ms, MSEC, "10s", 0, 3600000, "How long a request waits for its payment before it is told to ask again."),
	OPT("batch_max", batch_max, INT, "256", 1, 4096, "Records in one commit."),
	{ .name = NULL },
};
/* clang-format on */

struct aicx_id
broker_new_id(struct broker *broker)
{
	uint8_t random[10];

	broker->ports.random(broker->ports.arg, random, sizeof random);
	return id_v7(broker_now(broker), random);
}

void
broker_wake(struct broker *broker, int64_t at_ms)
{
	int64_t now_ms = broker_now(broker);

	if (broker->wake_ms != 0 && broker->wake_ms <= at_ms)
		return;
	broker->wake_ms = at_ms;
	broker->ports.wake(
	    broker->ports.arg, at_ms > now_ms ? at_ms - now_ms : 0);
}

int64_t
broker_reputation(struct broker *broker, const struct aicx_id *agent_id)
{
	return reputation_score(state_reputation(&broker->state, agent_id));
}

struct broker *
broker_new(const struct broker_ports *ports,
    const struct broker_settings *settings, const struct broker_keys *keys,
    const struct currencies *currencies, const struct log *log)
{
	struct broker *broker = MEM_NEW(struct broker);

	ENSURE(route_unsound(routes, n_routes) == NULL);
	broker->ports = *ports;
	broker->settings = settings;
	broker->keys = *keys;
	broker->key = sign_key_new(keyring_seed(keys->ring));
	broker->log = log;
	state_init(&broker->state);
	broker->state.currencies = *currencies;
	broker->metrics = metrics_new();
	/* Who is ahead of our time by a window is fresh for two. */
	broker->window =
	    window_new(2 * settings->window_ms, 2 * (size_t)settings->ids_max);
	broker->terms_default = terms_shipped();
	broker->terms_default.timeout_ms = settings->timeout_ms;
	list_init(&broker->peers);
	list_init(&broker->unopened);
	limits_set(broker);
	list_init(&broker->calls);
	list_init(&broker->feeds_over);
	list_init(&broker->errands);
	list_init(&broker->news);
	list_init(&broker->every_call);
	list_init(&broker->posted);
	transits_init(broker);
	list_init(&broker->openings);
	checkpoints_init(broker);
	keep_init(broker);
	metrics_set(broker->metrics, METRIC_BUILD_INFO, 1, AICX_VERSION);
	return broker;
}

static void
flows_free(struct broker *broker)
{
	MAP_EACH (entry, &broker->flows) {
		struct flow *flow = entry->value;
		flow->busy = false;
		flow_free(flow);
	}
	map_fini(&broker->flows);
}

void
broker_free(struct broker *broker)
{
	if (broker == NULL)
		return;
	transits_fini(broker);
	outside_fini(broker);
	flows_free(broker);
	LIST_EACH (node, &broker->every_call)
		call_free(LIST_ITEM(node, struct call, all));
	LIST_EACH (node, &broker->posted)
		letter_free(LIST_ITEM(node, struct letter, node));
	feeds_fini(broker);
	herald_fini(broker);
	peer_openings_free(broker);
	journal_free(broker->journal);
	checkpoints_fini(broker);
	if (broker->loop != NULL)
		loop_late_cancel(broker->loop, &broker->late);
	keep_fini(broker);
	free(broker->backup);
	policies_fini(broker);
	schemas_fini(&broker->schemas);
	MAP_EACH (entry, &broker->members)
		member_free(entry->value);
	map_fini(&broker->members);
	map_fini(&broker->asked);
	map_fini(&broker->underway);
	MAP_EACH (entry, &broker->macs) {
		struct credential_mac *mac = entry->value;
		mac_free(mac->in);
		mac_free(mac->out);
		free(mac);
	}
	map_fini(&broker->macs);
	state_fini(&broker->state);
	metrics_free(broker->metrics);
	window_free(broker->window);
	limits_fini(broker);
	sign_key_free(broker->key);
	mem_wipe(broker->operator_seed, sizeof broker->operator_seed);
	mem_wipe(broker->operator_api_key, sizeof broker->operator_api_key);
	mem_wipe(broker->insider, sizeof broker->insider);
	buf_fini(&broker->scratch);
	buf_fini(&broker->envelope);
	buf_fini(&broker->plugin_value);
	own_keys_fini(&broker->own_keys);
	buf_fini(&broker->step.puts);
	buf_fini(&broker->step.answer);
	buf_fini(&broker->step.more);
	arena_fini(&broker->step.mem);
	dues_fini(&broker->dues);
	doors_free(broker->doors);
	authority_free(broker->authority);
	free(broker);
}

/* --- plugins --------------------------------------------------------- */

static void
on_durable(int64_t took_us, size_t n_records, void *arg)
{
	struct broker *broker = arg;

	metrics_count(broker->metrics, METRIC_RECORDS, (int64_t)n_records);
	metrics_observe(
	    broker->metrics, METRIC_COMMIT_BATCH, (int64_t)n_records);
	metrics_observe(broker->metrics, METRIC_COMMIT_DURATION, took_us);
}

static void
on_failed(const struct aicx_error *error, void *arg)
{
	struct broker *broker = arg;

	broker->failed = true;
	broker->failure = *error;
	log_error(broker->log, "store.failed", KV("reason", error->text));
	if (broker->ports.failed != NULL)
		broker->ports.failed(broker->ports.arg);
}

static void
on_broken(const struct aicx_error *error, void *arg)
{
	struct broker *broker = arg;

	if (!broker->failed)
		on_failed(error, broker);
	broker->unreadable = true;
}

static void
on_turn_end(void *arg)
{
	keep_turn(arg);
}

void
broker_turn(struct broker *broker)
{
	if (broker->loop != NULL)
		loop_late(broker->loop, &broker->late);
}

void
broker_bind_store(struct broker *broker, const struct aicx_store_ops *ops,
    void *state, struct loop *loop)
{
	broker->store = ops;
	broker->store_state = state;
	broker->loop = loop;
	broker->late = (struct loop_late) { on_turn_end, broker };
	broker->state.catalog =
	    (struct catalog) { catalog_ops(ops), ops, state };
	broker->state.on_broken = on_broken;
	broker->state.broken_arg = broker;
	broker->journal = journal_new(loop, ops, state,
	    (size_t)broker->settings->batch_max, on_durable, on_failed, broker);
}

void
broker_bind_pricing(
    struct broker *broker, const struct aicx_pricing_ops *ops, void *state)
{
	broker->pricing = ops;
	broker->pricing_state = state;
}

void
broker_bind_payment(
    struct broker *broker, const struct aicx_payment_ops *ops, void *state)
{
	broker->payment = ops;
	broker->payment_state = state;
}

static aicx_err
need(const struct modules *modules, uint32_t kind, const char *option,
    const char *instance, struct module **ret, struct aicx_error *reterr)
{
	*ret = modules_find(modules, kind, instance);
	if (*ret == NULL)
		return err_set(reterr, AICX_EINVAL,
		    "[broker] %s = %s: there is no %s plugin of that name",
		    option, instance, module_kind_name(kind));
	return AICX_OK;
}

aicx_err
broker_settings_check(
    const struct broker_settings *settings, struct aicx_error *reterr)
{
	aicx_err err;

	if (strcmp(settings->settlement, "immediate") != 0 &&
	    strcmp(settings->settlement, "batch") != 0)
		return err_set(reterr, AICX_EINVAL,
		    "[broker] settlement = %s: neither immediate nor batch",
		    settings->settlement);
	err = limits_check(settings, reterr);
	return err == AICX_OK ? doors_check(settings, reterr) : err;
}

aicx_err
broker_bind(struct broker *broker, const struct modules *modules,
    struct loop *loop, struct aicx_error *reterr)
{
	const struct broker_settings *settings = broker->settings;
	struct module *store, *pricing, *payment;
	aicx_err err =
	    need(modules, AICX_STORE, "store", settings->store, &store, reterr);

	if (err == AICX_OK)
		err = need(modules, AICX_PRICING, "pricing", settings->pricing,
		    &pricing, reterr);
	if (err == AICX_OK)
		err = need(modules, AICX_PAYMENT, "payment", settings->payment,
		    &payment, reterr);
	if (err != AICX_OK)
		return err;
	err = broker_settings_check(settings, reterr);
	if (err != AICX_OK)
		return err;
	broker_bind_store(broker, module_ops(store), module_state(store), loop);
	broker_bind_pricing(broker, module_ops(pricing), module_state(pricing));
	broker_bind_payment(broker, module_ops(payment), module_state(payment));
	payers_bind(broker, modules);
	policies_bind(broker, modules);
	outside_bind(broker, modules);
	herald_bind(broker, modules);
	for (size_t i = 0; i < modules_len(modules); i++)
		metrics_set(broker->metrics, METRIC_PLUGIN_UP, 1,
		    module_instance(modules_at(modules, i)));
	return AICX_OK;
}

void
broker_rebind(struct broker *broker, const struct modules *modules)
{
	struct module *pricing =
	    modules_find(modules, AICX_PRICING, broker->settings->pricing);

	if (pricing != NULL)
		broker_bind_pricing(
		    broker, module_ops(pricing), module_state(pricing));
	policies_bind(broker, modules);
	limits_set(broker);
	broker->terms_default.timeout_ms = broker->settings->timeout_ms;
}

/* --- what plugins call ----------------------------------------------- */

/* An idempotency key becomes the request's id (UUIDv8). */
static struct aicx_id
key_to_id(const struct aicx_id *credential_id, struct aicx_str key)
{
	uint8_t hash[HASH_BYTES];

	sha256_two(id_bytes(credential_id), key, hash);
	return id_v8(hash);
}

/* For an agent whose credential a gateway has not kept. */
static aicx_err
identify_reader(
    struct call *call, struct aicx_str reader, struct aicx_error *reterr)
{
	struct aicx_id agent_id;

	if (call->route->durable || !id_parse(reader, &agent_id) ||
	    !credential_any_is_good(call->broker, &agent_id))
		return err_word(reterr, AICX_EDENIED, "unauthenticated",
		    "nothing is read for this agent without a credential");
	call->who =
	    (struct principal) { .agent_id = agent_id, .role = ROLE_AGENT };
	call->sender = agent_id;
	return AICX_OK;
}

void
call_speaks_for(struct call *call, const struct principal *who,
    struct aicx_str idempotency_key)
{
	bool own_key = id_is_nil(&who->credential_id);
	uint8_t hash[HASH_BYTES];

	call->who = *who;
	call->sender = who->agent_id;
	if (idempotency_key.ptr != NULL)
		call->id =
		    key_to_id(own_key ? &who->agent_id : &who->credential_id,
			idempotency_key);
	sha256_two(str_of(call->route->method.name), call->params, hash);
	memcpy(call->body, hash, sizeof call->body);
	member_seen(member_need(call->broker, &who->agent_id),
	    broker_now(call->broker), call->broker->settings->lease_ms);
}

static aicx_err
identify(
    struct call *call, const struct aicx_call *wish, struct aicx_error *reterr)
{
	const struct credential *credential;

	if (wish->credential.ptr == NULL && wish->reader.ptr != NULL)
		return identify_reader(call, wish->reader, reterr);
	if (wish->credential.ptr == NULL)
		return AICX_OK; /* a guest */
	credential = bearer_find(
	    call->broker, wish->credential, wish->secure != 0, reterr);
	if (credential == NULL)
		return AICX_EDENIED;
	struct principal who = principal_of(credential);
	credential_used(call->broker, credential);
	call_speaks_for(call, &who, wish->idempotency_key);
	return AICX_OK;
}

static void
note_correlation(struct call *call, const struct aicx_call *wish)
{
	struct aicx_id id;

	if (wish->correlation.ptr != NULL &&
	    str_copy(
		wish->correlation, call->correlation, sizeof call->correlation))
		return;
	id = broker_new_id(call->broker);
	(void)str_copy(str_of(id_text(&id).text), call->correlation,
	    sizeof call->correlation);
}

/* Lower hex digits with hyphens in their places, neither id zero (W3C Trace
   Context section 3.2). */
static bool
is_trace(struct aicx_str text)
{
	static const char form[] =
	    "00-xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx-xxxxxxxxxxxxxxxx-xx";
	bool trace = false;
	bool span = false;

	if (text.ptr == NULL || text.len != TRACE_CHARS)
		return false;
	for (size_t i = 0; i < TRACE_CHARS; i++) {
		char c = text.ptr[i];
		bool hex = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f');
		if (form[i] == 'x' ? !hex : c != form[i])
			return false;
		trace |= i >= 3 && i < 35 && c != '0';
		span |= i >= 36 && i < 52 && c != '0';
	}
	return trace && span;
}

static void
note_trace(struct call *call, const struct aicx_call *wish)
{
	struct aicx_str trace = wish->correlation;

	if (AICX_HAS(wish, struct aicx_call, traceparent.ptr))
		trace = wish->traceparent;
	if (is_trace(trace))
		(void)str_copy(trace, call->trace, sizeof call->trace);
}

static void
port_call(void *arg, const struct aicx_call *wish, aicx_answer_fn *done,
    void *done_arg, struct aicx_ticket **ret_ticket)
{
	struct broker *broker = arg;
	struct call *call = call_new(broker);
	struct aicx_error error = { 0 };

	call->route = route_find(str_of(wish->method->name));
	ENSURE(call->route != NULL);
	call->ticket = true;
	call->done = done;
	call->done_arg = done_arg;
	call->secure = wish->secure != 0;
	call->params = arena_str(&call->mem, wish->params);
	call->ret_ticket = ret_ticket;
	*ret_ticket = (struct aicx_ticket *)(void *)call;
	note_correlation(call, wish);
	note_trace(call, wish);
	call->origin = limits_origin(broker, wish->address);
	call->address = arena_str(&call->mem, wish->address);
	aicx_err err =
	    limits_arrive(broker, call->origin, &call->wait_ms, &error);
	if (err == AICX_OK && signed_call_is(wish))
		signed_call_take(call, wish);
	else if (err == AICX_OK && identify(call, wish, &error) == AICX_OK)
		dispatch(call);
	else
		call_fail(call, &error);
	/* call_free() clears *ret_ticket when the answer was given already. */
	if (*ret_ticket != NULL)
		call->ret_ticket = NULL;
}

static void
port_call_cancel(struct aicx_ticket *ticket)
{
	call_abandon((struct call *)(void *)ticket);
}

static aicx_err
port_put(void *arg, struct aicx_str key, struct aicx_str value,
    struct aicx_error *reterr)
{
	struct broker *broker = arg;
	struct buf full = { 0 };

	if (broker->journal == NULL)
		return err_set(
		    reterr, AICX_ESTATE, "the store is not open yet");
	if (broker->failed)
		return err_set(reterr, AICX_EIO, "the store takes nothing");
	buf_text(&full, "0/p/");
	buf_str(&full, key);
	own_keys_begin(&broker->own_keys);
	aicx_err err =
	    own_keys_put(&broker->own_keys, buf_view(&full), value, reterr);
	own_keys_end(&broker->own_keys, broker->journal);
	buf_fini(&full);
	return err;
}

static aicx_err
port_get(void *arg, struct aicx_str key, struct aicx_str *ret_value,
    struct aicx_error *reterr)
{
	struct broker *broker = arg;
	struct buf full = { 0 };

	if (broker->journal == NULL)
		return err_set(
		    reterr, AICX_ESTATE, "the store is not open yet");
	buf_text(&full, "0/p/");
	buf_str(&full, key);
	buf_clear(&broker->plugin_value);
	const struct own_key *own =
	    own_keys_find(&broker->own_keys, buf_view(&full));
	aicx_err err = AICX_OK;
	if (own == NULL)
		err = journal_get(broker->journal, buf_view(&full),
		    &broker->plugin_value, reterr);
	else if (own->gone)
		err = err_set(reterr, AICX_ENOTFOUND, "no such key");
	else
		buf_str(&broker->plugin_value, buf_view(&own->value));
	if (err == AICX_OK)
		*ret_value = buf_view(&broker->plugin_value);
	buf_fini(&full);
	return err;
}

static int64_t
port_wall_ms(void *arg)
{
	const struct broker *broker = arg;

	return broker->ports.wall_ms(broker->ports.arg);
}

static void
port_count(void *arg, const char *instance, const char *metric, int64_t delta)
{
	struct broker *broker = arg;

	metrics_count(
	    broker->metrics, METRIC_PLUGIN_EVENTS, delta, instance, metric);
}

struct module_ports
broker_module_ports(struct broker *broker)
{
	return (struct module_ports) {
		.peer_new = peer_new,
		.deliver = peer_deliver,
		.peer_free = peer_free,
		.methods = doors_methods,
		.public_url = doors_public_url,
		.catalog_version = doors_catalog_version,
		.sign_jws = doors_sign_jws,
		.operator_auth = insider_auth,
		.client_ca = certificates_ca,
		.certificate_auth = certificates_auth,
		.errand_done = errand_done,
		.errand_progress = errand_progress,
		.errand_ask = errand_ask,
		.errand_pass = errand_pass,
		.call = port_call,
		.call_cancel = port_call_cancel,
		.put = port_put,
		.get = port_get,
		.wall_ms = port_wall_ms,
		.count = port_count,
		.pay_event = transit_event,
		.arg = broker,
	};
}

/* --- life ------------------------------------------------------------ */

static aicx_err
on_record(
    uint64_t seq, struct aicx_str record, void *arg, struct aicx_error *reterr)
{
	keep_replayed(arg, false);
	return step_replay(arg, seq, record, reterr);
}

/* The first operator: an agent with a key of its own and an API key. */
static aicx_err
make_operator(struct broker *broker, struct aicx_error *reterr)
{
	struct aicx_id credential_id;
	char key_text[B64_LEN(KEY_BYTES)];

	broker->ports.random(
	    broker->ports.arg, broker->operator_seed, KEY_BYTES);
	struct sign_key *key = sign_key_new(broker->operator_seed);
	b64_print(sign_key_public(key), KEY_BYTES, key_text);
	sign_key_free(key);
	struct step *step = step_begin(
	    broker, "operator.create", &broker->keys.broker_id, NULL);
	broker->operator_id = broker_new_id(broker);
	struct agent operator_agent = {
		.agent_id = broker->operator_id,
		.owner_id = broker->operator_id,
		.name = STR("operator"),
		.public_key = { key_text, sizeof key_text },
		.created_ms = step->now_ms,
	};
	step_put(step, T_AGENT, &operator_agent);
	credential_make(step,
	    &(struct credential) { .agent_id = broker->operator_id,
		.role = ROLE_OPERATOR,
		.principal = PRINCIPAL_USER },
	    &credential_id, broker->operator_api_key);
	broker->has_new_operator = true;
	return step_commit(step, reterr);
}

/* What was read and verified is served; nothing is begun or ended. */
static void
note_read_only(struct broker *broker)
{
	const struct aicx_error *why = journal_failure(broker->journal);

	if (why == NULL)
		return;
	broker->failed = broker->read_only = true;
	broker->failure = *why;
	log_error(broker->log, "broker.read_only", KV("reason", why->text));
}

aicx_err
broker_rebuild(struct broker *broker, struct aicx_error *reterr)
{
	aicx_err err = journal_check(broker->journal, reterr);

	return err == AICX_OK ? keep_forget(broker, reterr) : err;
}

aicx_err
broker_replay(struct broker *broker, struct aicx_error *reterr)
{
	aicx_err err = journal_check(broker->journal, reterr);

	if (err == AICX_OK)
		err = keep_load(broker, reterr);
	if (err == AICX_OK)
		err =
		    journal_replay(broker->journal, on_record, broker, reterr);
	if (err == AICX_OK && broker->failed) {
		*reterr = broker->failure;
		err = AICX_EIO;
	}
	if (err != AICX_OK)
		return err;
	for (size_t i = 0; i < broker->state.currencies.n; i++) {
		const char *code = broker->state.currencies.list[i].code;
		if (ledger_sum(broker->state.ledger, code).total != 0)
			return err_set(reterr, AICX_EIO,
			    "the books of %s do not sum to zero", code);
	}
	err = checkpoints_load(broker, reterr);
	if (err != AICX_OK)
		return err;
	note_read_only(broker);
	keep_replayed(broker, true);
	clock_start(broker);
	if (journal_next(broker->journal) > 1)
		return AICX_OK;
	return make_operator(broker, reterr);
}

aicx_err
broker_new_origin(struct broker *broker, struct aicx_error *reterr)
{
	return checkpoints_new_origin(broker, reterr);
}

bool
broker_new_operator(struct broker *broker, struct aicx_id *ret_agent_id,
    uint8_t ret_seed[KEY_BYTES], char ret_api_key[64])
{
	if (!broker->has_new_operator)
		return false;
	*ret_agent_id = broker->operator_id;
	memcpy(ret_seed, broker->operator_seed, KEY_BYTES);
	(void)str_copy(str_of(broker->operator_api_key), ret_api_key, 64);
	return true;
}

void
broker_resume(struct broker *broker)
{
	if (broker->read_only)
		return;
	transits_resume(broker);
	flow_resume_all(broker);
	disk_tick(broker);
	payments_wake(broker);
}

void
broker_tick(struct broker *broker)
{
	int64_t now_ms = broker_now(broker);

	broker->wake_ms = 0;
	if (!broker->clock_held) {
		flow_tick(broker, now_ms);
		payments_tick(broker, now_ms);
	}
	transits_tick(broker, now_ms);
	member_tick(broker, now_ms);
	peers_tick(broker);
	call_tick(broker, now_ms);
	credentials_tick(broker, now_ms);
	feeds_tick(broker, now_ms);
	outside_tick(broker);
	audit_tick(broker, now_ms);
	checkpoints_tick(broker, now_ms);
	disk_tick(broker);
}

void
broker_drain(struct broker *broker)
{
	broker->draining = true;
	MAP_EACH (
	    entry, &broker->flows) { /* the next start goes on with them */
		const struct flow *flow = entry->value;
		flow_record_start(broker, &flow->deal_id);
	}
}

/* Deals that go on by themselves: what a person has yet to decide can wait for
   the next start. */
static bool
moves_by_itself(const struct deal *deal)
{
	return deal->state == DEAL_WORKING ||
	    (deal->state == DEAL_OPEN && deal->buy);
}

bool
broker_is_idle(const struct broker *broker)
{
	if (!journal_is_durable(broker->journal) || broker->backup != NULL ||
	    !transits_are_idle(broker))
		return false;
	MAP_EACH (entry, &broker->flows) {
		const struct flow *flow = entry->value;
		const struct deal *deal =
		    state_deal(&broker->state, &flow->deal_id);
		if (deal != NULL && moves_by_itself(deal))
			return false;
	}
	return true;
}

void
broker_flush(struct broker *broker)
{
	audit_tell(broker);
	journal_flush(broker->journal);
	checkpoints_finish(broker);
	keep_finish(broker);
	journal_flush(broker->journal);
}

void
broker_rest(struct broker *broker)
{
	if (broker->journal != NULL)
		journal_flush(broker->journal);
}

bool
broker_failed(const struct broker *broker, struct aicx_error *ret_error)
{
	if (broker->failed && ret_error != NULL)
		*ret_error = broker->failure;
	return broker->failed;
}

const struct aicx_id *
broker_id(const struct broker *broker)
{
	return &broker->keys.broker_id;
}

uint64_t
broker_seq(const struct broker *broker)
{
	return journal_next(broker->journal) - 1;
}

size_t
broker_open_deals(const struct broker *broker)
{
	return broker->state.n_deals_open;
}

size_t
broker_open_holds(const struct broker *broker)
{
	return broker->state.n_holds_open;
}
