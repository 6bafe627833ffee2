/* SPDX-License-Identifier: Apache-2.0 */
/*
 * power_writer.c - a small writer over the store plugin, for many power cuts in
 * a short time.
 *
 *	power_writer PLUGIN STORE write N   appends N records, says `ack SEQ`
 *	power_writer PLUGIN STORE check     reads all, says `last SEQ`; 1: bad
 *	power_writer PLUGIN STORE lenient   leaving out what is damaged
 *	power_writer PLUGIN STORE repair    the same, with its index made anew
 *
 * A record is its number, the hash of the one before and up to 3000 bytes; a
 * second key holds the last number, so half a commit shows.  `check` and
 * `write` want all whole; the ways of recovery say how far the chain is whole;
 * what is wrong behind that goes to standard error.
 */
#include <aiconexus/plugin.h>
#include <aiconexus/store.h>

#include <dlfcn.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "module/module.h"
#include "protocol/crypto.h"

enum { VALUE_MAX = 3000, KEY = 8 };

struct chain { /* as far as it was read or written */
	uint64_t seq;
	uint8_t hash[HASH_BYTES];
	uint64_t head; /* what the second key says */
	const char *bad;
};

static const struct aicx_store_ops *ops;
static void *store;

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
	struct timespec now;

	(void)self;
	(void)clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static void
put_be64(uint64_t number, char *ret)
{
	for (int i = 0; i < 8; i++)
		ret[i] = (char)(number >> (56 - 8 * i));
}

static uint64_t
get_be64(const char *bytes)
{
	uint64_t number = 0;

	for (int i = 0; i < 8; i++)
		number = number << 8 | (unsigned char)bytes[i];
	return number;
}

static int
on_pair(struct aicx_str key, struct aicx_str value, void *arg)
{
	struct chain *chain = arg;

	if (key.len == 4 && memcmp(key.ptr, "last", 4) == 0) {
		chain->head = get_be64(value.ptr);
		return 0;
	}
	if (chain->bad != NULL)
		return 0; /* only what the second key says is of interest */
	if (key.len != KEY || get_be64(key.ptr) != chain->seq + 1)
		chain->bad = "a record is missing";
	else if (value.len < KEY + HASH_BYTES ||
	    get_be64(value.ptr) != chain->seq + 1 ||
	    memcmp(value.ptr + KEY, chain->hash, HASH_BYTES) != 0)
		chain->bad = "a record does not follow the one before";
	if (chain->bad != NULL)
		return 0;
	chain->seq++;
	sha256(value.ptr, value.len, chain->hash);
	return 0;
}

/* Not strict: what is not whole at the end is left out, not refused. */
static bool
chain_read(struct chain *chain, bool strict, struct aicx_error *reterr)
{
	struct aicx_str none = { NULL, 0 };

	if (ops->range(store, none, none, 0, on_pair, chain, reterr) != AICX_OK)
		return false;
	if (chain->bad == NULL && chain->head != chain->seq)
		chain->bad = "half of a commit is there";
	if (chain->bad == NULL)
		return true;
	if (!strict) {
		(void)fprintf(
		    stderr, "%s: %" PRIu64 "\n", chain->bad, chain->seq);
		if (chain->head < chain->seq)
			chain->seq = chain->head;
		return true;
	}
	(void)snprintf(reterr->text, sizeof reterr->text, "%s: %" PRIu64,
	    chain->bad, chain->seq);
	return false;
}

static bool
chain_append(struct chain *chain, struct aicx_error *reterr)
{
	char key[KEY], value[VALUE_MAX] = "";
	size_t len = KEY + HASH_BYTES + (chain->seq * 7919) % 2900;

	put_be64(++chain->seq, key);
	memcpy(value, key, KEY);
	memcpy(value + KEY, chain->hash, HASH_BYTES);
	struct aicx_write writes[] = {
		{ { key, KEY }, { value, len } },
		{ { "last", 4 }, { key, KEY } },
	};
	struct aicx_batch batch = {
		.size = sizeof batch,
		.durability = AICX_DURABLE,
		.writes = writes,
		.n_writes = 2,
	};
	sha256(value, len, chain->hash);
	return ops->commit(store, &batch, reterr) == AICX_OK;
}

static void *
plugin_open(const struct aicx_plugin *plugin, const char *path, const char *way,
    struct aicx_error *reterr)
{
	static const struct aicx_host host = {
		.size = sizeof host,
		.abi_major = AICX_ABI_MAJOR,
		.abi_minor = AICX_ABI_MINOR,
		.now_ms = host_now_ms,
		.log = host_log,
	};
	void *settings = calloc(1, plugin->settings_size), *state = NULL;

	for (const struct aicx_option *o = plugin->options; o->name; o++) {
		void *at = (char *)settings + o->offset;
		if (o->type == AICX_OPT_STR)
			*(const char **)at =
			    strcmp(o->name, "path") == 0 ? path : o->fallback;
		else if (strcmp(o->name, "paranoid") == 0)
			*(uint8_t *)at = strcmp(way, "lenient") != 0 &&
			    strcmp(way, "repair") != 0;
		else if (strcmp(o->name, "repair") == 0)
			*(uint8_t *)at = strcmp(way, "repair") == 0;
		else if (strcmp(o->name, "max_open_files") == 0)
			*(int64_t *)at = 74;
		else if (o->type != AICX_OPT_BOOL)
			*(int64_t *)at = 64 << 10;
	}
	if (plugin->open(&host, NULL, settings, &state, reterr) != AICX_OK)
		state = NULL;
	free(settings);
	return state;
}

static void
say(const char *word, uint64_t number)
{
	char line[40];
	int n = snprintf(line, sizeof line, "%s %" PRIu64 "\n", word, number);

	if (write(STDOUT_FILENO, line, (size_t)n) != n)
		exit(2);
}

int
main(int argc, char **argv)
{
	struct aicx_error why = { 0 };
	struct chain chain = { 0 };
	bool good = false;

	if (argc < 4)
		return 2;
	void *handle = dlopen(argv[1], RTLD_NOW | RTLD_LOCAL);
	const struct aicx_plugin *plugin =
	    handle != NULL ? dlsym(handle, "aicx_plugin") : NULL;
	if (plugin == NULL)
		return 2;
	ops = plugin->ops.store;
	bool strict =
	    strcmp(argv[3], "lenient") != 0 && strcmp(argv[3], "repair") != 0;
	store = plugin_open(plugin, argv[2], argv[3], &why);
	if (store != NULL)
		good = chain_read(&chain, strict, &why);
	for (int i = argc > 4 ? atoi(argv[4]) : 0; good && i > 0; i--) {
		good = chain_append(&chain, &why);
		if (good)
			say("ack", chain.seq);
	}
	if (good)
		say("last", chain.seq);
	else
		(void)fprintf(stderr, "%s\n", why.text);
	if (store != NULL)
		plugin->close(store);
	return good ? 0 : 1;
}
