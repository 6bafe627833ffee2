/* SPDX-License-Identifier: Apache-2.0 */
/* envelope_test.c - messages taken, refused, printed and forwarded. */
#include "protocol/envelope.h"

#include <check.h>
#include <string.h>

#include "base/id.h"
#include "base/json.h"
#include "base/str.h"

static const uint8_t seed[KEY_BYTES] = { 42 };

#define ID "01932000-0000-7000-8000-000000000004"
#define AGENT "01932000-0000-7000-8000-00000000a11c"
#define BROKER "01932000-0000-7000-8000-00000000b0b0"
#define VERSION "\"version\":\"1.0\","
#define TIME "\"timestamp\":\"2026-11-22T13:04:06.000Z\","
#define WHO "\"sender_id\":\"" AGENT "\",\"receiver_id\":\"" BROKER "\","
#define QUERY "\"type\":\"QUERY\","
#define HEAD "{\"id\":\"" ID "\"," VERSION TIME WHO
#define PAYLOAD "\"payload\":{\"method\":\"a.b\"}"

struct sealed {
	struct buf buf;
	struct mac *mac;
	struct envelope env;
	struct aicx_error err;
};

/* Seals a head as it is, then splits, verifies and scans it. */
static aicx_err
receive(struct sealed *sealed, const char *head)
{
	*sealed = (struct sealed) { .mac = mac_new(seed, sizeof seed) };
	buf_text(&sealed->buf, head);
	envelope_sign_mac(&sealed->buf, 0, sealed->mac, STR(ID));
	ck_assert_int_eq(envelope_split(buf_view(&sealed->buf),
			     ENVELOPE_BYTES_MAX, &sealed->env, NULL),
	    AICX_OK);
	ck_assert(envelope_verify_mac(&sealed->env, sealed->mac));
	return envelope_scan(&sealed->env, &sealed->err);
}

static void
sealed_fini(struct sealed *sealed)
{
	buf_fini(&sealed->buf);
	mac_free(sealed->mac);
}

static void
ck_scan(const char *head, const char *word, const char *field)
{
	struct sealed sealed;
	aicx_err err = receive(&sealed, head);

	ck_assert_msg((err == AICX_OK) == (word == NULL), "%s: %s", head,
	    err == AICX_OK ? "taken" : sealed.err.text);
	if (word != NULL) {
		ck_assert_msg(strcmp(sealed.err.word, word) == 0 &&
			strcmp(sealed.err.field, field) == 0,
		    "%s: %s %s: %s", head, sealed.err.word, sealed.err.field,
		    sealed.err.text);
		ck_assert(sealed.env.payload.ptr == NULL);
	}
	sealed_fini(&sealed);
}

START_TEST(a_message_with_all_members_in_any_order_is_taken)
{
	ck_scan(HEAD QUERY PAYLOAD, NULL, NULL);
	ck_scan("{" PAYLOAD "," QUERY WHO TIME VERSION "\"id\":\"" ID "\"",
	    NULL, NULL);
	ck_scan("{ \"id\" : \"" ID "\" ," VERSION TIME WHO QUERY
		"\"payload\":{ }",
	    NULL, NULL);
	ck_scan(HEAD QUERY "\"expires_at\":\"2026-11-22T14:00:00Z\"," PAYLOAD,
	    NULL, NULL);
	ck_scan(HEAD QUERY "\"traceparent\":"
			   "\"00-0af7651916cd43dd8448eb211c80319c-"
			   "b7ad6b7169203331-01\"," PAYLOAD,
	    NULL, NULL);
}
END_TEST

START_TEST(a_missing_member_is_refused_by_name)
{
	ck_scan("{" VERSION TIME WHO QUERY PAYLOAD, "malformed", "/id");
	ck_scan("{\"id\":\"" ID "\"," TIME WHO QUERY PAYLOAD, "malformed",
	    "/version");
	ck_scan("{\"id\":\"" ID "\"," VERSION WHO QUERY PAYLOAD, "malformed",
	    "/timestamp");
	ck_scan("{\"id\":\"" ID "\"," VERSION TIME "\"receiver_id\":\"" BROKER
		"\"," QUERY PAYLOAD,
	    "malformed", "/sender_id");
	ck_scan("{\"id\":\"" ID "\"," VERSION TIME "\"sender_id\":\"" AGENT
		"\"," QUERY PAYLOAD,
	    "malformed", "/receiver_id");
	ck_scan(HEAD PAYLOAD, "malformed", "/type");
	ck_scan(HEAD "\"type\":\"QUERY\"", "malformed", "/payload");
}
END_TEST

START_TEST(a_member_of_another_form_is_refused_by_name)
{
	ck_scan("{\"id\":\"1\"," VERSION TIME WHO QUERY PAYLOAD, "malformed",
	    "/id");
	ck_scan("{\"id\":\"00000000-0000-0000-0000-000000000000\"," VERSION TIME
		    WHO QUERY PAYLOAD,
	    "malformed", "/id");
	ck_scan(
	    "{\"id\":4," VERSION TIME WHO QUERY PAYLOAD, "malformed", "/id");
	ck_scan(HEAD "\"type\":\"query\"," PAYLOAD, "malformed", "/type");
	ck_scan(HEAD QUERY "\"payload\":[]", "malformed", "/payload");
	ck_scan(HEAD QUERY "\"payload\":\"{}\"", "malformed", "/payload");
	ck_scan(HEAD QUERY "\"payload\":null", "malformed", "/payload");
	ck_scan(HEAD QUERY "\"correlation_id\":\"x\"," PAYLOAD, "malformed",
	    "/correlation_id");
	ck_scan(HEAD QUERY "\"correlation_id\":null," PAYLOAD, "malformed",
	    "/correlation_id");
	ck_scan(HEAD QUERY "\"expires_at\":\"tomorrow\"," PAYLOAD, "malformed",
	    "/expires_at");
	ck_scan("{\"id\":\"" ID "\"," VERSION
		"\"timestamp\":\"2026-02-30T00:00:00Z\"," WHO QUERY PAYLOAD,
	    "malformed", "/timestamp");
	ck_scan(
	    "{\"id\":\"" ID "\"," VERSION
	    "\"timestamp\":\"2026-11-22T13:04:06+01:00\"," WHO QUERY PAYLOAD,
	    "malformed", "/timestamp");
}
END_TEST

START_TEST(a_trace_context_out_of_form_is_refused)
{
	static const char *const bad[] = {
		"00-00000000000000000000000000000000-b7ad6b7169203331-01",
		"00-0af7651916cd43dd8448eb211c80319c-0000000000000000-01",
		"00-0AF7651916CD43DD8448EB211C80319C-b7ad6b7169203331-01",
		"ff-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
		"00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01-x",
		"00-0af7651916cd43dd8448eb211c80319c_b7ad6b7169203331-01",
		"",
	};

	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
		struct buf head = { 0 };

		buf_printf(&head, HEAD QUERY "\"traceparent\":\"%s\"," PAYLOAD,
		    bad[i]);
		ck_scan(buf_cstr(&head), "malformed", "/traceparent");
		buf_fini(&head);
	}
}
END_TEST

START_TEST(another_version_is_refused_as_such)
{
	ck_scan("{\"id\":\"" ID
		"\",\"version\":\"1.1\"," TIME WHO QUERY PAYLOAD,
	    "unsupported_version", "/version");
	ck_scan("{\"id\":\"" ID
		"\",\"version\":\"1.0 \"," TIME WHO QUERY PAYLOAD,
	    "unsupported_version", "/version");
}
END_TEST

START_TEST(what_does_not_belong_into_a_message_is_refused)
{
	ck_scan(HEAD QUERY "\"extra\":1," PAYLOAD, "malformed", "");
	ck_scan(HEAD QUERY QUERY PAYLOAD, "malformed", "");
	ck_scan(HEAD "\"t\\u0079pe\":\"QUERY\"," PAYLOAD, "malformed", "");
	ck_scan(HEAD QUERY "\"payload\":{\"a\":1,\"a\":2}", "malformed", "");
	ck_scan(
	    HEAD QUERY "\"payload\":{\"a\":1,\"\\u0061\":2}", "malformed", "");
	ck_scan(HEAD QUERY "\"payload\":{\"a\":{\"b\":1,\"b\":2}}", NULL, NULL);
	ck_scan(HEAD QUERY "\"payload\":{\"a\":\"\xff\"}", "malformed", "");
	ck_scan(HEAD QUERY "\"payload\":{\"a\":01}", "malformed", "");
	ck_scan(HEAD QUERY "\"payload\":{}}{\"x\":{}", "malformed", "");
	ck_scan(HEAD QUERY PAYLOAD ",\"signature\":\"x\"", "malformed",
	    "/signature");
	ck_scan("{", "malformed", "");
}
END_TEST

START_TEST(a_payload_is_as_deep_as_the_limit_and_no_deeper)
{
	for (int depth = JSON_DEPTH_MAX - 2; depth <= JSON_DEPTH_MAX; depth++) {
		struct buf head = { 0 };

		buf_text(&head, HEAD QUERY "\"payload\":{\"a\":");
		for (int i = 2; i < depth; i++)
			buf_char(&head, '[');
		for (int i = 2; i < depth; i++)
			buf_char(&head, ']');
		buf_char(&head, '}');
		ck_scan(buf_cstr(&head), NULL, NULL);
		buf_fini(&head);
	}

	struct buf head = { 0 };
	buf_text(&head, HEAD QUERY "\"payload\":{\"a\":");
	for (int i = 0; i < 63; i++)
		buf_char(&head, '[');
	for (int i = 0; i < 63; i++)
		buf_char(&head, ']');
	buf_char(&head, '}');
	ck_scan(buf_cstr(&head), "malformed", "");
	buf_fini(&head);
}
END_TEST

START_TEST(a_result_and_an_ack_say_what_they_answer)
{
	ck_scan(HEAD "\"type\":\"RESULT\"," PAYLOAD, "malformed",
	    "/correlation_id");
	ck_scan(
	    HEAD "\"type\":\"ACK\"," PAYLOAD, "malformed", "/correlation_id");
	ck_scan(HEAD "\"type\":\"ACK\",\"correlation_id\":\"" ID "\"," PAYLOAD,
	    NULL, NULL);
	ck_scan(HEAD "\"type\":\"ERROR\"," PAYLOAD, NULL, NULL);
}
END_TEST

START_TEST(the_method_is_the_payloads_own)
{
	static const struct {
		const char *payload, *method;
	} cases[] = {
		{ "{\"method\":\"deal.buy\"}", "deal.buy" },
		{ "{\"a\":{\"method\":\"x\"},\"method\":\"y\"}", "y" },
		{ "{\"a\":{\"method\":\"x\"}}", NULL },
		{ "{\"method\":7}", NULL },
		{ "{\"method\":\"deal\\u002ebuy\"}", NULL },
		{ "{}", NULL },
	};

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct buf head = { 0 };
		struct sealed sealed;

		buf_printf(
		    &head, HEAD QUERY "\"payload\":%s", cases[i].payload);
		ck_assert_int_eq(receive(&sealed, buf_cstr(&head)), AICX_OK);
		struct aicx_str method = envelope_method(&sealed.env);
		if (cases[i].method != NULL)
			ck_assert(str_is(method, cases[i].method));
		else
			ck_assert(method.ptr == NULL);
		sealed_fini(&sealed);
		buf_fini(&head);
	}
}
END_TEST

static const struct envelope_head full_head = {
	.id = { "0123456789abcdef" },
	.sender_id = { "agentagentagenta" },
	.receiver_id = { "brokerbrokerbrok" },
	.correlation_id = { "fedcba9876543210" },
	.type = MSG_RESULT,
	.timestamp_ms = 1795352646000,
	.expires_ms = 1795352706123,
	.traceparent =
	    STR("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"),
};

START_TEST(what_is_printed_and_signed_is_read_back)
{
	struct sign_key *key = sign_key_new(seed);
	struct aicx_str payload = STR("{\"ok\":true}");
	struct envelope env;
	struct buf buf = { 0 };

	buf_text(&buf, "before");
	envelope_print(&buf, &full_head, payload);
	envelope_sign_key(&buf, 6, key);
	struct aicx_str text = { buf.ptr + 6, buf.len - 6 };
	ck_assert_int_eq(envelope_split(text, text.len, &env, NULL), AICX_OK);
	ck_assert(envelope_verify_key(&env, sign_key_public(key)));
	ck_assert_int_eq(envelope_scan(&env, NULL), AICX_OK);

	ck_assert(id_eq(&env.id, &full_head.id));
	ck_assert(id_eq(&env.sender_id, &full_head.sender_id));
	ck_assert(id_eq(&env.receiver_id, &full_head.receiver_id));
	ck_assert(id_eq(&env.correlation_id, &full_head.correlation_id));
	ck_assert_int_eq(env.type, full_head.type);
	ck_assert_int_eq(env.timestamp_ms, full_head.timestamp_ms);
	ck_assert_int_eq(env.expires_ms, full_head.expires_ms);
	ck_assert(str_eq(env.traceparent, full_head.traceparent));
	ck_assert(str_eq(env.payload, payload));
	buf_fini(&buf);
	sign_key_free(key);
}
END_TEST

START_TEST(what_is_absent_is_not_printed)
{
	struct envelope_head head = full_head;
	struct sealed sealed;
	struct buf buf = { 0 };

	head.type = MSG_HEARTBEAT;
	head.correlation_id = (struct aicx_id) { { 0 } };
	head.expires_ms = 0;
	head.traceparent = (struct aicx_str) { NULL, 0 };
	envelope_print(&buf, &head, STR("{}"));
	ck_assert_str_eq(buf_cstr(&buf),
	    "{\"id\":\"30313233-3435-3637-3839-616263646566\","
	    "\"version\":\"1.0\","
	    "\"timestamp\":\"2026-11-22T13:04:06.000Z\","
	    "\"sender_id\":\"6167656e-7461-6765-6e74-6167656e7461\","
	    "\"receiver_id\":\"62726f6b-6572-6272-6f6b-657262726f6b\","
	    "\"type\":\"HEARTBEAT\",\"payload\":{}");
	ck_assert_int_eq(receive(&sealed, buf_cstr(&buf)), AICX_OK);
	ck_assert(id_is_nil(&sealed.env.correlation_id));
	ck_assert_int_eq(sealed.env.expires_ms, 0);
	ck_assert(sealed.env.traceparent.ptr == NULL);
	sealed_fini(&sealed);
	buf_fini(&buf);
}
END_TEST

START_TEST(a_forwarded_message_differs_in_its_last_member_only)
{
	static const char receiver[] = "01932000-0000-7000-8000-0000000005e5";
	struct mac *other = mac_new("other key", 9);
	struct sealed sealed;
	struct envelope env;
	struct buf out = { 0 };

	ck_assert_int_eq(receive(&sealed, HEAD QUERY PAYLOAD), AICX_OK);
	buf_text(&out, "xy");
	envelope_resign_mac(&out, &sealed.env, other, str_of(receiver));
	struct aicx_str text = { out.ptr + 2, out.len - 2 };
	ck_assert_int_eq(envelope_split(text, text.len, &env, NULL), AICX_OK);
	ck_assert(str_eq(env.head, sealed.env.head));
	ck_assert(str_is(env.signature.key_id, receiver));
	ck_assert(envelope_verify_mac(&env, other));
	ck_assert(!envelope_verify_mac(&env, sealed.mac));
	ck_assert(!envelope_verify_key(&env, seed));
	ck_assert_int_eq(envelope_scan(&env, NULL), AICX_OK);
	buf_fini(&out);
	sealed_fini(&sealed);
	mac_free(other);
}
END_TEST

static void
ck_split(const char *text, size_t max, const char *word)
{
	struct aicx_error err = { 0 };
	struct envelope env = { .signature.n_bytes = 77 };

	ck_assert(envelope_split(str_of(text), max, &env, &err) != AICX_OK);
	ck_assert_msg(strcmp(err.word, word) == 0, "%s: %s", text, err.word);
	ck_assert_uint_eq(env.signature.n_bytes, 77);
}

#define B86                                                                    \
	"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"                 \
	"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
#define B43 "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"

START_TEST(a_signature_out_of_form_is_refused_before_anything_is_verified)
{
	struct envelope env;

	ck_assert_int_eq(
	    envelope_split(
		STR("{\"a\":1,\"signature\":\"ed25519:" B43 ":" B86 "\"}"),
		1000, &env, NULL),
	    AICX_OK);
	ck_split("", 1000, "malformed");
	ck_split("\"}", 1000, "malformed");
	ck_split("{}", 1000, "malformed");
	ck_split(
	    "{\"signature\":\"ed25519:" B43 ":" B86 "\"}", 1000, "malformed");
	ck_split("{\"a\":1,\"signature\":\"\"}", 1000, "malformed");
	ck_split("{\"a\":1,\"signature\":\"ed25519:" B43 ":" B86 "\"}\n", 1000,
	    "malformed");
	ck_split("{\"a\":1,\"signature\":\"ed25519:" B43 ":" B86 "\" }", 1000,
	    "malformed");
	ck_split("{\"a\":1,\"signature\": \"ed25519:" B43 ":" B86 "\"}", 1000,
	    "malformed");
	/* Bits that no byte needs make a second spelling. */
	ck_split(
	    "{\"a\":1,\"signature\":\"ed25519:AAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
	    "AAAAAAAAAAAAAB:" B86 "\"}",
	    1000, "malformed");
	ck_split("{\"a\":1,\"signature\":\"hmac-sha256:" B43 ":" B43 "\"}",
	    1000, "malformed");
	ck_split("{\"a\":1,\"signature\":\"hmac-sha256:"
		 "01932000-0000-7000-8000-0000000005E5:" B43 "\"}",
	    1000, "malformed");
	ck_split("{\"a\":1,\"signature\":\"ed25519:" B43 ":" B86 "\"}", 100,
	    "too_large");
}
END_TEST

START_TEST(a_blank_before_the_brace_is_refused)
{
	static const char good[] =
	    "{\"a\":1,\"signature\":\"hmac-sha256:01932000-0000-7000-8000-"
	    "0000000005e5:q2BVTGswq1KMRtZ0B6QxhqzFwhtIiTmBPQX0oP9405w\"}";
	struct aicx_error error = { 0 };
	struct envelope env;
	char bad[sizeof good + 1] = " ";

	ck_assert_int_eq(
	    envelope_split(str_of(good), 1024, &env, &error), AICX_OK);
	memcpy(bad + 1, good, sizeof good);
	ck_assert_int_eq(
	    envelope_split(str_of(bad), 1024, &env, &error), AICX_EINVAL);
	ck_assert_str_eq(error.word, "malformed");
}
END_TEST

START_TEST(every_message_type_has_its_name)
{
	enum msg_type type;

	for (int i = MSG_QUERY; i <= MSG_HEARTBEAT; i++) {
		ck_assert(msg_type_parse(
		    str_of(msg_type_name((enum msg_type)i)), &type));
		ck_assert_int_eq(type, i);
	}
	ck_assert(!msg_type_parse(STR("QUER"), &type));
	ck_assert(!msg_type_parse(STR(""), &type));
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("envelope");
	TCase *tcase = tcase_create("envelope");
	SRunner *runner = srunner_create(suite);

	tcase_add_test(tcase, a_message_with_all_members_in_any_order_is_taken);
	tcase_add_test(tcase, a_missing_member_is_refused_by_name);
	tcase_add_test(tcase, a_member_of_another_form_is_refused_by_name);
	tcase_add_test(tcase, a_trace_context_out_of_form_is_refused);
	tcase_add_test(tcase, another_version_is_refused_as_such);
	tcase_add_test(tcase, what_does_not_belong_into_a_message_is_refused);
	tcase_add_test(tcase, a_payload_is_as_deep_as_the_limit_and_no_deeper);
	tcase_add_test(tcase, a_result_and_an_ack_say_what_they_answer);
	tcase_add_test(tcase, the_method_is_the_payloads_own);
	tcase_add_test(tcase, what_is_printed_and_signed_is_read_back);
	tcase_add_test(tcase, what_is_absent_is_not_printed);
	tcase_add_test(
	    tcase, a_forwarded_message_differs_in_its_last_member_only);
	tcase_add_test(tcase,
	    a_signature_out_of_form_is_refused_before_anything_is_verified);
	tcase_add_test(tcase, a_blank_before_the_brace_is_refused);
	tcase_add_test(tcase, every_message_type_has_its_name);
	suite_add_tcase(suite, tcase);
	srunner_run_all(runner, CK_NORMAL);
	int n_failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return n_failed != 0;
}
