/* SPDX-License-Identifier: Apache-2.0 */
/*
 * hook_lua_test.c - the plugin itself: its descriptor, the file it reads, and
 * a question through its ops.
 *
 * The plugin is loaded by hand from .libs, with a host that has only a clock
 * and two currencies; lua_host_test.c and lua_attack_test.c test the rest.
 */
#include <aiconexus/hook.h>
#include <aiconexus/plugin.h>

#include <check.h>
#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

/* As the plugin declares it. */
struct settings {
	const char *file;
	int64_t memory, instructions, deadline;
};

static const struct aicx_plugin *plugin;
static const struct aicx_hook_ops *ops;
static char folder[64], path[80];

/* The machine is busy: a second passes between two looks. */
static int64_t
host_now_ms(struct aicx_self *self)
{
	static int64_t now_ms;

	(void)self;
	return now_ms += 1000;
}

static aicx_err
host_currency_scale(struct aicx_self *self, const char *currency)
{
	(void)self;
	return strcmp(currency, "AIC") == 0 ? 6 : AICX_ENOTFOUND;
}

static const struct aicx_host host = {
	.size = sizeof host,
	.abi_major = AICX_ABI_MAJOR,
	.abi_minor = AICX_ABI_MINOR,
	.now_ms = host_now_ms,
	.currency_scale = host_currency_scale,
};

static void
plugin_load(void)
{
	void *handle = dlopen(".libs/hook_lua.so", RTLD_NOW | RTLD_LOCAL);

	if (handle == NULL) {
		fprintf(stderr, "%s\n", dlerror());
		exit(1);
	}
	plugin = dlsym(handle, "aicx_plugin");
	ops = plugin->ops.hook;
}

static void
folder_make(void)
{
	strcpy(folder, "/tmp/hook_lua_XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(folder));
	snprintf(path, sizeof path, "%s/rule.lua", folder);
}

static void
folder_remove(void)
{
	remove(path);
	remove(folder);
}

static void
file_write(const char *text, size_t len)
{
	FILE *file = fopen(path, "w");

	ck_assert_ptr_nonnull(file);
	ck_assert_uint_eq(fwrite(text, 1, len, file), len);
	fclose(file);
	ck_assert_int_eq(chmod(path, 0644), 0);
}

static aicx_err
open_rule(void **ret_state, struct aicx_error *reterr)
{
	struct settings settings = { path, 1 << 20, 50000, 5 };

	memset(reterr, 0, sizeof *reterr);
	return plugin->open(&host, NULL, &settings, ret_state, reterr);
}

static void
check_open_fails(const char *want)
{
	struct aicx_error why;
	void *state = NULL;

	ck_assert_int_ne(open_rule(&state, &why), AICX_OK);
	ck_assert_ptr_null(state);
	ck_assert_msg(strstr(why.text, want) != NULL, "%s", why.text);
	ck_assert_msg(strstr(why.text, "rule.lua") != NULL, "%s", why.text);
}

START_TEST(a_question_goes_through)
{
	static const char source[] =
	    "local base = money '0.0025 AIC'\n"
	    "return { price = function(usage) return usage.calls * base "
	    "end }";
	static const char args[] = "{\"usage\":{\"calls\":2},\"terms\":{},"
				   "\"ceiling\":{\"minor\":5000}}";
	struct aicx_decision decision = { .size = sizeof decision };
	struct aicx_error why;
	void *state;

	file_write(source, sizeof source - 1);
	if (open_rule(&state, &why) != AICX_OK)
		ck_abort_msg("%s", why.text);
	ck_assert(ops->has(state, AICX_HOOK_PRICE));
	ck_assert(!ops->has(state, AICX_HOOK_CHOOSE));
	ck_assert_uint_eq(ops->source(state).len, sizeof source - 1);
	ck_assert_mem_eq(ops->source(state).ptr, source, sizeof source - 1);
	ck_assert_ptr_nonnull(ops->sha256(state));

	ck_assert_int_eq(
	    ops->run(state, AICX_HOOK_PRICE,
		(struct aicx_str) { args, sizeof args - 1 }, &decision, &why),
	    AICX_OK);
	ck_assert_int_eq(decision.verdict, AICX_VALUE);
	ck_assert_str_eq(decision.result.ptr, "{\"minor\":5000}");
	ck_assert_int_gt(decision.instructions, 0);
	ck_assert_int_eq(ops->run(state, AICX_HOOK_OFFER,
			     (struct aicx_str) { "{}", 2 }, &decision, &why),
	    AICX_OK);
	ck_assert_int_eq(decision.verdict, AICX_PASS);
	plugin->close(state);
}
END_TEST

START_TEST(a_policy_is_not_blamed_for_a_busy_machine)
{
	static const char source[] =
	    "local n = 0\nfor i = 1, 5000 do n = n + 1 end\n"
	    "return { price = function(usage)\n"
	    " for i = 1, 5000 do n = n + 1 end return usage.calls end }";
	static const char args[] = "{\"usage\":{\"calls\":2},\"terms\":{},"
				   "\"ceiling\":{\"minor\":5000}}";
	struct aicx_decision decision = { .size = sizeof decision };
	struct aicx_error why;
	void *state;

	file_write(source, sizeof source - 1);
	if (open_rule(&state, &why) != AICX_OK)
		ck_abort_msg("%s", why.text);
	if (ops->run(state, AICX_HOOK_PRICE,
		(struct aicx_str) { args, sizeof args - 1 }, &decision, &why))
		ck_abort_msg("%s", why.text);
	ck_assert_str_eq(decision.result.ptr, "{\"minor\":2}");
	plugin->close(state);
}
END_TEST

START_TEST(a_policy_that_fails_says_file_and_line)
{
	static const char source[] =
	    "return {\n price = function() while true do end end,\n"
	    "offer = function() return { base_cost = 1.5 } end }";
	static const char args[] =
	    "{\"usage\":{},\"terms\":{},\"ceiling\":{\"minor\":1},"
	    "\"intent\":{\"max_price\":{\"minor\":9,\"currency\":\"AIC\"}},"
	    "\"me\":{}}";
	struct aicx_decision decision = { .size = sizeof decision };
	struct aicx_error why;
	void *state;

	file_write(source, sizeof source - 1);
	ck_assert_int_eq(open_rule(&state, &why), AICX_OK);
	ck_assert_int_eq(
	    ops->run(state, AICX_HOOK_PRICE,
		(struct aicx_str) { args, sizeof args - 1 }, &decision, &why),
	    AICX_ELIMIT);
	ck_assert_ptr_nonnull(
	    strstr(why.text, "instruction budget of 50000 used up in "));
	ck_assert_ptr_nonnull(strstr(why.text, "rule.lua:2"));
	ck_assert_int_eq(
	    ops->run(state, AICX_HOOK_OFFER,
		(struct aicx_str) { args, sizeof args - 1 }, &decision, &why),
	    AICX_EINVAL);
	ck_assert_ptr_nonnull(strstr(why.text, "rule.lua:3: offer answered"));
	plugin->close(state);
}
END_TEST

START_TEST(another_policy_is_loaded_from_its_text_and_stands_alone)
{
	static const char source[] =
	    "return { price = function() return 1 end }";
	static const char other[] =
	    "return { price = function() return 2 end }";
	static const char args[] = "{\"usage\":{},\"terms\":{},"
				   "\"ceiling\":{\"minor\":5}}";
	struct aicx_str name = { "old", 3 };
	struct aicx_str text = { other, sizeof other - 1 };
	struct aicx_decision decision = { .size = sizeof decision };
	struct aicx_error why = { 0 };
	void *state, *loaded = NULL;

	file_write(source, sizeof source - 1);
	ck_assert_int_eq(open_rule(&state, &why), AICX_OK);
	ck_assert_int_eq(ops->load(state, name, (struct aicx_str) { "x =", 3 },
			     &loaded, &why),
	    AICX_EINVAL);
	ck_assert_ptr_null(loaded);
	ck_assert_ptr_nonnull(strstr(why.text, "old"));
	ck_assert_int_eq(ops->load(state, name, text, &loaded, &why), AICX_OK);
	plugin->close(state);
	ck_assert_uint_eq(ops->source(loaded).len, text.len);
	ck_assert_int_eq(
	    ops->run(loaded, AICX_HOOK_PRICE,
		(struct aicx_str) { args, sizeof args - 1 }, &decision, &why),
	    AICX_OK);
	ck_assert_str_eq(decision.result.ptr, "{\"minor\":2}");
	ops->unload(loaded);
}
END_TEST

START_TEST(files_that_cannot_be_trusted_or_read_are_refused)
{
	static char big[65537];

	check_open_fails("No such file");
	file_write("", 0);
	check_open_fails("returned a nil");
	file_write("x = = 1", 7);
	check_open_fails("rule.lua:1: unexpected symbol");
	file_write("return { price = error }", 24);
	ck_assert_int_eq(chmod(path, 0666), 0);
	check_open_fails("everybody may write to it");

	memset(big, ' ', sizeof big);
	file_write(big, sizeof big);
	check_open_fails("it has 65537 bytes and the limit is 65536");
	memcpy(big, "return { price = error }", 24);
	file_write(big, sizeof big - 1);
	{
		struct aicx_error why;
		void *state;

		ck_assert_int_eq(open_rule(&state, &why), AICX_OK);
		plugin->close(state);
	}
	remove(path);
	ck_assert_int_eq(mkdir(path, 0755), 0);
	check_open_fails("no regular file");
	rmdir(path);
	ck_assert_int_eq(mkfifo(path, 0644), 0);
	check_open_fails("no regular file");
}
END_TEST

START_TEST(the_descriptor_says_what_it_is)
{
	ck_assert_uint_eq(plugin->magic, AICX_PLUGIN_MAGIC);
	ck_assert_uint_eq(plugin->kind, AICX_HOOK);
	ck_assert_str_eq(plugin->name, "lua");
	ck_assert_uint_eq(plugin->settings_size, sizeof(struct settings));
	ck_assert_str_eq(plugin->options[0].name, "file");
	ck_assert_uint_eq(plugin->options[0].flags, AICX_OPTF_REQUIRED);
	ck_assert_str_eq(plugin->options[1].fallback, "1m");
	ck_assert_str_eq(plugin->options[2].fallback, "50000");
	ck_assert_str_eq(plugin->options[3].fallback, "5ms");
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("hook_lua");
	TCase *tcase = tcase_create("plugin");
	SRunner *runner = srunner_create(suite);
	int n_failed;

	plugin_load();
	tcase_add_checked_fixture(tcase, folder_make, folder_remove);
	tcase_add_test(tcase, the_descriptor_says_what_it_is);
	tcase_add_test(tcase, a_question_goes_through);
	tcase_add_test(tcase, a_policy_is_not_blamed_for_a_busy_machine);
	tcase_add_test(tcase, a_policy_that_fails_says_file_and_line);
	tcase_add_test(
	    tcase, another_policy_is_loaded_from_its_text_and_stands_alone);
	tcase_add_test(tcase, files_that_cannot_be_trusted_or_read_are_refused);
	suite_add_tcase(suite, tcase);
	srunner_run_all(runner, CK_NORMAL);
	n_failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return n_failed == 0 ? 0 : 1;
}
