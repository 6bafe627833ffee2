/* SPDX-License-Identifier: Apache-2.0 */
/*
 * prices_test.c - contracts of many executions: subscriptions, penalties,
 * policies that are no longer configured, currencies of no and nine decimals.
 */
#include "base/b64.h"
#include "base/clock.h"
#include "base/id.h"
#include "base/str.h"
#include "broker/policies.h"
#include "broker/testdata/stage.h"

#include <aiconexus/plugin.h>
#include <check.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define DAY_MS INT64_C(86400000)
#define AIC(amount) "{\"amount\":\"" amount "\",\"currency\":\"AIC\"}"

static struct stage stage;
static struct buf body;
static char buyer_key[64], seller_key[64], buyer_id[40], seller_id[40];
static struct aicx_id buyer, seller, contract_id;

static void
field(const char *name, char *ret, size_t size)
{
	char pattern[64];
	(void)snprintf(pattern, sizeof pattern, "\"%s\":\"", name);
	const char *at = strstr(buf_cstr(&body), pattern);

	ck_assert_msg(at != NULL, "no %s in %s", name, buf_cstr(&body));
	at += strlen(pattern);
	(void)snprintf(ret, size, "%.*s", (int)strcspn(at, "\""), at);
}

__attribute__((format(printf, 4, 5))) static int
call(const char *key, const char *method, const char *repeat, const char *fmt,
    ...)
{
	char params[2048];
	va_list args;

	va_start(args, fmt);
	(void)vsnprintf(params, sizeof params, fmt, args);
	va_end(args);
	return stage_call(&stage, key, method, params, repeat, &body);
}

static struct aicx_id
agent_new(const char *more, char ret_id[40], char ret_key[64])
{
	struct aicx_id id;

	ck_assert_int_eq(call(stage.operator_key, "discovery.register", NULL,
			     "{\"name\":\"agent\"%s}", more),
	    201);
	field("agent_id", ret_id, 40);
	ck_assert_int_eq(
	    call(stage.operator_key, "security.generate_credentials", NULL,
		"{\"agent_id\":\"%s\"}", ret_id),
	    201);
	field("api_key", ret_key, 64);
	ck_assert(id_parse(str_of(ret_id), &id));
	return id;
}

static void
fund(const char *amount, const char *currency)
{
	ck_assert_int_eq(
	    call(stage.operator_key, "economics.fund", NULL,
		"{\"agent_id\":\"%s\",\"amount\":{\"amount\":\"%s\","
		"\"currency\":\"%s\"}}",
		buyer_id, amount, currency),
	    201);
}

static void
flat_prices(void)
{
	broker_bind_pricing(stage.broker, aicx_plugin.ops.pricing, NULL);
}

static void
setup(void)
{
	stage_open(&stage);
	flat_prices();
	buyer = agent_new("", buyer_id, buyer_key);
	seller = agent_new(",\"capabilities\":[{\"name\":\"text.count\","
			   "\"pricing\":{\"model\":\"per_call\","
			   "\"base_cost\":" AIC("0.001") "}}]",
	    seller_id, seller_key);
	fund("1", "AIC");
}

static void
teardown(void)
{
	stage_close(&stage);
	buf_fini(&body);
}

static int
propose(const char *terms)
{
	return call(buyer_key, "negotiation.create_contract", NULL,
	    "{\"provider_id\":\"%s\",\"capability\":\"text.count\","
	    "\"terms\":%s,\"max_executions\":100,\"expires\":\"%s\"}",
	    seller_id, terms, time_text(stage.wall_ms + 400 * DAY_MS).text);
}

static void
agree(const char *terms)
{
	char id[40];

	ck_assert_msg(propose(terms) == 201, "%s", buf_cstr(&body));
	field("contract_id", id, sizeof id);
	ck_assert(id_parse(str_of(id), &contract_id));
	ck_assert_int_eq(call(buyer_key, "negotiation.sign_contract", NULL,
			     "{\"contract_id\":\"%s\"}", id),
	    201);
	ck_assert_int_eq(call(seller_key, "negotiation.sign_contract", NULL,
			     "{\"contract_id\":\"%s\"}", id),
	    201);
}

static int64_t
earned(const char *currency)
{
	return ledger_account(stage.broker->state.ledger, &seller, currency)
	    ->available_minor;
}

/* One execution that takes so long; what the seller got for it. */
static int64_t
work_for(const char *currency, int64_t took_ms)
{
	static unsigned n;
	char repeat[16];
	int64_t before = earned(currency);

	(void)snprintf(repeat, sizeof repeat, "work-%u", n++);
	ck_assert_int_eq(call(buyer_key, "execution.execute", repeat,
			     "{\"contract_id\":\"%s\",\"input\":1}",
			     id_text(&contract_id).text),
	    0);
	const struct contract *contract =
	    state_contract(&stage.broker->state, &contract_id);
	const struct deal *deal =
	    state_deal(&stage.broker->state, &contract->deal_id);
	struct aicx_id execution_id = deal->execution_id;
	stage_pass(&stage, took_ms);
	(void)call(seller_key, "execution.result", NULL,
	    "{\"execution_id\":\"%s\",\"output\":2}",
	    id_text(&execution_id).text);
	ck_assert_uint_eq(broker_open_holds(stage.broker), 0);
	return earned(currency) - before;
}

static int64_t
work(void)
{
	return work_for("AIC", 0);
}

static void
crash(void)
{
	stage_crash(&stage);
	flat_prices();
}

/* --- subscriptions -------------------------------------------------------- */

/* 0.009 a day with two calls; others cost 0.001. */
static const char daily[] =
    "{\"pricing\":{\"model\":\"subscription\",\"subscription_cost\":" AIC(
	"0.009") ",\"subscription_period\":\"daily\",\"included_units\":2,"
		 "\"unit_cost\":" AIC("0.001") "},\"max_units\":10}";

START_TEST(a_day_is_paid_with_its_first_use_and_then_what_is_beyond)
{
	agree(daily);
	ck_assert_int_eq(work(), 9000);
	ck_assert_int_eq(work(), 0);
	ck_assert_int_eq(work(), 1000);
	stage_pass(&stage, DAY_MS);
	ck_assert_int_eq(work(), 9000);
	ck_assert_int_eq(work(), 0);
	ck_assert_int_eq(work(), 1000);
	stage_pass(&stage, 3 * DAY_MS);
	ck_assert_int_eq(work(), 9000);
}
END_TEST

START_TEST(what_was_used_is_known_after_a_crash)
{
	agree(daily);
	ck_assert_int_eq(work(), 9000);
	crash();
	ck_assert_int_eq(work(), 0);
	crash();
	ck_assert_int_eq(work(), 1000);
	crash();
	ck_assert_int_eq(work(), 1000);
}
END_TEST

START_TEST(two_contracts_are_two_subscriptions)
{
	agree(daily);
	ck_assert_int_eq(work(), 9000);
	agree(daily);
	ck_assert_int_eq(work(), 9000);
	ck_assert_int_eq(work(), 0);
}
END_TEST

START_TEST(work_that_fails_pays_for_no_period)
{
	agree(daily);
	ck_assert_int_eq(work_for("AIC", 40000), 0); /* too late */
	ck_assert_int_eq(work(), 9000);
}
END_TEST

START_TEST(the_record_says_period_and_what_was_used_before)
{
	const struct state *state = &stage.broker->state;

	agree(daily);
	(void)work();
	const struct subscription *row =
	    state_subscription(state, &contract_id);
	ck_assert_ptr_nonnull(row);
	ck_assert_int_eq(row->period_ms % DAY_MS, 0);
	ck_assert_int_eq(row->used, 1);
	(void)work();
	const struct deal *deal =
	    state_deal(state, &state_contract(state, &contract_id)->deal_id);
	const struct execution_status *status =
	    state_execution_status(state, &deal->execution_id);
	ck_assert_int_eq(status->used_before, 1);
	ck_assert_int_eq(status->quality, -1);
	ck_assert_int_eq(status->period_ms,
	    state_subscription(state, &contract_id)->period_ms);
}
END_TEST

START_TEST(periods_that_are_none_are_refused)
{
	ck_assert_int_eq(
	    propose("{\"pricing\":{\"model\":\"subscription\","
		    "\"subscription_cost\":" AIC(
			"1") ","
			     "\"subscription_period\":\"weekly\"}}"),
	    400);
	ck_assert_ptr_nonnull(strstr(buf_cstr(&body), "invalid_params"));
}
END_TEST

START_TEST(a_subscription_is_found_by_the_cost_of_its_period)
{
	char id[40], key[64];

	(void)agent_new(",\"capabilities\":[{\"name\":\"text.monthly\","
			"\"pricing\":{\"model\":\"subscription\","
			"\"subscription_cost\":" AIC(
			    "0.009") ","
				     "\"subscription_period\":\"monthly\"}}]",
	    id, key);
	ck_assert_int_eq(call(buyer_key, "discovery.search", NULL,
			     "{\"q\":\"monthly\",\"max_price\":\"0.009 AIC\"}"),
	    200);
	ck_assert_msg(
	    strstr(buf_cstr(&body), id) != NULL, "%s", buf_cstr(&body));
	ck_assert_int_eq(call(buyer_key, "discovery.search", NULL,
			     "{\"q\":\"monthly\",\"max_price\":\"0.008 AIC\"}"),
	    200);
	ck_assert_ptr_null(strstr(buf_cstr(&body), id));
}
END_TEST

/* --- service level -------------------------------------------------------- */

START_TEST(late_work_is_paid_less)
{
	agree("{\"pricing\":{\"model\":\"per_call\",\"base_cost\":" AIC(
	    "0.001") "},\"sla\":{\"max_latency_ms\":1000,"
		     "\"penalty_per_ms\":" AIC(
			 "0.000001") ","
				     "\"penalty_cap\":" AIC(
					 "0.0004") ","
						   "\"bonus_cap\":" AIC(
						       "0.0002") "}}");
	ck_assert_int_eq(work_for("AIC", 1000), 1000);
	ck_assert_int_eq(work_for("AIC", 1001), 999);
	ck_assert_int_eq(work_for("AIC", 1250), 750);
	ck_assert_int_eq(work_for("AIC", 5000), 600);
}
END_TEST

START_TEST(currencies_have_none_to_nine_decimals)
{
	fund("1000", "JPY");
	fund("1", "NANO");
	agree("{\"pricing\":{\"model\":\"per_call\",\"base_cost\":"
	      "{\"amount\":\"3\",\"currency\":\"JPY\"}}}");
	ck_assert_int_eq(work_for("JPY", 0), 3);
	ck_assert_ptr_nonnull(strstr(buf_cstr(&body), "COMPLETED"));
	agree("{\"pricing\":{\"model\":\"per_call\",\"base_cost\":"
	      "{\"amount\":\"0.000000003\",\"currency\":\"NANO\"}}}");
	ck_assert_int_eq(work_for("NANO", 0), 3);
	ck_assert_int_eq(propose("{\"pricing\":{\"model\":\"per_call\","
				 "\"base_cost\":{\"amount\":\"3.5\","
				 "\"currency\":\"JPY\"}}}"),
	    400);
	ck_assert_ptr_nonnull(strstr(buf_cstr(&body), "invalid_amount"));
	ck_assert_int_eq(propose("{\"pricing\":{\"model\":\"per_call\","
				 "\"base_cost\":{\"amount\":\"-3\","
				 "\"currency\":\"JPY\"}}}"),
	    400);
	ck_assert_int_eq(propose("{\"pricing\":{\"model\":\"per_unit\","
				 "\"base_cost\":{\"amount\":\"3\","
				 "\"currency\":\"JPY\"},"
				 "\"unit_cost\":" AIC("1") "}}"),
	    400);
	ck_assert_int_eq(propose("{\"pricing\":{\"model\":\"per_mile\","
				 "\"base_cost\":" AIC("1") "}}"),
	    400);
}
END_TEST

START_TEST(a_price_beyond_64_bits_is_refused)
{
	ck_assert_int_eq(
	    propose("{\"pricing\":{\"model\":\"per_unit\",\"base_cost\":" AIC(
		"1") ",\"unit_cost\":" AIC("9000000000000") "}}"),
	    400);
	ck_assert_msg(
	    strstr(buf_cstr(&body), "\"code\":\"invalid_amount\"") != NULL,
	    "%s", buf_cstr(&body));
}
END_TEST

/* --- policies ------------------------------------------------------------- */

/* Its source is the price in minor units. */
struct fake_policy {
	char source[16];
	uint8_t hash[HASH_BYTES];
};

static int
fake_has(void *state, uint32_t hook)
{
	(void)state;
	return hook == AICX_HOOK_PRICE;
}

static const uint8_t *
fake_sha256(void *state)
{
	return ((struct fake_policy *)state)->hash;
}

static struct aicx_str
fake_source(void *state)
{
	return str_of(((struct fake_policy *)state)->source);
}

static aicx_err
fake_run(void *state, uint32_t hook, struct aicx_str args,
    struct aicx_decision *ret_decision, struct aicx_error *reterr)
{
	static char text[48];
	int n = snprintf(text, sizeof text, "{\"minor\":%s}",
	    ((struct fake_policy *)state)->source);

	(void)hook, (void)args, (void)reterr;
	ret_decision->verdict = AICX_VALUE;
	ret_decision->result = (struct aicx_str) { text, (size_t)n };
	return AICX_OK;
}

static struct fake_policy *
fake_new(const char *source)
{
	struct fake_policy *policy = calloc(1, sizeof *policy);

	ck_assert_ptr_nonnull(policy);
	(void)snprintf(policy->source, sizeof policy->source, "%s", source);
	sha256(policy->source, strlen(policy->source), policy->hash);
	return policy;
}

static aicx_err
fake_load(void *state, struct aicx_str name, struct aicx_str source,
    void **ret_state, struct aicx_error *reterr)
{
	char text[16];

	(void)state, (void)name, (void)reterr;
	ck_assert(str_copy(source, text, sizeof text));
	*ret_state = fake_new(text);
	return AICX_OK;
}

static const struct aicx_hook_ops loading = {
	.size = sizeof loading,
	.has = fake_has,
	.sha256 = fake_sha256,
	.source = fake_source,
	.run = fake_run,
	.load = fake_load,
	.unload = free,
};

static const struct aicx_hook_ops not_loading = {
	.size = sizeof not_loading,
	.has = fake_has,
	.sha256 = fake_sha256,
	.source = fake_source,
	.run = fake_run,
};

static struct fake_policy *cheap, *dear;

static const char *
dynamic(const struct fake_policy *policy)
{
	static char text[256];
	char hash[B64_LEN(HASH_BYTES)];

	b64_print(policy->hash, HASH_BYTES, hash);
	(void)snprintf(text, sizeof text,
	    "{\"pricing\":{\"model\":\"dynamic\",\"base_cost\":" AIC(
		"0.01") ",\"policy_sha256\":\"%.*s\"}}",
	    (int)sizeof hash, hash);
	return text;
}

/* As after a reload: only this one is configured. */
static void
configure(const struct aicx_hook_ops *ops, struct fake_policy *policy)
{
	for (size_t i = 0; i < stage.broker->n_hooks; i++)
		stage.broker->hooks[i].current = false;
	broker_bind_hook(stage.broker, ops, policy);
}

static void
policies(void)
{
	cheap = fake_new("700");
	dear = fake_new("900");
	configure(&loading, cheap);
}

static void
policies_end(void)
{
	free(cheap);
	free(dear);
}

START_TEST(a_reload_is_for_new_contracts_only)
{
	policies();
	agree(dynamic(cheap));
	ck_assert_int_eq(work(), 700);
	struct aicx_id old = contract_id;
	configure(&loading, dear);
	ck_assert_int_eq(propose(dynamic(cheap)), 400);
	ck_assert_ptr_nonnull(
	    strstr(buf_cstr(&body), "nothing here computes pricing model"));
	agree(dynamic(dear));
	ck_assert_int_eq(work(), 900);
	contract_id = old;
	ck_assert_int_eq(work(), 700);
	policies_end();
}
END_TEST

START_TEST(a_contract_is_billed_by_its_own_policy_after_a_restart)
{
	policies();
	agree(dynamic(cheap));
	crash();
	configure(&loading, dear);
	ck_assert_int_eq(work(), 700);
	ck_assert_int_eq(work(), 700);
	ck_assert_uint_eq(stage.broker->n_hooks, 2);
	policies_end();
}
END_TEST

START_TEST(without_its_policy_work_is_not_paid_and_the_hold_is_void)
{
	policies();
	agree(dynamic(cheap));
	crash();
	ck_assert_int_eq(work(), 0);
	configure(&not_loading, dear);
	ck_assert_int_eq(work(), 0);
	ck_assert_int_eq(
	    ledger_account(stage.broker->state.ledger, &buyer, "AIC")
		->available_minor,
	    1000000);
	policies_end();
}
END_TEST

START_TEST(the_source_is_kept_once_and_goes_into_the_deal_file)
{
	policies();
	agree(dynamic(cheap));
	uint64_t seq = broker_seq(stage.broker);
	agree(dynamic(cheap));
	struct aicx_id id = id_v8(cheap->hash);
	ck_assert_uint_lt(
	    state_row_seq(&stage.broker->state, T_POLICY, &id), seq);
	(void)work();
	const struct contract *contract =
	    state_contract(&stage.broker->state, &contract_id);
	ck_assert_int_eq(
	    call(buyer_key, "deal.export", NULL, "{\"deal_id\":\"%s\"}",
		id_text(&contract->deal_id).text),
	    200);
	ck_assert_ptr_nonnull(strstr(buf_cstr(&body), "\"source\":\"700\""));
	ck_assert_ptr_nonnull(strstr(buf_cstr(&body), "\\\"decision\\\":{"));
	policies_end();
}
END_TEST

START_TEST(more_policies_than_there_is_room_for_make_room)
{
	struct fake_policy *many[HOOKS_MAX + 8];

	policies();
	agree(dynamic(cheap));
	for (int i = 0; i < HOOKS_MAX + 8; i++) {
		char source[16];
		(void)snprintf(source, sizeof source, "%d", i + 1);
		many[i] = fake_new(source);
		configure(&loading, many[i]);
	}
	ck_assert_uint_eq(stage.broker->n_hooks, HOOKS_MAX);
	ck_assert_int_eq(work(), 700);
	ck_assert_uint_eq(stage.broker->n_hooks, HOOKS_MAX);
	for (int i = 0; i < HOOKS_MAX + 8; i++)
		free(many[i]);
	policies_end();
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("prices");
	TCase *tcase = tcase_create("prices");

	tcase_add_checked_fixture(tcase, setup, teardown);
	tcase_add_test(
	    tcase, a_day_is_paid_with_its_first_use_and_then_what_is_beyond);
	tcase_add_test(tcase, what_was_used_is_known_after_a_crash);
	tcase_add_test(tcase, two_contracts_are_two_subscriptions);
	tcase_add_test(tcase, work_that_fails_pays_for_no_period);
	tcase_add_test(tcase, the_record_says_period_and_what_was_used_before);
	tcase_add_test(tcase, periods_that_are_none_are_refused);
	tcase_add_test(
	    tcase, a_subscription_is_found_by_the_cost_of_its_period);
	tcase_add_test(tcase, late_work_is_paid_less);
	tcase_add_test(tcase, currencies_have_none_to_nine_decimals);
	tcase_add_test(tcase, a_price_beyond_64_bits_is_refused);
	tcase_add_test(tcase, a_reload_is_for_new_contracts_only);
	tcase_add_test(
	    tcase, a_contract_is_billed_by_its_own_policy_after_a_restart);
	tcase_add_test(
	    tcase, without_its_policy_work_is_not_paid_and_the_hold_is_void);
	tcase_add_test(
	    tcase, the_source_is_kept_once_and_goes_into_the_deal_file);
	tcase_add_test(tcase, more_policies_than_there_is_room_for_make_room);
	suite_add_tcase(suite, tcase);
	SRunner *runner = srunner_create(suite);
	srunner_run_all(runner, CK_ENV);
	int failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
