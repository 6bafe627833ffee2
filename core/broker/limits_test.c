/* SPDX-License-Identifier: Apache-2.0 */
/* limits_test.c - rates of agents, addresses and methods, sessions that nobody
   opens, and a ceiling of memory. */
#include "broker/testdata/parties.h"

#include "base/id.h"
#include "broker/peer.h"

#include <string.h>

enum { TRIES = 20 };

/* As a reload of the configuration does it. */
static void
use_limits(void)
{
	struct aicx_error error = { 0 };

	stage.settings.rate_burst_ms = 1000;
	ck_assert_msg(
	    limits_check(&stage.settings, &error) == AICX_OK, "%s", error.text);
	limits_set(stage.broker);
}

static int
look(const struct party *party)
{
	return ask_as(
	    party ? party->key : NULL, NULL, "discovery.search", "{}");
}

/* How many of TRIES are answered; the others are rate_limited. */
static int
answered_of(const struct party *party)
{
	int n = 0;

	for (int i = 0; i < TRIES; i++) {
		int status = look(party);

		if (status == 200)
			n++;
		else
			REFUSED(429, status, "rate_limited");
	}
	return n;
}

START_TEST(an_agent_has_its_rate_and_does_not_use_up_anothers)
{
	stage.settings.agent_rate = 5;
	use_limits();
	ck_assert_int_eq(answered_of(&ann), 5);
	SAYS("\"retry_after_ms\":200");
	ck_assert_int_eq(answered_of(&bob), 5);
	stage_pass(&stage, 400);
	ck_assert_int_eq(answered_of(&ann), 2);
}
END_TEST

START_TEST(an_operator_gets_in_while_others_are_kept_out)
{
	stage.settings.agent_rate = 1;
	stage.settings.method_rates = "discovery.search=1";
	use_limits();
	for (int i = 0; i < TRIES; i++)
		ck_assert_int_eq(OPERATOR("discovery.search", "{}"), 200);
}
END_TEST

START_TEST(a_method_has_a_rate_of_its_own)
{
	stage.settings.method_rates = "deal.list=7, discovery.search = 3,";
	use_limits();
	ck_assert_int_eq(answered_of(&ann), 3);
	SAYS("discovery.search");
	for (int i = 0; i < 7; i++)
		ck_assert_int_eq(ASK(ann, "deal.list", "{}"), 200);
	REFUSED(429, ASK(ann, "deal.list", "{}"), "rate_limited");
	ck_assert_int_eq(ASK(ann, "economics.list_transactions", "{}"), 200);
}
END_TEST

START_TEST(a_guest_is_known_by_its_address)
{
	stage.settings.method_rates = "discovery.search=3";
	use_limits();
	stage.address = "192.0.2.1:4711";
	ck_assert_int_eq(answered_of(NULL), 3);
	stage.address = "192.0.2.1:4712";
	ck_assert_int_eq(answered_of(NULL), 0);
	stage.address = "192.0.2.2:4711";
	ck_assert_int_eq(answered_of(NULL), 3);
}
END_TEST

START_TEST(an_address_has_its_rate_whoever_speaks)
{
	stage.settings.address_rate = 6;
	use_limits();
	stage.address = "[2001:db8::1]:4711";
	ck_assert_int_eq(answered_of(NULL), 6);
	stage.address = "[2001:db8::2]:4711";
	ck_assert_int_eq(answered_of(&ann), 0);
	stage.address = "127.0.0.1:4711";
	ck_assert_int_eq(answered_of(NULL), TRIES);
	stage.settings.limit_local = 1;
	ck_assert_int_eq(answered_of(NULL), 6);
}
END_TEST

START_TEST(rates_of_methods_are_read_strictly)
{
	struct aicx_error error = { 0 };

	stage.settings.method_rates = "deal.by=7";
	ck_assert_int_ne(limits_check(&stage.settings, &error), AICX_OK);
	ck_assert_str_eq(error.text,
	    "[broker] method_rates: there is no method \"deal.by\"");
	stage.settings.method_rates = "deal.buy=0";
	ck_assert_int_ne(limits_check(&stage.settings, &error), AICX_OK);
	stage.settings.method_rates = "deal.buy";
	ck_assert_int_ne(limits_check(&stage.settings, &error), AICX_OK);
	ck_assert_str_eq(error.text,
	    "[broker] method_rates: \"deal.buy\" needs =NUMBER, calls a "
	    "second");
}
END_TEST

/* --- signatures -------------------------------------------------------- */

/* POST /v1/messages of the worker; forged: its signature is another's. */
static int
post_signed(bool forged)
{
	struct envelope_head head = {
		.id = broker_new_id(stage.broker),
		.sender_id = *actor_id(worker),
		.receiver_id = *broker_id(stage.broker),
		.type = MSG_QUERY,
		.timestamp_ms = stage.wall_ms,
	};
	struct buf text = { 0 };
	int status;

	envelope_print(&text, &head, STR("{\"method\":\"discovery.search\"}"));
	envelope_sign_key(&text, 0, actor_key(worker));
	if (forged) /* in the middle of the signature */
		text.ptr[text.len - 40] =
		    text.ptr[text.len - 40] == 'A' ? 'B' : 'A';
	status = stage_call(
	    &stage, NULL, "session.message", buf_cstr(&text), NULL, &body);
	buf_fini(&text);
	return status;
}

START_TEST(an_address_pays_for_signatures_that_are_nobodys_and_no_others)
{
	size_t n_jobs;

	stage.settings.unproven_rate = 4;
	use_limits();
	stage.address = "192.0.2.1:4711";
	for (int i = 0; i < TRIES; i++)
		ck_assert_int_eq(post_signed(false), 200);
	for (int i = 0; i < 4; i++)
		ck_assert_int_eq(post_signed(true), 401);
	n_jobs = stage.n_jobs;
	for (int i = 0; i < TRIES; i++)
		REFUSED(429, post_signed(true), "rate_limited");
	ck_assert_uint_eq(stage.n_jobs, n_jobs); /* none was verified */
	stage.address = "192.0.2.2:4711";
	ck_assert_int_eq(post_signed(false), 200);
}
END_TEST

START_TEST(what_is_stale_is_refused_before_its_signature_is_verified)
{
	size_t n_jobs;

	stage.jump_ms = 0;
	n_jobs = stage.n_jobs;
	stage.wall_ms -= 61000;
	struct envelope_head head = {
		.id = broker_new_id(stage.broker),
		.sender_id = *actor_id(worker),
		.receiver_id = *broker_id(stage.broker),
		.type = MSG_QUERY,
		.timestamp_ms = stage.wall_ms,
	};
	struct buf text = { 0 };

	stage.wall_ms += 61000;
	envelope_print(&text, &head, STR("{\"method\":\"discovery.search\"}"));
	envelope_sign_key(&text, 0, actor_key(worker));
	REFUSED(400,
	    stage_call(
		&stage, NULL, "session.message", buf_cstr(&text), NULL, &body),
	    "stale");
	ck_assert_uint_eq(stage.n_jobs, n_jobs);
	buf_fini(&text);
}
END_TEST

/* --- sessions ----------------------------------------------------------- */

struct door {
	struct aicx_peer *peer;
	int code; /* with which it was closed; 0: it is open */
};

static aicx_err
on_send(void *conn, struct aicx_str message)
{
	(void)conn;
	(void)message;
	return AICX_OK;
}

static void
on_close(void *conn, uint16_t code, const char *why)
{
	(void)why;
	((struct door *)conn)->code = code;
}

static aicx_err
knock(struct door *door, const char *address, struct aicx_error *reterr)
{
	static const struct aicx_peer_ops ops = {
		.size = sizeof ops, .send = on_send, .close = on_close
	};
	struct aicx_peer_info info = {
		.size = sizeof info, .address = str_of(address), .secure = 1
	};

	*door = (struct door) { NULL, 0 };
	return peer_new(stage.broker, &ops, door, &info, &door->peer, reterr);
}

START_TEST(an_address_has_so_many_connections_without_a_session)
{
	struct aicx_error error = { 0 };
	struct door doors[4];

	stage.settings.unopened_per_address = 3;
	for (size_t i = 0; i < 3; i++)
		ck_assert_int_eq(
		    knock(&doors[i], "192.0.2.1:4711", &error), AICX_OK);
	ck_assert_int_ne(knock(&doors[3], "192.0.2.1:4711", &error), AICX_OK);
	ck_assert_str_eq(error.word, "too_many");
	ck_assert_int_eq(knock(&doors[3], "192.0.2.2:4711", &error), AICX_OK);
	peer_free(doors[0].peer);
	ck_assert_int_eq(knock(&doors[0], "192.0.2.1:4711", &error), AICX_OK);
	stage_run(&stage);
	for (size_t i = 0; i < 4; i++)
		peer_free(doors[i].peer);
}
END_TEST

START_TEST(sessions_that_are_begun_and_not_opened_count_as_forged)
{
	struct aicx_error error = { 0 };
	struct door door;

	stage.settings.unopened_per_address = 100;
	stage.settings.unproven_rate = 2;
	use_limits();
	for (int i = 0; i < 2; i++) {
		ck_assert_int_eq(
		    knock(&door, "192.0.2.1:4711", &error), AICX_OK);
		stage_run(&stage);
		peer_free(door.peer);
	}
	ck_assert_int_ne(knock(&door, "192.0.2.1:4711", &error), AICX_OK);
	ck_assert_str_eq(error.word, "rate_limited");
	/* Who opens what it begins may do so for ever. */
	stage.address = "192.0.2.7:1";
	for (int i = 0; i < TRIES; i++) {
		actor_close(worker);
		actor_open(worker);
	}
}
END_TEST

START_TEST(a_session_that_is_not_opened_is_closed)
{
	struct aicx_error error = { 0 };
	struct door door;

	stage.settings.open_timeout_ms = 30000;
	ck_assert_int_eq(knock(&door, "127.0.0.1:4711", &error), AICX_OK);
	stage_pass(&stage, 29000);
	ck_assert_int_eq(door.code, 0);
	stage_pass(&stage, 2000);
	ck_assert_int_eq(door.code, 1008);
	peer_free(door.peer);
	ck_assert_uint_eq(stage.broker->n_unopened, 0);
}
END_TEST

/* --- memory ------------------------------------------------------------- */

START_TEST(above_the_ceiling_nothing_begins_and_what_is_there_goes_on)
{
	struct aicx_error error = { 0 };
	const char *hold = reserve(&ann, "0.2");
	struct door door;

	stage.settings.memory_max = 1000;
	stage.memory_used = 1001;
	stage_pass(&stage, 200);
	REFUSED(503,
	    ASK(ann, "economics.reserve_funds",
		"{'agent_id':'%s','amount':" AIC("0.1") "}", ann.id),
	    "unavailable");
	SAYS("memory");
	ck_assert_int_ne(knock(&door, "127.0.0.1:4711", &error), AICX_OK);
	ck_assert_str_eq(error.word, "unavailable");
	ck_assert_int_eq(look(&ann), 200);
	ck_assert_int_eq(ASK(ann, "economics.release_reservation",
			     "{'reservation_id':'%s'}", hold),
	    200);
	stage.memory_used = 1000;
	stage_pass(&stage, 200);
	(void)reserve(&ann, "0.1");
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("limits");
	TCase *rates = parties_case(suite, "rates", open_parties);
	TCase *doors = parties_case(suite, "doors", open_worker);

	tcase_add_test(
	    rates, an_agent_has_its_rate_and_does_not_use_up_anothers);
	tcase_add_test(rates, an_operator_gets_in_while_others_are_kept_out);
	tcase_add_test(rates, a_method_has_a_rate_of_its_own);
	tcase_add_test(rates, a_guest_is_known_by_its_address);
	tcase_add_test(rates, an_address_has_its_rate_whoever_speaks);
	tcase_add_test(rates, rates_of_methods_are_read_strictly);
	tcase_add_test(doors,
	    an_address_pays_for_signatures_that_are_nobodys_and_no_others);
	tcase_add_test(
	    doors, what_is_stale_is_refused_before_its_signature_is_verified);
	tcase_add_test(
	    doors, an_address_has_so_many_connections_without_a_session);
	tcase_add_test(
	    doors, sessions_that_are_begun_and_not_opened_count_as_forged);
	tcase_add_test(doors, a_session_that_is_not_opened_is_closed);
	tcase_add_test(
	    rates, above_the_ceiling_nothing_begins_and_what_is_there_goes_on);
	return parties_run(suite);
}
