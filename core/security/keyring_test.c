/* SPDX-License-Identifier: Apache-2.0 */
/* keyring_test.c - what opens, and what does not. */
#include "security/keyring.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "base/b64.h"
#include "base/err.h"
#include "base/str.h"

static const struct aicx_id broker_id = { { 1, 2, 3 } };

static void
count_up(void *arg, void *ret_bytes, size_t n_bytes)
{
	uint8_t *next = arg, *bytes = ret_bytes;

	for (size_t i = 0; i < n_bytes; i++)
		bytes[i] = (uint8_t)(*next * 7 + i);
	(*next)++;
}

static uint8_t next;
static const struct keyring_chance chance = { count_up, &next };

static struct masters
masters_of(uint8_t a, uint8_t b)
{
	struct masters masters = { .n = b == 0 ? 1 : 2 };

	memset(masters.keys[0], a, KEY_BYTES);
	memset(masters.keys[1], b, KEY_BYTES);
	return masters;
}

static struct keyring *
ring_new(void)
{
	next = 1;
	return keyring_new(&broker_id, &chance);
}

static bool
opens(const struct keyring *ring, const char *place, const struct buf *box,
    const char *want)
{
	struct buf plain = { 0 };
	bool good = keyring_open(ring, str_of(place), buf_view(box), &plain);

	if (good)
		ck_assert(str_is(buf_view(&plain), want));
	else
		ck_assert_uint_eq(plain.len, 0);
	buf_fini(&plain);
	return good;
}

START_TEST(a_value_opens_at_its_place_only)
{
	struct keyring *ring = ring_new();
	struct buf box = { 0 };

	keyring_seal(ring, STR("0/s/a"), STR("secret"), &box);
	ck_assert_uint_eq(box.len, 6 + SEALED_EXTRA);
	ck_assert(opens(ring, "0/s/a", &box, "secret"));
	ck_assert(!opens(ring, "0/s/b", &box, ""));
	for (size_t i = 0; i < box.len; i++) {
		box.ptr[i] ^= 1;
		ck_assert(!opens(ring, "0/s/a", &box, ""));
		box.ptr[i] ^= 1;
	}
	for (size_t len = box.len; box.len-- > 0 && len > 0;)
		ck_assert(!opens(ring, "0/s/a", &box, ""));
	buf_fini(&box);
	keyring_free(ring);
	keyring_free(NULL);
}
END_TEST

START_TEST(the_same_value_twice_gives_two_boxes)
{
	struct keyring *ring = ring_new();
	struct buf one = { 0 }, two = { 0 }, elsewhere = { 0 };

	keyring_seal(ring, STR("a"), STR("secret"), &one);
	keyring_seal(ring, STR("a"), STR("secret"), &two);
	ck_assert(!str_eq(buf_view(&one), buf_view(&two)));
	next--; /* the same nonce at another place: another key */
	keyring_seal(ring, STR("b"), STR("secret"), &elsewhere);
	ck_assert(memcmp(two.ptr, elsewhere.ptr, 16) == 0);
	ck_assert(memcmp(two.ptr + 16, elsewhere.ptr + 16, 6) != 0);
	buf_fini(&one);
	buf_fini(&two);
	buf_fini(&elsewhere);
	keyring_free(ring);
}
END_TEST

START_TEST(nothing_of_a_ring_lies_open_in_its_file)
{
	struct masters masters = masters_of(9, 0);
	struct keyring *ring = ring_new(), *back = NULL;
	struct buf text = { 0 }, box = { 0 };
	char seed[64], tag[MASTER_TAG + 1];
	size_t which = 7;

	keyring_print(ring, masters.keys[0], &text);
	b64_print(keyring_seed(ring), KEY_BYTES, seed);
	seed[B64_LEN(KEY_BYTES)] = '\0';
	ck_assert_ptr_null(strstr(buf_cstr(&text), seed));
	master_tag(masters.keys[0], tag);
	ck_assert_ptr_nonnull(strstr(buf_cstr(&text), tag));
	ck_assert_int_eq(keyring_parse(buf_view(&text), &masters, &chance,
			     &back, &which, NULL),
	    AICX_OK);
	ck_assert_uint_eq(which, 0);
	ck_assert(
	    memcmp(keyring_seed(ring), keyring_seed(back), KEY_BYTES) == 0);
	ck_assert(
	    memcmp(keyring_root(ring), keyring_root(back), KEY_BYTES) == 0);
	ck_assert(
	    memcmp(keyring_seed(ring), keyring_root(ring), KEY_BYTES) != 0);
	ck_assert(memcmp(keyring_broker_id(back), &broker_id, 16) == 0);
	keyring_seal(ring, STR("a"), STR("secret"), &box);
	ck_assert(opens(back, "a", &box, "secret"));
	keyring_free(ring);
	keyring_free(back);
	buf_fini(&text);
	buf_fini(&box);
}
END_TEST

START_TEST(another_master_key_opens_nothing_and_is_said)
{
	struct masters right = masters_of(9, 0), wrong = masters_of(8, 7);
	struct keyring *ring = ring_new(), *back = NULL;
	struct aicx_error error = { 0 };
	struct buf text = { 0 };
	char tag[MASTER_TAG + 1];
	size_t which = 7;

	keyring_print(ring, right.keys[0], &text);
	ck_assert_int_eq(keyring_parse(buf_view(&text), &wrong, &chance, &back,
			     &which, &error),
	    AICX_EDENIED);
	master_tag(right.keys[0], tag);
	ck_assert_ptr_nonnull(strstr(error.text, tag));
	ck_assert_ptr_null(back);
	keyring_free(ring);
	buf_fini(&text);
}
END_TEST

START_TEST(a_ring_is_sealed_anew_and_old_values_open)
{
	struct masters old = masters_of(9, 0), both = masters_of(8, 9),
		       fresh = masters_of(8, 0);
	struct keyring *ring = ring_new(), *back = NULL;
	struct buf text = { 0 }, box = { 0 }, later = { 0 };
	size_t which = 7;

	keyring_seal(ring, STR("a"), STR("secret"), &box);
	keyring_print(ring, old.keys[0], &text);
	keyring_free(ring);
	ck_assert_int_eq(
	    keyring_parse(buf_view(&text), &both, &chance, &ring, &which, NULL),
	    AICX_OK);
	ck_assert_uint_eq(which, 1);
	ck_assert_int_eq(keyring_renew(ring, NULL), AICX_OK);
	ck_assert_uint_eq(keyring_len(ring), 2);
	keyring_seal(ring, STR("a"), STR("later"), &later);
	buf_clear(&text);
	keyring_print(ring, fresh.keys[0], &text);
	ck_assert_int_eq(keyring_parse(buf_view(&text), &fresh, &chance, &back,
			     &which, NULL),
	    AICX_OK);
	ck_assert(opens(back, "a", &box, "secret"));
	ck_assert(opens(back, "a", &later, "later"));
	keyring_renew_undo(ring);
	ck_assert(!opens(ring, "a", &later, ""));
	keyring_free(back);
	back = NULL;
	ck_assert_int_eq(
	    keyring_parse(buf_view(&text), &old, &chance, &back, &which, NULL),
	    AICX_EDENIED);
	keyring_free(ring);
	buf_fini(&text);
	buf_fini(&box);
	buf_fini(&later);
}
END_TEST

START_TEST(there_is_a_limit_of_data_keys)
{
	struct keyring *ring = ring_new();
	struct aicx_error error = { 0 };

	while (keyring_len(ring) < DATA_KEYS_MAX)
		ck_assert_int_eq(keyring_renew(ring, NULL), AICX_OK);
	ck_assert_int_eq(keyring_renew(ring, &error), AICX_ELIMIT);
	ck_assert_uint_eq(keyring_len(ring), DATA_KEYS_MAX);
	keyring_free(ring);
}
END_TEST

/* Each bit counts, but those that only name the master key in a message. */
START_TEST(a_damaged_ring_is_refused)
{
	struct masters masters = masters_of(9, 0);
	struct keyring *ring = ring_new(), *back;
	struct buf text = { 0 };
	size_t n_good = 0, which;

	keyring_print(ring, masters.keys[0], &text);
	for (size_t bit = 0; bit < 8 * text.len; bit++) {
		char *at = text.ptr + bit / 8, was = *at;
		*at = (char)(was ^ 1 << bit % 8);
		if (keyring_parse(buf_view(&text), &masters, &chance, &back,
			&which, NULL) == AICX_OK) {
			ck_assert(memcmp(keyring_seed(ring), keyring_seed(back),
				      KEY_BYTES) == 0);
			keyring_free(back);
			n_good++;
		}
		*at = was;
	}
	ck_assert_uint_lt(n_good, 8 * MASTER_TAG + 16);
	keyring_free(ring);
	buf_fini(&text);
}
END_TEST

START_TEST(master_keys_are_lines_of_base64url)
{
	struct masters masters = masters_of(9, 8), back;
	struct aicx_error error = { 0 };
	struct buf text = { 0 };

	buf_text(&text, "# new\n");
	masters_print(&masters, &text);
	buf_text(&text, "\n  \n");
	ck_assert_int_eq(masters_parse(buf_view(&text), &back, NULL), AICX_OK);
	ck_assert_uint_eq(back.n, 2);
	ck_assert(memcmp(back.keys, masters.keys, 2 * KEY_BYTES) == 0);
	back.n = 9;
	ck_assert_int_eq(
	    masters_parse(STR("# none\n"), &back, &error), AICX_EINVAL);
	ck_assert_str_eq(error.text, "there is no master key");
	ck_assert_int_eq(
	    masters_parse(STR("\nabc\n"), &back, &error), AICX_EINVAL);
	ck_assert_ptr_nonnull(strstr(error.text, "line 2 is no key"));
	for (int i = 0; i < 4; i++)
		masters_print(&masters, &text);
	ck_assert_int_eq(
	    masters_parse(buf_view(&text), &back, &error), AICX_EINVAL);
	ck_assert_ptr_nonnull(strstr(error.text, "more than 8"));
	ck_assert_uint_eq(back.n, 9);
	buf_fini(&text);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("keyring");
	TCase *tcase = tcase_create("keyring");

	tcase_add_test(tcase, a_value_opens_at_its_place_only);
	tcase_add_test(tcase, the_same_value_twice_gives_two_boxes);
	tcase_add_test(tcase, nothing_of_a_ring_lies_open_in_its_file);
	tcase_add_test(tcase, another_master_key_opens_nothing_and_is_said);
	tcase_add_test(tcase, a_ring_is_sealed_anew_and_old_values_open);
	tcase_add_test(tcase, there_is_a_limit_of_data_keys);
	tcase_add_test(tcase, a_damaged_ring_is_refused);
	tcase_add_test(tcase, master_keys_are_lines_of_base64url);
	suite_add_tcase(suite, tcase);
	SRunner *runner = srunner_create(suite);
	srunner_run_all(runner, CK_ENV);
	int failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
