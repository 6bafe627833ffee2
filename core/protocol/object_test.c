/* SPDX-License-Identifier: Apache-2.0 */
/* object_test.c - signed objects against the golden vectors, and their form. */
#include "protocol/object.h"

#include <check.h>
#include <string.h>

#include "protocol/vectors.h"

static const uint8_t seed[KEY_BYTES] = { 1 };

START_TEST(every_golden_object_gets_its_verdict)
{
	struct vectors v;
	uint8_t raw[KEY_BYTES];
	int n = 0;

	if (!vectors_open(&v, "wire/wire.json"))
		return;
	struct json_ref bob = json_get(json_get(v.root, "parties"), "bob");
	vectors_key(&v, bob, "public_key", raw);
	struct json_iter iter = json_iter(json_get(v.root, "signed_objects"));
	for (; json_next(&iter); n++) {
		struct aicx_str want = vectors_str(&v, iter.value, "want");
		struct aicx_error err = { .word = "valid" };
		struct signed_object object;
		enum sig_kind kind;

		ck_assert(
		    sig_kind_parse(vectors_str(&v, iter.value, "kind"), &kind));
		ck_assert_int_eq(object_parse(json_get(iter.value, "object"),
				     &v.arena, &object, NULL),
		    AICX_OK);
		(void)object_verify(&object, kind, raw, &err);
		ck_assert_msg(str_is(want, err.word), "%.*s: got %s",
		    STR_ARG(vectors_str(&v, iter.value, "name")), err.word);
	}
	ck_assert_int_eq(n, 4);
	vectors_close(&v);
}
END_TEST

START_TEST(what_is_signed_and_put_is_read_back_byte_for_byte)
{
	static const char text[] =
	    "{\"kind\":\"offer\",\"note\":\"\\u00e9 \xc3\xa9\"}";
	struct sign_key *key = sign_key_new(seed);
	struct signed_object object = object_sign(key, SIG_OFFER, str_of(text));
	struct signed_object back;
	struct arena arena = { NULL };
	struct buf buf = { 0 };
	struct json_writer w = json_writer(&buf);
	struct json doc;

	object_put(&w, &object);
	ck_assert_int_eq(
	    json_parse(buf_view(&buf), &arena, &doc, NULL), AICX_OK);
	ck_assert_int_eq(
	    object_parse(json_root(&doc), &arena, &back, NULL), AICX_OK);
	ck_assert(str_is(back.text, text));
	ck_assert_int_eq(
	    object_verify(&back, SIG_OFFER, sign_key_public(key), NULL),
	    AICX_OK);
	arena_fini(&arena);
	buf_fini(&buf);
	sign_key_free(key);
}
END_TEST

static void
ck_verify(const char *text, enum sig_kind kind, const char *word)
{
	struct sign_key *key = sign_key_new(seed);
	struct signed_object object = object_sign(key, kind, str_of(text));
	struct aicx_error err = { .word = "" };

	(void)object_verify(&object, kind, sign_key_public(key), &err);
	ck_assert_msg(strcmp(err.word, word) == 0, "%s: %s", text, err.word);
	sign_key_free(key);
}

START_TEST(a_text_that_is_not_of_its_kind_is_refused_though_well_signed)
{
	ck_verify("{\"kind\":\"offer\"}", SIG_OFFER, "");
	ck_verify("{\"kind\":\"offer\"}", SIG_MANDATE, "malformed");
	ck_verify("{\"kind\":\"envelope\"}", SIG_ENVELOPE, "");
	ck_verify("{\"kind\":7}", SIG_OFFER, "malformed");
	ck_verify("{}", SIG_OFFER, "malformed");
	ck_verify("{\"kind\":\"offer\"", SIG_OFFER, "malformed");
	ck_verify(
	    "{\"kind\":\"offer\",\"kind\":\"offer\"}", SIG_OFFER, "malformed");
	ck_verify("{\"a\":{\"kind\":\"offer\"}}", SIG_OFFER, "malformed");
	ck_verify("[]", SIG_OFFER, "malformed");
	ck_verify("", SIG_OFFER, "malformed");
}
END_TEST

START_TEST(another_key_or_key_id_is_refused)
{
	static const uint8_t other_seed[KEY_BYTES] = { 2 };
	struct sign_key *key = sign_key_new(seed);
	struct sign_key *other = sign_key_new(other_seed);
	struct signed_object object =
	    object_sign(key, SIG_OFFER, STR("{\"kind\":\"offer\"}"));
	struct aicx_error err;

	ck_assert_int_ne(
	    object_verify(&object, SIG_OFFER, sign_key_public(other), &err),
	    AICX_OK);
	ck_assert_str_eq(err.word, "bad_signature");
	ck_assert_str_eq(err.field, "/key_id");
	object.key_id = str_of(sign_key_id(other));
	ck_assert_int_ne(
	    object_verify(&object, SIG_OFFER, sign_key_public(other), &err),
	    AICX_OK);
	ck_assert_str_eq(err.word, "bad_signature");
	ck_assert_str_eq(err.field, "/signature");
	sign_key_free(key);
	sign_key_free(other);
}
END_TEST

#define B43 "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
#define B86 B43 B43

static void
ck_parse(const char *text, const char *field)
{
	struct signed_object object;
	struct arena arena = { NULL };
	struct aicx_error err;
	struct json doc;

	ck_assert_int_eq(json_parse(str_of(text), &arena, &doc, NULL), AICX_OK);
	aicx_err code = object_parse(json_root(&doc), &arena, &object, &err);
	ck_assert_int_eq(code == AICX_OK, field == NULL);
	if (field != NULL) {
		ck_assert_str_eq(err.word, "malformed");
		ck_assert_str_eq(err.field, field);
	}
	arena_fini(&arena);
}

START_TEST(an_object_out_of_form_is_refused_by_name)
{
	ck_parse("{\"text\":\"x\",\"key_id\":\"" B43 "\",\"signature\":\"" B86
		 "\",\"more\":1}",
	    NULL);
	ck_parse("{\"key_id\":\"" B43 "\",\"signature\":\"" B86 "\"}", "/text");
	ck_parse("{\"text\":{},\"key_id\":\"" B43 "\",\"signature\":\"" B86
		 "\"}",
	    "/text");
	ck_parse("{\"text\":\"x\",\"key_id\":\"" B43 "A\",\"signature\":\"" B86
		 "\"}",
	    "/key_id");
	ck_parse("{\"text\":\"x\",\"key_id\":\"" B43 "\",\"signature\":\"" B43
		 "\"}",
	    "/signature");
	ck_parse("{\"text\":\"x\",\"key_id\":\"" B43 "\"}", "/signature");
	ck_parse("\"x\"", "");
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("object");
	TCase *tcase = tcase_create("object");
	SRunner *runner = srunner_create(suite);

	tcase_add_test(tcase, every_golden_object_gets_its_verdict);
	tcase_add_test(
	    tcase, what_is_signed_and_put_is_read_back_byte_for_byte);
	tcase_add_test(tcase,
	    a_text_that_is_not_of_its_kind_is_refused_though_well_signed);
	tcase_add_test(tcase, another_key_or_key_id_is_refused);
	tcase_add_test(tcase, an_object_out_of_form_is_refused_by_name);
	suite_add_tcase(suite, tcase);
	srunner_run_all(runner, CK_NORMAL);
	int n_failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return n_failed != 0;
}
