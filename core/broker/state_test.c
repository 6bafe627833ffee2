/* SPDX-License-Identifier: Apache-2.0 */
/*
 * state_test.c - a row that is decided and the same row read back from its text
 * are one row, in every table.
 */
#include "base/id.h"
#include "base/str.h"
#include "broker/row.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

static struct state made, parsed;
static struct arena mem;
static uint64_t nth;

static void
setup(void)
{
	state_init(&made);
	state_init(&parsed);
	ck_assert_int_eq(
	    currencies_add(&made.currencies, STR("AIC"), 6, NULL), AICX_OK);
	parsed.currencies = made.currencies;
}

static void
teardown(void)
{
	state_fini(&made);
	state_fini(&parsed);
	arena_fini(&mem);
}

/* Something within the member's limits, another each time. */
static int64_t
number(const struct field *field, int64_t wish)
{
	bool limited = field->min != 0 || field->max != 0;

	if (limited && wish < field->min)
		wish = field->min;
	if (limited && field->max >= field->min && wish > field->max)
		wish = field->max;
	return wish;
}

/* Also beyond what a JSON number holds. */
static int64_t
large(void)
{
	nth++;
	return (int64_t)(nth << (nth % 3 * 25));
}

static struct aicx_str
text(const struct field *field, const char *wish)
{
	struct aicx_str str = arena_printf(
	    &mem, "%s %llu %064d", wish, (unsigned long long)++nth, 0);

	if (field->max > 0 && str.len > (size_t)field->max)
		str.len = (size_t)field->max;
	return str;
}

static void fill(const struct field *fields, char *row);

static void
fill_one(const struct field *field, char *slot)
{
	struct field_list *list = (struct field_list *)(void *)slot;
	struct field_strs *strs = (struct field_strs *)(void *)slot;
	int n = 0;

	switch (field->type) {
	case FIELD_STR:
		*(struct aicx_str *)(void *)slot =
		    text(field, "a \"quoted\"\\ \xC3\xA4\n\x01");
		break;
	case FIELD_ID:
		memset(slot, (int)(++nth % 200 + 1), sizeof(struct aicx_id));
		break;
	case FIELD_INT:
		*(int64_t *)(void *)slot = number(field, large());
		break;
	case FIELD_BOOL:
		*(bool *)slot = field->fallback == 0;
		break;
	case FIELD_MONEY:
		*(struct aicx_money *)(void *)slot =
		    (struct aicx_money) { number(field, (int64_t)++nth),
			    "AIC" };
		break;
	case FIELD_TIME:
		*(int64_t *)(void *)slot =
		    INT64_C(1795000000000) + (int64_t)++nth;
		break;
	case FIELD_ENUM:
		while (field->names[n + 1] != NULL)
			n++;
		*(int *)(void *)slot = n;
		break;
	case FIELD_JSON:
		*(struct aicx_str *)(void *)slot =
		    arena_printf(&mem, "{\n\"n\": [%llu,\r\n \"\\n\"]}",
			(unsigned long long)++nth);
		break;
	case FIELD_STRS:
		strs->n = (size_t)number(field, 2);
		strs->items = arena_new(&mem, strs->n * sizeof *strs->items);
		for (size_t i = 0; i < strs->n; i++)
			strs->items[i] = text(field, "one");
		break;
	case FIELD_OBJECT:
		fill(field->fields, slot);
		break;
	case FIELD_LIST:
		list->n = (size_t)number(field, 2);
		list->items = arena_new(&mem, list->n * field->item_size);
		for (size_t i = 0; i < list->n; i++)
			fill(field->fields,
			    (char *)list->items + i * field->item_size);
		break;
	}
}

static void
fill(const struct field *fields, char *row)
{
	for (const struct field *field = fields; field->name; field++)
		fill_one(field, row + field->offset);
}

static void
print(struct buf *buf, const struct state *state, enum table table,
    const void *row)
{
	struct json_writer w = json_writer(buf);

	json_open(&w, '{');
	field_print(table_defs[table].fields, row, &state->currencies, &w);
	json_close(&w);
}

/* Through both doors; then both say the same, in memory and in print. */
static void
check_both(enum table table, const void *value)
{
	const struct table_def *def = &table_defs[table];
	struct aicx_error error = { 0 };
	struct buf text = { 0 }, a = { 0 }, b = { 0 };
	struct spot spot = { 1, 2, 3 };
	struct aicx_id id;

	memcpy(&id, (const char *)value + def->id_offset, sizeof id);
	print(&text, &made, table, value);
	ck_assert_msg(state_put(&parsed, table, buf_view(&text), &spot,
			  1 << RANK_BITS, &error) == AICX_OK,
	    "%s: %s", def->name, error.text);
	struct row *row = row_made(&made, table, value, text.len, &error);
	ck_assert_msg(row != NULL, "%s: %s", def->name, error.text);
	row_put(&made, table, row, &spot, 1 << RANK_BITS);
	print(&a, &made, table, state_row(&made, table, &id));
	print(&b, &parsed, table, state_row(&parsed, table, &id));
	ck_assert_str_eq(buf_cstr(&a), buf_cstr(&text));
	ck_assert_str_eq(buf_cstr(&b), buf_cstr(&text));
	const struct row *read = map_find_id(&parsed.rows[table], &id);
	ck_assert_uint_eq(row->bytes, read->bytes);
	ck_assert_int_eq(row->over, read->over);
	buf_fini(&text);
	buf_fini(&a);
	buf_fini(&b);
}

static void *
blank(enum table table)
{
	const struct table_def *def = &table_defs[table];
	char *value = arena_new(&mem, def->size);

	field_clear(def->fields, value, def->size);
	return value;
}

START_TEST(a_full_row_is_the_same_by_both_doors)
{
	for (enum table t = 0; t < T_N; t++) {
		void *value = blank(t);
		fill(table_defs[t].fields, value);
		check_both(t, value);
	}
}
END_TEST

/* Each member alone beside the id and what is required. */
START_TEST(a_row_with_one_member_is_the_same_by_both_doors)
{
	for (enum table t = 0; t < T_N; t++) {
		const struct table_def *def = &table_defs[t];
		for (const struct field *one = def->fields; one->name; one++) {
			char *value = blank(t);
			for (const struct field *f = def->fields; f->name; f++)
				if (f == one || f->offset == def->id_offset ||
				    f->flags != 0)
					fill_one(f, value + f->offset);
			check_both(t, value);
		}
	}
}
END_TEST

START_TEST(a_row_without_an_id_is_none)
{
	struct aicx_error error = { 0 };
	struct hold hold = { .state = HOLD_OPEN, .amount = { 1, "AIC" } };

	ck_assert_ptr_null(row_made(&made, T_HOLD, &hold, 10, &error));
	ck_assert_str_eq(error.text, "row of table \"hold\" has no id");
}
END_TEST

START_TEST(a_row_that_could_not_be_read_back_is_not_made)
{
	struct aicx_error error = { 0 };
	struct hold hold = { .hold_id = { { 1 } }, .amount = { 1, "XYZ" } };

	ck_assert_ptr_null(row_made(&made, T_HOLD, &hold, 10, &error));
	ck_assert_str_eq(
	    error.text, "member \"amount\" could not be read back");
	hold.amount = (struct aicx_money) { -1, "AIC" };
	ck_assert_ptr_null(row_made(&made, T_HOLD, &hold, 10, &error));
	hold.amount.minor = 1;
	hold.reference = STR("cut in the middle \xC3");
	ck_assert_ptr_null(row_made(&made, T_HOLD, &hold, 10, &error));
	ck_assert_str_eq(
	    error.text, "member \"reference\" could not be read back");
	hold.reference = STR("");
	struct row *row = row_made(&made, T_HOLD, &hold, 10, &error);
	ck_assert_ptr_nonnull(row);
	row_forget(row);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("state");
	TCase *tcase = tcase_create("rows");
	SRunner *runner;
	int failed;

	tcase_add_checked_fixture(tcase, setup, teardown);
	tcase_add_test(tcase, a_full_row_is_the_same_by_both_doors);
	tcase_add_test(tcase, a_row_with_one_member_is_the_same_by_both_doors);
	tcase_add_test(tcase, a_row_without_an_id_is_none);
	tcase_add_test(tcase, a_row_that_could_not_be_read_back_is_not_made);
	suite_add_tcase(suite, tcase);
	runner = srunner_create(suite);
	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
