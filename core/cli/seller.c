/* SPDX-License-Identifier: Apache-2.0 */
/* seller.c - staying connected: register, heartbeat, reconnect, leave. */
#include "cli/seller.h"

#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/err.h"
#include "base/id.h"
#include "base/json.h"
#include "base/str.h"
#include "cli/call.h"
#include "cli/outside.h"
#include "cli/problem.h"

enum {
	AGAIN_FIRST_MS = 200,
	AGAIN_MAX_MS = 15000,
	LEASE_DEFAULT_MS = 30000,
	BEATS_PER_LEASE = 3
};

static void connect_again(struct seller *seller);

void
seller_say(const char *event, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	(void)fprintf(stderr, "%s: ", event);
	(void)vfprintf(stderr, fmt, ap);
	(void)fputc('\n', stderr);
	va_end(ap);
}

static void
seller_end(struct seller *seller, aicx_err result)
{
	seller->result = result;
	loop_watch_free(seller->watch); /* nothing more is read */
	seller->watch = NULL;
	loop_stop(seller->loop);
}

static void
disconnect(struct seller *seller)
{
	loop_watch_free(seller->watch);
	seller->watch = NULL;
	channel_free(seller->channel);
	seller->channel = NULL;
}

/* The session is over; freed later, as this may run inside its own turn. */
static void
on_lost(struct seller *seller, const struct aicx_error *why)
{
	if (seller->stopping) {
		seller_end(seller, AICX_OK);
		return;
	}
	seller_say("lost", "%s", why->text);
	disconnect(seller);
	connect_again(seller);
}

static void
update_watch(struct seller *seller)
{
	if (seller->watch != NULL)
		loop_watch_set(seller->watch,
		    channel_wants_write(seller->channel)
			? AICX_READABLE | AICX_WRITABLE
			: AICX_READABLE);
}

static void
reply_send(struct seller *seller, struct reply *reply)
{
	struct aicx_error why = { 0 };

	if (seller->channel == NULL)
		return;
	if (channel_send(seller->channel, reply->type, &reply->id,
		&reply->asked, reply->payload, &why) != AICX_OK)
		seller_say("not sent", "%s", why.text);
	reply->sent = true;
	update_watch(seller);
}

void
seller_answer(struct seller *seller, const struct aicx_id *asked,
    enum msg_type type, struct aicx_str payload)
{
	reply_send(
	    seller, replies_keep(&seller->replies, asked, type, payload));
}

/* A request of ours; the answer comes to on_message(). */
static void
ask(struct seller *seller, enum msg_type type, const struct aicx_id *id,
    struct aicx_str payload)
{
	struct aicx_error why = { 0 };

	if (seller->channel == NULL)
		return;
	if (channel_send(seller->channel, type, id, NULL, payload, &why) !=
	    AICX_OK)
		seller_say("not sent", "%s", why.text);
	update_watch(seller);
}

static void
register_send(struct seller *seller)
{
	struct buf payload = { 0 };
	struct json_writer w = json_writer(&payload);

	json_open(&w, '{');
	json_key(&w, "method");
	json_put_text(&w, "discovery.register");
	json_key(&w, "agent_id");
	json_put_id(&w, &seller->inv->self.agent_id);
	seller_put_goods(seller, &w);
	json_close(&w);
	seller->register_id = outside_id();
	ask(seller, MSG_QUERY, &seller->register_id, buf_view(&payload));
	buf_fini(&payload);
}

void
seller_ask(struct seller *seller, struct aicx_str payload)
{
	struct aicx_id id = outside_id();

	ask(seller, MSG_QUERY, &id, payload);
}

/* The worker has other tools. */
static void
on_goods(void *arg)
{
	struct seller *seller = arg;

	if (seller->channel != NULL && !seller->stopping)
		register_send(seller);
}

static void
beat_set(struct seller *seller)
{
	loop_timer_set(seller->beat, seller->lease_ms / BEATS_PER_LEASE);
}

static void
on_beat(void *arg)
{
	struct seller *seller = arg;
	struct aicx_id id = outside_id();

	if (seller->channel == NULL)
		return;
	if (loop_now_ms(seller->loop) - seller->heard_ms > seller->lease_ms) {
		struct aicx_error why;
		(void)err_set(&why, AICX_ETIMEDOUT,
		    "the broker has been silent for %lld ms",
		    (long long)seller->lease_ms);
		on_lost(seller, &why);
		return;
	}
	ask(seller, MSG_HEARTBEAT, &id, STR("{}"));
	beat_set(seller);
}

static void
lease_take(struct seller *seller, struct aicx_str payload)
{
	struct arena arena = { 0 };
	struct json doc;
	int64_t lease_ms = 0;

	if (json_parse(payload, &arena, &doc, NULL) == AICX_OK)
		(void)json_int(
		    json_get(json_root(&doc), "lease_ms"), &lease_ms);
	seller->lease_ms = lease_ms >= 1000 ? lease_ms : LEASE_DEFAULT_MS;
	arena_fini(&arena);
}

static void
on_registered(struct seller *seller, const struct envelope *env)
{
	struct aicx_error why = { 0 };
	struct buf goods = { 0 };

	if (env->type == MSG_ERROR) {
		(void)problem_parse(env->payload, 0, &why);
		seller->why = why;
		seller_end(seller, AICX_EDENIED);
		return;
	}
	lease_take(seller, env->payload);
	beat_set(seller);
	seller->n_failures = 0;
	seller_print_goods(seller, &goods);
	seller_say(seller->was_ready ? "back" : "ready", "%s%s as %s",
	    buf_cstr(&goods), seller->policy ? " (by policy)" : "",
	    id_text(&seller->inv->self.agent_id).text);
	buf_fini(&goods);
	seller->was_ready = true;
	LIST_EACH (node, &seller->replies.all) {
		struct reply *reply = LIST_ITEM(node, struct reply, node);
		if (!reply->sent)
			reply_send(seller, reply);
	}
}

static void
on_refusal(const struct envelope *env)
{
	struct aicx_error why = { 0 };

	(void)problem_parse(env->payload, 0, &why);
	seller_say("refused", "%s%s%s%s", why.text, why.word[0] ? " (" : "",
	    why.word, why.word[0] ? ")" : "");
}

static void
on_message(const struct envelope *env, void *arg)
{
	struct seller *seller = arg;

	struct aicx_str method = envelope_method(env);
	struct reply *again = replies_find(&seller->replies, &env->id);

	seller->heard_ms = loop_now_ms(seller->loop);
	if (again != NULL && env->type != MSG_ACK)
		reply_send(seller, again); /* a repeat: the same answer */
	else if (env->type == MSG_QUERY && str_is(method, "negotiation.intent"))
		seller_on_intent(seller, env);
	else if (env->type == MSG_EXECUTE)
		seller_on_execute(seller, env);
	else if (env->type == MSG_QUERY && str_is(method, "execution.cancel"))
		seller_on_cancel(seller, env);
	else if (env->type == MSG_QUERY)
		seller_answer(seller, &env->id, MSG_ERROR,
		    STR("{\"code\":\"unknown_method\",\"detail\":\"this agent "
			"does not answer that\"}"));
	else if (id_eq(&env->correlation_id, &seller->register_id))
		on_registered(seller, env);
	else if (id_eq(&env->correlation_id, &seller->unregister_id))
		seller_end(seller, AICX_OK);
	else if (env->type == MSG_ERROR)
		on_refusal(env);
}

static void
on_channel(uint32_t events, void *arg)
{
	struct seller *seller = arg;
	struct aicx_error why = { 0 };

	(void)events;
	if (channel_turn(seller->channel, on_message, seller, &why) != AICX_OK)
		on_lost(seller, &why);
	else
		update_watch(seller);
}

static aicx_err
seller_connect(struct seller *seller, struct aicx_error *reterr)
{
	aicx_err err = call_session(seller->inv, &seller->channel, reterr);

	if (err != AICX_OK)
		return err;
	seller->heard_ms = loop_now_ms(seller->loop);
	seller->watch = loop_watch_new(seller->loop,
	    channel_fd(seller->channel), AICX_READABLE, on_channel, seller);
	register_send(seller);
	return AICX_OK;
}

/* Doubling, with up to half of it by chance, so that a thousand sellers do not
   come back in the same moment. */
static int64_t
again_ms(int n_failures)
{
	int64_t delay_ms = AGAIN_FIRST_MS;
	uint16_t chance;

	for (int i = 1; i < n_failures && delay_ms < AGAIN_MAX_MS; i++)
		delay_ms *= 2;
	if (delay_ms > AGAIN_MAX_MS)
		delay_ms = AGAIN_MAX_MS;
	outside_random(&chance, sizeof chance);
	return delay_ms / 2 + delay_ms / 2 * chance / UINT16_MAX;
}

static void
connect_again(struct seller *seller)
{
	seller->n_failures++;
	loop_timer_set(seller->beat, -1);
	loop_timer_set(seller->again, again_ms(seller->n_failures));
}

static void
on_again(void *arg)
{
	struct seller *seller = arg;
	struct aicx_error why = { 0 };

	aicx_err err = seller_connect(seller, &why);
	if (err == AICX_OK)
		return;
	/* A refusal stays one: another key, or an agent that is shut out. */
	if (err == AICX_EDENIED && strcmp(why.word, "no_websocket") != 0) {
		seller->why = why;
		seller_end(seller, err);
		return;
	}
	connect_again(seller);
}

static void
on_farewell(void *arg)
{
	seller_end(arg, AICX_OK);
}

void
seller_leave_if_idle(struct seller *seller)
{
	struct buf payload = { 0 };
	struct json_writer w = json_writer(&payload);

	if (!seller->stopping || seller->n_running + seller->n_waiting > 0 ||
	    !id_is_nil(&seller->unregister_id))
		return;
	if (seller->channel == NULL) {
		seller_end(seller, AICX_OK);
		return;
	}
	json_open(&w, '{');
	json_key(&w, "method");
	json_put_text(&w, "discovery.unregister");
	json_key(&w, "agent_id");
	json_put_id(&w, &seller->inv->self.agent_id);
	json_close(&w);
	seller->unregister_id = outside_id();
	ask(seller, MSG_QUERY, &seller->unregister_id, buf_view(&payload));
	buf_fini(&payload);
	loop_timer_set(seller->farewell, SELLER_FAREWELL_MS);
}

/* Once: finish what was ordered and leave.  Twice: leave at once. */
static void
on_signal(void *arg)
{
	struct seller *seller = arg;

	if (seller->stopping)
		seller_end(seller, AICX_OK);
	seller->stopping = true;
	seller_say("leaving", "%zu orders to finish",
	    seller->n_running + seller->n_waiting);
	seller_leave_if_idle(seller);
}

aicx_err
seller_run(struct seller *seller, struct aicx_error *reterr)
{
	struct loop *loop = loop_new(0);

	seller->loop = loop;
	seller->lease_ms = LEASE_DEFAULT_MS;
	list_init(&seller->orders);
	replies_init(&seller->replies);
	seller->beat = loop_timer_new(loop, on_beat, seller);
	seller->again = loop_timer_new(loop, on_again, seller);
	seller->farewell = loop_timer_new(loop, on_farewell, seller);
	struct loop_signal *term =
	    loop_signal_new(loop, SIGTERM, on_signal, seller);
	struct loop_signal *interrupt =
	    loop_signal_new(loop, SIGINT, on_signal, seller);
	seller->worker->stopping = &seller->stopping;
	aicx_err err = worker_open(seller->worker, loop, reterr);
	if (err == AICX_OK)
		err = seller_check_prices(seller, reterr);
	if (err == AICX_OK) {
		seller->worker->changed_arg = seller;
		seller->worker->on_changed = on_goods;
		err = seller_connect(seller, reterr);
	}
	if (err == AICX_OK) {
		loop_run(loop);
		err = seller->result;
		if (err != AICX_OK && reterr != NULL)
			*reterr = seller->why;
	}
	seller_drop_orders(seller);
	worker_free(seller->worker);
	seller->worker = NULL;
	disconnect(seller);
	loop_signal_free(interrupt);
	loop_signal_free(term);
	loop_timer_free(seller->farewell);
	loop_timer_free(seller->again);
	loop_timer_free(seller->beat);
	replies_fini(&seller->replies);
	loop_free(loop);
	return err;
}
