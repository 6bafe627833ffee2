/* SPDX-License-Identifier: Apache-2.0 */
/* offer_test.c - what makes an offer fit its intent, and each thing that does
   not. */
#include "negotiation/offer.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/b64.h"
#include "base/str.h"
#include "negotiation/intent.h"

enum { NOW_MS = 1000000 };

static const struct aicx_id broker_id = { { 0xb0 } };
static const struct aicx_id seller = { { 0x05 } }, stranger = { { 0x06 } };
static const struct intent intent = { .intent_id = { { 0x11 } } };
static const struct aicx_str terms = STR("{\"pricing\":{}}");

static char hash_text[KEY_ID_TEXT + 1];
static struct aicx_error err;

static struct offer_text
good(void)
{
	uint8_t hash[HASH_BYTES];

	sha256(terms.ptr, terms.len, hash);
	b64_print(hash, sizeof hash, hash_text);
	return (struct offer_text) {
		.kind = STR("offer"),
		.id = { { 0x77 } },
		.broker_id = broker_id,
		.intent_id = intent.intent_id,
		.provider_id = seller,
		.terms_sha256 = str_of(hash_text),
		.expires_ms = NOW_MS + 1,
	};
}

static aicx_err
check(const struct offer_text *text)
{
	err = (struct aicx_error) { 0 };
	return offer_check(
	    text, terms, &intent, &seller, &broker_id, NOW_MS, &err);
}

static void
ck_refused(const struct offer_text *text, aicx_err code, const char *word)
{
	ck_assert_int_eq(check(text), code);
	ck_assert_str_eq(err.word, word);
}

START_TEST(an_offer_of_this_seller_for_this_intent_is_taken)
{
	struct offer_text text = good();

	ck_assert_msg(check(&text) == AICX_OK, "%s", err.text);
}
END_TEST

START_TEST(another_kind_of_text_is_no_offer)
{
	struct offer_text text = good();

	text.kind = STR("contract");
	ck_refused(&text, AICX_EINVAL, "invalid_params");
	ck_assert_str_eq(err.field, "/offer/text");
}
END_TEST

START_TEST(an_offer_to_another_broker_is_misaddressed)
{
	struct offer_text text = good();

	text.broker_id = stranger;
	ck_refused(&text, AICX_EDENIED, "misaddressed");
}
END_TEST

START_TEST(an_offer_in_anothers_name_is_refused)
{
	struct offer_text text = good();

	text.provider_id = stranger;
	ck_refused(&text, AICX_EDENIED, "sender_mismatch");
}
END_TEST

START_TEST(an_offer_for_another_intent_is_refused_unless_it_stands_for_any)
{
	struct offer_text text = good();

	text.intent_id = stranger;
	ck_refused(&text, AICX_EINVAL, "invalid_params");
	ck_assert_int_eq(
	    offer_check(&text, terms, NULL, &seller, &broker_id, NOW_MS, &err),
	    AICX_OK);
}
END_TEST

START_TEST(an_offer_ends_at_its_expiry)
{
	struct offer_text text = good();

	text.expires_ms = NOW_MS;
	ck_refused(&text, AICX_ESTATE, "expired");
	text.expires_ms = 0;
	ck_refused(&text, AICX_ESTATE, "expired");
}
END_TEST

START_TEST(an_offer_names_the_hash_of_exactly_these_terms)
{
	struct offer_text text = good();

	ck_assert_int_eq(offer_check(&text, STR("{\"pricing\": {}}"), &intent,
			     &seller, &broker_id, NOW_MS, &err),
	    AICX_EINVAL);
	ck_assert_str_eq(err.word, "invalid_params");
	text.terms_sha256 = STR("short");
	ck_refused(&text, AICX_EINVAL, "invalid_params");
	text.terms_sha256 = (struct aicx_str) { NULL, 0 };
	ck_refused(&text, AICX_EINVAL, "invalid_params");
}
END_TEST

static aicx_err
parse(struct aicx_str json, struct arena *arena, struct offer_text *ret)
{
	struct json doc;

	ck_assert_int_eq(json_parse(json, arena, &doc, NULL), AICX_OK);
	err = (struct aicx_error) { 0 };
	return field_parse(offer_text_fields, json_root(&doc), NULL, false,
	    arena, ret, sizeof *ret, &err);
}

START_TEST(a_text_is_printed_and_read_back)
{
	struct offer_text text = good(), back;
	struct arena arena = { 0 };
	struct buf buf = { 0 };

	offer_text_print(&buf, &text);
	ck_assert_int_eq(parse(buf_view(&buf), &arena, &back), AICX_OK);
	ck_assert_int_eq(check(&back), AICX_OK);
	ck_assert_int_eq(back.expires_ms, text.expires_ms);
	ck_assert_int_eq(back.standby_until_ms, 0);
	buf_fini(&buf);
	arena_fini(&arena);
}
END_TEST

START_TEST(a_text_that_lacks_a_member_is_refused_by_name)
{
	static const char *const members[] = { "kind", "id", "broker_id",
		"provider_id", "terms_sha256", "expires" };
	struct offer_text text = good(), back;
	struct arena arena = { 0 };
	struct buf buf = { 0 };
	char field[32];

	offer_text_print(&buf, &text);
	for (size_t i = 0; i < sizeof members / sizeof *members; i++) {
		struct aicx_str copy = arena_str(&arena, buf_view(&buf));
		char *at = strstr((char *)(uintptr_t)copy.ptr, members[i]);
		ck_assert_ptr_nonnull(at);
		at[0] = 'X';
		ck_assert_int_ne(parse(copy, &arena, &back), AICX_OK);
		(void)snprintf(field, sizeof field, "/%s", members[i]);
		ck_assert_str_eq(err.field, field);
	}
	buf_fini(&buf);
	arena_fini(&arena);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("offer");
	TCase *tcase = tcase_create("offer");

	tcase_add_test(tcase, an_offer_of_this_seller_for_this_intent_is_taken);
	tcase_add_test(tcase, another_kind_of_text_is_no_offer);
	tcase_add_test(tcase, an_offer_to_another_broker_is_misaddressed);
	tcase_add_test(tcase, an_offer_in_anothers_name_is_refused);
	tcase_add_test(tcase,
	    an_offer_for_another_intent_is_refused_unless_it_stands_for_any);
	tcase_add_test(tcase, an_offer_ends_at_its_expiry);
	tcase_add_test(tcase, an_offer_names_the_hash_of_exactly_these_terms);
	tcase_add_test(tcase, a_text_is_printed_and_read_back);
	tcase_add_test(tcase, a_text_that_lacks_a_member_is_refused_by_name);
	suite_add_tcase(suite, tcase);
	SRunner *runner = srunner_create(suite);
	srunner_run_all(runner, CK_ENV);
	int failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
