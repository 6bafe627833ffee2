/* SPDX-License-Identifier: Apache-2.0 */
/*
 * transport_unix.c - HTTP/1.1 and WebSocket on a unix socket, for programs on
 * this machine: curl --unix-socket, aicx --broker unix:PATH.
 *
 * The system says which user connects (SO_PEERCRED).  Requests of the
 * operator's user need no key; everybody else shows one, or opens a session, as
 * on every other door.
 */
#include "options.h"
#include "server.h"

#include <aiconexus/transport.h>
#include <stdio.h>
#include <string.h>

static const struct aicx_option unix_options[] = {
	{
	    AICX_FIELD(struct settings, path),
	    .type = AICX_OPT_STR,
	    .fallback = "broker.sock",
	    .help = "The socket's file; a relative path lies in the data "
		    "folder.",
	},
	{
	    AICX_FIELD(struct settings, mode),
	    .type = AICX_OPT_STR,
	    .fallback = "0600",
	    .help = "Who may connect: 0600 the user the broker runs as, 0660 "
		    "its group too, 0666 everybody.",
	},
	{
	    AICX_FIELD(struct settings, operator_uid),
	    .type = AICX_OPT_INT,
	    .fallback = "-1",
	    .min = -1,
	    .max = UINT32_MAX,
	    .help = "The user whose requests need no key; -1: the one the "
		    "broker runs as.",
	},
	HTTP_OPTIONS,
	{ .name = NULL },
};

static aicx_err
refuse(struct aicx_error *reterr, const char *what, const char *value,
    const char *why)
{
	if (reterr != NULL) {
		*reterr = (struct aicx_error) { .code = AICX_EINVAL };
		(void)snprintf(reterr->text, sizeof reterr->text,
		    "%s \"%.100s\" %s", what, value, why);
	}
	return AICX_EINVAL;
}

/* 0: not one of the three. */
static uint32_t
mode_of(const char *text)
{
	static const struct {
		const char *text;
		uint32_t mode;
	} modes[] = { { "0600", 0600 }, { "0660", 0660 }, { "0666", 0666 } };

	for (size_t i = 0; i < sizeof modes / sizeof *modes; i++)
		if (strcmp(text, modes[i].text) == 0)
			return modes[i].mode;
	return 0;
}

static aicx_err
unix_open(const struct aicx_host *host, struct aicx_self *self,
    const void *settings, void **ret_state, struct aicx_error *reterr)
{
	const struct settings *wish = settings;
	uint32_t mode = mode_of(wish->mode);
	struct server *server;
	aicx_err err;

	if (mode == 0)
		return refuse(
		    reterr, "mode", wish->mode, "is not 0600, 0660 or 0666");
	if (*wish->path == '\0')
		return refuse(reterr, "path", wish->path, "is empty");
	err = server_open(host, self, settings, ret_state, reterr);
	if (err != AICX_OK)
		return err;
	server = *ret_state;
	server->mode = mode;
	server->asks_who = true;
	return AICX_OK;
}

static aicx_err
unix_start(void *state, const char *address, struct aicx_error *reterr)
{
	const struct server *server = state;
	char own[256];

	if (address == NULL) {
		(void)snprintf(
		    own, sizeof own, "unix:%s", server->settings->path);
		address = own;
	} else if (strncmp(address, "unix:", 5) != 0)
		return refuse(
		    reterr, "address", address, "is not like unix:/path");
	return server_start(state, address, reterr);
}

static const struct aicx_transport_ops unix_ops = {
	.size = sizeof unix_ops,
	.start = unix_start,
	.address = server_address,
	.url = server_url,
};

const struct aicx_plugin aicx_plugin = {
	AICX_PLUGIN_HEAD(AICX_TRANSPORT),
	.name = "unix",
	.version = "0.1.0",
	.license = "Apache-2.0",
	.summary = "HTTP/1.1 and WebSocket on a unix socket",
	.options = unix_options,
	.settings_size = sizeof(struct settings),
	.ops.transport = &unix_ops,
	.open = unix_open,
	.close = server_close,
	.drain = server_drain,
};
