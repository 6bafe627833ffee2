/* SPDX-License-Identifier: Apache-2.0 */
/* gateway_echo.c - answers a request with its own prefix, at once or, when the
   method is HOLD, when the test says so. */
#include <aiconexus/gateway.h>
#include <aiconexus/plugin.h>
#include <stdlib.h>
#include <string.h>

#include "module/testdata/probe.h"

struct echo_settings {
	const char *prefix;
};

static const struct aicx_option echo_options[] = {
	{
	    AICX_FIELD(struct echo_settings, prefix),
	    .type = AICX_OPT_STR,
	    .flags = AICX_OPTF_REQUIRED,
	    .help = "The paths it answers.",
	},
	{ .name = NULL },
};

static const char *const *
echo_prefixes(void *state)
{
	struct probe *probe = state;

	return probe->prefixes;
}

static void
echo_request(void *state, struct aicx_exchange *exchange,
    const struct aicx_http_request *request)
{
	struct probe *probe = state;
	const char *prefix = probe->prefixes[0];
	struct aicx_http_response response = {
		.size = sizeof response,
		.status = 200,
		.body = { prefix, strlen(prefix) },
	};

	if (request->method.len == 4 &&
	    memcmp(request->method.ptr, "HOLD", 4) == 0)
		probe->held = exchange;
	else
		probe->host->respond(exchange, &response);
}

static void
echo_cancel(void *state, struct aicx_exchange *exchange)
{
	struct probe *probe = state;

	if (probe->held == exchange)
		probe->held = NULL;
	probe->n_cancelled++;
}

static void
echo_drained(void *state, struct aicx_exchange *exchange)
{
	struct probe *probe = state;

	(void)exchange;
	probe->n_drained++;
}

static aicx_err
echo_open(const struct aicx_host *host, struct aicx_self *self,
    const void *settings_, void **ret_state, struct aicx_error *reterr)
{
	const struct echo_settings *settings = settings_;
	struct probe *probe = calloc(1, sizeof *probe);

	(void)reterr;
	if (probe == NULL)
		return AICX_ENOMEM;
	probe->host = host;
	probe->self = self;
	probe->prefixes[0] = settings->prefix;
	*ret_state = probe;
	return AICX_OK;
}

static void
echo_close(void *state)
{
	free(state);
}

static const struct aicx_gateway_ops echo_ops = {
	.size = sizeof echo_ops,
	.prefixes = echo_prefixes,
	.request = echo_request,
	.cancel = echo_cancel,
	.drained = echo_drained,
};

const struct aicx_plugin aicx_plugin = {
	AICX_PLUGIN_HEAD(AICX_GATEWAY),
	.name = "echo",
	.version = "1",
	.license = "Apache-2.0",
	.summary = "a gateway for tests",
	.options = echo_options,
	.settings_size = sizeof(struct echo_settings),
	.ops.gateway = &echo_ops,
	.open = echo_open,
	.close = echo_close,
};
