/* SPDX-License-Identifier: Apache-2.0 */
/* seller_work.c - orders: they wait, their work is done, its output goes
   back. */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/b64.h"
#include "base/clock.h"
#include "base/err.h"
#include "base/id.h"
#include "base/json.h"
#include "base/mem.h"
#include "base/str.h"
#include "cli/outside.h"
#include "cli/seller.h"
#include "protocol/object.h"

/* --- answers ---------------------------------------------------------- */

static void
order_refuse(struct order *order, const char *code, struct aicx_str detail,
    bool retryable)
{
	struct seller *seller = order->seller;
	struct buf payload = { 0 };
	struct json_writer w = json_writer(&payload);

	json_open(&w, '{');
	json_key(&w, "execution_id");
	json_put_id(&w, &order->execution_id);
	json_key(&w, "code");
	json_put_text(&w, code);
	json_key(&w, "detail");
	json_put_str(&w, str_is_utf8(detail) ? detail : str_of(code));
	json_key(&w, "retryable");
	json_put_bool(&w, retryable);
	json_close(&w);
	seller_say("failed", "execution %s: %.*s",
	    id_text(&order->execution_id).text, STR_ARG(detail));
	seller_answer(seller, &order->asked, MSG_ERROR, buf_view(&payload));
	buf_fini(&payload);
}

static void order_fail(struct order *order, const char *code, const char *fmt,
    ...) __attribute__((format(printf, 3, 4)));

/* For good: it would be so again. */
static void
order_fail(struct order *order, const char *code, const char *fmt, ...)
{
	struct aicx_error why;
	va_list ap;

	va_start(ap, fmt);
	(void)vsnprintf(why.text, sizeof why.text, fmt, ap);
	va_end(ap);
	order_refuse(order, code, str_of(why.text), false);
}

static void
put_hash(
    struct json_writer *w, const char *name, const uint8_t hash[HASH_BYTES])
{
	char text[B64_LEN(HASH_BYTES)];

	b64_print(hash, HASH_BYTES, text);
	json_key(w, name);
	json_put_str(w, (struct aicx_str) { text, sizeof text });
}

/* Binds the broker to the contract as it came and to the output as it goes. */
static void
print_usage(const struct order *order, int64_t n_units, struct aicx_str output,
    struct buf *buf)
{
	const struct seller *seller = order->seller;
	struct json_writer w = json_writer(buf);
	struct aicx_id id = outside_id();
	uint8_t hash[HASH_BYTES];

	sha256(output.ptr, output.len, hash);
	json_open(&w, '{');
	json_key(&w, "kind");
	json_put_text(&w, "usage");
	json_key(&w, "id");
	json_put_id(&w, &id);
	json_key(&w, "broker_id");
	json_put_id(&w, channel_broker_id(seller->channel));
	json_key(&w, "provider_id");
	json_put_id(&w, &seller->inv->self.agent_id);
	json_key(&w, "execution_id");
	json_put_id(&w, &order->execution_id);
	json_key(&w, "contract_id");
	json_put_id(&w, &order->contract_id);
	if (order->has_contract)
		put_hash(&w, "contract_sha256", order->contract_hash);
	put_hash(&w, "output_sha256", hash);
	json_key(&w, "units");
	json_put_int(&w, n_units);
	json_key(&w, "unit");
	json_put_text(
	    &w, seller->offering.per_unit ? seller->offering.unit : "calls");
	json_key(&w, "time");
	json_put_time(&w, outside_wall_ms());
	json_close(&w);
}

/* Units count where the broker cannot measure them. */
static void
put_usage(const struct order *order, const struct work_end *end,
    struct aicx_str output, struct json_writer *w)
{
	const struct seller *seller = order->seller;
	bool claims = seller->offering.per_unit &&
	    offering_claims_units(&seller->offering);
	struct buf text = { 0 };

	if (seller->inv->self.key == NULL)
		return;
	print_usage(order, claims ? end->n_units : 1, output, &text);
	struct signed_object usage =
	    object_sign(seller->inv->self.key, SIG_USAGE, buf_view(&text));
	json_key(w, "usage");
	object_put(w, &usage);
	buf_fini(&text);
}

static void
order_deliver(struct order *order, const struct work_end *end)
{
	struct seller *seller = order->seller;
	struct buf payload = { 0 };
	struct json_writer w = json_writer(&payload);

	json_open(&w, '{');
	json_key(&w, "execution_id");
	json_put_id(&w, &order->execution_id);
	json_key(&w, "output");
	size_t start = payload.len;
	json_put_raw(&w, end->output);
	if (payload.len > SELLER_OUTPUT_MAX) {
		order_fail(order, "output_too_large",
		    "%s's output of %zu bytes is more than %d",
		    seller->worker->name, payload.len, SELLER_OUTPUT_MAX);
	} else {
		/* A copy: what it is a view of grows. */
		char *output =
		    mem_copy(payload.ptr + start, payload.len - start);
		put_usage(order, end,
		    (struct aicx_str) { output, payload.len - start }, &w);
		free(output);
		json_close(&w);
		seller->n_sold++;
		seller_say("sold",
		    "execution %s: %zu bytes in, %zu out, %lld ms",
		    id_text(&order->execution_id).text, order->input.len,
		    end->output.len,
		    (long long)(loop_now_ms(seller->loop) - order->started_ms));
		seller_answer(
		    seller, &order->asked, MSG_RESULT, buf_view(&payload));
	}
	buf_fini(&payload);
}

/* --- work ------------------------------------------------------------- */

static void
order_free(struct order *order)
{
	struct worker *worker = order->seller->worker;

	list_remove(&order->node);
	if (order->run != NULL)
		worker->ops->cancel(worker, order->run);
	buf_fini(&order->input);
	free(order->capability);
	free(order);
}

static void
on_work_end(const struct work_end *end, void *arg)
{
	struct order *order = arg;
	struct seller *seller = order->seller;

	if (end->good)
		order_deliver(order, end);
	else
		order_refuse(order, end->code, end->detail, end->retryable);
	order->run = NULL; /* it is over */
	order_free(order);
	seller->n_running--;
	seller_work(seller);
	seller_leave_if_idle(seller);
}

/* It is told to who follows the deal. */
static void
on_work_progress(struct aicx_str progress, void *arg)
{
	const struct order *order = arg;
	struct buf payload = { 0 };

	buf_printf(&payload,
	    "{\"method\":\"execution.progress\",\"execution_id\":\"%s\"%s",
	    id_text(&order->execution_id).text, progress.len > 2 ? "," : "");
	buf_str(
	    &payload, (struct aicx_str) { progress.ptr + 1, progress.len - 1 });
	seller_ask(order->seller, buf_view(&payload));
	buf_fini(&payload);
}

static void
order_start(struct order *order)
{
	struct seller *seller = order->seller;
	struct worker *worker = seller->worker;
	struct aicx_error why = { 0 };
	const struct work work = {
		.capability = worker->ops->tools == NULL
		    ? seller->offering.capability
		    : order->capability,
		.input = buf_view(&order->input),
		.execution_id = order->execution_id,
		.offered_ms = order->offered_ms,
		.timeout_ms = seller->timeout_ms,
		.on_progress = on_work_progress,
		.on_end = on_work_end,
		.arg = order,
	};

	seller->n_waiting--;
	order->started_ms = loop_now_ms(seller->loop);
	if (worker->ops->start(worker, &work, &order->run, &why) == AICX_OK) {
		seller->n_running++;
		return;
	}
	order_fail(order, why.word, "%s", why.text);
	order_free(order);
}

void
seller_work(struct seller *seller)
{
	LIST_EACH (node, &seller->orders) {
		struct order *order = LIST_ITEM(node, struct order, node);
		if ((int64_t)seller->n_running >= seller->max_parallel)
			return;
		if (order->run == NULL)
			order_start(order);
	}
}

void
seller_drop_orders(struct seller *seller)
{
	LIST_EACH (node, &seller->orders)
		order_free(LIST_ITEM(node, struct order, node));
	seller->n_running = seller->n_waiting = 0;
}

/* --- orders ----------------------------------------------------------- */

static struct order *
order_find(const struct seller *seller, const struct aicx_id *asked)
{
	LIST_EACH (node, &seller->orders) {
		struct order *order = LIST_ITEM(node, struct order, node);
		if (id_eq(&order->asked, asked))
			return order;
	}
	return NULL;
}

static void
orders_cancel(struct seller *seller, const struct aicx_id *execution_id)
{
	LIST_EACH (node, &seller->orders) {
		struct order *order = LIST_ITEM(node, struct order, node);
		if (!id_eq(&order->execution_id, execution_id))
			continue;
		seller_say(
		    "cancelled", "execution %s", id_text(execution_id).text);
		if (order->run != NULL)
			seller->n_running--;
		else
			seller->n_waiting--;
		order_free(order);
	}
}

static void
ack(struct seller *seller, const struct envelope *env)
{
	struct aicx_id id = outside_id();
	struct aicx_error why = { 0 };

	if (channel_send(seller->channel, MSG_ACK, &id, &env->id, STR("{}"),
		&why) != AICX_OK)
		seller_say("not sent", "%s", why.text);
}

/* All of it, or a named member. */
static bool
input_read(struct order *order, struct json_ref input)
{
	const char *field = order->seller->input_field;

	if (field != NULL && !json_has(json_get(input, field)))
		return false;
	if (field != NULL)
		input = json_get(input, field);
	buf_str(&order->input, json_has(input) ? json_raw(input) : STR("null"));
	return true;
}

/* Ids of our offers are of version 7: they begin with our own time. */
static void
offered_take(struct order *order, struct json_ref ref, struct arena *arena)
{
	struct aicx_id id;
	int64_t at_ms = 0;

	if (!id_parse(json_str(ref, arena), &id))
		return;
	for (int i = 0; i < 6; i++)
		at_ms = at_ms * 256 + id.bytes[i];
	order->offered_ms = at_ms;
}

/* The contract that comes along is what we are paid by: the broker's key must
   stand under it and it must name us. */
static aicx_err
contract_check(struct order *order, struct json_ref ref, struct arena *arena,
    struct aicx_error *reterr)
{
	struct seller *seller = order->seller;
	struct signed_object contract;
	struct aicx_id provider;
	struct pins pins;
	struct json doc;

	aicx_err err = object_parse(ref, arena, &contract, reterr);
	if (err == AICX_OK)
		err = invocation_pins(seller->inv, &pins, reterr);
	if (err != AICX_OK)
		return err;
	const struct pin *pin =
	    pins_find_origin(&pins, seller->inv->url.origin);
	if (pin == NULL)
		return err_set(reterr, AICX_EDENIED,
		    "no key of the broker is pinned any more");
	err = object_verify(&contract, SIG_CONTRACT, pin->key, reterr);
	if (err == AICX_OK)
		err = json_parse(contract.text, arena, &doc, reterr);
	if (err != AICX_OK)
		return err;
	if (!id_parse(json_str(json_get(json_root(&doc), "provider_id"), arena),
		&provider) ||
	    !id_eq(&provider, &seller->inv->self.agent_id))
		return err_set(reterr, AICX_EDENIED,
		    "the contract names another provider");
	offered_take(order, json_get(json_root(&doc), "offer_id"), arena);
	sha256(contract.text.ptr, contract.text.len, order->contract_hash);
	order->has_contract = true;
	return AICX_OK;
}

static void
order_take(struct seller *seller, const struct envelope *env,
    struct json_ref root, struct arena *arena)
{
	struct order *order = MEM_NEW(struct order);
	struct json_ref contract = json_get(root, "contract");
	struct aicx_error why = { 0 };

	order->seller = seller;
	order->asked = env->id;
	list_init(&order->node);
	(void)id_parse(json_str(json_get(root, "contract_id"), arena),
	    &order->contract_id);
	struct aicx_str name = json_str(json_get(root, "capability"), arena);
	order->capability = mem_new(name.len + 1);
	if (name.len > 0)
		memcpy(order->capability, name.ptr, name.len);
	if (!id_parse(json_str(json_get(root, "execution_id"), arena),
		&order->execution_id)) {
		order_fail(
		    order, "invalid_input", "EXECUTE names no execution");
	} else if (json_has(contract) &&
	    contract_check(order, contract, arena, &why) != AICX_OK) {
		order_fail(order, "bad_contract", "%s", why.text);
	} else if (!input_read(order, json_get(root, "input"))) {
		order_fail(order, "invalid_input",
		    "the input has no member \"%s\"", seller->input_field);
	} else if (seller->n_waiting >= SELLER_QUEUE_MAX) {
		order_fail(order, "busy", "too many orders are waiting");
	} else {
		list_push(&seller->orders, &order->node);
		seller->n_waiting++;
		ack(seller, env);
		return;
	}
	order_free(order);
}

/* The buyer has ended the deal: nobody waits for the work any more. */
void
seller_on_cancel(struct seller *seller, const struct envelope *env)
{
	struct arena arena = { 0 };
	struct json doc;
	struct aicx_id id;

	if (json_parse(env->payload, &arena, &doc, NULL) == AICX_OK &&
	    id_parse(
		json_str(json_get(json_root(&doc), "execution_id"), &arena),
		&id))
		orders_cancel(seller, &id);
	seller_answer(seller, &env->id, MSG_RESULT, STR("{}"));
	arena_fini(&arena);
	seller_work(seller);
	seller_leave_if_idle(seller);
}

void
seller_on_execute(struct seller *seller, const struct envelope *env)
{
	struct arena arena = { 0 };
	struct aicx_error why = { 0 };
	struct json doc;

	if (order_find(seller, &env->id) != NULL) {
		ack(seller, env); /* a repeat; the work is under way */
		return;
	}
	if (json_parse(env->payload, &arena, &doc, &why) == AICX_OK)
		order_take(seller, env, json_root(&doc), &arena);
	else
		seller_say("refused", "an order: %s", why.text);
	arena_fini(&arena);
	seller_work(seller);
}
