/* SPDX-License-Identifier: Apache-2.0 */
/* seller_test.c - sessions and selling, against a broker that follows a script
   and may lie. */
#include "cli/seller.h"

#include <check.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/b64.h"
#include "base/id.h"
#include "base/json.h"
#include "base/str.h"
#include "cli/fake_broker.h"
#include "cli/outside.h"
#include "cli/run.h"
#include "protocol/object.h"

static char dir[] = "/tmp/aicx-sell-XXXXXX";
static const uint8_t agent_seed[KEY_BYTES] = { 3 };

static void
set_up(void)
{
	ck_assert_ptr_nonnull(mkdtemp(dir));
	ck_assert_int_eq(setenv("XDG_CONFIG_HOME", dir, 1), 0);
	ck_assert_int_eq(unsetenv("AICX_BROKER"), 0);
	ck_assert_int_eq(unsetenv("AICX_IDENTITY"), 0);
}

static void
tear_down(void)
{
	char command[64];

	(void)snprintf(command, sizeof command, "rm -r %s", dir);
	ck_assert_int_eq(system(command), 0);
}

/* --- opening --------------------------------------------------------- */

static aicx_err
open_channel(const struct fake_broker *broker, const uint8_t *pinned,
    struct channel **ret, struct aicx_error *reterr)
{
	static struct url url;
	static struct self self;
	static struct pin pin;
	static struct pins pins;
	struct channel_config config = { &url, &self, &pins, 5000 };
	char path[64];
	bool is_new;

	(void)snprintf(path, sizeof path, "%s/pins", dir);
	ck_assert_int_eq(url_parse(str_of(broker->url), &url, NULL), AICX_OK);
	self.agent_id = outside_id();
	if (self.key == NULL)
		self.key = sign_key_new(agent_seed);
	pins = (struct pins) { &pin, 0, "pins" };
	if (pinned != NULL) {
		pin = (struct pin) { str_of(url.origin), broker->id, { 0 }, 1 };
		memcpy(pin.key, pinned, KEY_BYTES);
		pins.n = 1;
	}
	return channel_open(&config, ret, &is_new, reterr);
}

static enum fake_lie the_lie;

static void
tell_the_lie(struct fake_session *session, int n_connection)
{
	(void)n_connection;
	fake_open(session, the_lie);
}

static void
expect_refusal(enum fake_lie lie, const char *word, const char *text)
{
	struct fake_broker broker;
	struct channel *channel;
	struct aicx_error why = { 0 };

	the_lie = lie;
	fake_broker_start(&broker, 1, tell_the_lie);
	ck_assert_int_ne(
	    open_channel(&broker, broker.public_key, &channel, &why), AICX_OK);
	ck_assert_str_eq(why.word, word);
	ck_assert_msg(strstr(why.text, text) != NULL, "wanted \"%s\" in \"%s\"",
	    text, why.text);
	ck_assert(fake_broker_end(&broker));
}

START_TEST(a_broker_that_lies_gets_no_session)
{
	expect_refusal(FAKE_STATUS, "no_websocket", "status 404");
	expect_refusal(FAKE_ACCEPT, "malformed", "no WebSocket");
	expect_refusal(FAKE_CHALLENGE, "bad_signature", "challenge");
	expect_refusal(FAKE_RESULT, "bad_signature", "session.open");
	expect_refusal(FAKE_CORRELATION, "bad_signature", "session.open");
	expect_refusal(FAKE_SHARED, "bad_key", "");
	expect_refusal(FAKE_REFUSAL, "denied", "this agent is shut out");
}
END_TEST

START_TEST(a_changed_broker_key_is_refused)
{
	const uint8_t other[KEY_BYTES] = { 5 };
	struct fake_broker broker;
	struct channel *channel;
	struct aicx_error why = { 0 };

	the_lie = FAKE_CHALLENGE; /* it stops after the challenge */
	fake_broker_start(&broker, 1, tell_the_lie);
	ck_assert_int_ne(open_channel(&broker, other, &channel, &why), AICX_OK);
	(void)fake_broker_end(&broker);
}
END_TEST

static void
answer_two(struct fake_session *session, int n_connection)
{
	(void)n_connection;
	fake_open(session, FAKE_HONEST);
	fake_receive(session, MSG_QUERY);
	FAKE_EXPECT(str_is(envelope_method(&session->env), "x.y"));
	struct aicx_id asked = session->env.id, other = outside_id();
	/* Answers to others, and noise, are left aside. */
	(void)fake_send(session, MSG_RESULT, NULL, &other, "{\"a\":0}");
	(void)fake_send(session, MSG_HEARTBEAT, NULL, NULL, "{}");
	(void)fake_send(session, MSG_RESULT, NULL, &asked, "{\"a\":1}");
	fake_receive(session, MSG_QUERY);
	asked = session->env.id;
	(void)fake_send(session, MSG_ERROR, NULL, &asked,
	    "{\"detail\":\"no\",\"code\":\"denied\"}");
}

START_TEST(a_request_gets_its_answer_and_an_error_is_one)
{
	struct fake_broker broker;
	struct channel *channel;
	struct aicx_error why = { 0 };
	struct buf result = { 0 };
	struct aicx_id one = outside_id(), two = outside_id();

	fake_broker_start(&broker, 1, answer_two);
	ck_assert_int_eq(
	    open_channel(&broker, broker.public_key, &channel, &why), AICX_OK);
	ck_assert_int_eq(channel_request(channel, &one,
			     STR("{\"method\":\"x.y\"}"), 5000, &result, &why),
	    AICX_OK);
	ck_assert_str_eq(buf_cstr(&result), "{\"a\":1}");
	ck_assert_int_eq(channel_request(channel, &two,
			     STR("{\"method\":\"x.z\"}"), 5000, &result, &why),
	    AICX_EDENIED);
	ck_assert_str_eq(why.word, "denied");
	channel_free(channel);
	ck_assert(fake_broker_end(&broker));
	buf_fini(&result);
}
END_TEST

static void
forge(struct fake_session *session, int n_connection)
{
	(void)n_connection;
	fake_open(session, FAKE_HONEST);
	fake_receive(session, MSG_QUERY);
	struct aicx_id asked = session->env.id;
	session->to_agent = session->to_broker; /* the other direction's key */
	(void)fake_send(session, MSG_RESULT, NULL, &asked, "{\"a\":1}");
}

START_TEST(a_message_under_another_key_ends_the_session)
{
	struct fake_broker broker;
	struct channel *channel;
	struct aicx_error why = { 0 };
	struct buf result = { 0 };
	struct aicx_id one = outside_id();

	fake_broker_start(&broker, 1, forge);
	ck_assert_int_eq(
	    open_channel(&broker, broker.public_key, &channel, &why), AICX_OK);
	ck_assert_int_eq(channel_request(channel, &one,
			     STR("{\"method\":\"x.y\"}"), 5000, &result, &why),
	    AICX_EINVAL);
	ck_assert_str_eq(why.word, "malformed");
	channel_free(channel);
	(void)fake_broker_end(&broker);
	buf_fini(&result);
}
END_TEST

/* --- selling --------------------------------------------------------- */

#define INTENT "01932000-0000-7000-8000-00000000dea1"
#define CALL "01932000-0000-7000-8000-00000000e8ec"

static void
take_registration(struct fake_session *session)
{
	struct arena arena = { 0 };
	struct json doc;

	fake_receive(session, MSG_QUERY);
	FAKE_EXPECT(
	    str_is(envelope_method(&session->env), "discovery.register"));
	FAKE_EXPECT(
	    json_parse(session->env.payload, &arena, &doc, NULL) == AICX_OK);
	struct json_ref capability =
	    json_at(json_get(json_root(&doc), "capabilities"), 0);
	FAKE_EXPECT(
	    str_is(json_str(json_get(capability, "name"), &arena), "text.up"));
	struct aicx_id asked = session->env.id;
	(void)fake_send(session, MSG_RESULT, NULL, &asked,
	    "{\"agent_id\":\"x\",\"lease_ms\":30000}");
	arena_fini(&arena);
}

static void
take_offer(
    struct fake_session *session, const struct aicx_id *asked, const char *cost)
{
	struct sign_key *key = sign_key_new(agent_seed);
	struct arena arena = { 0 };
	struct json doc;
	struct signed_object offer;
	uint8_t hash[HASH_BYTES];

	fake_receive(session, MSG_OFFER);
	FAKE_EXPECT(id_eq(&session->env.correlation_id, asked));
	FAKE_EXPECT(
	    json_parse(session->env.payload, &arena, &doc, NULL) == AICX_OK);
	struct aicx_str terms =
	    json_str(json_get(json_root(&doc), "terms"), &arena);
	FAKE_EXPECT(memmem(terms.ptr, terms.len, cost, strlen(cost)) != NULL);
	FAKE_EXPECT(object_parse(json_get(json_root(&doc), "offer"), &arena,
			&offer, NULL) == AICX_OK);
	sha256(terms.ptr, terms.len, hash);
	FAKE_EXPECT(object_verify(&offer, SIG_OFFER, sign_key_public(key),
			NULL) == AICX_OK);
	arena_fini(&arena);
	sign_key_free(key);
}

static void
expect_payload(const struct fake_session *session, const char *part)
{
	const struct aicx_str payload = session->env.payload;
	bool there = memmem(payload.ptr, payload.len, part, strlen(part));

	if (!there)
		(void)fprintf(stderr, "%.*s\n", STR_ARG(payload));
	FAKE_EXPECT(there);
}

/* The RESULT carries a claim, signed by the seller, that names its output. */
static void
expect_claim(const struct fake_session *session, const char *output)
{
	struct sign_key *key = sign_key_new(agent_seed);
	struct arena arena = { 0 };
	struct json doc, text;
	struct signed_object claim;
	uint8_t hash[HASH_BYTES], named[HASH_BYTES];

	FAKE_EXPECT(
	    json_parse(session->env.payload, &arena, &doc, NULL) == AICX_OK);
	FAKE_EXPECT(object_parse(json_get(json_root(&doc), "usage"), &arena,
			&claim, NULL) == AICX_OK);
	FAKE_EXPECT(object_verify(&claim, SIG_USAGE, sign_key_public(key),
			NULL) == AICX_OK);
	FAKE_EXPECT(json_parse(claim.text, &arena, &text, NULL) == AICX_OK);
	sha256(output, strlen(output), hash);
	FAKE_EXPECT(b64_parse(
	    json_str(json_get(json_root(&text), "output_sha256"), &arena),
	    named, sizeof named));
	FAKE_EXPECT(memcmp(hash, named, sizeof hash) == 0);
	arena_fini(&arena);
	sign_key_free(key);
}

static const char intent[] =
    "{\"method\":\"negotiation.intent\",\"intent_id\":\"" INTENT
    "\",\"need\":\"text.up\",\"max_price\":{\"amount\":\"@\",\"currency\":"
    "\"AIC\"}}";
static const char execute[] =
    "{\"execution_id\":\"" CALL "\",\"contract_id\":\"" INTENT
    "\",\"capability\":\"text.up\",\"input\":@,\"attempt\":1}";

/* The '@' in the payload becomes the value. */
static struct aicx_id
ask_again(struct fake_session *session, enum msg_type type,
    const struct aicx_id *again, const char *template, const char *value)
{
	struct aicx_str rest, head = str_cut(str_of(template), '@', &rest);
	struct buf payload = { 0 };

	buf_str(&payload, head);
	buf_text(&payload, value);
	buf_str(&payload, rest);
	struct aicx_id id =
	    fake_send(session, type, again, NULL, buf_cstr(&payload));
	buf_fini(&payload);
	return id;
}

static struct aicx_id
ask(struct fake_session *session, enum msg_type type, const char *template,
    const char *value)
{
	return ask_again(session, type, NULL, template, value);
}

/* Connection 0: offers and work; it breaks off with work unanswered.
   Connection 1: the seller is back and repeats what it did. */
static void
buy_twice(struct fake_session *session, int n_connection)
{
	static struct aicx_id order, answer;

	fake_open(session, FAKE_HONEST);
	take_registration(session);
	if (n_connection == 0) {
		struct aicx_id asked =
		    ask(session, MSG_QUERY, intent, "0.001000");
		take_offer(session, &asked, "0.0005");
		/* the same again: the same offer */
		(void)ask_again(session, MSG_QUERY, &asked, intent, "0.001000");
		take_offer(session, &asked, "0.0005");
		(void)ask(session, MSG_QUERY, intent, "0.000100");
		fake_receive(session, MSG_ERROR);
		expect_payload(session, "above what the buyer allows");
		order = ask(session, MSG_EXECUTE, execute, "\"hi\"");
		fake_receive(session, MSG_ACK);
		FAKE_EXPECT(id_eq(&session->env.correlation_id, &order));
		fake_receive(session, MSG_RESULT);
		expect_payload(session, "\"output\":\"HI\"");
		expect_claim(session, "\"HI\"");
		answer = session->env.id;
		return;
	}
	(void)ask_again(session, MSG_EXECUTE, &order, execute, "\"hi\"");
	fake_receive(session, MSG_RESULT);
	FAKE_EXPECT(id_eq(&session->env.id, &answer));
	(void)kill(getppid(), SIGTERM);
	fake_receive(session, MSG_QUERY);
	FAKE_EXPECT(
	    str_is(envelope_method(&session->env), "discovery.unregister"));
	struct aicx_id asked = session->env.id;
	(void)fake_send(session, MSG_RESULT, NULL, &asked, "{}");
}

static void
sell(const struct fake_broker *broker, const char *script, const char *policy,
    struct aicx_error *reterr, aicx_err wanted)
{
	char url[80],
	    *line[] = { (char *)"aicx", url, (char *)"sell", (char *)"text.up",
		    (char *)"--price", (char *)"0.0005 AIC", (char *)"--",
		    (char *)"sh", (char *)"-c", (char *)script, NULL };
	struct words words;
	struct invocation inv;
	struct seller seller = { .timeout_ms = 2000, .max_parallel = 2 };

	(void)snprintf(url, sizeof url, "--broker=%s", broker->url);
	ck_assert_int_eq(words_parse(10, line, &words, NULL), AICX_OK);
	ck_assert_int_eq(invocation_init(&inv, &words, NULL), AICX_OK);
	inv.self.agent_id = outside_id();
	inv.self.key = sign_key_new(agent_seed);
	inv.has_self = true;
	seller.inv = &inv;
	seller.worker = worker_program_new(words.program, false);
	ck_assert_int_eq(offering_take(&inv, &seller.offering, NULL), AICX_OK);
	if (policy != NULL)
		ck_assert_int_eq(
		    policy_open(policy, &seller.policy, NULL), AICX_OK);
	ck_assert_int_eq(seller_run(&seller, reterr), wanted);
	policy_free(seller.policy);
	invocation_fini(&inv);
}

START_TEST(a_seller_offers_works_returns_and_leaves)
{
	struct fake_broker broker;

	fake_broker_start(&broker, 2, buy_twice);
	sell(&broker, "tr a-z A-Z", NULL, NULL, AICX_OK);
	ck_assert(fake_broker_end(&broker));
}
END_TEST

/* Every way a program can fail is an ERROR that is not tried again. */
static void
order_trouble(struct fake_session *session, int n_connection)
{
	static const char *const wanted[][2] = {
		{ "\"exit 3\"", "\"code\":\"program_failed\"" },
		{ "\"echo oh no >&2; exit 1\"", "ended with status 1: oh no" },
		{ "\"kill -9 $$\"", "ended by signal 9" },
		{ "\"sleep 60\"", "\"code\":\"timeout\"" },
		{ "\"printf '\\\\377'\"", "\"code\":\"invalid_output\"" },
		{ "\"head -c 800000 /dev/zero\"",
		    "\"code\":\"output_too_large\"" },
		{ "\"yes\"", "wrote more than 8388608 bytes" },
	};

	(void)n_connection;
	fake_open(session, FAKE_HONEST);
	take_registration(session);
	for (size_t i = 0; i < sizeof wanted / sizeof wanted[0]; i++) {
		(void)ask(session, MSG_EXECUTE, execute, wanted[i][0]);
		fake_receive(session, MSG_ACK);
		fake_receive(session, MSG_ERROR);
		expect_payload(session, wanted[i][1]);
		expect_payload(session, "\"retryable\":false");
	}
	(void)ask(session, MSG_EXECUTE, "{\"input\":@}", "1");
	fake_receive(session, MSG_ERROR);
	expect_payload(session, "EXECUTE names no execution");
	(void)ask(session, MSG_QUERY, "{\"method\":\"@\"}", "no.such");
	fake_receive(session, MSG_ERROR);
	expect_payload(session, "unknown_method");
	(void)kill(getppid(), SIGTERM);
	fake_receive(session, MSG_QUERY);
}

START_TEST(a_program_that_fails_is_reported_and_the_seller_goes_on)
{
	struct fake_broker broker;

	fake_broker_start(&broker, 1, order_trouble);
	sell(&broker, "exec sh", NULL, NULL, AICX_OK);
	ck_assert(fake_broker_end(&broker));
}
END_TEST

/* Two run at once, the third waits; all are finished before it leaves. */
static void
order_three(struct fake_session *session, int n_connection)
{
	(void)n_connection;
	fake_open(session, FAKE_HONEST);
	take_registration(session);
	for (int i = 0; i < 3; i++)
		(void)ask(session, MSG_EXECUTE, execute, "\"x\"");
	for (int i = 0; i < 3; i++)
		fake_receive(session, MSG_ACK);
	(void)kill(getppid(), SIGTERM);
	for (int i = 0; i < 3; i++)
		fake_receive(session, MSG_RESULT);
	fake_receive(session, MSG_QUERY);
	FAKE_EXPECT(
	    str_is(envelope_method(&session->env), "discovery.unregister"));
}

START_TEST(orders_are_finished_before_leaving)
{
	struct fake_broker broker;

	fake_broker_start(&broker, 1, order_three);
	sell(&broker, "cat; head -c 200000 /dev/zero | wc -c", NULL, NULL,
	    AICX_OK);
	ck_assert(fake_broker_end(&broker));
}
END_TEST

/* What was cancelled is stopped, and makes room; nothing is said of it. */
static void
cancel_three(struct fake_session *session, int n_connection)
{
	(void)n_connection;
	fake_open(session, FAKE_HONEST);
	take_registration(session);
	for (int i = 0; i < 3; i++) {
		(void)ask(session, MSG_EXECUTE, execute, "\"sleep 60\"");
		fake_receive(session, MSG_ACK);
	}
	(void)ask(session, MSG_QUERY,
	    "{\"method\":\"execution.cancel\",\"execution_id\":\"@\"}", CALL);
	fake_receive(session, MSG_RESULT);
	expect_payload(session, "{}");
	(void)ask(session, MSG_QUERY,
	    "{\"method\":\"execution.cancel\",\"execution_id\":\"@\"}", "none");
	fake_receive(session, MSG_RESULT);
	(void)ask(session, MSG_EXECUTE, execute, "\"echo next\"");
	fake_receive(session, MSG_ACK);
	fake_receive(session, MSG_RESULT);
	expect_payload(session, "next");
	(void)kill(getppid(), SIGTERM);
	fake_receive(session, MSG_QUERY);
}

START_TEST(work_that_is_cancelled_stops_and_makes_room)
{
	struct fake_broker broker;

	fake_broker_start(&broker, 1, cancel_three);
	sell(&broker, "exec sh", NULL, NULL, AICX_OK);
	ck_assert(fake_broker_end(&broker));
}
END_TEST

static void
refuse_registration(struct fake_session *session, int n_connection)
{
	(void)n_connection;
	fake_open(session, FAKE_HONEST);
	fake_receive(session, MSG_QUERY);
	struct aicx_id asked = session->env.id;
	(void)fake_send(session, MSG_ERROR, NULL, &asked,
	    "{\"detail\":\"not here\",\"code\":\"denied\"}");
}

START_TEST(a_refused_registration_ends_the_seller)
{
	struct fake_broker broker;
	struct aicx_error why = { 0 };

	fake_broker_start(&broker, 1, refuse_registration);
	sell(&broker, "cat", NULL, &why, AICX_EDENIED);
	ck_assert_str_eq(why.text, "not here");
	ck_assert(fake_broker_end(&broker));
}
END_TEST

static void
ask_policy(struct fake_session *session, int n_connection)
{
	(void)n_connection;
	fake_open(session, FAKE_HONEST);
	take_registration(session);
	struct aicx_id asked = ask(session, MSG_QUERY, intent, "0.010000");
	take_offer(session, &asked, "\"amount\":\"0.001500\"");
	asked = ask(session, MSG_QUERY, intent, "0.100000");
	fake_receive(session, MSG_ERROR);
	expect_payload(session, "too rich");
	asked = ask(session, MSG_QUERY, intent, "0.200000");
	fake_receive(session, MSG_ERROR); /* it fails: no offer at all */
	expect_payload(session, "declined");
	asked = ask(session, MSG_QUERY, intent, "0.300000");
	take_offer(session, &asked, "\"amount\":\"0.0005\""); /* it passes */
	(void)kill(getppid(), SIGTERM);
	fake_receive(session, MSG_QUERY);
}

START_TEST(a_policy_makes_the_price)
{
	static const char source[] =
	    "return { offer = function(intent, me)\n"
	    "  local most = intent.max_price.minor\n"
	    "  if most == 100000 then return refuse \"too rich\" end\n"
	    "  if most == 200000 then return 5 .. {} end\n"
	    "  if most == 300000 then return nil end\n"
	    "  return { base_cost = me.price.minor * 3 }\n"
	    "end }\n";
	struct fake_broker broker;
	char path[64];

	(void)snprintf(path, sizeof path, "%s/p.lua", dir);
	FILE *file = fopen(path, "w");
	ck_assert_ptr_nonnull(file);
	(void)fputs(source, file);
	ck_assert_int_eq(fclose(file), 0);
	fake_broker_start(&broker, 1, ask_policy);
	sell(&broker, "cat", path, NULL, AICX_OK);
	ck_assert(fake_broker_end(&broker));
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("seller");
	TCase *tcase = tcase_create("seller");

	(void)signal(SIGPIPE, SIG_IGN);
	tcase_set_timeout(tcase, 60);
	tcase_add_checked_fixture(tcase, set_up, tear_down);
	tcase_add_test(tcase, a_broker_that_lies_gets_no_session);
	tcase_add_test(tcase, a_changed_broker_key_is_refused);
	tcase_add_test(tcase, a_request_gets_its_answer_and_an_error_is_one);
	tcase_add_test(tcase, a_message_under_another_key_ends_the_session);
	tcase_add_test(tcase, a_seller_offers_works_returns_and_leaves);
	tcase_add_test(
	    tcase, a_program_that_fails_is_reported_and_the_seller_goes_on);
	tcase_add_test(tcase, orders_are_finished_before_leaving);
	tcase_add_test(tcase, work_that_is_cancelled_stops_and_makes_room);
	tcase_add_test(tcase, a_refused_registration_ends_the_seller);
	tcase_add_test(tcase, a_policy_makes_the_price);
	suite_add_tcase(suite, tcase);
	SRunner *runner = srunner_create(suite);
	srunner_run_all(runner, CK_NORMAL);
	int failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
