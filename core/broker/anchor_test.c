/* SPDX-License-Identifier: Apache-2.0 */
/*
 * anchor_test.c - what ties the records down: receipts, checkpoints, proofs
 * between them, and broker time.
 */
#include "base/b64.h"
#include "base/clock.h"
#include "base/id.h"
#include "base/str.h"
#include "broker/testdata/stage.h"
#include "protocol/note.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>

static struct stage stage;
static struct buf body;
static struct arena mem;
static struct json doc;
static char agent[40];

static int
as_operator(const char *method, const char *params)
{
	int status =
	    stage_call(&stage, stage.operator_key, method, params, NULL, &body);

	arena_clear(&mem);
	ck_assert_int_eq(
	    json_parse(buf_view(&body), &mem, &doc, NULL), AICX_OK);
	return status;
}

static struct aicx_str
text_of(const char *name)
{
	return json_str(json_get(json_root(&doc), name), &mem);
}

static void
setup(void)
{
	stage_open(&stage);
	ck_assert_int_eq(
	    as_operator("discovery.register", "{\"name\":\"a\"}"), 201);
	(void)str_copy(text_of("agent_id"), agent, sizeof agent);
}

static void
teardown(void)
{
	stage_close(&stage);
	buf_fini(&body);
	arena_fini(&mem);
}

static struct aicx_str
fund(const char *amount)
{
	char params[256];

	(void)snprintf(params, sizeof params,
	    "{\"agent_id\":\"%s\",\"amount\":{\"amount\":\"%s\","
	    "\"currency\":\"AIC\"}}",
	    agent, amount);
	ck_assert_int_eq(as_operator("economics.fund", params), 201);
	return text_of("transaction_id");
}

static struct merkle_proof
proof_of_answer(void)
{
	struct merkle_proof proof = { 0 };
	struct json_iter each = json_iter(json_get(json_root(&doc), "proof"));

	while (json_next(&each))
		ck_assert(b64_parse(json_str(each.value, &mem),
		    proof.hash[proof.n++], HASH_BYTES));
	return proof;
}

static struct checkpoint
good_checkpoint(struct aicx_str note)
{
	struct checkpoint checkpoint = { 0 };
	struct sign_key *key = sign_key_new(keyring_seed(stage.keys.ring));

	ck_assert_int_eq(checkpoint_parse(note, &checkpoint, NULL), AICX_OK);
	ck_assert(note_verify(note, checkpoint.origin, sign_key_public(key)));
	sign_key_free(key);
	return checkpoint;
}

static void
ask_receipt(struct aicx_str transaction)
{
	char params[128];

	(void)snprintf(params, sizeof params, "{\"transaction_id\":\"%.*s\"}",
	    (int)transaction.len, transaction.ptr);
	ck_assert_int_eq(as_operator("economics.get_receipt", params), 200);
}

START_TEST(a_receipt_proves_its_record)
{
	int64_t index = -1;
	uint8_t leaf[HASH_BYTES];

	for (int i = 0; i < 260; i++)
		(void)fund("0.01");
	ask_receipt(fund("5"));
	struct checkpoint checkpoint = good_checkpoint(text_of("checkpoint"));
	struct merkle_proof proof = proof_of_answer();
	struct aicx_str record = text_of("record");
	ck_assert(json_int(json_get(json_root(&doc), "index"), &index));
	ck_assert_ptr_nonnull(
	    memmem(record.ptr, record.len, "\"5.000000\"", 10));
	merkle_leaf(record.ptr, record.len, leaf);
	ck_assert(merkle_includes(leaf, (uint64_t)index, checkpoint.n_leaves,
	    &proof, checkpoint.root));
	leaf[0] ^= 1;
	ck_assert(!merkle_includes(leaf, (uint64_t)index, checkpoint.n_leaves,
	    &proof, checkpoint.root));
}
END_TEST

START_TEST(a_receipt_of_nothing_is_not_found)
{
	ck_assert_int_eq(as_operator("economics.get_receipt",
			     "{\"transaction_id\":"
			     "\"01890000-0000-7000-8000-000000000000\"}"),
	    404);
}
END_TEST

START_TEST(later_checkpoints_begin_with_earlier_ones)
{
	char params[96];

	stage_pass(&stage, 2000);
	ck_assert_int_eq(as_operator("economics.get_checkpoint", "{}"), 200);
	struct checkpoint early = good_checkpoint(text_of("checkpoint"));
	for (int i = 0; i < 260; i++)
		(void)fund("0.01");
	(void)snprintf(params, sizeof params, "{\"from\":%llu}",
	    (unsigned long long)early.n_leaves);
	ck_assert_int_eq(as_operator("economics.get_consistency", params), 200);
	struct checkpoint from = good_checkpoint(text_of("from"));
	struct checkpoint to = good_checkpoint(text_of("to"));
	struct merkle_proof proof = proof_of_answer();
	ck_assert_mem_eq(from.root, early.root, HASH_BYTES);
	ck_assert(merkle_is_consistent(
	    from.n_leaves, from.root, to.n_leaves, to.root, &proof));
	to.root[5] ^= 1;
	ck_assert(!merkle_is_consistent(
	    from.n_leaves, from.root, to.n_leaves, to.root, &proof));
}
END_TEST

START_TEST(consistency_with_what_is_not_there_is_refused)
{
	ck_assert_int_eq(
	    as_operator("economics.get_consistency", "{\"from\":100000}"), 400);
	ck_assert_int_eq(
	    as_operator("economics.get_consistency", "{\"from\":3,\"to\":2}"),
	    400);
	ck_assert_int_eq(
	    as_operator("economics.get_consistency", "{\"from\":0}"), 400);
}
END_TEST

START_TEST(a_checkpoint_comes_within_a_second_and_rests)
{
	(void)fund("1");
	uint64_t n_records = broker_seq(stage.broker);
	stage_pass(&stage, 1500);
	ck_assert_uint_eq(stage.broker->checkpoints.n_leaves, n_records);
	ck_assert_int_eq(stage.broker->checkpoints.due_ms, 0);
	stage_crash(&stage);
	ck_assert_uint_eq(stage.broker->checkpoints.n_leaves, n_records);
}
END_TEST

START_TEST(a_checkpointed_record_that_is_gone_stops_the_start)
{
	struct aicx_error error = { 0 };

	(void)fund("1");
	stage_pass(&stage, 1500);
	ck_assert_int_eq(stage_replay(&stage, &error), AICX_OK);
	stage_lose(&stage, broker_seq(stage.broker));
	ck_assert_int_eq(stage_replay(&stage, &error), AICX_EIO);
	ck_assert_ptr_nonnull(strstr(error.text, "records are missing"));
}
END_TEST

START_TEST(ten_years_forward_while_running_expire_nothing)
{
	int64_t before_ms = broker_now(stage.broker);

	stage.jump_ms = INT64_C(10) * 365 * 86400000;
	stage_pass(&stage, 100000);
	ck_assert_int_le(
	    broker_now(stage.broker), before_ms + 100000 + 100000 / 100 + 1);
	stage.jump_ms = -stage.jump_ms;
	stage_pass(&stage, 100000);
	ck_assert_int_ge(broker_now(stage.broker), before_ms + 200000);
}
END_TEST

START_TEST(after_a_jump_of_the_clock_a_start_waits_for_the_operator)
{
	int64_t jumps_ms[] = { 2 * 86400000, INT64_C(10) * 365 * 86400000,
		INT64_C(-10) * 365 * 86400000 };

	for (int i = 0; i < 3; i++) {
		(void)fund("1");
		int64_t before_ms = broker_now(stage.broker);
		stage.jump_ms += jumps_ms[i];
		stage_crash(&stage);
		ck_assert(stage.broker->clock_held);
		ck_assert_int_eq(as_operator("monitoring.ready", "{}"), 503);
		stage_pass(&stage, 5000);
		ck_assert_int_le(broker_now(stage.broker), before_ms);
		ck_assert_int_eq(
		    as_operator("discovery.register", "{\"name\":\"b\"}"), 503);
		ck_assert_int_eq(
		    as_operator("economics.accept_clock", "{}"), 200);
		ck_assert_int_eq(as_operator("monitoring.ready", "{}"), 200);
		ck_assert_int_ge(broker_now(stage.broker), before_ms);
		if (jumps_ms[i] > 0)
			ck_assert_int_eq(broker_now(stage.broker),
			    stage.wall_ms + stage.jump_ms);
	}
}
END_TEST

/* The answer to a request of this session, or to a message that was refused. */
static struct envelope
session_asks(struct actor *actor, const char *payload)
{
	struct envelope env = { 0 };

	(void)actor_send(actor, MSG_QUERY, NULL, payload);
	while (actor_next(actor, &env))
		if (env.type == MSG_RESULT || env.type == MSG_ERROR)
			return env;
	ck_abort_msg("nothing was answered");
	return env;
}

/* The machine was off for two days, its clock and that of its agents are right:
   they come and read, and nothing begins. */
START_TEST(who_has_the_clocks_time_may_read_until_it_is_accepted)
{
	static const char reads[] = "{\"method\":\"discovery.search\"}";
	static const char begins[] =
	    "{\"method\":\"discovery.register\",\"name\":\"late\"}";
	struct actor *seller = actor_new(&stage, "seller");

	(void)fund("1");
	int64_t before_ms = broker_now(stage.broker);
	stage.wall_ms += 2 * 86400000;
	stage_crash(&stage);
	ck_assert(stage.broker->clock_held);
	actor_open(seller);
	struct envelope env = session_asks(seller, reads);
	ck_assert_int_eq(env.type, MSG_RESULT);
	uint64_t seq = broker_seq(stage.broker);
	env = session_asks(seller, begins);
	ck_assert_int_eq(env.type, MSG_ERROR);
	ck_assert_ptr_nonnull(memmem(
	    env.payload.ptr, env.payload.len, "aicx ledger clock accept", 24));
	ck_assert_uint_eq(broker_seq(stage.broker), seq);

	/* A time that is neither the last record's nor the clock's. */
	stage.jump_ms = -86400000;
	env = session_asks(seller, reads);
	ck_assert_int_eq(env.type, MSG_ERROR);
	ck_assert_ptr_nonnull(
	    memmem(env.payload.ptr, env.payload.len, "stands still", 12));
	stage.jump_ms = 0;
	ck_assert_int_le(broker_now(stage.broker), before_ms);

	ck_assert_int_eq(as_operator("economics.accept_clock", "{}"), 200);
	env = session_asks(seller, begins);
	ck_assert_ptr_null(
	    memmem(env.payload.ptr, env.payload.len, "aicx ledger clock", 17));
}
END_TEST

START_TEST(a_restart_within_a_day_asks_nobody)
{
	(void)fund("1");
	stage.jump_ms += 86000000;
	stage_crash(&stage);
	ck_assert(!stage.broker->clock_held);
	stage.jump_ms -= 30000;
	stage_crash(&stage);
	ck_assert(!stage.broker->clock_held);
	(void)fund("1");
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("anchor");
	TCase *tests = tcase_create("anchor");

	tcase_add_checked_fixture(tests, setup, teardown);
	tcase_add_test(tests, a_receipt_proves_its_record);
	tcase_add_test(tests, a_receipt_of_nothing_is_not_found);
	tcase_add_test(tests, later_checkpoints_begin_with_earlier_ones);
	tcase_add_test(tests, consistency_with_what_is_not_there_is_refused);
	tcase_add_test(tests, a_checkpoint_comes_within_a_second_and_rests);
	tcase_add_test(
	    tests, a_checkpointed_record_that_is_gone_stops_the_start);
	tcase_add_test(tests, ten_years_forward_while_running_expire_nothing);
	tcase_add_test(
	    tests, after_a_jump_of_the_clock_a_start_waits_for_the_operator);
	tcase_add_test(tests, a_restart_within_a_day_asks_nobody);
	tcase_add_test(
	    tests, who_has_the_clocks_time_may_read_until_it_is_accepted);
	suite_add_tcase(suite, tests);
	SRunner *runner = srunner_create(suite);
	srunner_run_all(runner, CK_NORMAL);
	int n_failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return n_failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
