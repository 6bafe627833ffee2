/* SPDX-License-Identifier: Apache-2.0 */
/*
 * hook_lua.c - the hook kind: prices, offers and choices by a Lua file.
 *
 * The file is read once, at open; a reload of the broker opens a new instance
 * with the file as it is then, so a contract can keep the hash of the policy
 * it was made under.
 */
#include "lua_host.h"

#include <aiconexus/plugin.h>

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

struct lua_settings {
	const char *file;
	int64_t memory;
	int64_t instructions;
	int64_t deadline;
};

struct lua {
	const struct aicx_host *host;
	struct aicx_self *self;
	struct luahost_limits limits;
	struct luahost *policy;
};

static const struct aicx_option lua_options[] = {
	{
	    AICX_FIELD(struct lua_settings, file),
	    .type = AICX_OPT_PATH,
	    .flags = AICX_OPTF_REQUIRED,
	    .help = "The policy: a Lua 5.4 file of at most 64 KiB.",
	},
	{
	    AICX_FIELD(struct lua_settings, memory),
	    .type = AICX_OPT_SIZE,
	    .fallback = "1m",
	    .min = 64 << 10,
	    .max = 64 << 20,
	    .help = "Memory of the policy, loaded and running.",
	},
	{
	    AICX_FIELD(struct lua_settings, instructions),
	    .type = AICX_OPT_INT,
	    .fallback = "50000",
	    .min = 1000,
	    .max = 100000000,
	    .help = "Instructions that one question may take.",
	},
	{
	    AICX_FIELD(struct lua_settings, deadline),
	    .type = AICX_OPT_MSEC,
	    .fallback = "5ms",
	    .min = 1,
	    .max = 1000,
	    .help = "Time that one question may take; a safety net behind the "
		    "instructions.",
	},
	{ .name = NULL },
};

static aicx_err
file_fail(struct aicx_error *reterr, const char *path, const char *why)
{
	if (reterr == NULL)
		return AICX_EIO;
	memset(reterr, 0, sizeof *reterr);
	reterr->code = AICX_EIO;
	snprintf(reterr->text, sizeof reterr->text,
	    "cannot read the policy \"%s\": %s", path, why);
	return AICX_EIO;
}

/* Reads up to `size` bytes; *ret_len == size: there may be more. */
static bool
fd_read(int fd, char *bytes, size_t size, size_t *ret_len)
{
	size_t len = 0;

	while (len < size) {
		ssize_t n = read(fd, bytes + len, size - len);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return false;
		if (n == 0)
			break;
		len += (size_t)n;
	}
	*ret_len = len;
	return true;
}

/* One byte more than is allowed is read, so that the host refuses the size. */
static aicx_err
file_read(const char *path, char bytes[LUAHOST_SOURCE_MAX + 1], size_t *ret_len,
    struct aicx_error *reterr)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	struct stat st;
	aicx_err err = AICX_OK;

	if (fd < 0 || fstat(fd, &st) != 0)
		err = file_fail(reterr, path, strerror(errno));
	else if (!S_ISREG(st.st_mode))
		err = file_fail(reterr, path, "it is no regular file");
	else if ((st.st_mode & S_IWOTH) != 0)
		err = file_fail(reterr, path, "everybody may write to it");
	else if (!fd_read(fd, bytes, LUAHOST_SOURCE_MAX + 1, ret_len))
		err = file_fail(reterr, path, strerror(errno));
	if (fd >= 0)
		close(fd);
	return err;
}

/* Processor time of this thread: no policy is to blame for a busy machine. */
static int64_t
on_now_ms(void *arg)
{
	struct timespec now;

	(void)arg;
	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static int
on_scale(const char *currency, void *arg)
{
	const struct lua *lua = arg;

	return (int)lua->host->currency_scale(lua->self, currency);
}

static aicx_err
policy_open(struct lua *lua, const char *path, struct aicx_error *reterr)
{
	struct luahost_ports ports = { on_now_ms, on_scale, lua };
	char *source = malloc(LUAHOST_SOURCE_MAX + 1);
	size_t len;
	aicx_err err;

	if (source == NULL)
		return file_fail(reterr, path, "out of memory");
	err = file_read(path, source, &len, reterr);
	if (err == AICX_OK)
		err = luahost_new(path, (struct aicx_str) { source, len },
		    &lua->limits, &ports, &lua->policy, reterr);
	free(source);
	return err;
}

static aicx_err
lua_open(const struct aicx_host *host, struct aicx_self *self,
    const void *settings_, void **ret_state, struct aicx_error *reterr)
{
	const struct lua_settings *settings = settings_;
	struct lua *lua = calloc(1, sizeof *lua);
	aicx_err err;

	if (lua == NULL)
		return AICX_ENOMEM;
	lua->host = host;
	lua->self = self;
	lua->limits = (struct luahost_limits) {
		.memory_bytes = (size_t)settings->memory,
		.instructions = settings->instructions,
		.deadline_ms = settings->deadline,
	};
	err = policy_open(lua, settings->file, reterr);
	if (err != AICX_OK) {
		free(lua);
		return err;
	}
	*ret_state = lua;
	return AICX_OK;
}

static void
lua_close_policy(void *state)
{
	struct lua *lua = state;

	luahost_free(lua->policy);
	free(lua);
}

static int
lua_has(void *state, uint32_t hook)
{
	const struct lua *lua = state;

	return luahost_has(lua->policy, hook);
}

static const uint8_t *
lua_sha256(void *state)
{
	const struct lua *lua = state;

	return luahost_sha256(lua->policy);
}

static struct aicx_str
lua_source(void *state)
{
	const struct lua *lua = state;

	return luahost_source(lua->policy);
}

static aicx_err
lua_run(void *state, uint32_t hook, struct aicx_str args,
    struct aicx_decision *ret_decision, struct aicx_error *reterr)
{
	struct lua *lua = state;

	return luahost_run(lua->policy, hook, args, ret_decision, reterr);
}

/* For contracts made under a policy that is no longer in the file. */
static aicx_err
lua_load(void *state, struct aicx_str name, struct aicx_str source,
    void **ret_state, struct aicx_error *reterr)
{
	const struct lua *like = state;
	struct lua *lua = calloc(1, sizeof *lua);
	struct luahost_ports ports = { on_now_ms, on_scale, lua };
	char shown[64];
	aicx_err err;

	if (lua == NULL)
		return AICX_ENOMEM;
	lua->host = like->host;
	lua->self = like->self;
	lua->limits = like->limits;
	snprintf(shown, sizeof shown, "%.*s", (int)name.len, name.ptr);
	err = luahost_new(
	    shown, source, &lua->limits, &ports, &lua->policy, reterr);
	if (err != AICX_OK) {
		free(lua);
		return err;
	}
	*ret_state = lua;
	return AICX_OK;
}

static const struct aicx_hook_ops lua_ops = {
	.size = sizeof lua_ops,
	.has = lua_has,
	.sha256 = lua_sha256,
	.source = lua_source,
	.run = lua_run,
	.load = lua_load,
	.unload = lua_close_policy,
};

const struct aicx_plugin aicx_plugin = {
	AICX_PLUGIN_HEAD(AICX_HOOK),
	.name = "lua",
	.version = "0.1.0",
	.license = "Apache-2.0",
	.summary = "prices, offers and choices by a Lua file",
	.options = lua_options,
	.settings_size = sizeof(struct lua_settings),
	.ops.hook = &lua_ops,
	.open = lua_open,
	.close = lua_close_policy,
};
