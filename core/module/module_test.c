/* SPDX-License-Identifier: Apache-2.0 */
/* module_test.c - which plugins load, in which order they open, and the exact
   words for those that do not. */
#include "module/module.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/str.h"
#include "module/testdata/probe.h"
#include "module/testdata/stage.h"
#include "protocol/crypto.h"

#define BUILT "core/module/testdata/.libs/"

struct good_settings {
	int64_t level;
	const char *token;
};

static void
stage_with(struct stage *stage, const char *built, const char *name)
{
	char path[96];

	stage_init(stage);
	(void)snprintf(path, sizeof path, BUILT "%s", built);
	stage_plugin(stage, path, name);
}

/* --- what loads --------------------------------------------------------- */

START_TEST(a_plugin_loads_with_its_settings_and_is_not_opened)
{
	struct stage stage;

	stage_with(&stage, "pricing_good.so", "pricing_good.so");
	ck_assert_msg(
	    stage_load(&stage,
		"[pricing good \"main\"]\nlevel = 7\ntoken = x\n") == AICX_OK,
	    "%s", stage.err.text);
	ck_assert_uint_eq(modules_len(stage.modules), 1);
	struct module *module =
	    modules_find(stage.modules, AICX_PRICING, "main");
	ck_assert_ptr_eq(module, modules_at(stage.modules, 0));
	ck_assert_ptr_eq(
	    module, modules_find(stage.modules, AICX_PRICING, NULL));
	ck_assert_ptr_null(modules_find(stage.modules, AICX_HOOK, NULL));
	ck_assert_ptr_null(modules_find(stage.modules, AICX_PRICING, "other"));
	ck_assert_str_eq(module_plugin(module)->name, "good");
	ck_assert_str_eq(module_instance(module), "main");
	ck_assert_ptr_null(module_state(module));
	ck_assert_int_eq(modules_open(stage.modules, &stage.err), AICX_OK);
	const struct good_settings *settings = module_state(module);
	ck_assert_int_eq(settings->level, 7);
	ck_assert_str_eq(settings->token, "x");
	stage_fini(&stage);
}
END_TEST

START_TEST(one_plugin_serves_several_instances)
{
	struct stage stage;

	stage_with(&stage, "pricing_good.so", "pricing_good.so");
	stage_open(&stage,
	    "[pricing good \"a\"]\nlevel = 1\n"
	    "[pricing good \"b\"]\nlevel = 2\n");
	const struct good_settings *a =
	    module_state(modules_find(stage.modules, AICX_PRICING, "a"));
	const struct good_settings *b =
	    module_state(modules_find(stage.modules, AICX_PRICING, "b"));
	ck_assert_int_eq(a->level, 1);
	ck_assert_int_eq(b->level, 2);
	stage_fini(&stage);
}
END_TEST

START_TEST(a_replaced_file_is_loaded_anew_and_the_same_file_is_not)
{
	static const char text[] = "[pricing good \"a\"]\nlevel = 1\n";
	struct stage stage;
	const struct aicx_plugin *first, *second;

	stage_with(&stage, "pricing_good.so", "pricing_good.so");
	stage_open(&stage, text);
	first = module_plugin(modules_at(stage.modules, 0));
	ck_assert_str_eq(first->version, "1");
	stage_open(&stage, text);
	second = module_plugin(modules_at(stage.modules, 0));
	ck_assert_ptr_eq(first, second);
	stage_plugin(&stage, BUILT "pricing_good2.so", "pricing_good.so");
	stage_open(&stage, text);
	second = module_plugin(modules_at(stage.modules, 0));
	ck_assert_str_eq(second->version, "2");
	stage_fini(&stage);
}
END_TEST

START_TEST(a_dump_shows_settings_and_hides_secrets)
{
	struct stage stage;
	struct buf out = { 0 };

	stage_with(&stage, "pricing_good.so", "pricing_good.so");
	stage_open(&stage,
	    "[broker]\n[pricing good \"b\"]\nlevel = 2\ntoken = abc\n"
	    "[pricing good \"a\"]\nlevel = 1\n");
	modules_dump(stage.modules, &out);
	ck_assert_str_eq(buf_cstr(&out),
	    "[pricing good \"b\"]\nlevel = 2\ntoken = ********\n\n"
	    "[pricing good \"a\"]\nlevel = 1\n\n");
	buf_fini(&out);
	stage_fini(&stage);
}
END_TEST

/* The number as text, inside of a literal. */
#define TEXT_OF(number) #number
#define STRING(macro) TEXT_OF(macro)

/* --- which files are refused ----------------------------------------- */

START_TEST(a_plugin_for_another_minor_is_refused)
{
	struct stage stage;

	stage_with(&stage, "pricing_minor.so", "pricing_minor.so");
	stage_refuses(&stage, "\n[pricing minor \"a\"]\nlevel = 1\n",
	    "10-a.conf:2:1: cannot load \"pricing_minor.so\": "
	    "built for ABI 0.99, this broker speaks 0." STRING(AICX_ABI_MINOR));
	stage_fini(&stage);
}
END_TEST

START_TEST(foreign_files_are_refused)
{
	struct stage stage;

	stage_with(&stage, "foreign.so", "pricing_foreign.so");
	stage_refuses(&stage, "[pricing foreign \"a\"]\n",
	    "10-a.conf:1:1: cannot load \"pricing_foreign.so\": "
	    "not an AIConexus plugin");
	stage_plugin(&stage, BUILT "pricing_magic.so", "pricing_magic.so");
	stage_refuses(&stage, "[pricing magic \"a\"]\n",
	    "10-a.conf:1:1: cannot load \"pricing_magic.so\": "
	    "not an AIConexus plugin");
	stage_file(&stage, "pricing_text.so", STR("just a text\n"));
	stage_refuses(&stage, "[pricing text \"a\"]\n",
	    "10-a.conf:1:1: cannot load \"pricing_text.so\": "
	    "not an AIConexus plugin");
	stage_file(&stage, "pricing_cut.so", STR("\177ELF"));
	ck_assert_int_eq(
	    stage_load(&stage, "[pricing cut \"a\"]\n"), AICX_EABI);
	ck_assert_ptr_nonnull(strstr(
	    stage.err.text, "10-a.conf:1:1: cannot load \"pricing_cut.so\": "));
	ck_assert_ptr_null(strstr(stage.err.text, "/proc/"));
	stage_fini(&stage);
}
END_TEST

START_TEST(a_file_of_zero_bytes_is_refused)
{
	struct stage stage;

	stage_init(&stage);
	stage_file(&stage, "pricing_zero.so", STR(""));
	stage_refuses(&stage, "[pricing zero \"a\"]\n",
	    "10-a.conf:1:1: cannot load \"pricing_zero.so\": file is empty");
	stage_fini(&stage);
}
END_TEST

START_TEST(a_missing_file_is_refused_with_the_nearest_plugin)
{
	struct stage stage;
	char want[200];

	stage_with(&stage, "pricing_good.so", "pricing_good.so");
	(void)snprintf(want, sizeof want,
	    "10-a.conf:1:1: no such plugin file \"%s/pricing_god.so\" "
	    "(is the plugin installed?), nearest is \"good\"",
	    stage.dir);
	stage_refuses(&stage, "[pricing god \"a\"]\n", want);
	(void)snprintf(want, sizeof want,
	    "10-a.conf:1:1: no such plugin file \"%s/hook_lua.so\" "
	    "(is the plugin installed?)",
	    stage.dir);
	stage_refuses(&stage, "[hook lua \"a\"]\n", want);
	stage_fini(&stage);
}
END_TEST

START_TEST(a_file_others_can_write_is_refused)
{
	struct stage stage;

	stage_with(&stage, "pricing_good.so", "pricing_good.so");
	ck_assert_int_eq(chmod(stage_path(&stage, "pricing_good.so"), 0757), 0);
	stage_refuses(&stage, "[pricing good \"a\"]\nlevel = 1\n",
	    "10-a.conf:1:1: cannot load \"pricing_good.so\": "
	    "can be written by others (mode 0757)");
	ck_assert_int_eq(chmod(stage_path(&stage, "pricing_good.so"), 0775), 0);
	stage_refuses(&stage, "[pricing good \"a\"]\nlevel = 1\n",
	    "10-a.conf:1:1: cannot load \"pricing_good.so\": "
	    "can be written by others (mode 0775)");
	stage_fini(&stage);
}
END_TEST

START_TEST(a_folder_others_can_write_is_refused)
{
	struct stage stage;
	char want[160];

	stage_with(&stage, "pricing_good.so", "pricing_good.so");
	ck_assert_int_eq(chmod(stage.dir, 0777), 0);
	(void)snprintf(want, sizeof want,
	    "plugin folder \"%s\" can be written by others (mode 0777)",
	    stage.dir);
	stage_refuses(&stage, "[pricing good \"a\"]\nlevel = 1\n", want);
	ck_assert_int_eq(chmod(stage.dir, 0755), 0);
	stage_fini(&stage);
}
END_TEST

/* As sha256sum prints it. */
static void
hash_file(const char *path, char ret_hex[65])
{
	uint8_t hash[HASH_BYTES];
	struct buf bytes = { 0 };
	FILE *file = fopen(path, "re");
	size_t n;

	ck_assert_ptr_nonnull(file);
	while ((n = fread(buf_room(&bytes, 4096), 1, 4096, file)) > 0)
		bytes.len += n;
	(void)fclose(file);
	sha256(bytes.ptr, bytes.len, hash);
	for (size_t i = 0; i < sizeof hash; i++)
		(void)snprintf(ret_hex + 2 * i, 3, "%02x", hash[i]);
	buf_fini(&bytes);
}

START_TEST(a_pinned_file_loads_and_another_is_refused)
{
	static const char conf_form[] =
	    "[pricing good \"a\"]\nlevel = 1\nsha256 = %s\n";
	struct stage stage;
	char hex[65], other[65], conf[200], want[200];

	stage_with(&stage, "pricing_good.so", "pricing_good.so");
	hash_file(stage_path(&stage, "pricing_good.so"), hex);
	memcpy(other, hex, sizeof other);
	other[63] = hex[63] == '0' ? '1' : '0';
	(void)snprintf(conf, sizeof conf, conf_form, other);
	(void)snprintf(want, sizeof want,
	    "10-a.conf:1:1: cannot load \"pricing_good.so\": "
	    "its sha256 is %s, not the one that is pinned",
	    hex);
	stage_refuses(&stage, conf, want);
	(void)snprintf(conf, sizeof conf, conf_form, hex);
	ck_assert_msg(
	    stage_load(&stage, conf) == AICX_OK, "%s", stage.err.text);
	stage_fini(&stage);
}
END_TEST

START_TEST(a_file_of_somebody_else_is_refused)
{
	struct stage stage;

	if (geteuid() != 0) {
		(void)puts("skipped: only root can give a file away");
		return;
	}
	stage_with(&stage, "pricing_good.so", "pricing_good.so");
	ck_assert_int_eq(
	    chown(stage_path(&stage, "pricing_good.so"), 12345, 0), 0);
	stage_refuses(&stage, "[pricing good \"a\"]\nlevel = 1\n",
	    "10-a.conf:1:1: cannot load \"pricing_good.so\": "
	    "belongs to user 12345, neither to root nor to us");
	stage_fini(&stage);
}
END_TEST

START_TEST(what_is_no_regular_file_is_refused)
{
	struct stage stage;

	stage_with(&stage, "pricing_good.so", "pricing_good.so");
	ck_assert_int_eq(
	    symlink("pricing_good.so", stage_path(&stage, "pricing_link.so")),
	    0);
	stage_refuses(&stage, "[pricing link \"a\"]\n",
	    "10-a.conf:1:1: cannot load \"pricing_link.so\": "
	    "is a symbolic link");
	ck_assert_int_eq(mkdir(stage_path(&stage, "pricing_dir.so"), 0755), 0);
	stage_refuses(&stage, "[pricing dir \"a\"]\n",
	    "10-a.conf:1:1: cannot load \"pricing_dir.so\": "
	    "not a regular file");
	ck_assert_int_eq(
	    mkfifo(stage_path(&stage, "pricing_fifo.so"), 0755), 0);
	stage_refuses(&stage, "[pricing fifo \"a\"]\n",
	    "10-a.conf:1:1: cannot load \"pricing_fifo.so\": "
	    "not a regular file");
	stage_fini(&stage);
}
END_TEST

START_TEST(an_incomplete_descriptor_is_refused)
{
	struct stage stage;

	stage_with(&stage, "pricing_short.so", "pricing_short.so");
	stage_refuses(&stage, "[pricing short \"a\"]\n",
	    "10-a.conf:1:1: cannot load \"pricing_short.so\": "
	    "descriptor is 64 bytes, expected 104");
	stage_plugin(&stage, BUILT "pricing_lame.so", "pricing_lame.so");
	stage_refuses(&stage, "[pricing lame \"a\"]\n",
	    "10-a.conf:1:1: cannot load \"pricing_lame.so\": "
	    "pricing ops lack number 2");
	stage_fini(&stage);
}
END_TEST

/* --- which sections are refused -------------------------------------- */

START_TEST(a_section_of_another_kind_than_its_plugin_is_refused)
{
	struct stage stage;

	stage_with(&stage, "pricing_good.so", "payment_good.so");
	stage_refuses(&stage, "[payment good \"a\"]\nlevel = 1\n",
	    "10-a.conf:1:1: \"payment_good.so\" is a pricing plugin, "
	    "section says payment");
	stage_plugin(&stage, BUILT "pricing_good.so", "pricing_cheap.so");
	stage_refuses(&stage, "[pricing cheap \"a\"]\nlevel = 1\n",
	    "10-a.conf:1:1: \"pricing_cheap.so\" calls itself \"good\"");
	stage_fini(&stage);
}
END_TEST

START_TEST(an_unknown_kind_is_refused)
{
	struct stage stage;

	stage_init(&stage);
	stage_refuses(&stage, "[pricng flat \"a\"]\n",
	    "10-a.conf:1:1: unknown plugin kind \"pricng\" "
	    "(did you mean \"pricing\"?)");
	stage_refuses(&stage, "[pricing \"a\"]\n",
	    "10-a.conf:1:1: [pricing \"a\"] names no plugin, "
	    "expected [pricing PLUGIN \"NAME\"]");
	stage_fini(&stage);
}
END_TEST

START_TEST(missing_and_unknown_options_are_refused)
{
	struct stage stage;

	stage_with(&stage, "pricing_good.so", "pricing_good.so");
	stage_refuses(&stage, "\n[pricing good \"a\"]\n",
	    "10-a.conf:2:1: option \"level\" is missing in [pricing good "
	    "\"a\"]");
	stage_refuses(&stage, "[pricing good \"a\"]\nlevle = 1\n",
	    "10-a.conf:2:1: unknown option \"levle\" in [pricing good \"a\"] "
	    "(did you mean \"level\"?)");
	stage_fini(&stage);
}
END_TEST

START_TEST(a_duplicate_instance_is_refused_over_all_kinds)
{
	struct stage stage;

	stage_with(&stage, "pricing_good.so", "pricing_good.so");
	stage_plugin(&stage, BUILT "hook_link.so", "hook_link.so");
	stage_refuses(&stage,
	    "[pricing good \"main\"]\nlevel = 1\n[pricing good \"main\"]\n",
	    "10-a.conf:3:1: duplicate instance \"main\" "
	    "(first at 10-a.conf:1:1)");
	stage_refuses(&stage,
	    "[pricing good \"main\"]\nlevel = 1\n[hook link \"main\"]\n",
	    "10-a.conf:3:1: duplicate instance \"main\" "
	    "(first at 10-a.conf:1:1)");
	stage_fini(&stage);
}
END_TEST

/* --- references and order -------------------------------------------- */

START_TEST(a_reference_to_nothing_or_to_another_kind_is_refused)
{
	struct stage stage;

	stage_with(&stage, "pricing_good.so", "pricing_good.so");
	stage_plugin(&stage, BUILT "hook_link.so", "hook_link.so");
	stage_refuses(&stage,
	    "[hook link \"main\"]\n[hook link \"a\"]\nnext = mian\n",
	    "10-a.conf:3:8: option \"next\": no instance is called \"mian\" "
	    "(did you mean \"main\"?)");
	stage_refuses(&stage,
	    "[pricing good \"p\"]\nlevel = 1\n[hook link \"a\"]\nnext = p\n",
	    "10-a.conf:4:8: option \"next\": \"p\" is a pricing, "
	    "expected a hook");
	stage_fini(&stage);
}
END_TEST

START_TEST(a_dependency_cycle_is_refused_by_its_names)
{
	struct stage stage;

	stage_with(&stage, "hook_link.so", "hook_link.so");
	stage_refuses(&stage,
	    "[hook link \"x\"]\nnext = a\n[hook link \"a\"]\nnext = b\n"
	    "[hook link \"b\"]\nnext = a\n",
	    "10-a.conf:3:1: dependency cycle: a -> b -> a");
	stage_refuses(&stage, "[hook link \"a\"]\nnext = a\n",
	    "10-a.conf:1:1: dependency cycle: a -> a");
	stage_fini(&stage);
}
END_TEST

START_TEST(instances_open_after_what_they_need_and_close_in_reverse)
{
	struct stage stage;

	stage_with(&stage, "hook_link.so", "hook_link.so");
	stage_open(&stage,
	    "[hook link \"c\"]\nnext = b\n[hook link \"a\"]\n"
	    "[hook link \"b\"]\nnext = a\n");
	struct probe *b =
	    module_state(modules_find(stage.modules, AICX_HOOK, "b"));
	struct module *a = modules_find(stage.modules, AICX_HOOK, "a");
	ck_assert_str_eq(b->next->instance, "a");
	ck_assert_uint_eq(b->next->kind, AICX_HOOK);
	ck_assert_ptr_eq(b->next->ops, module_ops(a));
	ck_assert_ptr_eq(b->next->state, module_state(a));
	modules_drain(stage.modules);
	modules_close(stage.modules);
	modules_close(stage.modules);
	ck_assert_str_eq(buf_cstr(&stage.notes),
	    "a opened, b opened, c opened, c drained, b drained, a drained, "
	    "c closed, b closed, a closed, ");
	stage_fini(&stage);
}
END_TEST

START_TEST(gateways_open_after_the_others)
{
	struct stage stage;

	stage_with(&stage, "gateway_echo.so", "gateway_echo.so");
	stage_plugin(&stage, BUILT "hook_link.so", "hook_link.so");
	stage_plugin(&stage, BUILT "pricing_good.so", "pricing_good.so");
	stage_open(&stage,
	    "[gateway echo \"g\"]\nprefix = /\n[hook link \"h\"]\n"
	    "[pricing good \"p\"]\nlevel = 1\n");
	ck_assert_str_eq(module_instance(modules_at(stage.modules, 0)), "h");
	ck_assert_str_eq(module_instance(modules_at(stage.modules, 1)), "p");
	ck_assert_str_eq(module_instance(modules_at(stage.modules, 2)), "g");
	stage_fini(&stage);
}
END_TEST

START_TEST(a_failed_open_closes_what_was_opened)
{
	struct stage stage;

	stage_with(&stage, "hook_link.so", "hook_link.so");
	ck_assert_int_eq(stage_load(&stage,
			     "[hook link \"a\"]\n"
			     "[hook link \"b\"]\nfailure = no room\n"
			     "[hook link \"c\"]\n"),
	    AICX_OK);
	ck_assert_int_eq(modules_open(stage.modules, &stage.err), AICX_EIO);
	ck_assert_str_eq(stage.err.text,
	    "10-a.conf:2:1: cannot open [hook link \"b\"]: no room");
	ck_assert_str_eq(buf_cstr(&stage.notes), "a opened, a closed, ");
	stage_fini(&stage);
}
END_TEST

int
main(void)
{
	TCase *loads = tcase_create("loads"), *files = tcase_create("files"),
	      *sections = tcase_create("sections"),
	      *order = tcase_create("order");
	Suite *suite = suite_create("module");

	tcase_add_test(loads, a_folder_others_can_write_is_refused);
	tcase_add_test(loads, a_pinned_file_loads_and_another_is_refused);
	tcase_add_test(
	    loads, a_plugin_loads_with_its_settings_and_is_not_opened);
	tcase_add_test(loads, one_plugin_serves_several_instances);
	tcase_add_test(
	    loads, a_replaced_file_is_loaded_anew_and_the_same_file_is_not);
	tcase_add_test(loads, a_dump_shows_settings_and_hides_secrets);
	tcase_add_test(files, a_plugin_for_another_minor_is_refused);
	tcase_add_test(files, foreign_files_are_refused);
	tcase_add_test(files, a_file_of_zero_bytes_is_refused);
	tcase_add_test(
	    files, a_missing_file_is_refused_with_the_nearest_plugin);
	tcase_add_test(files, a_file_others_can_write_is_refused);
	tcase_add_test(files, a_file_of_somebody_else_is_refused);
	tcase_add_test(files, what_is_no_regular_file_is_refused);
	tcase_add_test(files, an_incomplete_descriptor_is_refused);
	tcase_add_test(
	    sections, a_section_of_another_kind_than_its_plugin_is_refused);
	tcase_add_test(sections, an_unknown_kind_is_refused);
	tcase_add_test(sections, missing_and_unknown_options_are_refused);
	tcase_add_test(
	    sections, a_duplicate_instance_is_refused_over_all_kinds);
	tcase_add_test(
	    order, a_reference_to_nothing_or_to_another_kind_is_refused);
	tcase_add_test(order, a_dependency_cycle_is_refused_by_its_names);
	tcase_add_test(
	    order, instances_open_after_what_they_need_and_close_in_reverse);
	tcase_add_test(order, gateways_open_after_the_others);
	tcase_add_test(order, a_failed_open_closes_what_was_opened);
	suite_add_tcase(suite, loads);
	suite_add_tcase(suite, files);
	suite_add_tcase(suite, sections);
	suite_add_tcase(suite, order);
	SRunner *runner = srunner_create(suite);
	srunner_run_all(runner, CK_NORMAL);
	int n_failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return n_failed != 0;
}
