/* SPDX-License-Identifier: Apache-2.0 */
/*
 * json_suite_test.c - the files of JSONTestSuite: what must be accepted is,
 * what must be refused is, and what is free is decided here.
 *
 * The files are found in AICX_VECTORS, else beside the source tree.
 */
#include "base/json.h"

#include <check.h>
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/str.h"

/* The suite accepts these; we refuse repeated members (wire.md, Envelope). */
static const char *const repeats[] = { "y_object_duplicated_key.json",
	"y_object_duplicated_key_and_value.json", NULL };

/* Where the suite leaves the choice: numbers are text to us and are accepted
   whatever their size; malformed UTF-8, lone surrogates, a byte order mark and
   more than 64 levels are refused. */
static const char *const accepted[] = { "i_number_double_huge_neg_exp.json",
	"i_number_huge_exp.json", "i_number_neg_int_huge_exp.json",
	"i_number_pos_double_huge_exp.json", "i_number_real_neg_overflow.json",
	"i_number_real_pos_overflow.json", "i_number_real_underflow.json",
	"i_number_too_big_neg_int.json", "i_number_too_big_pos_int.json",
	"i_number_very_big_negative_int.json", NULL };

static bool
is_among(const char *name, const char *const *names)
{
	while (*names != NULL && strcmp(*names, name) != 0)
		names++;
	return *names != NULL;
}

static bool
must_be_accepted(const char *name)
{
	if (name[0] == 'i')
		return is_among(name, accepted);
	return name[0] == 'y' && !is_among(name, repeats);
}

/* The folder of the suite, or NULL when it is not there. */
static DIR *
open_folder(const char *name, char path[1024])
{
	const char *vectors = getenv("AICX_VECTORS"), *src = getenv("srcdir");

	if (vectors != NULL)
		(void)snprintf(
		    path, 1024, "%s/jsontestsuite/%s", vectors, name);
	else
		(void)snprintf(path, 1024,
		    "%s/../shared/vectors/jsontestsuite/%s", src ? src : ".",
		    name);
	DIR *folder = opendir(path);
	if (folder == NULL)
		(void)printf("skipped: no vectors at %s\n", path);
	return folder;
}

static void
read_file(const char *folder, const char *name, struct buf *buf)
{
	char path[2048];
	size_t n;

	(void)snprintf(path, sizeof path, "%s/%s", folder, name);
	FILE *file = fopen(path, "rb");
	ck_assert_ptr_nonnull(file);
	while ((n = fread(buf_room(buf, 4096), 1, 4096, file)) > 0)
		buf->len += n;
	(void)fclose(file);
}

static aicx_err
no_member(struct aicx_str name, enum json_type type, struct aicx_str value,
    void *arg, struct aicx_error *reterr)
{
	(void)name, (void)type, (void)value, (void)arg, (void)reterr;
	return AICX_OK;
}

/* Parses a copy that ends where the text does, so that ASan sees a step
   beyond it; the scanner must agree about each object. */
static bool
accepts(struct aicx_str text)
{
	struct arena arena = { 0 };
	struct json doc;
	char *copy = malloc(text.len ? text.len : 1);

	if (text.len > 0)
		memcpy(copy, text.ptr, text.len);
	text.ptr = copy;
	bool parsed = json_parse(text, &arena, &doc, NULL) == AICX_OK;
	bool scanned = json_scan(text, NULL, no_member, NULL, NULL) == AICX_OK;
	if (scanned || (parsed && json_type(json_root(&doc)) == JSON_OBJECT))
		ck_assert_int_eq(scanned, parsed);
	arena_fini(&arena);
	free(copy);
	return parsed;
}

START_TEST(the_parsing_files_are_judged_as_the_suite_says)
{
	char path[1024];
	DIR *folder = open_folder("test_parsing", path);
	struct dirent *entry;
	int n_files = 0;

	while (folder != NULL && (entry = readdir(folder)) != NULL) {
		struct buf buf = { 0 };
		if (!str_ends(str_of(entry->d_name), ".json"))
			continue;
		read_file(path, entry->d_name, &buf);
		ck_assert_msg(
		    accepts(buf_view(&buf)) == must_be_accepted(entry->d_name),
		    "%s", entry->d_name);
		buf_fini(&buf);
		n_files++;
	}
	if (folder != NULL) {
		ck_assert_int_eq(n_files, 95 + 188 + 35);
		closedir(folder);
	}
}
END_TEST

/* Where parsers disagree: numbers keep their text, keys are compared by code
   point (not normalised), same keys and lone surrogates are refused. */
START_TEST(the_transform_files_are_accepted_or_refused_by_rule)
{
	char path[1024];
	DIR *folder = open_folder("test_transform", path);
	struct dirent *entry;

	while (folder != NULL && (entry = readdir(folder)) != NULL) {
		struct buf buf = { 0 };
		struct aicx_str name = str_of(entry->d_name);
		if (!str_ends(name, ".json"))
			continue;
		read_file(path, entry->d_name, &buf);
		bool wanted = str_starts(name, "number_") ||
		    str_starts(name, "object_key_") ||
		    str_is(name, "string_with_escaped_NULL.json");
		ck_assert_msg(
		    accepts(buf_view(&buf)) == wanted, "%s", entry->d_name);
		buf_fini(&buf);
	}
	if (folder != NULL)
		closedir(folder);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("json suite");
	TCase *tcase = tcase_create("json suite");

	tcase_add_test(tcase, the_parsing_files_are_judged_as_the_suite_says);
	tcase_add_test(
	    tcase, the_transform_files_are_accepted_or_refused_by_rule);
	suite_add_tcase(suite, tcase);
	SRunner *runner = srunner_create(suite);
	srunner_run_all(runner, CK_ENV);
	int failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
