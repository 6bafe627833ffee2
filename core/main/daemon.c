/* SPDX-License-Identifier: Apache-2.0 */
/*
 * daemon.c - from a folder of configuration to a serving process.
 *
 * Reload (SIGHUP) checks the whole new configuration first and keeps the old
 * one on any error.  What it swaps is [broker], pricing and policies; listeners
 * and the store need a restart, and the log says so.
 */
#include "main/daemon.h"

#include "base/arena.h"
#include "base/err.h"
#include "base/id.h"
#include "base/mem.h"
#include "base/str.h"
#include "broker/broker.h"
#include "main/ballast.h"
#include "main/datadir.h"
#include "main/notify.h"
#include "main/privilege.h"
#include "main/process.h"
#include "main/ring.h"

#include <aiconexus/transport.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>
#include <time.h>
#include <unistd.h>

enum { WORKERS = 2, DRAIN_MS = 10000, DRAIN_STEP_MS = 50, CLOSE_MS = 20 };

struct log_settings {
	const char *level;
};

static const struct aicx_option log_options[] = {
	{ AICX_FIELD(struct log_settings, level), .type = AICX_OPT_STR,
	    .fallback = "info",
	    .help =
		"The least level that is written: debug, info, warn, error." },
	{ .name = NULL },
};

static const char *const known_kinds[] = { "broker", "currency", "log",
	"transport", "gateway", "store", "pricing", "payment", "hook", NULL };

/* One reading of the configuration and what was made from it. */
struct setup {
	struct conf *conf;
	struct conf part; /* of conf: what a reload swaps; modules borrow it */
	struct arena mem;
	struct broker_settings broker;
	struct log_settings log;
	struct modules *modules;
};

struct daemon {
	struct daemon_options options;
	char *conf_dir;
	struct loop *loop;
	struct log *log;
	struct setup setup; /* of the start */
	struct setup fresh; /* of the last reload */
	struct broker_settings settings; /* in force */
	struct ring ring; /* the broker's keys */
	struct broker *broker;
	struct aicx_timer *wake, *drain;
	bool closing; /* drained: connections are being told goodbye */
	struct loop_signal *term, *intr, *hup;
	int64_t started_wall_ms, drain_until_ms;
	int status;
	bool disk_full; /* it ends as the disk has no room */
	struct buf retired; /* pointers to earlier setups' memory are kept */
};

/* --- ports ----------------------------------------------------------- */

static int64_t
port_now_ms(void *arg)
{
	return loop_now_ms(((struct daemon *)arg)->loop);
}

static int64_t
port_now_us(void *arg)
{
	return loop_now_us(((struct daemon *)arg)->loop);
}

static int64_t
port_wall_ms(void *arg)
{
	return loop_wall_ms(((struct daemon *)arg)->loop);
}

static void
port_random(void *arg, void *ret_bytes, size_t n_bytes)
{
	loop_random(((struct daemon *)arg)->loop, ret_bytes, n_bytes);
}

static aicx_err
port_work(void *arg, aicx_task_fn *work, aicx_task_fn *done, void *work_arg)
{
	return loop_work(((struct daemon *)arg)->loop, work, done, work_arg);
}

static void
port_wake(void *arg, int64_t delay_ms)
{
	loop_timer_set(((struct daemon *)arg)->wake, delay_ms);
}

static void
port_measure(void *arg, struct metrics *metrics)
{
	process_measure(metrics, ((struct daemon *)arg)->started_wall_ms);
}

static void
port_failed(void *arg)
{
	struct daemon *daemon = arg;

	daemon->status = EX_IOERR;
	loop_stop(daemon->loop);
}

static int64_t
port_memory_used(void *arg, int64_t max)
{
	(void)arg;
	return process_memory(max);
}

static int64_t
port_disk_free(void *arg)
{
	(void)arg;
	return ballast_free_bytes();
}

static void on_term(void *arg);

/* Without ballast to give there is nothing to gain by ending. */
static void
port_disk_full(void *arg)
{
	struct daemon *daemon = arg;

	if (!ballast_drop())
		return;
	daemon->disk_full = true;
	on_term(daemon);
}

static aicx_err
port_rotate(void *arg, struct aicx_error *reterr)
{
	struct daemon *daemon = arg;
	aicx_err err = ring_rotate(&daemon->ring, reterr);

	if (err == AICX_OK)
		log_info(daemon->log, "master_key.changed",
		    KV("master_key", daemon->ring.under));
	return err;
}

static void
on_wake(void *arg)
{
	broker_tick(((struct daemon *)arg)->broker);
}

/* --- configuration --------------------------------------------------- */

static void
setup_fini(struct setup *setup)
{
	modules_free(setup->modules);
	conf_free(setup->conf);
	arena_fini(&setup->mem);
	memset(setup, 0, sizeof *setup);
}

static aicx_err
setup_read(struct setup *setup, const char *conf_dir, struct aicx_error *reterr)
{
	enum log_level level;
	aicx_err err = conf_read(conf_dir, &setup->conf, reterr);

	if (err == AICX_OK)
		err = conf_check_kinds(setup->conf, known_kinds, reterr);
	if (err == AICX_OK)
		err = conf_apply(setup->conf,
		    conf_find(setup->conf, "broker", NULL), broker_options,
		    &setup->broker, sizeof setup->broker, &setup->mem, NULL,
		    NULL, reterr);
	if (err == AICX_OK)
		err =
		    conf_apply(setup->conf, conf_find(setup->conf, "log", NULL),
			log_options, &setup->log, sizeof setup->log,
			&setup->mem, NULL, NULL, reterr);
	if (err == AICX_OK && !log_level_parse(setup->log.level, &level))
		err = err_set(reterr, AICX_EINVAL,
		    "[log] level: no level \"%s\"", setup->log.level);
	if (err == AICX_OK &&
	    currencies_find(&setup->conf->currencies,
		str_of(setup->broker.currency)) == NULL)
		err = err_set(reterr, AICX_EINVAL,
		    "[broker] currency = %s: there is no [currency \"%s\"]",
		    setup->broker.currency, setup->broker.currency);
	if (err == AICX_OK && strcmp(setup->broker.registration, "open") != 0 &&
	    strcmp(setup->broker.registration, "operator") != 0)
		err = err_set(reterr, AICX_EINVAL,
		    "[broker] registration = %s: use open or operator",
		    setup->broker.registration);
	if (err == AICX_OK)
		err = broker_settings_check(&setup->broker, reterr);
	if (err == AICX_OK) {
		struct master_source source;
		err = master_source_parse(
		    setup->broker.master_key, &source, reterr);
	}
	return err;
}

static void
dump_section(const struct conf *conf, const char *kind,
    const struct aicx_option *options, struct buf *text)
{
	const struct conf_section *section = conf_find(conf, kind, NULL);

	if (section == NULL)
		buf_printf(text, "[%s]\n", kind);
	conf_dump(conf, section, options, text);
}

int
daemon_check(const struct daemon_options *options, int dump)
{
	struct setup setup = { .conf = NULL };
	struct aicx_error error = { 0 };
	struct buf text = { 0 };
	aicx_err err = setup_read(&setup, options->conf_dir, &error);

	if (err == AICX_OK)
		err = modules_load(setup.conf, options->plugin_dir, NULL, NULL,
		    NULL, &setup.modules, &error);
	if (err != AICX_OK)
		(void)fprintf(stderr, "aicxd: %s\n", error.text);
	else if (dump) {
		dump_section(setup.conf, "broker", broker_options, &text);
		dump_section(setup.conf, "log", log_options, &text);
		modules_dump(setup.modules, &text);
		(void)fputs(buf_cstr(&text), stdout);
	} else
		(void)fprintf(stderr, "aicxd: configuration is good: %s\n",
		    options->conf_dir);
	buf_fini(&text);
	setup_fini(&setup);
	return err == AICX_OK ? EX_OK : EX_CONFIG;
}

/* --- reload ---------------------------------------------------------- */

/* Pricing and policies of the new configuration, as a configuration. */
static void
setup_part(struct setup *setup)
{
	const struct conf *conf = setup->conf;
	struct conf *part = &setup->part;

	*part = *conf;
	part->sections = arena_new(
	    &setup->mem, (conf->n_sections + 1) * sizeof *part->sections);
	part->n_sections = 0;
	for (size_t i = 0; i < conf->n_sections; i++)
		if (strcmp(conf->sections[i].kind, "pricing") == 0 ||
		    strcmp(conf->sections[i].kind, "hook") == 0)
			part->sections[part->n_sections++] = conf->sections[i];
}

static aicx_err
reload_modules(
    struct daemon *daemon, struct setup *fresh, struct aicx_error *reterr)
{
	struct module_ports ports = broker_module_ports(daemon->broker);
	struct modules *all = NULL;
	aicx_err err = modules_load(fresh->conf, daemon->options.plugin_dir,
	    NULL, NULL, NULL, &all, reterr);

	modules_free(all);
	if (err != AICX_OK)
		return err;
	setup_part(fresh);
	err = modules_load(&fresh->part, daemon->options.plugin_dir,
	    daemon->loop, daemon->log, &ports, &fresh->modules, reterr);
	if (err == AICX_OK)
		err = modules_open(fresh->modules, reterr);
	if (err == AICX_OK &&
	    modules_find(fresh->modules, AICX_PRICING, fresh->broker.pricing) ==
		NULL)
		err = err_set(reterr, AICX_EINVAL,
		    "[broker] pricing = %s: there is no such plugin",
		    fresh->broker.pricing);
	return err;
}

static aicx_err
reload_master(struct daemon *daemon, struct aicx_error *reterr)
{
	bool changed;
	aicx_err err = ring_reload(&daemon->ring, &changed, reterr);

	if (changed)
		log_info(daemon->log, "master_key.changed",
		    KV("master_key", daemon->ring.under));
	return err;
}

static void
on_hup(void *arg)
{
	struct daemon *daemon = arg;
	struct setup *fresh = MEM_NEW(struct setup);
	struct aicx_error error = { 0 };
	size_t n_certified = 0;
	aicx_err err;

	notify_reloading(loop_now_us(daemon->loop));
	err = setup_read(fresh, daemon->conf_dir, &error);
	if (err == AICX_OK)
		err = reload_modules(daemon, fresh, &error);
	if (err == AICX_OK)
		err = loop_tls_reload(daemon->loop, &n_certified, &error);
	if (err == AICX_OK)
		err = reload_master(daemon, &error);
	if (err != AICX_OK) {
		log_error(daemon->log, "conf.kept", KV("reason", error.text));
		setup_fini(fresh);
		free(fresh);
		notify_ready();
		return;
	}
	/* The old instances stay: contracts made under them refer to them. */
	buf_put(&daemon->retired, &fresh, sizeof fresh);
	daemon->settings = fresh->broker;
	broker_rebind(daemon->broker, fresh->modules);
	log_info(daemon->log, "conf.reloaded",
	    KV("note",
		"prices, policies and certificates are new, all else needs a "
		"restart"),
	    KV("certified_listeners", n_certified));
	notify_ready();
}

/* --- ending ---------------------------------------------------------- */

static void
on_drain(void *arg)
{
	struct daemon *daemon = arg;

	if (daemon->closing) {
		loop_stop(daemon->loop);
	} else if (broker_is_idle(daemon->broker) ||
	    loop_now_ms(daemon->loop) >= daemon->drain_until_ms) {
		/* Sellers keep their sessions until their work is in. */
		daemon->closing = true;
		modules_drain(daemon->setup.modules);
		loop_timer_set(daemon->drain, CLOSE_MS);
	} else {
		loop_timer_set(daemon->drain, DRAIN_STEP_MS);
	}
}

static void
on_term(void *arg)
{
	struct daemon *daemon = arg;

	notify_stopping();
	log_info(daemon->log, "broker.draining",
	    KV("deals", broker_open_deals(daemon->broker)));
	broker_drain(daemon->broker);
	daemon->drain_until_ms = loop_now_ms(daemon->loop) + DRAIN_MS;
	loop_timer_set(daemon->drain, 0);
}

/* --- starting -------------------------------------------------------- */

/* Where the first transport is. */
struct reached {
	char listen[128], url[160];
};

static void
reached_fill(
    struct reached *ret, const struct aicx_transport_ops *ops, void *state)
{
	(void)snprintf(
	    ret->listen, sizeof ret->listen, "%s", ops->address(state));
	if (AICX_HAS(ops, struct aicx_transport_ops, url))
		(void)snprintf(
		    ret->url, sizeof ret->url, "%s", ops->url(state));
	else
		(void)snprintf(
		    ret->url, sizeof ret->url, "http://%s", ret->listen);
}

static aicx_err
start_transports(
    struct daemon *daemon, struct reached *ret, struct aicx_error *reterr)
{
	const char *override = daemon->options.listen;

	*ret = (struct reached) { .listen = "" };
	for (size_t i = 0; i < modules_len(daemon->setup.modules); i++) {
		struct module *module = modules_at(daemon->setup.modules, i);
		const struct aicx_transport_ops *ops = module_ops(module);
		if (module_plugin(module)->kind != AICX_TRANSPORT)
			continue;
		aicx_err err =
		    ops->start(module_state(module), override, reterr);
		if (err != AICX_OK)
			return err;
		override = NULL; /* for the first one only */
		if (ret->listen[0] == '\0')
			reached_fill(ret, ops, module_state(module));
		else
			log_info(daemon->log, "transport.ready",
			    KV("transport", module_instance(module)),
			    KV("listen", ops->address(module_state(module))));
	}
	return AICX_OK;
}

static aicx_err
open_broker(struct daemon *daemon, struct aicx_error *reterr)
{
	struct broker_ports ports = {
		.now_ms = port_now_ms,
		.now_us = port_now_us,
		.wall_ms = port_wall_ms,
		.random = port_random,
		.work = port_work,
		.wake = port_wake,
		.measure = port_measure,
		.memory_used = port_memory_used,
		.disk_free = port_disk_free,
		.disk_full = port_disk_full,
		.failed = port_failed,
		.rotate = port_rotate,
		.arg = daemon,
	};
	aicx_err err = ring_open(&daemon->ring, daemon->loop,
	    daemon->setup.broker.master_key, reterr);

	if (err != AICX_OK)
		return err;
	struct broker_keys keys = { *keyring_broker_id(daemon->ring.keys),
		daemon->ring.keys };
	daemon->settings = daemon->setup.broker;
	daemon->broker = broker_new(&ports, &daemon->settings, &keys,
	    &daemon->setup.conf->currencies, daemon->log);
	struct module_ports module_ports = broker_module_ports(daemon->broker);
	err = modules_load(daemon->setup.conf, daemon->options.plugin_dir,
	    daemon->loop, daemon->log, &module_ports, &daemon->setup.modules,
	    reterr);
	if (err == AICX_OK)
		err = modules_open(daemon->setup.modules, reterr);
	if (err == AICX_OK)
		err = broker_bind(daemon->broker, daemon->setup.modules,
		    daemon->loop, reterr);
	return err;
}

static aicx_err
start(struct daemon *daemon, struct aicx_error *reterr)
{
	struct reached at;
	aicx_err err = open_broker(daemon, reterr);

	if (err == AICX_OK && daemon->options.rebuild)
		err = broker_rebuild(daemon->broker, reterr);
	if (err == AICX_OK)
		err = broker_replay(daemon->broker, reterr);
	if (err == AICX_OK && daemon->options.restored)
		err = broker_new_origin(daemon->broker, reterr);
	if (err != AICX_OK)
		return err;
	err = start_transports(daemon, &at, reterr);
	if (err != AICX_OK)
		return err;
	broker_flush(daemon->broker);
	err = datadir_operator(daemon->broker, at.url, reterr);
	if (err != AICX_OK)
		return err;
	if (!broker_failed(daemon->broker, NULL) &&
	    !ballast_fill(
		daemon->settings.ballast, daemon->settings.disk_floor))
		log_warn(daemon->log, "ballast.missing",
		    KV("size", daemon->settings.ballast));
	broker_resume(daemon->broker);
	log_info(daemon->log, "broker.ready", KV("listen", at.listen),
	    KV("broker_id", id_text(broker_id(daemon->broker)).text),
	    KV("version", AICX_VERSION),
	    KV("plugins", modules_len(daemon->setup.modules)),
	    KV("records", broker_seq(daemon->broker)),
	    KV("open_deals", broker_open_deals(daemon->broker)),
	    KV("start_ms",
		(long)((loop_now_us(daemon->loop) -
			   daemon->options.started_us) /
		    1000)));
	notify_ready();
	return AICX_OK;
}

static int64_t
log_time(void *arg)
{
	return loop_wall_ms(arg);
}

/* Clients that come no further; what they sent is nobody's yet. */
static void
on_refused(const char *address, const char *reason, void *arg)
{
	struct daemon *daemon = arg;

	log_info(daemon->log, "client.refused", KV("address", address),
	    KV("reason", reason));
}

static void
daemon_open_loop(struct daemon *daemon)
{
	daemon->loop = loop_new(WORKERS);
	loop_on_refused(daemon->loop, on_refused, daemon);
	daemon->started_wall_ms = loop_wall_ms(daemon->loop);
	daemon->wake = loop_timer_new(daemon->loop, on_wake, daemon);
	daemon->drain = loop_timer_new(daemon->loop, on_drain, daemon);
	daemon->term = loop_signal_new(daemon->loop, SIGTERM, on_term, daemon);
	daemon->intr = loop_signal_new(daemon->loop, SIGINT, on_term, daemon);
	daemon->hup = loop_signal_new(daemon->loop, SIGHUP, on_hup, daemon);
}

static void
daemon_fini(struct daemon *daemon)
{
	struct setup *retired;

	/* What the pool still has calls plugins when it is done. */
	loop_finish(daemon->loop);
	if (daemon->broker != NULL && daemon->status == EX_OK)
		broker_flush(daemon->broker);
	else if (daemon->broker != NULL)
		broker_rest(daemon->broker);
	modules_close(daemon->setup.modules);
	loop_signal_free(daemon->term);
	loop_signal_free(daemon->intr);
	loop_signal_free(daemon->hup);
	loop_timer_free(daemon->wake);
	loop_timer_free(daemon->drain);
	daemon->wake = NULL;
	loop_free(daemon->loop);
	broker_free(daemon->broker);
	ring_fini(&daemon->ring);
	for (size_t at = 0; at < daemon->retired.len; at += sizeof retired) {
		memcpy(&retired, daemon->retired.ptr + at, sizeof retired);
		setup_fini(retired);
		free(retired);
	}
	buf_fini(&daemon->retired);
	setup_fini(&daemon->setup);
	log_free(daemon->log);
	free(daemon->conf_dir);
}

static int
refuse(struct daemon *daemon, const struct aicx_error *error, int status)
{
	if (daemon->log != NULL)
		log_error(
		    daemon->log, "broker.refused", KV("reason", error->text));
	else
		(void)fprintf(stderr, "aicxd: %s\n", error->text);
	daemon->status = status;
	return status;
}

int
daemon_run(const struct daemon_options *options)
{
	struct daemon daemon = { .options = *options };
	struct aicx_error error = { 0 };
	enum log_level level = LOG_INFO;

	(void)signal(SIGPIPE, SIG_IGN);
	if (privilege_drop(options->user, options->data_dir, &error) != AICX_OK)
		return refuse(&daemon, &error, EX_NOPERM);
	privilege_hide_memory();
	daemon.conf_dir = realpath(options->conf_dir, NULL);
	if (daemon.conf_dir == NULL)
		daemon.conf_dir = mem_strdup(options->conf_dir);
	char *plugin_dir = realpath(options->plugin_dir, NULL);
	if (plugin_dir != NULL)
		daemon.options.plugin_dir = plugin_dir;
	if (setup_read(&daemon.setup, daemon.conf_dir, &error) != AICX_OK) {
		int status = refuse(&daemon, &error, EX_CONFIG);
		setup_fini(&daemon.setup);
		free(daemon.conf_dir);
		free(plugin_dir);
		return status;
	}
	daemon_open_loop(&daemon);
	(void)log_level_parse(daemon.setup.log.level, &level);
	daemon.log = log_new(STDERR_FILENO, level, log_time, daemon.loop);
	if (datadir_enter(options->data_dir, &error) != AICX_OK) {
		(void)refuse(&daemon, &error, EX_IOERR);
	} else {
		aicx_err err = start(&daemon, &error);
		if (err == AICX_EIO)
			(void)refuse(&daemon, &error, EX_IOERR);
		else if (err != AICX_OK)
			(void)refuse(&daemon, &error, EX_CONFIG);
		else
			loop_run(daemon.loop);
	}
	if (daemon.status == EX_OK)
		log_info(daemon.log, "broker.stopped",
		    KV("records", broker_seq(daemon.broker)));
	int status = daemon.status;
	if (status == EX_OK && daemon.disk_full)
		status = EX_IOERR;
	daemon_fini(&daemon);
	free(plugin_dir);
	return status;
}
