/* SPDX-License-Identifier: Apache-2.0 */
/* self_test.c - identity files and pinned keys, in a folder of their own. */
#include "cli/self.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/id.h"
#include "base/str.h"
#include "cli/file.h"
#include "cli/outside.h"
#include "cli/pins.h"

static char dir[] = "/tmp/aicx-self-XXXXXX";
static char path[128];

static void
set_up(void)
{
	(void)memcpy(dir + sizeof dir - 7, "XXXXXX", 6);
	ck_assert_ptr_nonnull(mkdtemp(dir));
	(void)snprintf(path, sizeof path, "%s/a/file", dir);
}

static void
tear_down(void)
{
	(void)unlink(path);
	(void)snprintf(path, sizeof path, "%s/a", dir);
	(void)rmdir(path);
	(void)rmdir(dir);
}

START_TEST(a_new_identity_is_secret_and_reads_back)
{
	struct self made, read;
	struct stat st;
	bool exposed = true;

	ck_assert_int_eq(
	    self_generate(path, "http://x:1", &made, NULL), AICX_OK);
	ck_assert_int_eq(stat(path, &st), 0);
	ck_assert_uint_eq(st.st_mode & 0777, 0600);
	ck_assert_int_eq(self_load(path, &read, &exposed, NULL), AICX_OK);
	ck_assert(!exposed);
	ck_assert(id_eq(&made.agent_id, &read.agent_id));
	ck_assert_str_eq(sign_key_id(made.key), sign_key_id(read.key));
	ck_assert_str_eq(read.broker, "http://x:1");
	ck_assert_ptr_null(read.api_key);
	self_fini(&made);
	self_fini(&read);
}
END_TEST

START_TEST(an_identity_is_never_overwritten)
{
	struct self self, other;

	ck_assert_int_eq(self_generate(path, NULL, &self, NULL), AICX_OK);
	ck_assert_int_eq(self_generate(path, NULL, &other, NULL), AICX_EEXIST);
	self_fini(&self);
}
END_TEST

START_TEST(an_api_key_alone_is_an_identity)
{
	struct aicx_id id = outside_id();
	struct self self;
	bool exposed;

	ck_assert_int_eq(self_save_api_key(path, &id,
			     STR("aicx_O1Fao93c4v9OKk9Zyl2C_S1NshvZnlyHRP3i"
				 "Z3msAQ8"),
			     "http://x:1", NULL),
	    AICX_OK);
	ck_assert_int_eq(self_load(path, &self, &exposed, NULL), AICX_OK);
	ck_assert(id_eq(&self.agent_id, &id));
	ck_assert_ptr_null(self.key);
	ck_assert(strncmp(self.api_key, "aicx_O1F", 8) == 0);
	self_fini(&self);
	ck_assert_int_eq(chmod(path, 0644), 0);
	ck_assert_int_eq(self_load(path, &self, &exposed, NULL), AICX_OK);
	ck_assert(exposed);
	self_fini(&self);
}
END_TEST

START_TEST(a_broken_identity_is_refused_with_the_reason)
{
	const char *texts[] = { "", "[]", "{}", "{\"agent_id\":\"x\"}",
		"{\"agent_id\":\"01932000-0000-7000-8000-00000000a11c\"}",
		"{\"agent_id\":\"01932000-0000-7000-8000-00000000a11c\","
		"\"api_key\":\"wrong\"}",
		"{\"agent_id\":\"01932000-0000-7000-8000-00000000a11c\","
		"\"key_id\":\"x\",\"private_key\":\"AAAA\"}" };
	struct self self;
	bool exposed;

	for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++)
		ck_assert_int_eq(
		    self_parse(str_of(texts[i]), &self, NULL), AICX_EINVAL);
	ck_assert_int_eq(
	    self_load(path, &self, &exposed, NULL), AICX_ENOTFOUND);
}
END_TEST

static const uint8_t key_a[KEY_BYTES] = { 1 }, key_b[KEY_BYTES] = { 2 };

static aicx_err
hold(const char *origin, const struct aicx_id *id, const uint8_t *key,
    bool first_use, enum pin_verdict *verdict, struct aicx_error *reterr)
{
	struct arena arena = { 0 };
	struct pins pins;

	ck_assert_int_eq(pins_load(path, &arena, &pins, NULL), AICX_OK);
	aicx_err err =
	    pins_hold(&pins, origin, id, key, first_use, verdict, reterr);
	arena_fini(&arena);
	return err;
}

START_TEST(a_key_is_pinned_at_first_use_and_held_to)
{
	struct aicx_id id = outside_id(), other = outside_id();
	enum pin_verdict verdict;
	struct aicx_error why;

	ck_assert_int_eq(hold("http://a:1", &id, key_a, false, &verdict, &why),
	    AICX_EDENIED);
	ck_assert_str_eq(why.word, "key_unknown");
	ck_assert_int_eq(
	    hold("http://a:1", &id, key_a, true, &verdict, NULL), AICX_OK);
	ck_assert_int_eq(verdict, PIN_ADDED);
	ck_assert_int_eq(
	    hold("http://a:1", &id, key_a, false, &verdict, NULL), AICX_OK);
	ck_assert_int_eq(verdict, PIN_KNOWN);
	ck_assert_int_eq(
	    hold("http://a:1", &id, key_b, true, &verdict, &why), AICX_EDENIED);
	ck_assert_str_eq(why.word, "key_changed");
	ck_assert_ptr_nonnull(strstr(why.text, "file:1"));
	ck_assert_int_eq(
	    hold("http://a:1", &other, key_a, true, &verdict, &why),
	    AICX_EDENIED);
	ck_assert_int_eq(
	    hold("http://b:1", &other, key_b, true, &verdict, NULL), AICX_OK);
}
END_TEST

START_TEST(a_malformed_pin_is_named_by_its_line)
{
	struct arena arena = { 0 };
	struct pins pins;
	struct aicx_error why;

	ck_assert_int_eq(
	    file_create(path, 0600, STR("# mine\n\nhttp://a:1 x y\n"), NULL),
	    AICX_OK);
	ck_assert_int_eq(pins_load(path, &arena, &pins, &why), AICX_EINVAL);
	ck_assert_ptr_nonnull(strstr(why.text, "file:3: not \"ORIGIN"));
	arena_fini(&arena);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("self");
	TCase *tcase = tcase_create("self");

	tcase_add_checked_fixture(tcase, set_up, tear_down);
	tcase_add_test(tcase, a_new_identity_is_secret_and_reads_back);
	tcase_add_test(tcase, an_identity_is_never_overwritten);
	tcase_add_test(tcase, an_api_key_alone_is_an_identity);
	tcase_add_test(tcase, a_broken_identity_is_refused_with_the_reason);
	tcase_add_test(tcase, a_key_is_pinned_at_first_use_and_held_to);
	tcase_add_test(tcase, a_malformed_pin_is_named_by_its_line);
	suite_add_tcase(suite, tcase);
	SRunner *runner = srunner_create(suite);
	srunner_run_all(runner, CK_NORMAL);
	int failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
