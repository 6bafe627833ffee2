/* SPDX-License-Identifier: Apache-2.0 */
/* parties.c - three parties and a worker on a stage. */
#include "broker/testdata/parties.h"

#include "base/id.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct stage stage;
struct party ann, bob, cat;
struct actor *worker;
struct buf body;

int
ask_as(const char *credential, const char *request_key, const char *method,
    const char *fmt, ...)
{
	char params[1024];
	va_list args;

	va_start(args, fmt);
	(void)vsnprintf(params, sizeof params, fmt, args);
	va_end(args);
	/* JSON is easier to read here with single quotes. */
	for (char *at = params; *at != '\0'; at++)
		if (*at == '\'')
			*at = '"';
	return stage_call(
	    &stage, credential, method, params, request_key, &body);
}

const char *
member(const char *name)
{
	static char values[64][128];
	static size_t next;
	char pattern[64];
	char *value = values[next++ % 64];

	(void)snprintf(pattern, sizeof pattern, "\"%s\":", name);
	const char *at = strstr(buf_cstr(&body), pattern);
	ck_assert_msg(at != NULL, "no %s in %s", name, buf_cstr(&body));
	at = strchr(at, ':') + 1;
	if (strncmp(at, "{\"amount\":", 10) == 0)
		at += 10;
	at++;
	(void)snprintf(
	    value, sizeof values[0], "%.*s", (int)strcspn(at, "\""), at);
	return value;
}

/* --- beginning and end ----------------------------------------------- */

static struct party
party_new(const char *name)
{
	struct party party;

	ck_assert_int_eq(
	    OPERATOR("discovery.register", "{'name':'%s'}", name), 201);
	(void)snprintf(party.id, sizeof party.id, "%s", member("agent_id"));
	ck_assert_int_eq(OPERATOR("security.generate_credentials",
			     "{'agent_id':'%s'}", party.id),
	    201);
	(void)snprintf(party.key, sizeof party.key, "%s", member("api_key"));
	ck_assert_int_eq(
	    OPERATOR("economics.fund",
		"{'agent_id':'%s','amount':" AIC("1") "}", party.id),
	    201);
	return party;
}

void
open_parties(void)
{
	stage_open(&stage);
	ann = party_new("ann");
	bob = party_new("bob");
	cat = party_new("cat");
}

void
close_parties(void)
{
	stage_close(&stage);
	buf_fini(&body);
}

void
open_batched(void)
{
	open_parties();
	stage.settings.settlement = "batch";
	stage.settings.fee_ppm = 100000;
}

void
open_worker(void)
{
	open_parties();
	worker = actor_new(&stage, "worker");
	actor_open(worker);
	actor_sells(worker, "text.count", "0.1");
}

void
open_worker_batched(void)
{
	open_worker();
	stage.settings.settlement = "batch";
	stage.settings.fee_ppm = 100000;
}

/* --- what they have -------------------------------------------------- */

const struct account *
account(const struct party *party)
{
	struct aicx_id id;

	ck_assert(id_parse(str_of(party->id), &id));
	return ledger_account(stage.broker->state.ledger, &id, "AIC");
}

void
ck_account(const struct party *party, int64_t available, int64_t reserved,
    int64_t pending)
{
	ck_assert_int_eq(account(party)->available_minor, available);
	ck_assert_int_eq(account(party)->reserved_minor, reserved);
	ck_assert_int_eq(account(party)->pending_minor, pending);
}

struct ledger_sum
sum(void)
{
	return ledger_sum(stage.broker->state.ledger, "AIC");
}

void
ck_budget(const struct party *party, const char *id, const char *consumed,
    const char *held, const char *available)
{
	ck_assert_int_eq(
	    ASK(*party, "economics.get_budget",
		"{'agent_id':'%s','budget_id':'%s'}", party->id, id),
	    200);
	ck_assert_str_eq(member("consumed"), consumed);
	ck_assert_str_eq(member("held"), held);
	ck_assert_str_eq(member("available"), available);
}

int64_t
workers(void)
{
	return ledger_account(
	    stage.broker->state.ledger, actor_id(worker), "AIC")
	    ->available_minor;
}

/* --- what they do ---------------------------------------------------- */

const char *
reserve(const struct party *party, const char *amount)
{
	ck_assert_int_eq(ASK(*party, "economics.reserve_funds",
			     "{'agent_id':'%s','amount':{'amount':'%s',"
			     "'currency':'AIC'}}",
			     party->id, amount),
	    201);
	return member("reservation_id");
}

const char *
charge(const struct party *from, const struct party *to, const char *amount)
{
	ck_assert_int_eq(ASK(*from, "economics.charge",
			     "{'agent_id':'%s','to_agent_id':'%s','amount':{"
			     "'amount':'%s','currency':'AIC'}}",
			     from->id, to->id, amount),
	    201);
	return member("transaction_id");
}

const char *
budget(const struct party *party, const char *amount, const char *period,
    const char *parent)
{
	ck_assert_int_eq(
	    OPERATOR("economics.create_budget",
		"{'agent_id':'%s','amount':{'amount':'%s',"
		"'currency':'AIC'},'period':'%s'%s%s%s}",
		party->id, amount, period, parent ? ",'parent':'" : "",
		parent ? parent : "", parent ? "'" : ""),
	    201);
	return member("budget_id");
}

int
refund(const struct party *party, const char *id, const char *amount)
{
	if (amount == NULL)
		return ASK(
		    *party, "economics.refund", "{'transaction_id':'%s'}", id);
	return ASK(*party, "economics.refund",
	    "{'transaction_id':'%s','amount':{'amount':'%s','currency':"
	    "'AIC'}}",
	    id, amount);
}

int
dispute(const struct party *party, const char *contract)
{
	return ASK(*party, "economics.dispute",
	    "{'contract_id':'%s','reason':'it is wrong'}", contract);
}

void
offer_work(void)
{
	struct envelope env;

	do
		ck_assert(actor_next(worker, &env));
	while (env.type != MSG_QUERY);
	actor_offers(worker, &env, "0.1", NULL);
}

const char wish[] = "{'need':'text.count','input':'one',"
		    "'max_price':{'amount':'0.2','currency':'AIC'}}";

void
buy(bool deliver)
{
	struct envelope env;
	struct buf payload = { 0 };

	ck_assert_int_eq(
	    ASK(ann, "negotiation.grant_mandate",
		"{'mandate':{'need':['text.count'],'max_each':" AIC(
		    "1") ",'max_total':" AIC("1") ",'max_deals':"
						  "9}}"),
	    201);
	ck_assert_int_eq(ASK_ONCE(ann, "buy", "deal.buy", "%s", wish), 0);
	offer_work();
	do
		ck_assert(actor_next(worker, &env));
	while (env.type != MSG_EXECUTE);
	if (!deliver)
		return;
	const char *at = strstr(env.payload.ptr, "\"execution_id\":\"");
	buf_printf(&payload, "{\"execution_id\":\"%.36s\",\"output\":3}",
	    at + strlen("\"execution_id\":\""));
	(void)actor_send(worker, MSG_RESULT, &env.id, buf_cstr(&payload));
	buf_fini(&payload);
	ck_assert_int_eq(ASK_ONCE(ann, "buy", "deal.buy", "%s", wish), 200);
}

/* --- suites ---------------------------------------------------------- */

TCase *
parties_case(Suite *suite, const char *name, void (*open)(void))
{
	TCase *tcase = tcase_create(name);

	tcase_add_checked_fixture(tcase, open, close_parties);
	tcase_set_timeout(tcase, 120);
	suite_add_tcase(suite, tcase);
	return tcase;
}

int
parties_run(Suite *suite)
{
	SRunner *runner = srunner_create(suite);

	srunner_run_all(runner, CK_ENV);
	int failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
