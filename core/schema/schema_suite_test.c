/* SPDX-License-Identifier: Apache-2.0 */
/*
 * schema_suite_test.c - the files of JSON-Schema-Test-Suite for draft 2020-12:
 * every case must get its verdict, but those listed below with their reason.
 *
 * The files are found in AICX_VECTORS, else beside the source tree; the number
 * of cases by file is printed.
 */
#include "schema/schema.h"

#include <check.h>
#include <glob.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/str.h"

static const char *const meta =
    "the meta-schema's text is not part of the validator";
static const char *const dialect = "other dialects are not looked at";

/* Groups by their description. */
static const struct {
	const char *file, *group, *reason;
} unsupported[] = {
	{ "ref.json", "remote ref, containing refs itself", meta },
	{ "optional/cross-draft.json", "*", dialect },
};

enum { PATH_SIZE = 1024, REMOTES_MAX = 64 };

struct suite {
	char root[PATH_SIZE];
	struct arena arena;
	struct schema_document remotes[REMOTES_MAX];
	size_t n_remotes;
	int n_failed, n_passed, n_skipped;
};

static struct aicx_str
read_file(const char *path, struct arena *arena)
{
	struct buf buf = { 0 };
	size_t n;
	FILE *file = fopen(path, "rb");

	ck_assert_msg(file != NULL, "%s", path);
	while ((n = fread(buf_room(&buf, 65536), 1, 65536, file)) > 0)
		buf.len += n;
	(void)fclose(file);
	struct aicx_str text = arena_str(arena, buf_view(&buf));
	buf_fini(&buf);
	return text;
}

static void
read_remotes(struct suite *suite)
{
	static const char *const depths[] = { "*.json", "*/*.json" };
	char pattern[PATH_SIZE + 64];
	glob_t found = { 0 };

	for (int i = 0; i < 2; i++) {
		(void)snprintf(pattern, sizeof pattern,
		    "%s/remotes/draft2020-12/%s", suite->root, depths[i]);
		(void)glob(pattern, i == 0 ? 0 : GLOB_APPEND, NULL, &found);
	}
	for (size_t i = 0; i < found.gl_pathc; i++) {
		const char *path = found.gl_pathv[i];
		const char *name =
		    path + strlen(suite->root) + sizeof "/remotes";
		ck_assert(suite->n_remotes < REMOTES_MAX);
		suite->remotes[suite->n_remotes++] = (struct schema_document) {
			arena_printf(
			    &suite->arena, "http://localhost:1234/%s", name),
			read_file(path, &suite->arena)
		};
	}
	globfree(&found);
}

static const char *
reason_for(const char *file, struct aicx_str group)
{
	for (size_t i = 0; i < sizeof unsupported / sizeof *unsupported; i++)
		if (strcmp(unsupported[i].file, file) == 0 &&
		    (strcmp(unsupported[i].group, "*") == 0 ||
			str_is(group, unsupported[i].group)))
			return unsupported[i].reason;
	return NULL;
}

static void
run_case(struct suite *suite, const struct schema *schema, const char *file,
    struct aicx_str group, struct json_ref test, const char *no_schema)
{
	struct arena scratch = { 0 };
	struct aicx_error why = { 0 };
	bool valid = false;

	ck_assert(json_bool(json_get(test, "valid"), &valid));
	bool met = schema != NULL &&
	    schema_check(schema, json_get(test, "data"), &scratch, &why) ==
		AICX_OK;
	if (schema != NULL && met == valid) {
		suite->n_passed++;
	} else {
		suite->n_failed++;
		struct aicx_str name = json_raw(json_get(test, "description"));
		(void)printf("FAILED %s: %.*s: %.*s: %s\n", file,
		    STR_ARG(group), STR_ARG(name),
		    schema == NULL ? no_schema : why.text);
	}
	arena_fini(&scratch);
}

static void
run_group(struct suite *suite, const char *file, struct json_ref group)
{
	struct json_iter iter = json_iter(json_get(group, "tests"));
	struct aicx_str name =
	    json_str(json_get(group, "description"), &suite->arena);
	const struct schema_options options = { suite->remotes,
		suite->n_remotes, strstr(file, "optional/format/") != NULL };
	struct aicx_error why = { 0 };
	const char *reason = reason_for(file, name);

	if (reason != NULL) {
		suite->n_skipped += (int)json_len(json_get(group, "tests"));
		(void)printf(
		    "unsupported %s: %.*s: %s\n", file, STR_ARG(name), reason);
		return;
	}
	struct schema *schema =
	    schema_new(json_raw(json_get(group, "schema")), &options, &why);
	while (json_next(&iter))
		run_case(suite, schema, file, name, iter.value, why.text);
	schema_free(schema);
}

static void
run_file(struct suite *suite, const char *path)
{
	struct arena arena = { 0 };
	struct json doc;
	int before = suite->n_passed;
	const char *file =
	    path + strlen(suite->root) + sizeof "/tests/draft2020-12";

	ck_assert_int_eq(
	    json_parse(read_file(path, &arena), &arena, &doc, NULL), AICX_OK);
	struct json_iter iter = json_iter(json_root(&doc));
	while (json_next(&iter))
		run_group(suite, file, iter.value);
	(void)printf("%s: %d\n", file, suite->n_passed - before);
	arena_fini(&arena);
}

START_TEST(every_case_of_the_suite_gets_its_verdict)
{
	static const char *const depths[] = { "*.json", "optional/*.json",
		"optional/format/*.json" };
	const char *vectors = getenv("AICX_VECTORS"), *src = getenv("srcdir");
	struct suite suite = { 0 };
	char pattern[PATH_SIZE + 64];
	glob_t found = { 0 };

	if (vectors != NULL)
		(void)snprintf(
		    suite.root, PATH_SIZE, "%s/json-schema", vectors);
	else
		(void)snprintf(suite.root, PATH_SIZE,
		    "%s/../shared/vectors/json-schema", src ? src : ".");
	read_remotes(&suite);
	for (int i = 0; i < 3; i++) {
		(void)snprintf(pattern, sizeof pattern,
		    "%s/tests/draft2020-12/%s", suite.root, depths[i]);
		(void)glob(pattern, i == 0 ? 0 : GLOB_APPEND, NULL, &found);
	}
	if (found.gl_pathc == 0)
		(void)printf("skipped: no vectors at %s\n", suite.root);
	for (size_t i = 0; i < found.gl_pathc; i++)
		run_file(&suite, found.gl_pathv[i]);
	(void)printf("%d cases as the suite has them, %d not, %d unsupported\n",
	    suite.n_passed, suite.n_failed, suite.n_skipped);
	ck_assert_int_eq(suite.n_failed, 0);
	ck_assert(found.gl_pathc == 0 || suite.n_passed > 900);
	globfree(&found);
	arena_fini(&suite.arena);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("schema_suite");
	TCase *tcase = tcase_create("suite");
	SRunner *runner = srunner_create(suite);

	tcase_set_timeout(tcase, 60);
	tcase_add_test(tcase, every_case_of_the_suite_gets_its_verdict);
	suite_add_tcase(suite, tcase);
	srunner_run_all(runner, CK_ENV);
	int n_failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return n_failed != 0;
}
