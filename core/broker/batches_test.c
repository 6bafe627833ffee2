/* SPDX-License-Identifier: Apache-2.0 */
/* batches_test.c - payments that wait, and what is netted. */
#include "broker/testdata/parties.h"

#include <string.h>

START_TEST(what_is_pending_is_netted_and_can_be_spent_only_then)
{
	(void)charge(&ann, &bob, "0.5");
	ck_assert_str_eq(member("status"), "pending");
	(void)charge(&bob, &ann, "0.3");
	(void)charge(&bob, &cat, "0.4");
	ck_account(&ann, 500000, 0, 500000);
	ck_account(&bob, 300000, 0, 700000);
	ck_account(&cat, 1000000, 0, 0);
	REFUSED(402,
	    ASK(cat, "economics.charge",
		"{'agent_id':'%s','to_agent_id':'%s','amount':" AIC("1.1") "}",
		cat.id, ann.id),
	    "insufficient_funds");
	ck_assert_int_eq(OPERATOR("economics.batch_settle", "{}"), 201);
	ck_assert_str_eq(member("amount"), "1.200000");
	SAYS("\"earned\":\"0.300000\",\"spent\":\"0.500000\","
	     "\"fee\":\"0.030000\",\"net\":\"-0.200000\"");
	SAYS("\"net\":\"0.400000\"");
	SAYS("\"left\":0");
	ck_account(&ann, 1000000 - 200000 - 30000, 0, 0);
	ck_account(&bob, 1000000 - 200000 - 50000, 0, 0);
	ck_account(&cat, 1000000 + 400000 - 40000, 0, 0);
	ck_assert_int_eq(sum().fees_minor, 120000);
	ck_assert_int_eq(sum().pending_minor, 0);
	ck_assert_int_eq(account(&ann)->earned_minor, 300000);
	ck_assert_int_eq(account(&ann)->spent_minor, 500000);
	REFUSED(409, OPERATOR("economics.batch_settle", "{}"), "wrong_state");
}
END_TEST

START_TEST(a_batch_is_settled_by_time)
{
	const char *id = charge(&ann, &bob, "0.5");
	int64_t hour_ms = 3600000;

	stage_pass(&stage, hour_ms - stage.wall_ms % hour_ms - 1);
	ck_account(&bob, 1000000, 0, 0);
	stage_pass(&stage, 1);
	ck_account(&bob, 1450000, 0, 0);
	ck_assert_int_eq(ASK(bob, "economics.get_transaction",
			     "{'transaction_id':'%s'}", id),
	    200);
	ck_assert_str_eq(member("status"), "settled");
	(void)member("batch_id");
	/* Nothing is pending: the hours pass without records. */
	uint64_t before = broker_seq(stage.broker);
	stage_pass(&stage, 5 * hour_ms);
	ck_assert_uint_eq(broker_seq(stage.broker), before);
	(void)charge(&ann, &bob, "0.1");
	stage_crash(&stage);
	stage_pass(&stage, hour_ms);
	ck_account(&ann, 400000, 0, 0);
}
END_TEST

START_TEST(more_than_a_batch_holds_is_settled_in_several)
{
	for (int i = 0; i < BATCH_TRANSACTIONS_MAX + 3; i++)
		(void)charge(&ann, &bob, "0.001");
	ck_assert_int_eq(OPERATOR("economics.batch_settle", "{}"), 201);
	SAYS("\"left\":3");
	stage_pass(&stage, 3600000);
	ck_assert_int_eq(sum().pending_minor, 0);
	ck_assert_int_eq(
	    account(&bob)->earned_minor, (BATCH_TRANSACTIONS_MAX + 3) * 1000);
}
END_TEST

START_TEST(a_pending_payment_is_refunded_before_it_is_settled)
{
	const char *id = charge(&ann, &bob, "0.5");
	const char *gone = charge(&ann, &bob, "0.1");

	ck_assert_int_eq(refund(&bob, id, "0.2"), 201);
	ck_assert_str_eq(member("status"), "pending");
	ck_account(&ann, 600000, 0, 400000);
	ck_assert_int_eq(refund(&bob, gone, NULL), 201);
	ck_account(&ann, 700000, 0, 300000);
	REFUSED_AT(409,
	    OPERATOR("economics.batch_settle", "{'transactions':['%s']}", gone),
	    "wrong_state", "/transactions/0");
	ck_assert_int_eq(OPERATOR("economics.batch_settle", "{}"), 201);
	ck_account(&ann, 700000, 0, 0);
	ck_account(&bob, 1270000, 0, 0);
	ck_assert_int_eq(sum().fees_minor, 30000);
	/* And what is settled, afterwards. */
	ck_assert_int_eq(refund(&bob, id, NULL), 201);
	ck_account(&ann, 1000000, 0, 0);
	ck_account(&bob, 1000000, 0, 0);
	ck_assert_int_eq(sum().fees_minor, 0);
}
END_TEST

START_TEST(a_batch_of_named_ones_takes_no_others)
{
	const char *one = charge(&ann, &bob, "0.5");
	const char *two = charge(&bob, &cat, "0.5");
	static const char method[] = "economics.batch_settle";

	REFUSED_AT(400,
	    OPERATOR(method, "{'transactions':['%s','%s']}", one, one),
	    "invalid_params", "/transactions/1");
	REFUSED_AT(404,
	    OPERATOR(method, "{'transactions':['%s','%s']}", one, bob.id),
	    "not_found", "/transactions/1");
	REFUSED_AT(400, OPERATOR(method, "{'transactions':['x']}"),
	    "invalid_params", "/transactions/0");
	REFUSED_AT(400, OPERATOR(method, "{'currency':'NONE'}"),
	    "unknown_currency", "/currency");
	REFUSED(403, ASK(ann, method, "{}"), "denied");
	ck_assert_int_eq(OPERATOR(method, "{'transactions':['%s']}", one), 201);
	ck_account(&ann, 500000, 0, 0);
	ck_account(&bob, 500000 + 450000, 0, 500000);
	REFUSED_AT(409,
	    OPERATOR(method, "{'transactions':['%s','%s']}", two, one),
	    "wrong_state", "/transactions/1");
}
END_TEST

START_TEST(a_batch_has_a_receipt_for_its_parties)
{
	(void)charge(&ann, &bob, "0.5");
	ck_assert_int_eq(OPERATOR("economics.batch_settle", "{}"), 201);
	const char *id = member("batch_id");
	int status =
	    ASK(bob, "economics.get_receipt", "{'transaction_id':'%s'}", id);
	if (status == 0) { /* it waits for the next checkpoint */
		stage_pass(&stage, 2000);
		status = ASK(bob, "economics.get_receipt",
		    "{'transaction_id':'%s'}", id);
	}
	ck_assert_int_eq(status, 200);
	SAYS("settlement.batch");
	REFUSED(404,
	    ASK(cat, "economics.get_receipt", "{'transaction_id':'%s'}", id),
	    "not_found");
}
END_TEST

START_TEST(a_list_is_filtered_and_goes_on_at_its_cursor)
{
	static const char method[] = "economics.list_transactions";
	const char *first = charge(&ann, &bob, "0.1");
	int n = 0;

	for (int i = 0; i < 5; i++)
		(void)charge(&ann, &cat, "0.01");
	const char *last = charge(&ann, &bob, "0.1");
	ck_assert_int_eq(OPERATOR("economics.settle_transaction",
			     "{'transaction_id':'%s'}", first),
	    201);
	ck_assert_int_eq(
	    ASK(ann, method, "{'status':'settled','kind':'charge'}"), 200);
	ck_assert_str_eq(member("transaction_id"), first);
	ck_assert_int_eq(ASK(bob, method, "{'status':'pending'}"), 200);
	ck_assert_str_eq(member("transaction_id"), last);
	ck_assert_ptr_null(strstr(buf_cstr(&body), first));
	ck_assert_int_eq(ASK(ann, method, "{'kind':'fund'}"), 200);
	ck_assert_str_eq(member("kind"), "fund");
	ck_assert_int_eq(ASK(ann, method, "{'currency':'USD'}"), 200);
	SAYS("\"transactions\":[]");
	ck_assert_int_eq(
	    ASK(ann, method, "{'to':'2001-01-01T00:00:00Z'}"), 200);
	SAYS("\"transactions\":[]");
	ck_assert_int_eq(ASK(ann, method, "{'limit':2}"), 200);
	ck_assert_str_eq(member("transaction_id"), last);
	while (strstr(buf_cstr(&body), "\"cursor\"") != NULL) {
		const char *cursor = member("cursor");
		ck_assert_int_eq(
		    ASK(ann, method, "{'limit':2,'cursor':'%s'}", cursor), 200);
		n++;
	}
	ck_assert_int_eq(n, 4);
	REFUSED_AT(400, ASK(ann, method, "{'status':'gone'}"), "invalid_params",
	    "/status");
	REFUSED_AT(
	    400, ASK(ann, method, "{'limit':501}"), "invalid_params", "/limit");
	REFUSED(403, ASK(ann, method, "{'agent_id':'%s'}", bob.id), "denied");
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("batches");
	TCase *batch = parties_case(suite, "batch", open_batched);

	tcase_add_test(
	    batch, what_is_pending_is_netted_and_can_be_spent_only_then);
	tcase_add_test(batch, a_batch_is_settled_by_time);
	tcase_add_test(batch, more_than_a_batch_holds_is_settled_in_several);
	tcase_add_test(
	    batch, a_pending_payment_is_refunded_before_it_is_settled);
	tcase_add_test(batch, a_batch_of_named_ones_takes_no_others);
	tcase_add_test(batch, a_batch_has_a_receipt_for_its_parties);
	tcase_add_test(batch, a_list_is_filtered_and_goes_on_at_its_cursor);
	return parties_run(suite);
}
