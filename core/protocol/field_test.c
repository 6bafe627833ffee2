/* SPDX-License-Identifier: Apache-2.0 */
/* field_test.c - every type taken, refused by its pointer, printed,
   described. */
#include "protocol/field.h"

#include <check.h>
#include <string.h>

#include "base/id.h"
#include "base/str.h"

struct line {
	struct aicx_str label;
	struct aicx_money price;
};

struct box {
	int64_t width, height;
};

struct order {
	struct aicx_str name;
	struct aicx_id id;
	int64_t count, offset;
	bool urgent, wrapped;
	struct aicx_money max_price;
	int64_t due_ms;
	int colour;
	struct aicx_str input;
	struct field_strs tags;
	struct box box;
	struct field_list lines;
};

static const char *const colours[] = { "red", "green", "blue", NULL };

static const struct field line_fields[] = {
	FIELD(struct line, label, "label", FIELD_STR, .flags = FIELDF_REQUIRED),
	FIELD(struct line, price, "price", FIELD_MONEY),
	FIELD_END,
};

static const struct field box_fields[] = {
	FIELD(struct box, width, "width", FIELD_INT, .flags = FIELDF_REQUIRED,
	    .min = 1, .max = 100),
	FIELD(struct box, height, "height", FIELD_INT, .min = 1, .max = 100,
	    .fallback = 2),
	FIELD_END,
};

static const struct field order_fields[] = {
	FIELD(struct order, name, "name", FIELD_STR, .flags = FIELDF_REQUIRED,
	    .min = 1, .max = 8, .help = "What it is called."),
	FIELD(struct order, id, "id", FIELD_ID),
	FIELD(struct order, count, "count", FIELD_INT, .min = 1, .max = 10,
	    .fallback = 3),
	FIELD(struct order, offset, "offset", FIELD_INT),
	FIELD(
	    struct order, urgent, "urgent", FIELD_BOOL, .flags = FIELDF_ALWAYS),
	FIELD(struct order, wrapped, "wrapped", FIELD_BOOL, .fallback = 1),
	FIELD(struct order, max_price, "max_price", FIELD_MONEY, .min = 1),
	FIELD(struct order, due_ms, "due", FIELD_TIME),
	FIELD(struct order, colour, "colour", FIELD_ENUM, .fallback = 1,
	    .names = colours),
	FIELD(struct order, input, "input", FIELD_JSON, .max = 20),
	FIELD(struct order, tags, "tags", FIELD_STRS, .max = 2),
	FIELD(struct order, box, "box", FIELD_OBJECT, .fields = box_fields,
	    .item_size = sizeof(struct box)),
	FIELD(struct order, lines, "lines", FIELD_LIST, .max = 2,
	    .fields = line_fields, .item_size = sizeof(struct line)),
	FIELD_END,
};

static struct currencies currencies;
static struct arena arena;
static struct aicx_error err;

static void
setup(void)
{
	currencies = (struct currencies) { 0 };
	ck_assert_int_eq(
	    currencies_add(&currencies, STR("AIC"), 6, NULL), AICX_OK);
}

static void
teardown(void)
{
	arena_fini(&arena);
}

static aicx_err
parse(const char *text, bool strict, struct order *ret)
{
	struct json *doc = arena_new(&arena, sizeof *doc);

	err = (struct aicx_error) { 0 };
	ck_assert_int_eq(json_parse(str_of(text), &arena, doc, NULL), AICX_OK);
	return field_parse(order_fields, json_root(doc), &currencies, strict,
	    &arena, ret, sizeof *ret, &err);
}

static void
ck_refused(const char *text, const char *word, const char *field)
{
	struct order order = { .count = 77 };

	ck_assert_msg(parse(text, true, &order) != AICX_OK, "%s", text);
	ck_assert_msg(
	    strcmp(err.field, field) == 0 && strcmp(err.word, word) == 0,
	    "%s: %s %s: %s", text, err.word, err.field, err.text);
	ck_assert_int_eq(order.count, 77);
}

static void
ck_invalid(const char *text, const char *field)
{
	ck_refused(text, "invalid_params", field);
}

#define FULL                                                                   \
	"{\"name\":\"caf\xc3\xa9\","                                           \
	"\"id\":\"01932000-0000-7000-8000-000000000004\",\"count\":10,"        \
	"\"offset\":\"9007199254740993\",\"urgent\":true,\"wrapped\":false,"   \
	"\"max_price\":{\"amount\":\"0.002500\",\"currency\":\"AIC\"},"        \
	"\"due\":\"2026-11-22T13:04:06.000Z\",\"colour\":\"blue\","            \
	"\"input\":{\"a\" : [1,2]},\"tags\":[\"x\",\"y z\"],"                  \
	"\"box\":{\"width\":5,\"height\":7},"                                  \
	"\"lines\":[{\"label\":\"a\"},{\"label\":\"b\","                       \
	"\"price\":{\"amount\":\"1.000000\",\"currency\":\"AIC\"}}]}"

START_TEST(every_type_is_taken)
{
	struct order order;

	ck_assert_int_eq(parse(FULL, true, &order), AICX_OK);
	ck_assert(str_is(order.name, "caf\xc3\xa9"));
	ck_assert_str_eq(
	    id_text(&order.id).text, "01932000-0000-7000-8000-000000000004");
	ck_assert_int_eq(order.count, 10);
	ck_assert(order.offset == INT64_C(9007199254740993));
	ck_assert(order.urgent && !order.wrapped);
	ck_assert_int_eq(order.max_price.minor, 2500);
	ck_assert_str_eq(order.max_price.currency, "AIC");
	ck_assert(order.due_ms == INT64_C(1795352646000));
	ck_assert_int_eq(order.colour, 2);
	ck_assert(str_is(order.input, "{\"a\" : [1,2]}"));
	ck_assert_uint_eq(order.tags.n, 2);
	ck_assert(str_is(order.tags.items[1], "y z"));
	ck_assert_int_eq(order.box.width, 5);
	ck_assert_int_eq(order.box.height, 7);
	ck_assert_uint_eq(order.lines.n, 2);
	const struct line *lines = order.lines.items;
	ck_assert(str_is(lines[1].label, "b"));
	ck_assert_int_eq(lines[1].price.minor, 1000000);
	ck_assert_int_eq(lines[0].price.currency[0], 0);
}
END_TEST

START_TEST(what_was_read_is_printed_the_same)
{
	struct order order;
	struct buf buf = { 0 };
	struct json_writer w = json_writer(&buf);

	ck_assert_int_eq(parse(FULL, true, &order), AICX_OK);
	json_open(&w, '{');
	field_print(order_fields, &order, &currencies, &w);
	json_close(&w);
	ck_assert_str_eq(buf_cstr(&buf), FULL);
	buf_fini(&buf);
}
END_TEST

START_TEST(what_is_absent_or_null_falls_back_and_is_not_printed)
{
	struct order order;
	struct buf buf = { 0 };
	struct json_writer w = json_writer(&buf);

	ck_assert_int_eq(
	    parse("{\"name\":\"a\",\"count\":null,\"box\":null,\"tags\":[]}",
		true, &order),
	    AICX_OK);
	ck_assert_int_eq(order.count, 3);
	ck_assert_int_eq(order.offset, 0);
	ck_assert(!order.urgent && order.wrapped);
	ck_assert_int_eq(order.colour, 1);
	ck_assert(order.input.ptr == NULL);
	ck_assert_int_eq(order.box.height, 2);
	json_open(&w, '{');
	field_print(order_fields, &order, &currencies, &w);
	json_close(&w);
	ck_assert_str_eq(buf_cstr(&buf), "{\"name\":\"a\",\"urgent\":false}");
	buf_fini(&buf);
}
END_TEST

START_TEST(null_is_a_value_of_its_own_where_any_json_is)
{
	struct order order;

	ck_assert_int_eq(
	    parse("{\"name\":\"a\",\"input\":null}", true, &order), AICX_OK);
	ck_assert(str_is(order.input, "null"));
}
END_TEST

START_TEST(an_escaped_string_is_taken_unescaped)
{
	struct order order;

	ck_assert_int_eq(
	    parse("{\"n\\u0061me\":\"a\\n\\u00e9\"}", true, &order), AICX_OK);
	ck_assert(str_is(order.name, "a\n\xc3\xa9"));
}
END_TEST

START_TEST(each_type_refuses_what_it_is_not)
{
	ck_invalid("[]", "");
	ck_invalid("{}", "/name");
	ck_invalid("{\"name\":null}", "/name");
	ck_invalid("{\"name\":7}", "/name");
	ck_invalid("{\"name\":\"\"}", "/name");
	ck_invalid("{\"name\":\"123456789\"}", "/name");
	ck_invalid("{\"name\":\"a\\u0000b\"}", "/name");
	ck_invalid("{\"name\":\"a\",\"id\":\"7\"}", "/id");
	ck_invalid("{\"name\":\"a\","
		   "\"id\":\"00000000-0000-0000-0000-000000000000\"}",
	    "/id");
	ck_invalid("{\"name\":\"a\",\"count\":1.5}", "/count");
	ck_invalid("{\"name\":\"a\",\"count\":1e1}", "/count");
	ck_invalid("{\"name\":\"a\",\"count\":\"x\"}", "/count");
	ck_invalid("{\"name\":\"a\",\"count\":0}", "/count");
	ck_invalid("{\"name\":\"a\",\"count\":11}", "/count");
	ck_invalid(
	    "{\"name\":\"a\",\"offset\":9223372036854775808}", "/offset");
	ck_invalid("{\"name\":\"a\",\"urgent\":1}", "/urgent");
	ck_invalid("{\"name\":\"a\",\"urgent\":\"true\"}", "/urgent");
	ck_invalid("{\"name\":\"a\",\"due\":\"soon\"}", "/due");
	ck_invalid("{\"name\":\"a\",\"due\":1795352646}", "/due");
	ck_invalid("{\"name\":\"a\",\"due\":\"1969-01-01T00:00:00Z\"}", "/due");
	ck_invalid("{\"name\":\"a\",\"colour\":2}", "/colour");
	ck_invalid("{\"name\":\"a\",\"colour\":\"pink\"}", "/colour");
	ck_invalid(
	    "{\"name\":\"a\",\"input\":\"0123456789012345678\"}", "/input");
}
END_TEST

START_TEST(money_is_refused_with_its_own_words)
{
#define PRICE(inside) "{\"name\":\"a\",\"max_price\":" inside "}"
	ck_invalid(PRICE("\"1 AIC\""), "/max_price");
	ck_invalid(PRICE("{\"currency\":\"AIC\"}"), "/max_price/amount");
	ck_invalid(PRICE("{\"amount\":\"1\"}"), "/max_price/currency");
	ck_invalid(
	    PRICE("{\"amount\":1,\"currency\":\"AIC\"}"), "/max_price/amount");
	ck_invalid(PRICE("{\"amount\":\"1\",\"currency\":\"AIC\",\"x\":1}"),
	    "/max_price/x");
	ck_refused(PRICE("{\"amount\":\"1\",\"currency\":\"XYZ\"}"),
	    "unknown_currency", "/max_price/currency");
	ck_refused(PRICE("{\"amount\":\"-1\",\"currency\":\"AIC\"}"),
	    "invalid_amount", "/max_price/amount");
	ck_refused(PRICE("{\"amount\":\"0.0000001\",\"currency\":\"AIC\"}"),
	    "invalid_amount", "/max_price/amount");
	ck_refused(PRICE("{\"amount\":\"1e3\",\"currency\":\"AIC\"}"),
	    "invalid_amount", "/max_price/amount");
	ck_refused(PRICE("{\"amount\":\"0\",\"currency\":\"AIC\"}"),
	    "invalid_amount", "/max_price/amount");
	ck_refused(
	    PRICE("{\"amount\":\"99999999999999999999\",\"currency\":\"AIC\"}"),
	    "invalid_amount", "/max_price/amount");
}
END_TEST

START_TEST(a_refusal_deep_inside_points_there)
{
#define NAMED(inside) "{\"name\":\"a\"," inside "}"
	ck_invalid(NAMED("\"tags\":\"x\""), "/tags");
	ck_invalid(NAMED("\"tags\":[\"x\",7]"), "/tags/1");
	ck_invalid(NAMED("\"tags\":[\"\"]"), "/tags/0");
	ck_invalid(NAMED("\"tags\":[\"x\",\"y\",\"z\"]"), "/tags");
	ck_invalid(NAMED("\"box\":[]"), "/box");
	ck_invalid(NAMED("\"box\":{}"), "/box/width");
	ck_invalid(NAMED("\"box\":{\"width\":101}"), "/box/width");
	ck_invalid(NAMED("\"lines\":{}"), "/lines");
	ck_invalid(NAMED("\"lines\":[{\"label\":\"a\"},{}]"), "/lines/1/label");
	ck_invalid(
	    NAMED("\"lines\":[{\"label\":\"a\",\"price\":{\"amount\":1}}]"),
	    "/lines/0/price/amount");
	ck_invalid(NAMED("\"a/b~c\":1"), "/a~1b~0c");
}
END_TEST

START_TEST(a_pointer_too_long_is_cut_not_overrun)
{
	struct buf text = { 0 };
	struct order order;

	buf_text(&text, "{\"name\":\"a\",\"");
	for (int i = 0; i < 300; i++)
		buf_text(&text, "~/");
	buf_text(&text, "\":1}");
	ck_assert_int_ne(parse(buf_cstr(&text), true, &order), AICX_OK);
	ck_assert_uint_lt(strlen(err.field), sizeof err.field);
	ck_assert_str_eq(err.word, "invalid_params");
	buf_fini(&text);
}
END_TEST

START_TEST(an_unknown_member_is_refused_with_the_likely_word)
{
	struct order order;

	ck_invalid(NAMED("\"colur\":\"red\""), "/colur");
	ck_assert_ptr_nonnull(strstr(err.text, "did you mean \"colour\"?"));
	ck_invalid(NAMED("\"box\":{\"width\":1,\"hight\":1}"), "/box/hight");
	ck_assert_ptr_nonnull(strstr(err.text, "did you mean \"height\"?"));
	ck_invalid(NAMED("\"colour\":\"gren\""), "/colour");
	ck_assert_ptr_nonnull(strstr(err.text, "did you mean \"green\"?"));
	ck_invalid(NAMED("\"zzzzzzzzzz\":1"), "/zzzzzzzzzz");
	ck_assert_ptr_null(strstr(err.text, "did you mean"));
	ck_assert_int_eq(
	    parse(NAMED("\"colur\":\"red\""), false, &order), AICX_OK);
}
END_TEST

START_TEST(a_copy_is_refused_where_its_text_would_be)
{
	struct arena mem = { NULL };
	struct order copy, from;
	struct box none = { 0, 2 };
	struct line line = { .label = STR("one") };

	field_clear(order_fields, &from, sizeof from);
	from.name = STR("a");
	from.box = none; /* left out, so that its width may be missing */
	ck_assert_int_eq(field_copy(order_fields, &from, &currencies, &mem,
			     &copy, sizeof copy, NULL),
	    AICX_OK);
	ck_assert_int_eq(copy.count, 3);
	ck_assert_ptr_ne(copy.name.ptr, from.name.ptr);
	from.lines = (struct field_list) { &line, 1 };
	ck_assert_int_eq(field_copy(order_fields, &from, &currencies, &mem,
			     &copy, sizeof copy, NULL),
	    AICX_OK);
	line.label = (struct aicx_str) { "\0", 1 };
	ck_assert_int_ne(field_copy(order_fields, &from, &currencies, &mem,
			     &copy, sizeof copy, NULL),
	    AICX_OK);
	from.lines.n = 0;
	from.count = 11;
	ck_assert_int_ne(field_copy(order_fields, &from, &currencies, &mem,
			     &copy, sizeof copy, NULL),
	    AICX_OK);
	from.count = 1;
	from.name = STR("too long a name");
	ck_assert_int_ne(field_copy(order_fields, &from, &currencies, &mem,
			     &copy, sizeof copy, NULL),
	    AICX_OK);
	from.name = STR("a");
	from.colour = 3;
	ck_assert_int_ne(field_copy(order_fields, &from, &currencies, &mem,
			     &copy, sizeof copy, NULL),
	    AICX_OK);
	arena_fini(&mem);
}
END_TEST

START_TEST(a_table_prints_its_schema)
{
	struct buf buf = { 0 };
	struct json_writer w = json_writer(&buf);

	field_schema(order_fields, &w);
	ck_assert_str_eq(buf_cstr(&buf),
	    "{\"type\":\"object\",\"properties\":{"
	    "\"name\":{\"type\":\"string\",\"minLength\":1,\"maxLength\":8,"
	    "\"description\":\"What it is called.\"},"
	    "\"id\":{\"type\":\"string\",\"format\":\"uuid\"},"
	    "\"count\":{\"type\":\"integer\",\"minimum\":1,\"maximum\":10,"
	    "\"default\":3},"
	    "\"offset\":{\"type\":[\"integer\",\"string\"],"
	    "\"pattern\":\"^-?[0-9]+$\",\"default\":0},"
	    "\"urgent\":{\"type\":\"boolean\",\"default\":false},"
	    "\"wrapped\":{\"type\":\"boolean\",\"default\":true},"
	    "\"max_price\":{\"type\":\"object\",\"properties\":{"
	    "\"amount\":{\"type\":\"string\","
	    "\"pattern\":\"^[0-9]+([.][0-9]+)?$\"},"
	    "\"currency\":{\"type\":\"string\","
	    "\"pattern\":\"^[A-Z][A-Z0-9]{1,6}$\"}},"
	    "\"required\":[\"amount\",\"currency\"],"
	    "\"additionalProperties\":false},"
	    "\"due\":{\"type\":\"string\",\"format\":\"date-time\"},"
	    "\"colour\":{\"enum\":[\"red\",\"green\",\"blue\"],"
	    "\"default\":\"green\"},"
	    "\"input\":{},"
	    "\"tags\":{\"type\":\"array\",\"items\":{\"type\":\"string\","
	    "\"minLength\":1},\"maxItems\":2},"
	    "\"box\":{\"type\":\"object\",\"properties\":{"
	    "\"width\":{\"type\":\"integer\",\"minimum\":1,\"maximum\":100},"
	    "\"height\":{\"type\":\"integer\",\"minimum\":1,\"maximum\":100,"
	    "\"default\":2}},\"required\":[\"width\"]},"
	    "\"lines\":{\"type\":\"array\",\"items\":{\"type\":\"object\","
	    "\"properties\":{\"label\":{\"type\":\"string\"},"
	    "\"price\":{\"type\":\"object\",\"properties\":{"
	    "\"amount\":{\"type\":\"string\","
	    "\"pattern\":\"^[0-9]+([.][0-9]+)?$\"},"
	    "\"currency\":{\"type\":\"string\","
	    "\"pattern\":\"^[A-Z][A-Z0-9]{1,6}$\"}},"
	    "\"required\":[\"amount\",\"currency\"],"
	    "\"additionalProperties\":false}},\"required\":[\"label\"]},"
	    "\"maxItems\":2}},"
	    "\"required\":[\"name\"]}");
	buf_fini(&buf);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("field");
	TCase *tcase = tcase_create("field");
	SRunner *runner = srunner_create(suite);

	tcase_add_checked_fixture(tcase, setup, teardown);
	tcase_add_test(tcase, every_type_is_taken);
	tcase_add_test(tcase, what_was_read_is_printed_the_same);
	tcase_add_test(
	    tcase, what_is_absent_or_null_falls_back_and_is_not_printed);
	tcase_add_test(tcase, null_is_a_value_of_its_own_where_any_json_is);
	tcase_add_test(tcase, an_escaped_string_is_taken_unescaped);
	tcase_add_test(tcase, each_type_refuses_what_it_is_not);
	tcase_add_test(tcase, money_is_refused_with_its_own_words);
	tcase_add_test(tcase, a_refusal_deep_inside_points_there);
	tcase_add_test(tcase, a_pointer_too_long_is_cut_not_overrun);
	tcase_add_test(
	    tcase, an_unknown_member_is_refused_with_the_likely_word);
	tcase_add_test(tcase, a_copy_is_refused_where_its_text_would_be);
	tcase_add_test(tcase, a_table_prints_its_schema);
	suite_add_tcase(suite, tcase);
	srunner_run_all(runner, CK_NORMAL);
	int n_failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return n_failed != 0;
}
