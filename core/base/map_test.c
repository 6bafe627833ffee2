/* SPDX-License-Identifier: Apache-2.0 */
/* map_test.c - finding, replacing, removing and walking. */
#include "base/map.h"

#include <check.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/id.h"
#include "base/str.h"

START_TEST(the_hash_is_siphash_2_4)
{
	/* The first of the reference vectors: key 00..0f, input 00..0e. */
	uint8_t key[16], input[15];

	for (unsigned i = 0; i < 16; i++)
		key[i] = (uint8_t)i;
	memcpy(input, key, sizeof input);
	map_seed(key);
	ck_assert_uint_eq(
	    map_hash(input, sizeof input), UINT64_C(0xa129ca6149be45e5));
	ck_assert_uint_eq(map_hash(input, 0), UINT64_C(0x726fdb47dd0e0e31));
}
END_TEST

/* Each byte counts, and so does how many there are. */
START_TEST(other_bytes_have_another_mark)
{
	uint8_t bytes[40] = { 0 };

	for (size_t n = 0; n <= sizeof bytes; n++) {
		uint64_t mark = map_mark(bytes, n);
		ck_assert_uint_eq(map_mark(bytes, n), mark);
		for (size_t longer = n + 1; longer <= sizeof bytes; longer++)
			ck_assert_uint_ne(map_mark(bytes, longer), mark);
		for (size_t bit = 0; bit < n * 8; bit++) {
			bytes[bit / 8] ^= (uint8_t)(1u << bit % 8);
			ck_assert_uint_ne(map_mark(bytes, n), mark);
			bytes[bit / 8] ^= (uint8_t)(1u << bit % 8);
		}
	}
}
END_TEST

START_TEST(an_empty_map_finds_nothing)
{
	struct map map = { 0 };

	ck_assert_ptr_null(map_find(&map, STR("a")));
	ck_assert_ptr_null(map_remove(&map, STR("a")));
	ck_assert_uint_eq(map_len(&map), 0);
	MAP_EACH (entry, &map)
		ck_abort_msg("%p", (void *)entry);
	map_fini(&map);
}
END_TEST

START_TEST(what_was_put_is_found_replaced_and_removed)
{
	struct map map = { 0 };
	int one, two;

	ck_assert_ptr_null(map_put(&map, STR("a"), &one));
	ck_assert_ptr_null(map_put(&map, STR(""), &two));
	ck_assert_ptr_eq(map_find(&map, STR("a")), &one);
	ck_assert_ptr_eq(map_find(&map, str_of(NULL)), &two);
	ck_assert_ptr_null(map_find(&map, STR("b")));
	ck_assert_ptr_eq(map_put(&map, STR("a"), &two), &one);
	ck_assert_uint_eq(map_len(&map), 2);
	ck_assert_ptr_eq(map_remove(&map, STR("a")), &two);
	ck_assert_ptr_null(map_remove(&map, STR("a")));
	ck_assert_ptr_null(map_find(&map, STR("a")));
	ck_assert_uint_eq(map_len(&map), 1);
	map_fini(&map);
}
END_TEST

START_TEST(ids_are_keys)
{
	struct map map = { 0 };
	struct aicx_id id = { { 1 } }, other = { { 2 } };

	ck_assert_ptr_null(map_put_id(&map, &id, &id));
	ck_assert_ptr_eq(map_find_id(&map, &id), &id);
	ck_assert_ptr_null(map_find_id(&map, &other));
	ck_assert_ptr_null(map_remove_id(&map, &other));
	ck_assert_ptr_eq(map_remove_id(&map, &id), &id);
	map_fini(&map);
}
END_TEST

enum { MANY = 20000 };

static struct aicx_id *
many_ids(void)
{
	struct aicx_id *ids = calloc(MANY, sizeof *ids);

	for (uint32_t i = 0; i < MANY; i++)
		memcpy(ids[i].bytes, &i, sizeof i);
	return ids;
}

START_TEST(walking_goes_in_order_of_insertion_past_holes)
{
	struct map map = { 0 };
	struct aicx_id *ids = many_ids();
	uint32_t n = 0;

	for (uint32_t i = 0; i < MANY; i++)
		map_put_id(&map, &ids[i], &ids[i]);
	for (uint32_t i = 0; i < MANY; i += 2)
		ck_assert_ptr_eq(map_remove_id(&map, &ids[i]), &ids[i]);
	MAP_EACH (entry, &map)
		ck_assert_ptr_eq(entry->value, &ids[n++ * 2 + 1]);
	ck_assert_uint_eq(n, MANY / 2);
	/* Again behind the others, also after the holes are gone. */
	for (uint32_t i = 0; i < MANY; i += 2)
		map_put_id(&map, &ids[i], &ids[i]);
	n = 0;
	MAP_EACH (entry, &map) {
		uint32_t i = n < MANY / 2 ? n * 2 + 1 : (n - MANY / 2) * 2;
		ck_assert_ptr_eq(entry->value, &ids[i]);
		n++;
	}
	ck_assert_uint_eq(n, MANY);
	map_fini(&map);
	free(ids);
}
END_TEST

START_TEST(the_present_entry_may_be_removed_while_walking)
{
	struct map map = { 0 };
	struct aicx_id *ids = many_ids();

	for (uint32_t i = 0; i < MANY; i++)
		map_put_id(&map, &ids[i], &ids[i]);
	MAP_EACH (entry, &map)
		(void)map_remove(&map, entry->key);
	ck_assert_uint_eq(map_len(&map), 0);
	for (uint32_t i = 0; i < MANY; i++)
		ck_assert_ptr_null(map_find_id(&map, &ids[i]));
	map_fini(&map);
	free(ids);
}
END_TEST

START_TEST(coming_and_going_does_not_make_it_grow)
{
	struct map map = { 0 };
	struct aicx_id *ids = many_ids();

	for (uint32_t i = 0; i < MANY; i++) {
		map_put_id(&map, &ids[i], &ids[i]);
		if (i >= 10)
			ck_assert_ptr_eq(
			    map_remove_id(&map, &ids[i - 10]), &ids[i - 10]);
	}
	ck_assert_uint_eq(map_len(&map), 10);
	ck_assert_uint_le(map.cap_entries, 32);
	for (uint32_t i = MANY - 10; i < MANY; i++)
		ck_assert_ptr_eq(map_find_id(&map, &ids[i]), &ids[i]);
	map_fini(&map);
	free(ids);
}
END_TEST

START_TEST(a_random_walk_agrees_with_a_plain_table)
{
	static struct aicx_id ids[256];
	static bool there[256];
	struct map map = { 0 };
	uint32_t dice = 1;
	size_t n = 0;

	for (int i = 0; i < 200000; i++) {
		dice = dice * 1664525 + 1013904223;
		unsigned k = dice >> 24;
		ids[k].bytes[0] = (uint8_t)k;
		void *before = there[k] ? &ids[k] : NULL;
		n -= there[k];
		if (dice >> 12 & 1) {
			ck_assert_ptr_eq(
			    map_put_id(&map, &ids[k], &ids[k]), before);
			there[k] = true;
		} else {
			ck_assert_ptr_eq(map_remove_id(&map, &ids[k]), before);
			there[k] = false;
		}
		n += there[k];
		ck_assert_uint_eq(map_len(&map), n);
	}
	for (int k = 0; k < 256; k++)
		ck_assert_int_eq(map_find_id(&map, &ids[k]) != NULL, there[k]);
	map_fini(&map);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("map");
	TCase *tcase = tcase_create("map");

	tcase_add_test(tcase, the_hash_is_siphash_2_4);
	tcase_add_test(tcase, other_bytes_have_another_mark);
	tcase_add_test(tcase, an_empty_map_finds_nothing);
	tcase_add_test(tcase, what_was_put_is_found_replaced_and_removed);
	tcase_add_test(tcase, ids_are_keys);
	tcase_add_test(tcase, walking_goes_in_order_of_insertion_past_holes);
	tcase_add_test(tcase, the_present_entry_may_be_removed_while_walking);
	tcase_add_test(tcase, coming_and_going_does_not_make_it_grow);
	tcase_add_test(tcase, a_random_walk_agrees_with_a_plain_table);
	suite_add_tcase(suite, tcase);
	SRunner *runner = srunner_create(suite);
	srunner_run_all(runner, CK_ENV);
	int failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
