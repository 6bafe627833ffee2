/* SPDX-License-Identifier: Apache-2.0 */
/* schema_test.c - what is refused, how it is told, and what a check may cost;
   the verdicts themselves are schema_suite_test.c's. */
#include "schema/schema.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/str.h"

static struct aicx_error why;

/* The verdict of the value by the schema, both as text. */
static aicx_err
judge(const char *schema_text, const char *value_text)
{
	const struct schema_options options = { .formats = true };
	struct arena scratch = { 0 };
	struct json value;

	memset(&why, 0, sizeof why);
	struct schema *schema = schema_new(str_of(schema_text), &options, &why);
	ck_assert_msg(schema != NULL, "%s", why.text);
	ck_assert_int_eq(
	    json_parse(str_of(value_text), &scratch, &value, NULL), AICX_OK);
	aicx_err err = schema_check(schema, json_root(&value), &scratch, &why);
	arena_fini(&scratch);
	schema_free(schema);
	return err;
}

static void
refused(const char *schema_text, const char *said)
{
	memset(&why, 0, sizeof why);
	ck_assert_ptr_null(schema_new(str_of(schema_text), NULL, &why));
	ck_assert_str_eq(why.word, "invalid_params");
	ck_assert_msg(strstr(why.text, said) != NULL, "%s", why.text);
}

START_TEST(a_mismatch_names_the_place_and_the_keyword)
{
	const char *schema = "{\"properties\":{\"a/b\":{\"items\":"
			     "{\"type\":\"integer\"}}},\"required\":[\"c\"]}";

	ck_assert_int_eq(
	    judge(schema, "{\"a/b\":[1,2.5],\"c\":0}"), AICX_EINVAL);
	ck_assert_str_eq(why.word, "invalid_input");
	ck_assert_str_eq(why.field, "/a~1b/1");
	ck_assert_ptr_nonnull(strstr(why.text, "\"type\": it is a number"));
	ck_assert_int_eq(judge(schema, "{\"a/b\":[1]}"), AICX_EINVAL);
	ck_assert_str_eq(why.field, "");
	ck_assert_ptr_nonnull(strstr(why.text, "no member \"c\""));
	ck_assert_int_eq(judge(schema, "{\"a/b\":[1.0],\"c\":0}"), AICX_OK);
}
END_TEST

START_TEST(what_was_only_tried_is_not_told)
{
	ck_assert_int_eq(
	    judge("{\"anyOf\":[{\"type\":\"null\"},{\"minimum\":3}]}", "2"),
	    AICX_EINVAL);
	ck_assert_ptr_nonnull(strstr(why.text, "\"anyOf\""));
	ck_assert_int_eq(
	    judge("{\"oneOf\":[true,{\"minimum\":1}]}", "2"), AICX_EINVAL);
	ck_assert_ptr_nonnull(strstr(why.text, "more than one"));
	ck_assert_int_eq(judge("{\"not\":{\"const\":1}}", "1.0"), AICX_EINVAL);
}
END_TEST

START_TEST(keywords_the_suites_selection_leaves_out)
{
	static const struct {
		const char *schema, *good, *bad;
	} cases[] = { { "{\"const\":{\"a\":1,\"b\":[2]}}",
			  "{\"b\":[2.0],\"a\":1e0}", "{\"a\":1,\"b\":2}" },
		{ "{\"enum\":[null,\"x\"]}", "\"\\u0078\"", "0" },
		{ "{\"minimum\":-1.5}", "-15e-1", "-1.51" },
		{ "{\"exclusiveMinimum\":0}", "1e-400", "-0.0" },
		{ "{\"minLength\":2}", "\"\\ud83d\\ude00a\"",
		    "\"\\ud83d\\ude00\"" },
		{ "{\"maxItems\":1}", "[1]", "[1,2]" },
		{ "{\"maxProperties\":1}", "{\"a\":1}", "{\"a\":1,\"b\":2}" },
		{ "{\"minContains\":2,\"contains\":{\"const\":1}}", "[1,1]",
		    "[1,2]" },
		{ "{\"minContains\":0,\"contains\":{\"const\":1}}", "[]",
		    NULL },
		{ "{\"not\":{}}", NULL, "1" },
		{ "{\"allOf\":[{\"minimum\":1},{\"maximum\":2}]}", "1.5", "3" },
		{ "{\"if\":{\"type\":\"string\"},\"then\":{\"minLength\":1},"
		  "\"else\":false}",
		    "\"a\"", "1" },
		{ "{\"propertyNames\":{\"pattern\":\"^a\"}}", "{\"ab\":1}",
		    "{\"ba\":1}" },
		{ "{\"dependentSchemas\":{\"a\":{\"required\":[\"b\"]}}}",
		    "{\"a\":1,\"b\":2}", "{\"a\":1}" },
		{ "{\"prefixItems\":[{\"type\":\"string\"}],\"items\":false}",
		    "[\"a\"]", "[\"a\",1]" },
		{ "{\"unevaluatedProperties\":false,\"allOf\":[{\"properties\":"
		  "{\"a\":true}}],\"patternProperties\":{\"^x\":true}}",
		    "{\"a\":1,\"xy\":2}", "{\"a\":1,\"b\":2}" },
		{ "{\"unevaluatedItems\":{\"type\":\"null\"},\"contains\":"
		  "{\"const\":1}}",
		    "[1,null]", "[1,2]" },
		{ "{\"$ref\":\"#/$defs/n~1o\",\"$defs\":{\"n/o\":{\"type\":"
		  "[\"boolean\",\"null\"]}}}",
		    "false", "\"\"" },
		{ "{\"pattern\":\"^\\\\p{Uppercase_Letter}\\\\u{1F600}$\"}",
		    "\"A\\ud83d\\ude00\"", "\"a\\ud83d\\ude00\"" },
		{ "{\"format\":\"date\"}", "\"2024-02-29\"", "\"2023-02-29\"" },
		{ "{\"format\":\"time\"}", "\"23:59:60Z\"", "\"22:59:60Z\"" },
		{ "{\"format\":\"hostname\"}", "\"a-b.example\"",
		    "\"-a.example\"" },
		{ "{\"format\":\"ipv6\"}", "\"fe80::1:192.0.2.1\"",
		    "\"1::2::3\"" },
		{ "{\"format\":\"uri\"}", "\"urn:a:b\"", "\"//a/b\"" },
		{ "{\"format\":\"uri-reference\"}", "\"../a?b#c\"", "\"a b\"" },
		{ "{\"format\":\"iri\"}", "\"http://\\u00e4.example/\"",
		    "\"\\u00e4\"" },
		{ "{\"format\":\"regex\"}", "\"(a|b)+\"", "\"(a\"" },
		{ "{\"format\":\"no-such-format\"}", "\"x\"", NULL } };

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		if (cases[i].good != NULL)
			ck_assert_msg(
			    judge(cases[i].schema, cases[i].good) == AICX_OK,
			    "%s: %s", cases[i].schema, why.text);
		if (cases[i].bad != NULL)
			ck_assert_msg(
			    judge(cases[i].schema, cases[i].bad) == AICX_EINVAL,
			    "%s takes %s", cases[i].schema, cases[i].bad);
	}
}
END_TEST

START_TEST(what_is_no_schema_is_refused_with_its_keyword)
{
	refused("{", "schema");
	refused("[]", "must stand where");
	refused("{\"type\":\"text\"}", "\"type\"");
	refused("{\"type\":[1]}", "\"type\"");
	refused("{\"minLength\":-1}", "\"minLength\"");
	refused("{\"maxItems\":1.5}", "\"maxItems\"");
	refused("{\"maximum\":\"1\"}", "\"maximum\"");
	refused("{\"multipleOf\":0}", "above zero");
	refused("{\"multipleOf\":1.234567890123456789}", "18 digits");
	refused("{\"pattern\":\"(\"}", "regular expression");
	refused("{\"patternProperties\":{\"[\":true}}", "regular expression");
	refused("{\"required\":\"a\"}", "\"required\"");
	refused("{\"required\":[1]}", "\"required\"");
	refused("{\"dependentRequired\":[]}", "\"dependentRequired\"");
	refused("{\"allOf\":[]}", "empty");
	refused("{\"allOf\":{}}", "array of schemas");
	refused("{\"properties\":{\"a\":1}}", "must stand where");
	refused("{\"enum\":1}", "\"enum\"");
	refused("{\"uniqueItems\":1}", "\"uniqueItems\"");
	refused("{\"$id\":\"#a\"}", "$id");
	refused("{\"$anchor\":\"\"}", "$anchor");
	refused("{\"$defs\":{\"a\":{\"$anchor\":\"x\"},\"b\":{\"$anchor\":"
		"\"x\"}}}",
	    "twice");
	refused("{\"$defs\":{\"a\":{\"$id\":\"x\"},\"b\":{\"$id\":\"x\"}}}",
	    "has it already");
	refused("{\"$ref\":1}", "$ref");
	refused("{\"$ref\":\"#/a\"}", "leads to no schema");
	refused("{\"$ref\":\"#nowhere\"}", "leads to no schema");
	refused("{\"$ref\":\"http://example.com/other\"}", "none is fetched");
}
END_TEST

START_TEST(a_check_ends_whatever_the_schema_asks)
{
	char deep[200];
	struct buf big = { 0 };

	ck_assert_int_eq(judge("{\"$ref\":\"#\"}", "1"), AICX_ELIMIT);
	ck_assert_str_eq(why.word, "invalid_input");
	/* twice the work at each level */
	ck_assert_int_eq(
	    judge("{\"anyOf\":[{\"$ref\":\"#/$defs/a\"}],\"$defs\":{\"a\":"
		  "{\"oneOf\":[{\"$ref\":\"#/$defs/a\"},{\"$ref\":"
		  "\"#/$defs/a\"}]}}}",
		"1"),
	    AICX_ELIMIT);
	ck_assert_int_eq(judge("{\"pattern\":\"^(a+)+$\"}",
			     "\"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaab\""),
	    AICX_ELIMIT);
	/* "not" does not turn what is not known into a yes */
	ck_assert_int_eq(judge("{\"not\":{\"pattern\":\"^(a+)+$\"}}",
			     "\"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaab\""),
	    AICX_ELIMIT);
	memset(deep, '[', 64);
	memset(deep + 64, ']', 64);
	deep[128] = '\0';
	ck_assert_int_eq(judge("{\"items\":{\"$ref\":\"#\"}}", deep), AICX_OK);
	buf_char(&big, '[');
	for (int i = 0; i < 30000; i++)
		buf_printf(&big, "%s%d", i == 0 ? "" : ",", i);
	buf_char(&big, ']');
	ck_assert_int_eq(
	    judge("{\"uniqueItems\":true}", buf_cstr(&big)), AICX_OK);
	buf_fini(&big);
}
END_TEST

START_TEST(a_schema_has_no_more_parts_than_its_limit)
{
	struct buf big = { 0 };

	buf_text(&big, "{\"allOf\":[");
	for (int i = 0; i < SCHEMA_NODES_MAX; i++)
		buf_printf(&big, "%strue", i == 0 ? "" : ",");
	buf_text(&big, "]}");
	refused(buf_cstr(&big), "subschemas");
	buf_clear(&big);
	buf_text(&big, "{\"$defs\":{");
	for (int i = 0; i <= SCHEMA_IDS_MAX; i++)
		buf_printf(
		    &big, "%s\"%d\":{\"$id\":\"%d\"}", i == 0 ? "" : ",", i, i);
	buf_text(&big, "}}");
	refused(buf_cstr(&big), "too many");
	buf_fini(&big);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("schema");
	TCase *tcase = tcase_create("schema");
	SRunner *runner = srunner_create(suite);

	tcase_set_timeout(tcase, 30);
	tcase_add_test(tcase, a_mismatch_names_the_place_and_the_keyword);
	tcase_add_test(tcase, what_was_only_tried_is_not_told);
	tcase_add_test(tcase, keywords_the_suites_selection_leaves_out);
	tcase_add_test(tcase, what_is_no_schema_is_refused_with_its_keyword);
	tcase_add_test(tcase, a_check_ends_whatever_the_schema_asks);
	tcase_add_test(tcase, a_schema_has_no_more_parts_than_its_limit);
	suite_add_tcase(suite, tcase);
	srunner_run_all(runner, CK_ENV);
	int n_failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return n_failed != 0;
}
