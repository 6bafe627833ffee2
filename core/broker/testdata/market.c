/* SPDX-License-Identifier: Apache-2.0 */
/* market.c - a buyer with a mandate, and two sellers of the same. */
#include "broker/testdata/market.h"

#include "base/id.h"
#include "base/str.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct stage stage;
struct actor *cheap, *dear;
char buyer_key[64];
struct aicx_id buyer;
struct buf body;

void
field(const char *name, char *ret, size_t size)
{
	char pattern[64];
	(void)snprintf(pattern, sizeof pattern, "\"%s\":\"", name);
	const char *at = strstr(buf_cstr(&body), pattern);

	ck_assert_msg(at != NULL, "no %s in %s", name, buf_cstr(&body));
	at += strlen(pattern);
	(void)snprintf(ret, size, "%.*s", (int)strcspn(at, "\""), at);
}

int
as_operator(const char *method, const char *params)
{
	return stage_call(
	    &stage, stage.operator_key, method, params, NULL, &body);
}

int
as_buyer(const char *method, const char *params, const char *key)
{
	return stage_call(&stage, buyer_key, method, params, key, &body);
}

static void
grant(const char *limits)
{
	struct buf params = { 0 };

	buf_printf(
	    &params, "{\"mandate\":{\"need\":[\"text.count\"],%s}}", limits);
	ck_assert_int_eq(
	    as_buyer("negotiation.grant_mandate", buf_cstr(&params), NULL),
	    201);
	buf_fini(&params);
}

void
open_market(void)
{
	struct buf params = { 0 };
	char id[40];

	stage_open(&stage);
	ck_assert_int_eq(
	    as_operator("discovery.register", "{\"name\":\"buyer\"}"), 201);
	field("agent_id", id, sizeof id);
	ck_assert(id_parse(str_of(id), &buyer));
	buf_printf(&params, "{\"agent_id\":\"%s\"}", id);
	ck_assert_int_eq(
	    as_operator("security.generate_credentials", buf_cstr(&params)),
	    201);
	field("api_key", buyer_key, sizeof buyer_key);
	buf_clear(&params);
	buf_printf(&params,
	    "{\"agent_id\":\"%s\",\"amount\":{\"amount\":\"1\",\"currency\":"
	    "\"AIC\"}}",
	    id);
	ck_assert_int_eq(as_operator("economics.fund", buf_cstr(&params)), 201);
	buf_fini(&params);
	grant("\"max_each\":{\"amount\":\"0.01\",\"currency\":\"AIC\"},"
	      "\"max_total\":{\"amount\":\"0.05\",\"currency\":\"AIC\"},"
	      "\"max_deals\":5");
	cheap = actor_new(&stage, "cheap");
	dear = actor_new(&stage, "dear");
	actor_open(cheap);
	actor_open(dear);
	actor_sells(cheap, "text.count", "0.001");
	actor_sells(dear, "text.count", "0.003");
}

void
close_market(void)
{
	stage_close(&stage);
	buf_fini(&body);
}

const char wish[] = "{\"need\":\"text.count\",\"input\":\"one two\","
		    "\"max_price\":{\"amount\":\"0.01\",\"currency\":\"AIC\"}}";

int
buy(const char *key)
{
	return as_buyer("deal.buy", wish, key);
}

const struct account *
account(const struct aicx_id *id)
{
	return ledger_account(stage.broker->state.ledger, id, "AIC");
}

struct envelope
expect(struct actor *actor, enum msg_type type)
{
	struct envelope env;

	while (actor_next(actor, &env))
		if (env.type == type)
			return env;
	ck_abort_msg("no %s came", msg_type_name(type));
	abort();
}

void
expect_nothing(struct actor *actor, enum msg_type type)
{
	struct envelope env;

	while (actor_next(actor, &env))
		ck_assert_msg(env.type != type, "an unexpected %s came",
		    msg_type_name(type));
}

void
deliver(struct actor *actor, const struct envelope *execute, const char *output)
{
	struct buf payload = { 0 };
	const char *at = strstr(execute->payload.ptr, "\"execution_id\":\"");

	buf_printf(&payload, "{\"execution_id\":\"%.36s\",\"output\":%s}",
	    at + strlen("\"execution_id\":\""), output);
	(void)actor_send(actor, MSG_RESULT, &execute->id, buf_cstr(&payload));
	buf_fini(&payload);
}

struct envelope
order(const char *key)
{
	struct envelope invited;

	ck_assert_int_eq(buy(key), 0);
	invited = expect(dear, MSG_QUERY);
	actor_offers(dear, &invited, "0.003", NULL);
	invited = expect(cheap, MSG_QUERY);
	actor_offers(cheap, &invited, "0.001", NULL);
	return expect(cheap, MSG_EXECUTE);
}
