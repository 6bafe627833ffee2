/* SPDX-License-Identifier: Apache-2.0 */
/*
 * bench_restart.c - how long a start takes that has N records behind it.
 *
 *	bench_restart fill STORE_PLUGIN DIR N    paid executions under contracts
 *	bench_restart start STORE_PLUGIN DIR     opens it, prints figures
 *	bench_restart rebuild STORE_PLUGIN DIR   the same without its index
 *
 * The records are made by the broker itself, its agents beside it in one
 * thread; only syncs are left out while they are made.
 */
#include "base/id.h"
#include "base/mem.h"
#include "base/str.h"
#include "broker/testdata/stage.h"
#include "conf/conf.h"

#include <aiconexus/plugin.h>
#include <aiconexus/store.h>
#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum { CONTRACTS = 64, EXECUTION_MS = 5, BUY_EVERY = 50 };

struct yard {
	const struct aicx_store_ops *level;
	void *level_state;
	const struct aicx_plugin *plugin;
	struct stage stage;
	struct actor *seller;
	char buyer_key[64], contracts[CONTRACTS][40];
	struct buf body;
};

static int64_t
now_us(void)
{
	struct timespec now;

	(void)clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

static void
host_log(struct aicx_self *self, enum aicx_level level, const char *event,
    const char *text)
{
	(void)self;
	(void)level;
	(void)fprintf(stderr, "%s %s\n", event, text);
}

static int64_t
host_now_ms(struct aicx_self *self)
{
	(void)self;
	return now_us() / 1000;
}

static const struct aicx_host host = {
	.size = sizeof host,
	.abi_major = AICX_ABI_MAJOR,
	.abi_minor = AICX_ABI_MINOR,
	.now_ms = host_now_ms,
	.log = host_log,
};

static void
fail(const char *what, const char *why)
{
	(void)fprintf(stderr, "bench_restart: %s: %s\n", what, why);
	exit(1);
}

/* --- the store --------------------------------------------------------- */

/* The settings an operator would get, but for the folder. */
static void *
settings_of(const struct aicx_plugin *plugin, const char *folder)
{
	struct arena *mem = MEM_NEW(struct arena); /* as long as the store */
	void *settings = mem_new(plugin->settings_size);
	char dir[] = "bench";
	struct conf conf = { .dir = dir };
	struct aicx_error error = { 0 };

	if (conf_apply(&conf, NULL, plugin->options, settings,
		plugin->settings_size, mem, NULL, NULL, &error) != AICX_OK)
		fail("settings", error.text);
	for (const struct aicx_option *o = plugin->options; o->name; o++)
		if (strcmp(o->name, "path") == 0)
			memcpy((char *)settings + o->offset, &folder,
			    sizeof folder);
	return settings;
}

static void
store_open(struct yard *yard, const char *plugin_path, const char *folder)
{
	struct aicx_error error = { 0 };
	void *handle = dlopen(plugin_path, RTLD_NOW | RTLD_LOCAL);

	if (handle == NULL)
		fail(plugin_path, dlerror());
	yard->plugin = dlsym(handle, "aicx_plugin");
	yard->level = yard->plugin->ops.store;
	if (yard->plugin->open(&host, NULL, settings_of(yard->plugin, folder),
		&yard->level_state, &error) != AICX_OK)
		fail(folder, error.text);
}

static aicx_err
fill_get(void *state, struct aicx_str key, aicx_pair_fn *fn, void *arg,
    struct aicx_error *reterr)
{
	struct yard *yard = state;

	return yard->level->get(yard->level_state, key, fn, arg, reterr);
}

static aicx_err
fill_range(void *state, struct aicx_str from, struct aicx_str to, int reverse,
    aicx_pair_fn *fn, void *arg, struct aicx_error *reterr)
{
	struct yard *yard = state;

	return yard->level->range(
	    yard->level_state, from, to, reverse, fn, arg, reterr);
}

static aicx_err
fill_commit(
    void *state, const struct aicx_batch *batch, struct aicx_error *reterr)
{
	struct yard *yard = state;
	struct aicx_batch cached = *batch;

	cached.durability = AICX_CACHED;
	return yard->level->commit(yard->level_state, &cached, reterr);
}

static aicx_err
fill_derived_get(void *state, struct aicx_str key, aicx_pair_fn *fn, void *arg,
    struct aicx_error *reterr)
{
	struct yard *yard = state;

	return yard->level->derived->get(
	    yard->level_state, key, fn, arg, reterr);
}

static aicx_err
fill_derived_range(void *state, struct aicx_str from, struct aicx_str to,
    int reverse, aicx_pair_fn *fn, void *arg, struct aicx_error *reterr)
{
	struct yard *yard = state;

	return yard->level->derived->range(
	    yard->level_state, from, to, reverse, fn, arg, reterr);
}

static aicx_err
fill_derived_commit(
    void *state, const struct aicx_batch *batch, struct aicx_error *reterr)
{
	struct yard *yard = state;

	return yard->level->derived->commit(yard->level_state, batch, reterr);
}

static const struct aicx_store_ops fill_derived = {
	.size = sizeof fill_derived,
	.get = fill_derived_get,
	.range = fill_derived_range,
	.commit = fill_derived_commit,
};

static const struct aicx_store_ops fill_ops = {
	.size = sizeof fill_ops,
	.get = fill_get,
	.range = fill_range,
	.commit = fill_commit,
	.derived = &fill_derived,
};

/* --- filling it --------------------------------------------------------- */

static void
call(struct yard *yard, const char *key, const char *method, const char *params,
    int status)
{
	int is =
	    stage_call(&yard->stage, key, method, params, NULL, &yard->body);

	if (is != status)
		fail(method, buf_cstr(&yard->body));
}

static void
take(struct yard *yard, const char *name, char *ret, size_t size)
{
	char pattern[64];

	(void)snprintf(pattern, sizeof pattern, "\"%s\":\"", name);
	const char *at = strstr(buf_cstr(&yard->body), pattern);
	if (at == NULL)
		fail(name, "is not in the answer");
	at += strlen(pattern);
	(void)snprintf(ret, size, "%.*s", (int)strcspn(at, "\""), at);
}

static struct envelope
expect(struct yard *yard, enum msg_type type)
{
	struct envelope env;

	while (actor_next(yard->seller, &env))
		if (env.type == type)
			return env;
	fail("the seller waits in vain", buf_cstr(&yard->body));
	abort();
}

static void
open_market(struct yard *yard)
{
	struct stage *stage = &yard->stage;
	struct buf params = { 0 };
	char id[40];

	call(yard, stage->operator_key, "discovery.register",
	    "{\"name\":\"buyer\"}", 201);
	take(yard, "agent_id", id, sizeof id);
	buf_printf(&params, "{\"agent_id\":\"%s\"}", id);
	call(yard, stage->operator_key, "security.generate_credentials",
	    buf_cstr(&params), 201);
	take(yard, "api_key", yard->buyer_key, sizeof yard->buyer_key);
	buf_clear(&params);
	buf_printf(&params,
	    "{\"agent_id\":\"%s\",\"amount\":{\"amount\":\"1000000\","
	    "\"currency\":\"AIC\"}}",
	    id);
	call(yard, stage->operator_key, "economics.fund", buf_cstr(&params),
	    201);
	buf_clear(&params);
	buf_text(&params,
	    "{\"mandate\":{\"need\":[\"bench.work\"],\"max_deals\":1000000,"
	    "\"max_each\":{\"amount\":\"1\",\"currency\":\"AIC\"},"
	    "\"max_total\":{\"amount\":\"1000000\",\"currency\":\"AIC\"}}}");
	call(yard, yard->buyer_key, "negotiation.grant_mandate",
	    buf_cstr(&params), 201);
	buf_fini(&params);
	yard->seller = actor_new(stage, "seller");
	actor_open(yard->seller);
	actor_sells(yard->seller, "bench.work", "0.001");
}

static const char wish[] =
    "{\"need\":\"bench.work\",\"input\":{\"text\":\"one two three\"},"
    "\"max_price\":{\"amount\":\"0.01\",\"currency\":\"AIC\"}}";

static void
make_contract(struct yard *yard, size_t i)
{
	struct buf params = { 0 };
	char offer[40];

	call(yard, yard->buyer_key, "negotiation.broadcast_intent", wish, 201);
	take(yard, "intent_id", offer, sizeof offer);
	struct envelope invited = expect(yard, MSG_QUERY);
	actor_offers(yard->seller, &invited, "0.001", NULL);
	stage_pass(&yard->stage, 1000);
	buf_printf(&params, "{\"intent_id\":\"%s\"}", offer);
	call(yard, yard->buyer_key, "negotiation.collect_offers",
	    buf_cstr(&params), 200);
	take(yard, "offer_id", offer, sizeof offer);
	buf_clear(&params);
	buf_printf(
	    &params, "{\"offer_id\":\"%s\",\"max_executions\":1000000}", offer);
	call(yard, yard->buyer_key, "negotiation.select_offer",
	    buf_cstr(&params), 201);
	take(
	    yard, "contract_id", yard->contracts[i], sizeof yard->contracts[i]);
	buf_clear(&params);
	buf_printf(&params, "{\"contract_id\":\"%s\"}", yard->contracts[i]);
	call(yard, yard->buyer_key, "negotiation.sign_contract",
	    buf_cstr(&params), 201);
	buf_fini(&params);
}

static void
deliver(struct yard *yard)
{
	struct buf payload = { 0 };
	struct envelope execute = expect(yard, MSG_EXECUTE);
	const char *at = strstr(execute.payload.ptr, "\"execution_id\":\"");
	struct envelope rest;

	buf_printf(&payload,
	    "{\"execution_id\":\"%.36s\",\"output\":{\"words\":3}}",
	    at + strlen("\"execution_id\":\""));
	(void)actor_send(
	    yard->seller, MSG_RESULT, &execute.id, buf_cstr(&payload));
	buf_fini(&payload);
	while (actor_next(yard->seller, &rest))
		continue;
	actor_forget(yard->seller);
	yard->stage.wall_ms += EXECUTION_MS;
}

static void
pay(struct yard *yard, uint64_t nth)
{
	struct buf params = { 0 };
	char key[32];

	(void)snprintf(key, sizeof key, "k%llu", (unsigned long long)nth);
	if (nth % BUY_EVERY == 0) {
		(void)stage_call(&yard->stage, yard->buyer_key, "deal.buy",
		    wish, key, &yard->body);
		struct envelope invited = expect(yard, MSG_QUERY);
		actor_offers(yard->seller, &invited, "0.001", NULL);
	} else {
		buf_printf(&params,
		    "{\"contract_id\":\"%s\",\"input\":{\"text\":"
		    "\"one two three\"}}",
		    yard->contracts[nth % CONTRACTS]);
		(void)stage_call(&yard->stage, yard->buyer_key,
		    "execution.execute", buf_cstr(&params), key, &yard->body);
	}
	buf_fini(&params);
	deliver(yard);
}

static void
fill(struct yard *yard, uint64_t n_records)
{
	struct stage *stage = &yard->stage;
	uint64_t nth = 0;

	stage_open_on(stage, &fill_ops, yard);
	stage->unchecked = true;
	stage->broker->keep.every = KEEP_EVERY;
	stage->broker->state.limits = state_limits_default;
	stage->settings.contract_ms = INT64_C(8000000000);
	stage->settings.lease_ms = INT64_C(8000000000);
	open_market(yard);
	for (size_t i = 0; i < CONTRACTS; i++)
		make_contract(yard, i);
	while (broker_seq(stage->broker) < n_records)
		pay(yard, ++nth);
	broker_flush(stage->broker);
	(void)printf("# %llu records of %llu paid executions\n",
	    (unsigned long long)broker_seq(stage->broker),
	    (unsigned long long)nth);
	stage_close(stage);
}

/* --- starting ----------------------------------------------------------- */

static double
rss_mib(void)
{
	FILE *file = fopen("/proc/self/statm", "re");
	unsigned long pages = 0;

	if (file == NULL || fscanf(file, "%*u %lu", &pages) != 1)
		fail("/proc/self/statm", "cannot be read");
	(void)fclose(file);
	return (double)pages * (double)sysconf(_SC_PAGESIZE) / 1048576;
}

/* Without the stage's own replay: only what a broker does. */
static void
start(struct yard *yard, int64_t began_us)
{
	stage_open_on(&yard->stage, yard->level, yard->level_state);
	broker_resume(yard->stage.broker);
	double took_s = (double)(now_us() - began_us) / 1e6;

	(void)printf("restart_s %.3f s\nrestart_rss_mib %.1f MiB\n"
		     "restart_records %llu records\n"
		     "restart_open_deals %zu deals\n",
	    took_s, rss_mib(),
	    (unsigned long long)broker_seq(yard->stage.broker),
	    broker_open_deals(yard->stage.broker));
}

static void
forget(struct yard *yard)
{
	struct aicx_write write = { str_of(applied_key), { NULL, 0 } };
	struct aicx_batch batch = { .size = sizeof batch,
		.durability = AICX_DURABLE,
		.writes = &write,
		.n_writes = 1 };

	if (yard->level->commit(yard->level_state, &batch, NULL) != AICX_OK)
		fail("store", "cannot forget its index");
}

int
main(int argc, char **argv)
{
	static struct yard yard;
	int64_t began_us = now_us();

	if (argc < 4 || (strcmp(argv[1], "fill") == 0 && argc < 5)) {
		(void)fputs("usage: bench_restart fill|start|rebuild "
			    "STORE_PLUGIN DIR [N]\n",
		    stderr);
		return 2;
	}
	store_open(&yard, argv[2], argv[3]);
	if (strcmp(argv[1], "fill") == 0) {
		fill(&yard, strtoull(argv[4], NULL, 10));
	} else {
		if (strcmp(argv[1], "rebuild") == 0)
			forget(&yard);
		start(&yard, began_us);
		stage_close(&yard.stage);
	}
	yard.plugin->close(yard.level_state);
	buf_fini(&yard.body);
	return 0;
}
