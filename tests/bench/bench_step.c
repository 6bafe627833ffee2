/* SPDX-License-Identifier: Apache-2.0 */
/*
 * bench_step.c - what a paid execution costs the loop's thread between a whole
 * message and a record: MACs and hashes, decisions, rows, JSON, the chain.  No
 * sockets, and a store that keeps nothing.
 *
 *	bench_step [ROUNDS]
 *
 * Buyers and sellers live in the same thread; only what the broker does with
 * their messages is timed (the linker wraps peer_deliver and keep_turn).  What
 * the audit trail adds is the difference to rounds without it, in between.
 */
#include "base/b64.h"
#include "base/err.h"
#include "base/id.h"
#include "base/mem.h"
#include "base/str.h"
#include "broker/testdata/stage.h"
#include "protocol/object.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum {
	BUYERS = 64,
	SELLERS = 8,
	ROUNDS = 41,
	PER_ROUND = 512,
	EXECUTION_MS = 5
};

struct shop {
	struct stage stage;
	struct actor *sellers[SELLERS], *buyers[BUYERS];
	struct buf requests[BUYERS];
	struct buf body;
};

static int64_t spent_ns;
static size_t n_records[2], record_bytes[2]; /* of orders, of settlements */

static int64_t
now_ns(void)
{
	struct timespec now;

	ENSURE(clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now) == 0);
	return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

void __wrap_peer_deliver(struct aicx_peer *peer, struct aicx_str message);
void __real_peer_deliver(struct aicx_peer *peer, struct aicx_str message);
void __wrap_keep_turn(struct broker *broker);
void __real_keep_turn(struct broker *broker);

void
__wrap_peer_deliver(struct aicx_peer *peer, struct aicx_str message)
{
	int64_t began_ns = now_ns();

	__real_peer_deliver(peer, message);
	spent_ns += now_ns() - began_ns;
}

void
__wrap_keep_turn(struct broker *broker)
{
	int64_t began_ns = now_ns();

	__real_keep_turn(broker);
	spent_ns += now_ns() - began_ns;
}

/* The audit trail rests on the records; all that it adds to them is a list of
   whose they are. */
static bool audited = true;

void __wrap_state_note_actor(
    struct state *state, const struct aicx_id *agent_id, uint64_t seq);
void __real_state_note_actor(
    struct state *state, const struct aicx_id *agent_id, uint64_t seq);

void
__wrap_state_note_actor(
    struct state *state, const struct aicx_id *agent_id, uint64_t seq)
{
	if (audited)
		__real_state_note_actor(state, agent_id, seq);
}

/* --- a store that takes everything and has nothing ------------------- */

static aicx_err
nothing_get(void *state, struct aicx_str key, aicx_pair_fn *fn, void *arg,
    struct aicx_error *reterr)
{
	(void)state, (void)key, (void)fn, (void)arg;
	return err_set(reterr, AICX_ENOTFOUND, "no such key");
}

static aicx_err
nothing_range(void *state, struct aicx_str from, struct aicx_str to,
    int reverse, aicx_pair_fn *fn, void *arg, struct aicx_error *reterr)
{
	(void)state, (void)from, (void)to, (void)reverse, (void)fn, (void)arg;
	(void)reterr;
	return AICX_OK;
}

static void
count_record(struct aicx_str record)
{
	static const char *const steps[2] = { "\"step\":\"deal.execute\"",
		"\"step\":\"deal.settle\"" };

	for (size_t i = 0; i < 2; i++)
		if (memmem(record.ptr, record.len < 300 ? record.len : 300,
			steps[i], strlen(steps[i])) != NULL) {
			n_records[i]++;
			record_bytes[i] += record.len;
		}
}

static aicx_err
nothing_commit(
    void *state, const struct aicx_batch *batch, struct aicx_error *reterr)
{
	int64_t began_ns = now_ns();

	(void)state, (void)reterr;
	for (size_t i = 0; i < batch->n_writes; i++)
		if (str_starts(batch->writes[i].key, "0/r/"))
			count_record(batch->writes[i].value);
	spent_ns -= now_ns() - began_ns;
	return AICX_OK;
}

static const struct aicx_store_ops nothing = {
	.size = sizeof nothing,
	.get = nothing_get,
	.range = nothing_range,
	.commit = nothing_commit,
};

/* --- the market ------------------------------------------------------ */

static void
fail(const char *what, struct aicx_str why)
{
	(void)fprintf(stderr, "bench_step: %s: %.*s\n", what, STR_ARG(why));
	exit(1);
}

static struct envelope
expect(struct actor *actor, enum msg_type type)
{
	struct envelope env = { .payload = STR("nothing came") };

	while (actor_next(actor, &env)) {
		if (env.type == type)
			return env;
		if (env.type == MSG_ERROR)
			break;
	}
	fail("waits in vain", env.payload);
	abort();
}

static void
fund(struct shop *shop, const struct actor *buyer)
{
	struct stage *stage = &shop->stage;
	struct buf params = { 0 };

	buf_printf(&params,
	    "{\"agent_id\":\"%s\",\"amount\":{\"amount\":\"1000\","
	    "\"currency\":\"AIC\"}}",
	    id_text(actor_id(buyer)).text);
	if (stage_call(stage, stage->operator_key, "economics.fund",
		buf_cstr(&params), NULL, &shop->body) != 201)
		fail("economics.fund", buf_view(&shop->body));
	buf_fini(&params);
}

static void
sign(struct actor *actor, struct aicx_str contract_id, struct aicx_str text)
{
	struct buf payload = { 0 };
	struct json_writer w = json_writer(&payload);
	struct signed_object object =
	    object_sign(actor_key(actor), SIG_CONTRACT, text);
	char signature[B64_LEN(SIG_BYTES)];

	json_open(&w, '{');
	json_key(&w, "method");
	json_put_text(&w, "negotiation.sign_contract");
	json_key(&w, "contract_id");
	json_put_str(&w, contract_id);
	json_key(&w, "key_id");
	json_put_str(&w, object.key_id);
	json_key(&w, "signature");
	b64_print(object.signature, SIG_BYTES, signature);
	json_put_str(&w, (struct aicx_str) { signature, sizeof signature });
	json_close(&w);
	(void)actor_send(actor, MSG_QUERY, NULL, buf_cstr(&payload));
	(void)expect(actor, MSG_RESULT);
	buf_fini(&payload);
}

static void
agree(struct shop *shop, size_t nth)
{
	struct actor *buyer = shop->buyers[nth];
	struct actor *seller = shop->sellers[nth % SELLERS];
	struct arena mem = { NULL };
	struct buf payload = { 0 };
	struct json doc;

	buf_printf(&payload,
	    "{\"method\":\"negotiation.create_contract\",\"provider_id\":\"%"
	    "s\","
	    "\"capability\":\"bench.paid\",\"terms\":\"{\\\"pricing\\\":{"
	    "\\\"model\\\":\\\"per_call\\\",\\\"base_cost\\\":{\\\"amount\\\":"
	    "\\\"0.001\\\",\\\"currency\\\":\\\"AIC\\\"}}}\","
	    "\"max_executions\":1000000}",
	    id_text(actor_id(seller)).text);
	(void)actor_send(buyer, MSG_QUERY, NULL, buf_cstr(&payload));
	struct envelope made = expect(buyer, MSG_RESULT);
	if (json_parse(made.payload, &mem, &doc, NULL) != AICX_OK)
		fail("create_contract", made.payload);
	struct json_ref root = json_root(&doc);
	struct aicx_str id = json_str(json_get(root, "contract_id"), &mem);
	struct aicx_str text = json_str(json_get(root, "text"), &mem);
	sign(buyer, id, text);
	sign(seller, id, text);
	buf_printf(&shop->requests[nth],
	    "{\"method\":\"execution.execute\",\"contract_id\":\"%.*s\","
	    "\"input\":\"Words enough for a small piece of work: the text that "
	    "a seller would check, turn round and give back.\"}",
	    STR_ARG(id));
	arena_fini(&mem);
	buf_fini(&payload);
	actor_forget(buyer);
	actor_forget(seller);
}

static void
pay(struct shop *shop, size_t nth)
{
	struct actor *buyer = shop->buyers[nth % BUYERS];
	struct actor *seller = shop->sellers[nth % BUYERS % SELLERS];
	struct buf payload = { 0 };

	(void)actor_send(
	    buyer, MSG_EXECUTE, NULL, buf_cstr(&shop->requests[nth % BUYERS]));
	struct envelope order = expect(seller, MSG_EXECUTE);
	static const char name[] = "\"execution_id\":\"";
	const char *at =
	    memmem(order.payload.ptr, order.payload.len, name, sizeof name - 1);
	ENSURE(at != NULL);
	buf_printf(&payload,
	    "{\"execution_id\":\"%.36s\",\"output\":\"Words enough for a small "
	    "piece of work: the text that a seller would check, turn round and "
	    "give back.\"}",
	    at + sizeof name - 1);
	struct aicx_id order_id = order.id;
	(void)actor_send(seller, MSG_ACK, &order_id, "{}");
	(void)actor_send(seller, MSG_RESULT, &order_id, buf_cstr(&payload));
	struct envelope result = expect(buyer, MSG_RESULT);
	(void)actor_send(buyer, MSG_ACK, &result.id, "{}");
	actor_forget(buyer);
	actor_forget(seller);
	buf_fini(&payload);
	shop->stage.wall_ms += EXECUTION_MS;
}

static void
open_shop(struct shop *shop)
{
	struct stage *stage = &shop->stage;

	stage_open_on(stage, &nothing, NULL);
	stage->unchecked = true;
	stage->broker->keep.every = KEEP_EVERY;
	stage->broker->state.limits = state_limits_default;
	stage->settings.ids_max = 100000000;
	for (size_t i = 0; i < SELLERS; i++) {
		shop->sellers[i] = actor_new(stage, "seller");
		actor_open(shop->sellers[i]);
		actor_sells(shop->sellers[i], "bench.paid", "0.001");
	}
	for (size_t i = 0; i < BUYERS; i++) {
		shop->buyers[i] = actor_new(stage, "buyer");
		actor_open(shop->buyers[i]);
		fund(shop, shop->buyers[i]);
		agree(shop, i);
	}
}

static int
by_value(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

static double
round_us(struct shop *shop, bool is_audited)
{
	audited = is_audited;
	spent_ns = 0;
	for (size_t nth = 0; nth < PER_ROUND; nth++)
		pay(shop, nth);
	return (double)spent_ns / PER_ROUND / 1e3;
}

int
main(int argc, char **argv)
{
	static struct shop shop;
	size_t n_rounds =
	    argc > 1 ? (size_t)strtoul(argv[1], NULL, 10) : ROUNDS;
	double *took_us = mem_new(n_rounds * sizeof *took_us);
	double *added_us = mem_new(n_rounds * sizeof *added_us);

	open_shop(&shop);
	(void)round_us(&shop, true); /* the first one warms up */
	for (size_t i = 0; i < n_rounds; i++) {
		/* Whichever comes first, in turn. */
		double first_us = round_us(&shop, i % 2 == 0);
		double second_us = round_us(&shop, i % 2 != 0);
		took_us[i] = i % 2 == 0 ? first_us : second_us;
		added_us[i] =
		    i % 2 == 0 ? first_us - second_us : second_us - first_us;
	}
	qsort(took_us, n_rounds, sizeof *took_us, by_value);
	qsort(added_us, n_rounds, sizeof *added_us, by_value);
	(void)printf("bench step_us %.1f us\n", took_us[n_rounds / 2]);
	(void)printf("bench step_least_us %.1f us\n", took_us[0]);
	(void)printf("bench audit_added_us %.2f us\n", added_us[n_rounds / 2]);
	(void)printf("bench order_bytes %zu B\n",
	    record_bytes[0] / (n_records[0] ? n_records[0] : 1));
	(void)printf("bench settle_bytes %zu B\n",
	    record_bytes[1] / (n_records[1] ? n_records[1] : 1));
	stage_close(&shop.stage);
	for (size_t i = 0; i < BUYERS; i++)
		buf_fini(&shop.requests[i]);
	buf_fini(&shop.body);
	free(took_us);
	free(added_us);
	return 0;
}
