/* SPDX-License-Identifier: Apache-2.0 */
/* json_test.c - reading and writing, and what is refused. */
#include "base/json.h"

#include <check.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/id.h"
#include "base/str.h"

struct reading {
	struct arena arena;
	struct json doc;
	struct aicx_error err;
};

static aicx_err
read_text(struct reading *reading, struct aicx_str text)
{
	*reading = (struct reading) { 0 };
	return json_parse(text, &reading->arena, &reading->doc, &reading->err);
}

static struct json_ref
root_of(struct reading *reading, const char *text)
{
	ck_assert_msg(read_text(reading, str_of(text)) == AICX_OK, "%s: %s",
	    text, reading->err.text);
	return json_root(&reading->doc);
}

static void
done(struct reading *reading)
{
	arena_fini(&reading->arena);
}

static aicx_err
no_member(struct aicx_str name, enum json_type type, struct aicx_str value,
    void *arg, struct aicx_error *reterr)
{
	(void)name, (void)type, (void)value, (void)arg, (void)reterr;
	return AICX_OK;
}

START_TEST(values_are_found_by_name_and_index)
{
	struct reading r;
	struct json_ref root = root_of(
	    &r, " {\"a\":[1,{\"b\":null},\"x\"],\"c\":{\"d\":true},\"e\":-2} ");
	struct json_ref a = json_get(root, "a");

	ck_assert_int_eq(json_type(root), JSON_OBJECT);
	ck_assert_uint_eq(json_len(root), 3);
	ck_assert_int_eq(json_type(a), JSON_ARRAY);
	ck_assert_uint_eq(json_len(a), 3);
	ck_assert(str_is(json_raw(json_at(a, 1)), "{\"b\":null}"));
	ck_assert(json_has(json_get(json_at(a, 1), "b")));
	ck_assert(str_is(json_raw(json_at(a, 2)), "\"x\""));
	ck_assert(str_is(json_raw(json_get(root, "e")), "-2"));
	ck_assert(str_is(json_raw(json_get(json_get(root, "c"), "d")), "true"));
	done(&r);
}
END_TEST

START_TEST(what_is_not_there_is_absent)
{
	struct reading r;
	struct json_ref root = root_of(&r, "{\"a\":[1],\"n\":null}");
	struct json_ref none = json_get(root, "b");
	int64_t number = 3;
	bool flag;

	ck_assert(!json_has(none));
	ck_assert_int_eq(json_type(none), JSON_NULL);
	ck_assert(json_has(json_get(root, "n")));
	ck_assert(!json_has(json_get(json_get(root, "a"), "a")));
	ck_assert(!json_has(json_get(none, "a")));
	ck_assert(!json_has(json_at(json_get(root, "a"), 1)));
	ck_assert(!json_has(json_at(root, 0)));
	ck_assert_ptr_null(json_raw(none).ptr);
	ck_assert_ptr_null(json_str(json_get(root, "n"), &r.arena).ptr);
	ck_assert_uint_eq(json_len(none), 0);
	ck_assert(!json_int(none, &number));
	ck_assert(!json_bool(none, &flag));
	ck_assert_int_eq(number, 3);
	struct json_iter iter = json_iter(none);
	ck_assert(!json_next(&iter));
	done(&r);
}
END_TEST

START_TEST(members_and_elements_are_walked_in_order)
{
	struct reading r;
	struct json_ref root =
	    root_of(&r, "{\"x\":[10,[20],{}],\"y\":\"z\",\"\":[]}");
	struct json_iter iter = json_iter(root);
	static const char *const names[] = { "x", "y", "" };

	for (int i = 0; i < 3; i++) {
		ck_assert(json_next(&iter));
		ck_assert(str_is(json_str(iter.name, &r.arena), names[i]));
	}
	ck_assert(str_is(json_raw(iter.value), "[]"));
	ck_assert(!json_next(&iter));
	iter = json_iter(json_get(root, "x"));
	ck_assert(json_next(&iter) && !json_has(iter.name));
	ck_assert(json_next(&iter));
	ck_assert(str_is(json_raw(iter.value), "[20]"));
	ck_assert(json_next(&iter) && !json_next(&iter));
	done(&r);
}
END_TEST

START_TEST(strings_give_their_value)
{
	struct reading r;
	struct json_ref root = root_of(&r,
	    "[\"plain\",\"\\\"\\\\\\/\\b\\f\\n\\r\\t\","
	    "\"\\u00fc\\u20AC\\uD83D\\ude00x\",\"a\\u0000b\",\"\"]");
	struct aicx_str plain = json_str(json_at(root, 0), &r.arena);

	ck_assert(str_is(plain, "plain"));
	ck_assert_ptr_eq(plain.ptr, r.doc.text.ptr + 2);
	ck_assert(
	    str_is(json_str(json_at(root, 1), &r.arena), "\"\\/\b\f\n\r\t"));
	ck_assert(str_is(json_str(json_at(root, 2), &r.arena),
	    "\xC3\xBC\xE2\x82\xAC\xF0\x9F\x98\x80x"));
	ck_assert(str_eq(json_str(json_at(root, 3), &r.arena), STR("a\0b")));
	ck_assert_ptr_nonnull(json_str(json_at(root, 4), &r.arena).ptr);
	done(&r);
}
END_TEST

START_TEST(escapes_are_undone_wherever_they_stand)
{
	static const char *const escapes[] = { "\\\"", "\\n", "\\u0041",
		"\\\\\\/" };
	static const char *const values[] = { "\"", "\n", "A", "\\/" };

	for (int before = 0; before < 20; before++)
		for (int after = 0; after < 20; after++)
			for (int i = 0; i < 4; i++) {
				struct reading r;
				char text[80], value[80];
				(void)snprintf(text, sizeof text,
				    "\"%.*s%s%.*s\"", before,
				    "abcdefghijklmnopqrst", escapes[i], after,
				    "ABCDEFGHIJKLMNOPQRST");
				(void)snprintf(value, sizeof value,
				    "%.*s%s%.*s", before,
				    "abcdefghijklmnopqrst", values[i], after,
				    "ABCDEFGHIJKLMNOPQRST");
				struct aicx_str got =
				    json_str(root_of(&r, text), &r.arena);
				ck_assert(str_is(got, value));
				arena_fini(&r.arena);
			}
}
END_TEST

START_TEST(escaped_names_are_found_by_value)
{
	struct reading r;
	struct json_ref root = root_of(&r, "{\"\\u0061b\":1,\"c\\n\":2}");
	int64_t value = 0;

	ck_assert(json_int(json_get(root, "ab"), &value));
	ck_assert_int_eq(value, 1);
	ck_assert(json_int(json_get(root, "c\n"), &value));
	ck_assert_int_eq(value, 2);
	ck_assert(!json_has(json_get(root, "a")));
	ck_assert(!json_has(json_get(root, "abc")));
	ck_assert(json_inside_is(STR("\\u0061b"), "ab"));
	ck_assert(!json_inside_is(STR("\\u0061b"), "abc"));
	ck_assert(json_inside_is(STR(""), ""));
	done(&r);
}
END_TEST

START_TEST(integers_are_exact_or_refused)
{
	struct reading r;
	struct json_ref root = root_of(&r,
	    "[-9223372036854775808,\"9007199254740993\",-0,\"-5\",0,"
	    "1.0,1e3,9223372036854775808,\"01\",\"\",\"1.5\",\"+1\",\"-\","
	    "true,null,\" 1\",\"1\\u0030\"]");
	static const int64_t good[] = { INT64_MIN, 9007199254740993, 0, -5, 0 };
	int64_t value = 42;

	for (size_t i = 0; i < 5; i++) {
		ck_assert(json_int(json_at(root, i), &value));
		ck_assert_int_eq(value, good[i]);
	}
	value = 42;
	for (size_t i = 5; i < json_len(root); i++)
		ck_assert_msg(!json_int(json_at(root, i), &value), "%zu", i);
	ck_assert_int_eq(value, 42);
	done(&r);
}
END_TEST

START_TEST(only_true_and_false_are_flags)
{
	struct reading r;
	struct json_ref root = root_of(&r, "[true,false,1,\"true\",null]");
	bool flag = false;

	ck_assert(json_bool(json_at(root, 0), &flag) && flag);
	ck_assert(json_bool(json_at(root, 1), &flag) && !flag);
	for (size_t i = 2; i < 5; i++)
		ck_assert(!json_bool(json_at(root, i), &flag));
	done(&r);
}
END_TEST

START_TEST(errors_name_line_column_and_what_was_expected)
{
	static const struct {
		const char *text, *error;
	} cases[] = {
		{ "{\n\"a\":1,\n  \"b\" 2}", "line 3 column 7: expected ':'" },
		{ "", "line 1 column 1: expected a value, the text ends here" },
		{ "[1,2",
		    "line 1 column 5: expected ',' or ']', the text ends "
		    "here" },
		{ "{\"a\":1 \"b\"}", "line 1 column 8: expected ',' or '}'" },
		{ "{\"a\":1,}", "line 1 column 8: expected a member name" },
		{ "[1,]", "line 1 column 4: expected a value" },
		{ "\"\xC3\xBC\xC3\xBC\x01\"",
		    "line 1 column 4: control character in a string" },
		{ "\"a", "line 1 column 3: expected '\"', the text ends here" },
		{ "\"\\x\"", "line 1 column 2: unknown escape" },
		{ "\"\\u12g4\"",
		    "line 1 column 2: expected four hexadecimal digits" },
		{ "\"\\udc00\"", "line 1 column 2: lone surrogate" },
		{ "\"\\ud800\\u0041\"", "line 1 column 2: lone surrogate" },
		{ "\"\xC3(\"", "line 1 column 2: invalid UTF-8" },
		{ "[01]", "line 1 column 2: leading zero" },
		{ "[-]", "line 1 column 3: expected a digit" },
		{ "1 2", "line 1 column 3: expected the end of the text" },
		{ "{\"a\":1,\"b\":{\"c\":1,\"\\u0063\":2}}",
		    "line 1 column 19: repeated member" },
		{ "nul", "line 1 column 1: expected a value" },
	};

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct reading r;
		ck_assert_int_eq(
		    read_text(&r, str_of(cases[i].text)), AICX_EINVAL);
		ck_assert_str_eq(r.err.word, "malformed");
		ck_assert_str_eq(r.err.text, cases[i].error);
		done(&r);
	}
}
END_TEST

START_TEST(repeated_members_are_refused_by_value_everywhere)
{
	static const char *const bad[] = { "{\"a\":1,\"a\":1}",
		"[{\"a\":1,\"b\":2,\"\\u0061\":3}]",
		"{\"x\":{\"\\u00fc\":1,\"\xC3\xBC\":2}}", "{\"\":1,\"\":2}",
		NULL };
	struct reading r;

	for (int i = 0; bad[i] != NULL; i++) {
		ck_assert_msg(
		    read_text(&r, str_of(bad[i])) == AICX_EINVAL, "%s", bad[i]);
		done(&r);
	}
	(void)root_of(&r, "{\"a\":{\"a\":1},\"b\":[{\"a\":1},{\"a\":1}]}");
	done(&r);
}
END_TEST

/* {"0":0,"1":0,...} with n members, the last one named `last`. */
static void
put_object(struct buf *buf, int n, int last)
{
	struct json_writer w = json_writer(buf);
	char name[16];

	json_open(&w, '{');
	for (int i = 0; i < n; i++) {
		(void)snprintf(name, sizeof name, "%d", i == n - 1 ? last : i);
		json_key(&w, name);
		json_put_int(&w, 0);
	}
	json_close(&w);
}

START_TEST(large_objects_are_checked_for_repeats_too)
{
	for (int n = 2; n < 5000; n += n < 200 ? 1 : 1000) {
		for (int repeat = 0; repeat <= 1; repeat++) {
			struct buf buf = { 0 };
			struct reading r;
			aicx_err wanted = repeat ? AICX_EINVAL : AICX_OK;
			put_object(&buf, n, repeat ? n / 2 - 1 : n - 1);
			ck_assert_int_eq(read_text(&r, buf_view(&buf)), wanted);
			ck_assert_int_eq(json_scan(buf_view(&buf), NULL,
					     no_member, NULL, NULL),
			    wanted);
			done(&r);
			buf_fini(&buf);
		}
	}
}
END_TEST

/* n times open, then n times close. */
static struct aicx_str
nested(char *text, size_t n, const char *open, char close)
{
	size_t len = 0;

	for (size_t i = 0; i < n; i++, len += strlen(open))
		memcpy(text + len, open, strlen(open));
	if (open[0] == '{')
		text[len++] = '1';
	memset(text + len, close, n);
	return (struct aicx_str) { text, len + n };
}

START_TEST(sixty_four_levels_are_the_limit)
{
	static char text[4096];
	struct reading r;

	ck_assert_int_eq(read_text(&r, nested(text, 64, "[", ']')), AICX_OK);
	done(&r);
	ck_assert_int_eq(
	    read_text(&r, nested(text, 65, "[", ']')), AICX_EINVAL);
	ck_assert_str_eq(
	    r.err.text, "line 1 column 65: nested more than 64 deep");
	done(&r);
	for (size_t n = 60; n <= 70; n++) {
		struct aicx_str object = nested(text, n, "{\"a\":", '}');
		aicx_err wanted = n > 64 ? AICX_EINVAL : AICX_OK;
		ck_assert_int_eq(read_text(&r, object), wanted);
		done(&r);
		ck_assert_int_eq(
		    json_scan(object, "a", no_member, NULL, NULL), wanted);
		ck_assert_int_eq(
		    json_scan(object, NULL, no_member, NULL, NULL), wanted);
	}
}
END_TEST

START_TEST(too_many_values_are_refused)
{
	struct buf buf = { 0 };
	struct reading r;

	/* Object, name and array are values too. */
	buf_text(&buf, "{\"a\":[0");
	for (int i = 1; i < JSON_NODES_MAX - 3; i++)
		buf_text(&buf, ",0");
	buf_text(&buf, "]}");
	ck_assert_int_eq(read_text(&r, buf_view(&buf)), AICX_OK);
	ck_assert_uint_eq(r.doc.n_nodes, JSON_NODES_MAX);
	done(&r);
	ck_assert_int_eq(
	    json_scan(buf_view(&buf), "a", no_member, NULL, NULL), AICX_OK);
	buf.len -= 2;
	buf_text(&buf, ",0]}");
	ck_assert_int_eq(read_text(&r, buf_view(&buf)), AICX_EINVAL);
	ck_assert_ptr_nonnull(strstr(r.err.text, "too many values"));
	done(&r);
	ck_assert_int_eq(
	    json_scan(buf_view(&buf), "a", no_member, NULL, NULL), AICX_EINVAL);
	buf_fini(&buf);
}
END_TEST

/* What json_scan() told, as "name=value;". */
static aicx_err
note_member(struct aicx_str name, enum json_type type, struct aicx_str value,
    void *arg, struct aicx_error *reterr)
{
	(void)reterr;
	buf_printf(
	    arg, "%.*s:%d=%.*s;", STR_ARG(name), (int)type, STR_ARG(value));
	return str_is(name, "stop") ? AICX_EDENIED : AICX_OK;
}

START_TEST(a_scan_tells_each_top_level_member)
{
	struct buf told = { 0 };

	ck_assert_int_eq(
	    json_scan(STR(" { \"a\" : 1 , \"b\\n\":[ {} , 2],\"c\":\"x\","
			  "\"d\":{\"e\":null},\"f\":true,\"g\":false,"
			  "\"h\":null} "),
		NULL, note_member, &told, NULL),
	    AICX_OK);
	ck_assert_str_eq(buf_cstr(&told),
	    "a:3=1;b\\n:5=[ {} , 2];c:4=\"x\";d:6={\"e\":null};f:2=true;"
	    "g:1=false;h:0=null;");
	buf_clear(&told);
	ck_assert_int_eq(
	    json_scan(STR("{}"), "a", note_member, &told, NULL), AICX_OK);
	ck_assert_uint_eq(told.len, 0);
	buf_fini(&told);
}
END_TEST

START_TEST(a_scan_stops_when_told)
{
	struct buf told = { 0 };

	ck_assert_int_eq(json_scan(STR("{\"a\":1,\"stop\":2,\"b\":3}"), NULL,
			     note_member, &told, NULL),
	    AICX_EDENIED);
	ck_assert_str_eq(buf_cstr(&told), "a:3=1;stop:3=2;");
	buf_fini(&told);
}
END_TEST

START_TEST(a_scan_refuses_repeats_at_the_top_and_in_the_inner_object)
{
	static const struct {
		const char *text;
		aicx_err wanted;
	} cases[] = { { "{\"a\":1,\"\\u0061\":2}", AICX_EINVAL },
		{ "{\"in\":{\"a\":1,\"a\":2}}", AICX_EINVAL },
		{ "{\"\\u0069n\":{\"a\":1,\"a\":2}}", AICX_EINVAL },
		{ "{\"in\":{\"b\":{\"a\":1,\"a\":2}}}", AICX_OK },
		{ "{\"in\":{\"in\":{\"a\":1,\"a\":2}}}", AICX_OK },
		{ "{\"out\":{\"a\":1,\"a\":2}}", AICX_OK },
		{ "{\"in\":[{\"a\":1,\"a\":2}]}", AICX_OK },
		{ "{\"in\":{}}", AICX_OK }, { "{\"in\":3}", AICX_OK } };

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
		ck_assert_msg(json_scan(str_of(cases[i].text), "in", no_member,
				  NULL, NULL) == cases[i].wanted,
		    "%s", cases[i].text);
}
END_TEST

START_TEST(a_scan_wants_one_object)
{
	struct aicx_error err;
	static const char *const bad[] = { "", " ", "[]", "1", "\"a\"", "{} {}",
		"{}x", "{", "{\"a\"", "{\"a\":", "{\"a\":1", "{\"a\":1,",
		"{a:1}", "{,}", NULL };

	for (int i = 0; bad[i] != NULL; i++)
		ck_assert_msg(json_scan(str_of(bad[i]), NULL, no_member, NULL,
				  &err) == AICX_EINVAL,
		    "%s", bad[i]);
	(void)json_scan(STR("[]"), NULL, no_member, NULL, &err);
	ck_assert_str_eq(err.text, "line 1 column 1: expected '{'");
	ck_assert_str_eq(err.word, "malformed");
}
END_TEST

START_TEST(the_writer_puts_commas_and_colons)
{
	struct buf buf = { 0 };
	struct json_writer w = json_writer(&buf);
	struct aicx_id id = { { 0 } };

	json_open(&w, '{');
	json_key(&w, "a");
	json_open(&w, '[');
	json_put_int(&w, INT64_MIN);
	json_put_uint(&w, UINT64_MAX);
	json_open(&w, '{');
	json_close(&w);
	json_open(&w, '[');
	json_close(&w);
	json_put_null(&w);
	json_close(&w);
	json_key(&w, "b");
	json_put_bool(&w, true);
	json_key_str(&w, STR("c\""));
	json_put_raw(&w, STR("{\"x\":1}"));
	json_key(&w, "id");
	json_put_id(&w, &id);
	json_key(&w, "at");
	json_put_time(&w, 0);
	json_key(&w, "s");
	json_put_text(&w, "");
	json_close(&w);
	ck_assert_str_eq(buf_cstr(&buf),
	    "{\"a\":[-9223372036854775808,18446744073709551615,{},[],null],"
	    "\"b\":true,\"c\\\"\":{\"x\":1},"
	    "\"id\":\"00000000-0000-0000-0000-000000000000\","
	    "\"at\":\"1970-01-01T00:00:00.000Z\",\"s\":\"\"}");
	buf_fini(&buf);
}
END_TEST

START_TEST(what_is_json_already_goes_on_one_line)
{
	struct buf buf = { 0 };
	struct json_writer w = json_writer(&buf);

	json_open(&w, '[');
	json_put_raw(&w, STR("{\n \"a\\n\":\n\t1}\n"));
	json_put_raw(&w, STR("\n"));
	json_put_raw(&w, STR(""));
	json_close(&w);
	ck_assert_str_eq(buf_cstr(&buf), "[{  \"a\\n\": \t1} , ,]");
	buf_fini(&buf);
}
END_TEST

START_TEST(every_byte_that_must_be_escaped_is)
{
	struct reading r;
	struct buf buf = { 0 };
	struct json_writer w = json_writer(&buf);
	char text[128];

	for (size_t i = 0; i < sizeof text; i++)
		text[i] = (char)i;
	json_put_str(&w, (struct aicx_str) { text, sizeof text });
	ck_assert_int_eq(read_text(&r, buf_view(&buf)), AICX_OK);
	ck_assert(str_eq(json_str(json_root(&r.doc), &r.arena),
	    (struct aicx_str) { text, sizeof text }));
	done(&r);
	buf_clear(&buf);
	json_escape(&buf, STR("\x01\n/\x7f\xC3\xBC\""));
	ck_assert_str_eq(buf_cstr(&buf), "\\u0001\\n/\x7f\xC3\xBC\\\"");
	buf_fini(&buf);
}
END_TEST

/* Runs of plain bytes are passed many at a time: a byte that is not plain is
   found in every place of texts of every length up to two such runs. */
START_TEST(what_is_not_plain_is_found_wherever_it_stands)
{
	static const char odd[] = { '"', '\\', 1, 0x1F, 0x7F, (char)0xFF };
	char text[40], want[96];

	for (size_t n = 1; n <= sizeof text; n++) {
		for (size_t i = 0; i < n * sizeof odd; i++) {
			struct buf buf = { 0 };
			char c = odd[i / n];
			size_t at = i % n, len = 0;
			memset(text, 'x', n);
			text[at] = c;
			for (size_t k = 0; k < n; k++)
				if (k != at || c == 0x7F || c == (char)0xFF)
					want[len++] = text[k];
				else if (c == '"' || c == '\\') {
					want[len++] = '\\';
					want[len++] = c;
				} else {
					(void)snprintf(want + len,
					    sizeof want - len, "\\u%04x",
					    (unsigned)(unsigned char)c);
					len += 6;
				}
			json_escape(&buf, (struct aicx_str) { text, n });
			ck_assert_uint_eq(buf.len, len);
			ck_assert_mem_eq(buf.ptr, want, len);
			buf_fini(&buf);
		}
	}
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("json");
	TCase *tcase = tcase_create("json");

	tcase_add_test(tcase, values_are_found_by_name_and_index);
	tcase_add_test(tcase, what_is_not_there_is_absent);
	tcase_add_test(tcase, members_and_elements_are_walked_in_order);
	tcase_add_test(tcase, strings_give_their_value);
	tcase_add_test(tcase, escapes_are_undone_wherever_they_stand);
	tcase_add_test(tcase, escaped_names_are_found_by_value);
	tcase_add_test(tcase, integers_are_exact_or_refused);
	tcase_add_test(tcase, only_true_and_false_are_flags);
	tcase_add_test(tcase, errors_name_line_column_and_what_was_expected);
	tcase_add_test(tcase, repeated_members_are_refused_by_value_everywhere);
	tcase_add_test(tcase, large_objects_are_checked_for_repeats_too);
	tcase_add_test(tcase, sixty_four_levels_are_the_limit);
	tcase_add_test(tcase, too_many_values_are_refused);
	tcase_add_test(tcase, a_scan_tells_each_top_level_member);
	tcase_add_test(tcase, a_scan_stops_when_told);
	tcase_add_test(
	    tcase, a_scan_refuses_repeats_at_the_top_and_in_the_inner_object);
	tcase_add_test(tcase, a_scan_wants_one_object);
	tcase_add_test(tcase, the_writer_puts_commas_and_colons);
	tcase_add_test(tcase, what_is_json_already_goes_on_one_line);
	tcase_add_test(tcase, every_byte_that_must_be_escaped_is);
	tcase_add_test(tcase, what_is_not_plain_is_found_wherever_it_stands);
	suite_add_tcase(suite, tcase);
	SRunner *runner = srunner_create(suite);
	srunner_run_all(runner, CK_ENV);
	int failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
