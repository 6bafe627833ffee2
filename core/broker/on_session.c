/* SPDX-License-Identifier: Apache-2.0 */
/* on_session.c - the mailbox, messages over REST, health and metrics. */
#include "base/b64.h"
#include "base/err.h"
#include "base/id.h"
#include "base/str.h"
#include "broker/handlers.h"
#include "broker/peer.h"
#include "broker/transit.h"

#include <string.h>

struct poll {
	PARAMS;
	int64_t wait_ms;
};

const struct field mailbox_params[] = {
	PARAMS_METHOD(struct poll),
	FIELD(struct poll, wait_ms, "wait_ms", FIELD_INT, .min = 0,
	    .max = 60000, .help = "How long to wait for a message."),
	FIELD_END,
};
PARAMS_SIZE(mailbox, poll);

static struct member *
poller(struct call *call)
{
	return member_need(call->broker, &call->who.agent_id);
}

static aicx_err
poll_ends(struct call *call, struct aicx_error *reterr)
{
	(void)reterr;
	(void)member_poll(call->broker, poller(call), call);
	return AICX_OK;
}

aicx_err
on_mailbox(struct call *call, const void *params, struct aicx_error *reterr)
{
	struct broker *broker = call->broker;
	const struct poll *poll = params;
	struct member *member = poller(call);

	(void)reterr;
	member->polls_mail = true;
	if (!id_is_nil(&call->who.credential_id))
		member->mac = credential_mac(broker, &call->who.credential_id);
	member_seen(member, broker_now(broker), broker->settings->lease_ms);
	/* Over a session letters come by themselves: nothing to wait for. */
	call->due_ms = broker_now(broker) + (call->ticket ? poll->wait_ms : 0);
	if (member_poll(broker, member, call))
		return AICX_OK;
	call->resume = poll_ends;
	list_push(&broker->calls, &call->node);
	list_push(&member->polls, &call->peer_node);
	broker_wake(broker, call->due_ms);
	return AICX_OK;
}

const struct field message_params[] = { FIELD_END };
const size_t message_params_size = 1;

aicx_err
on_message(struct call *call, const void *params, struct aicx_error *reterr)
{
	(void)params;
	return message_take(call, reterr);
}

/* --- health ---------------------------------------------------------- */

struct empty {
	PARAMS;
	struct aicx_str format;
};

#define NO_PARAMS(name)                                                        \
	const struct field name##_params[] = {                                 \
		PARAMS_METHOD(struct empty),                                   \
		FIELD_END,                                                     \
	};                                                                     \
	PARAMS_SIZE(name, empty)

NO_PARAMS(healthz);
NO_PARAMS(readyz);
NO_PARAMS(well_known);

static void
answer_status(struct call *call, bool good, const char *status)
{
	struct reply reply;

	reply_begin(&reply, call);
	json_key(&reply.w, "status");
	json_put_text(&reply.w, status);
	json_close(&reply.w);
	/* Health is no state that a crash could undo: no gate, no problem. */
	call_answer_as(
	    call, MSG_RESULT, good ? 200 : 503, buf_view(&reply.buf));
	buf_fini(&reply.buf);
}

aicx_err
on_healthz(struct call *call, const void *params, struct aicx_error *reterr)
{
	(void)params;
	(void)reterr;
	const struct broker *broker = call->broker;
	bool alive = !broker->failed || broker->read_only;

	answer_status(call, alive,
	    !alive                                   ? "unhealthy"
		: broker->failed || broker->disk.low ? "degraded"
						     : "healthy");
	return AICX_OK;
}

aicx_err
on_readyz(struct call *call, const void *params, struct aicx_error *reterr)
{
	(void)params;
	(void)reterr;
	const struct broker *broker = call->broker;
	const char *status = broker->draining ? "draining"
	    : broker->read_only               ? "read only"
	    : broker->failed                  ? "unhealthy"
	    : broker->disk.low                ? "disk low"
	    : broker->clock_held              ? "clock not accepted"
					      : "healthy";

	answer_status(call, strcmp(status, "healthy") == 0, status);
	return AICX_OK;
}

const struct field metrics_params[] = {
	PARAMS_METHOD(struct empty),
	FIELD(struct empty, format, "format", FIELD_STR, .max = 16,
	    .help = "openmetrics, or absent."),
	FIELD_END,
};
PARAMS_SIZE(metrics, empty);

aicx_err
on_metrics(struct call *call, const void *params, struct aicx_error *reterr)
{
	struct broker *broker = call->broker;
	struct metrics *metrics = broker->metrics;
	const struct empty *wish = params;
	struct buf text = { 0 };
	size_t n_letters = 0;

	(void)reterr;
	MAP_EACH (entry, &broker->members)
		n_letters += ((struct member *)entry->value)->n_letters;
	metrics_set(
	    metrics, METRIC_REGISTRY_AGENTS, (int64_t)broker->state.n_agents);
	metrics_set(metrics, METRIC_SESSIONS,
	    (int64_t)(broker->n_peers - broker->n_unopened));
	metrics_set(
	    metrics, METRIC_HOLDS_OPEN, (int64_t)broker->state.n_holds_open);
	metrics_set(metrics, METRIC_PAYMENTS_PENDING,
	    (int64_t)transits_pending(broker));
	metrics_set(metrics, METRIC_OUTBOX, (int64_t)n_letters);
	if (broker->ports.measure != NULL)
		broker->ports.measure(broker->ports.arg, metrics);
	metrics_print(metrics, str_is(wish->format, "openmetrics"), &text);
	call_answer(call, 200, buf_view(&text));
	buf_fini(&text);
	return AICX_OK;
}

aicx_err
on_well_known(struct call *call, const void *params, struct aicx_error *reterr)
{
	struct broker *broker = call->broker;
	char key[B64_LEN(KEY_BYTES)];
	struct reply reply;

	(void)params;
	(void)reterr;
	b64_print(sign_key_public(broker->key), KEY_BYTES, key);
	reply_begin(&reply, call);
	struct json_writer *w = &reply.w;
	json_key(w, "broker_id");
	json_put_id(w, &broker->keys.broker_id);
	json_key(w, "key_id");
	json_put_text(w, sign_key_id(broker->key));
	json_key(w, "public_key");
	json_put_str(w, (struct aicx_str) { key, sizeof key });
	json_key(w, "versions");
	json_open(w, '[');
	json_put_text(w, "1.0");
	json_close(w);
	json_key(w, "endpoints");
	json_open(w, '{');
	json_key(w, "rest");
	json_put_text(w, "/v1");
	json_key(w, "ws");
	json_put_text(w, "/ws");
	json_close(w);
	json_key(w, "currencies");
	json_open(w, '[');
	for (size_t i = 0; i < broker->state.currencies.n; i++) {
		json_open(w, '{');
		json_key(w, "currency");
		json_put_text(w, broker->state.currencies.list[i].code);
		json_key(w, "scale");
		json_put_int(w, broker->state.currencies.list[i].scale);
		json_close(w);
	}
	json_close(w);
	json_key(w, "version");
	json_put_text(w, AICX_VERSION);
	reply_send(&reply, 200);
	return AICX_OK;
}
