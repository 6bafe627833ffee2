/* SPDX-License-Identifier: Apache-2.0 */
/*
 * policy_test.c - runs each scripts/policy/NAME_test.lua against NAME.lua, in
 * the host and with the limits of the broker.
 *
 * Files given as arguments are run instead: policy_test RULE.lua ...
 */
#include "lua_case.h"
#include "lua_host.h"

#include <glob.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static int64_t
on_now_ms(void *arg)
{
	struct timespec now;

	(void)arg;
	clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static int
on_scale(const char *currency, void *arg)
{
	(void)arg;
	return strcmp(currency, "AIC") == 0 ? 6 : -1;
}

/* Caller frees; NULL: it cannot be read. */
static char *
file_text(const char *path)
{
	char *text = NULL;
	size_t size = 0;
	FILE *file = fopen(path, "r");

	if (file == NULL)
		return NULL;
	if (getdelim(&text, &size, '\0', file) < 0) {
		free(text);
		text = NULL;
	}
	fclose(file);
	return text;
}

static void
on_case(const char *name, const char *why, void *arg)
{
	(void)arg;
	printf("%s  %s%s%s\n", why[0] == '\0' ? "ok    " : "FAILED", name,
	    why[0] == '\0' ? "" : ": ", why);
}

static struct aicx_str
str(const char *text)
{
	return (struct aicx_str) { text, strlen(text) };
}

static bool
sources_pass(const char *path, const char *source, const char *test_path,
    const char *tests)
{
	/* The deadline is a safety net and has its own test. */
	struct luahost_limits limits = luahost_broker_limits;
	struct luahost_ports ports = { on_now_ms, on_scale, NULL };
	struct luahost *host = NULL;
	struct aicx_error why;
	size_t n_cases = 0, n_failed = 1;
	aicx_err err;

	limits.deadline_ms = 1000;
	err = luahost_new(path, str(source), &limits, &ports, &host, &why);
	if (err == AICX_OK)
		err = luacase_run(host, test_path, str(tests), &limits, &ports,
		    on_case, NULL, &n_cases, &n_failed, &why);
	luahost_free(host);
	if (err != AICX_OK)
		printf("FAILED  %s\n", why.text);
	else if (n_cases == 0)
		printf("FAILED  %s has no case\n", test_path);
	return err == AICX_OK && n_failed == 0 && n_cases > 0;
}

/* path is "RULE.lua"; its tests lie beside it. */
static bool
policy_passes(const char *path)
{
	size_t stem = strlen(path) - strlen(".lua");
	char *test_path, *source, *tests;
	bool passes = false;

	if (asprintf(&test_path, "%.*s_test.lua", (int)stem, path) < 0)
		return false;
	source = file_text(path);
	tests = file_text(test_path);
	printf("%s\n", path);
	if (source == NULL || tests == NULL)
		printf("FAILED  cannot read \"%s\"\n",
		    source == NULL ? path : test_path);
	else
		passes = sources_pass(path, source, test_path, tests);
	free(tests);
	free(source);
	free(test_path);
	return passes;
}

static bool
is_test(const char *path)
{
	static const char tail[] = "_test.lua";
	size_t len = strlen(path);

	return len >= sizeof tail - 1 &&
	    strcmp(path + len - (sizeof tail - 1), tail) == 0;
}

int
main(int argc, char **argv)
{
	const char *srcdir = getenv("srcdir");
	int n_policies = 0, n_failed = 0;
	char *pattern;
	glob_t found = { 0 };

	for (int i = 1; i < argc; i++)
		n_failed += !policy_passes(argv[i]);
	if (argc > 1)
		return n_failed == 0 ? 0 : 1;
	if (asprintf(&pattern, "%s/scripts/policy/*.lua",
		srcdir == NULL ? "." : srcdir) < 0)
		return 1;
	glob(pattern, 0, NULL, &found);
	for (size_t i = 0; i < found.gl_pathc; i++) {
		if (is_test(found.gl_pathv[i]))
			continue;
		n_policies++;
		n_failed += !policy_passes(found.gl_pathv[i]);
	}
	printf("%d policies, %d failed\n", n_policies, n_failed);
	globfree(&found);
	free(pattern);
	return n_policies > 0 && n_failed == 0 ? 0 : 1;
}
