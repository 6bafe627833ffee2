/* SPDX-License-Identifier: Apache-2.0 */
/*
 * own_keys_test.c - what a plugin puts inside a step is on disk with that
 * step's record or not at all: over LevelDB, with a broker that is killed with
 * -9.
 *
 * Each life is a process of its own, as one folder has one owner.
 */
#include "base/arena.h"
#include "base/id.h"
#include "base/mem.h"
#include "base/str.h"
#include "broker/testdata/stage.h"
#include "conf/conf.h"

#include <aiconexus/plugin.h>
#include <check.h>
#include <dlfcn.h>
#include <ftw.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static const struct aicx_plugin *plugin;
static const struct aicx_store_ops *level;
static void *level_state;
static char folder[64];
static struct stage stage;
static struct buf body;
static size_t n_together; /* commits with a record and a key of the bank */
static bool store_fails; /* at the next commit that has a record */
static char bank_writes[16]; /* what the bank puts under "seen" */

/* --- the store, and what one commit has ------------------------------ */

static aicx_err
spy_get(void *state, struct aicx_str key, aicx_pair_fn *fn, void *arg,
    struct aicx_error *reterr)
{
	return level->get(state, key, fn, arg, reterr);
}

static aicx_err
spy_range(void *state, struct aicx_str from, struct aicx_str to, int reverse,
    aicx_pair_fn *fn, void *arg, struct aicx_error *reterr)
{
	return level->range(state, from, to, reverse, fn, arg, reterr);
}

static aicx_err
spy_commit(
    void *state, const struct aicx_batch *batch, struct aicx_error *reterr)
{
	bool record = false, key = false;

	for (size_t i = 0; i < batch->n_writes; i++) {
		record |= str_starts(batch->writes[i].key, "0/r/");
		key |= str_is(batch->writes[i].key, "0/p/bank/seen");
	}
	if (record && store_fails) {
		(void)snprintf(reterr->text, sizeof reterr->text, "no disk");
		return AICX_EIO;
	}
	n_together += record && key;
	return level->commit(state, batch, reterr);
}

static const struct aicx_store_ops spy_ops = {
	.size = sizeof spy_ops,
	.get = spy_get,
	.range = spy_range,
	.commit = spy_commit,
};

static int64_t
host_now_ms(struct aicx_self *self)
{
	(void)self;
	return 1000;
}

static const struct aicx_host host = {
	.size = sizeof host,
	.abi_major = AICX_ABI_MAJOR,
	.abi_minor = AICX_ABI_MINOR,
	.now_ms = host_now_ms,
};

static void
level_open(void)
{
	struct aicx_error error = { 0 };
	void *handle = dlopen(".libs/store_leveldb.so", RTLD_NOW | RTLD_LOCAL);
	char dir[] = "test";
	struct conf conf = { .dir = dir };
	struct arena *mem = MEM_NEW(struct arena); /* as long as the process */
	const char *path = folder;

	ck_assert_msg(handle != NULL, "%s", dlerror());
	plugin = dlsym(handle, "aicx_plugin");
	level = plugin->ops.store;
	void *settings = mem_new(plugin->settings_size);
	ck_assert_int_eq(conf_apply(&conf, NULL, plugin->options, settings,
			     plugin->settings_size, mem, NULL, NULL, &error),
	    AICX_OK);
	for (const struct aicx_option *o = plugin->options; o->name; o++)
		if (strcmp(o->name, "path") == 0)
			memcpy(
			    (char *)settings + o->offset, &path, sizeof path);
	ck_assert_msg(plugin->open(&host, NULL, settings, &level_state,
			  &error) == AICX_OK,
	    "%s", error.text);
}

/* --- a bank inside, which keeps a key -------------------------------- */

static aicx_err
put(const char *key, const char *value)
{
	struct module_ports ports = broker_module_ports(stage.broker);

	return ports.put(ports.arg, str_of(key), str_of(value), NULL);
}

/* Empty: there is none. */
static const char *
get(const char *key)
{
	static char text[32];
	struct module_ports ports = broker_module_ports(stage.broker);
	struct aicx_str value;

	text[0] = '\0';
	if (ports.get(ports.arg, str_of(key), &value, NULL) == AICX_OK)
		ck_assert(str_copy(value, text, sizeof text));
	return text;
}

static void
bank_order(
    void *state, const struct aicx_pay *pay, aicx_pay_fn *done, void *arg)
{
	struct aicx_pay_result result = { .size = sizeof result,
		.state = AICX_PAY_DONE,
		.amount = pay->amount };

	(void)state;
	ck_assert_int_eq(put("bank/seen", bank_writes), AICX_OK);
	ck_assert_str_eq(get("bank/seen"), bank_writes);
	done(&result, arg);
}

static const struct aicx_payment_ops bank_ops = {
	.size = sizeof bank_ops,
	.flags = AICX_PAY_INTERNAL,
	.authorize = bank_order,
	.capture = bank_order,
	.void_ = bank_order,
	.fund = bank_order,
	.payout = bank_order,
	.status = bank_order,
	.refund = bank_order,
};

static int
fund(const char *value)
{
	struct buf params = { 0 };

	(void)str_copy(str_of(value), bank_writes, sizeof bank_writes);
	buf_printf(&params,
	    "{\"agent_id\":\"%s\",\"amount\":{\"amount\":\"1\","
	    "\"currency\":\"AIC\"}}",
	    id_text(&stage.operator_id).text);
	int status = stage_call(&stage, stage.operator_key, "economics.fund",
	    buf_cstr(&params), NULL, &body);
	buf_fini(&params);
	return status;
}

static int64_t
funded(void)
{
	return ledger_sum(stage.broker->state.ledger, "AIC").n_transactions;
}

/* --- lives ----------------------------------------------------------- */

/* A process with a broker over the folder that ends by kill -9. */
static void
life(void (*fn)(void))
{
	int status;
	pid_t pid = fork();

	ck_assert_int_ge(pid, 0);
	if (pid == 0) {
		level_open();
		stage_open_on(&stage, &spy_ops, level_state);
		stage.unchecked = true;
		stage_bank(&stage, &bank_ops, NULL);
		fn();
		(void)kill(getpid(), SIGKILL);
	}
	ck_assert_int_eq(waitpid(pid, &status, 0), pid);
	ck_assert_msg(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL,
	    "the life ended by itself");
}

static int
on_path(const char *path, const struct stat *st, int flag, struct FTW *ftw)
{
	(void)st, (void)flag, (void)ftw;
	return remove(path);
}

static void
setup(void)
{
	(void)str_copy(STR("/tmp/own_keys_XXXXXX"), folder, sizeof folder);
	ck_assert_ptr_nonnull(mkdtemp(folder));
}

static void
teardown(void)
{
	(void)nftw(folder, on_path, 8, FTW_DEPTH | FTW_PHYS);
}

static void
funds_once(void)
{
	ck_assert_int_eq(fund("first"), 201);
	ck_assert_uint_eq(n_together, 1);
}

static void
finds_first(void)
{
	ck_assert_str_eq(get("bank/seen"), "first");
	ck_assert_int_eq(funded(), 1);
}

START_TEST(a_key_is_committed_with_the_record_of_its_step)
{
	life(funds_once);
	life(finds_first);
}
END_TEST

static void
funds_without_a_disk(void)
{
	funds_once();
	store_fails = true;
	(void)fund("second");
	ck_assert(broker_failed(stage.broker, NULL));
	ck_assert_int_eq(put("bank/seen", "third"), AICX_EIO);
}

START_TEST(a_key_is_gone_with_the_record_that_never_was)
{
	life(funds_without_a_disk);
	life(finds_first);
}
END_TEST

static void
abandons(void)
{
	struct step *step;
	struct aicx_id id = broker_new_id(stage.broker);
	struct aicx_money much = { .minor = 5, .currency = "AIC" };

	ck_assert_int_eq(put("bank/seen", "first"), AICX_OK);
	step = step_begin(stage.broker, "test", &stage.operator_id, NULL);
	ck_assert_int_eq(put("bank/seen", "second"), AICX_OK);
	ck_assert_int_eq(put("bank/more", "second"), AICX_OK);
	ck_assert_str_eq(get("bank/seen"), "second");
	step_abandon(step);
	ck_assert_str_eq(get("bank/seen"), "first");
	ck_assert_str_eq(get("bank/more"), "");

	/* Refused by the ledger: it would be an overdraft. */
	step = step_begin(stage.broker, "test", &stage.operator_id, NULL);
	ck_assert_int_eq(put("bank/seen", "second"), AICX_OK);
	step_move(step, TRANSFER_CHARGE, &id, &id, COLUMN_AVAILABLE,
	    &stage.operator_id, COLUMN_AVAILABLE, &much, NULL, NULL, STR("r"));
	ck_assert_int_ne(step_commit(step, NULL), AICX_OK);
	ck_assert_str_eq(get("bank/seen"), "first");

	/* The next record takes nothing of it along. */
	step = step_begin(stage.broker, "test", &stage.operator_id, NULL);
	ck_assert_int_eq(step_commit(step, NULL), AICX_OK);
	ck_assert_str_eq(get("bank/seen"), "first");
	ck_assert_uint_eq(n_together, 0);
}

static void
finds_what_was_not_refused(void)
{
	ck_assert_str_eq(get("bank/seen"), "first");
	ck_assert_str_eq(get("bank/more"), "");
}

START_TEST(a_key_of_a_refused_step_is_forgotten)
{
	life(abandons);
	life(finds_what_was_not_refused);
}
END_TEST

static void
deletes(void)
{
	struct module_ports ports = broker_module_ports(stage.broker);

	ck_assert_int_eq(fund("first"), 201);
	struct step *step =
	    step_begin(stage.broker, "test", &stage.operator_id, NULL);
	ck_assert_int_eq(ports.put(ports.arg, STR("bank/seen"),
			     (struct aicx_str) { NULL, 0 }, NULL),
	    AICX_OK);
	ck_assert_str_eq(get("bank/seen"), "");
	ck_assert_int_eq(step_commit(step, NULL), AICX_OK);
	ck_assert_str_eq(get("bank/seen"), "");
}

static void
finds_nothing(void)
{
	ck_assert_str_eq(get("bank/seen"), "");
}

START_TEST(a_key_is_deleted_with_its_step)
{
	life(deletes);
	life(finds_nothing);
}
END_TEST

static void
puts_too_many(void)
{
	char key[32];
	struct step *step =
	    step_begin(stage.broker, "test", &stage.operator_id, NULL);

	for (int i = 0; i < OWN_KEYS_MAX; i++) {
		(void)snprintf(key, sizeof key, "bank/%d", i);
		ck_assert_int_eq(put(key, "x"), AICX_OK);
	}
	ck_assert_int_eq(put("bank/one_more", "x"), AICX_ELIMIT);
	ck_assert_int_eq(put("bank/0", "y"), AICX_OK); /* known already */
	ck_assert_int_eq(step_commit(step, NULL), AICX_OK);
	ck_assert_int_eq(put("bank/one_more", "x"), AICX_OK);
}

static void
finds_the_many(void)
{
	ck_assert_str_eq(get("bank/0"), "y");
	ck_assert_str_eq(get("bank/15"), "x");
	ck_assert_str_eq(get("bank/one_more"), "x");
}

START_TEST(a_step_takes_so_many_keys_and_no_more)
{
	life(puts_too_many);
	life(finds_the_many);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("own_keys");
	TCase *tests = tcase_create("own_keys");

	tcase_add_checked_fixture(tests, setup, teardown);
	tcase_add_test(tests, a_key_is_committed_with_the_record_of_its_step);
	tcase_add_test(tests, a_key_is_gone_with_the_record_that_never_was);
	tcase_add_test(tests, a_key_of_a_refused_step_is_forgotten);
	tcase_add_test(tests, a_key_is_deleted_with_its_step);
	tcase_add_test(tests, a_step_takes_so_many_keys_and_no_more);
	suite_add_tcase(suite, tests);
	SRunner *runner = srunner_create(suite);
	srunner_run_all(runner, CK_NORMAL);
	int n_failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return n_failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
