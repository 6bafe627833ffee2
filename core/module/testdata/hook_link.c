/* SPDX-License-Identifier: Apache-2.0 */
/* hook_link.c - a hook that may need another hook; it counts when it opens and
   closes, so that a test sees the order. */
#include <aiconexus/hook.h>
#include <aiconexus/plugin.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "module/testdata/probe.h"

struct link_settings {
	const struct aicx_ref *next;
	const char *failure;
};

static const struct aicx_option link_options[] = {
	{
	    AICX_FIELD(struct link_settings, next),
	    .type = AICX_OPT_REF,
	    .min = AICX_HOOK,
	    .help = "Another hook, opened earlier.",
	},
	{
	    AICX_FIELD(struct link_settings, failure),
	    .type = AICX_OPT_STR,
	    .help = "Open fails with this text.",
	},
	{ .name = NULL },
};

static int
link_has(void *state, uint32_t hook)
{
	(void)state, (void)hook;
	return 0;
}

static const uint8_t *
link_sha256(void *state)
{
	(void)state;
	return NULL;
}

static struct aicx_str
link_source(void *state)
{
	(void)state;
	return (struct aicx_str) { NULL, 0 };
}

static aicx_err
link_run(void *state, uint32_t hook, struct aicx_str args,
    struct aicx_decision *ret_decision, struct aicx_error *reterr)
{
	(void)state, (void)hook, (void)args, (void)ret_decision, (void)reterr;
	return AICX_ENOTFOUND;
}

static aicx_err
link_open(const struct aicx_host *host, struct aicx_self *self,
    const void *settings_, void **ret_state, struct aicx_error *reterr)
{
	const struct link_settings *settings = settings_;
	struct probe *probe;

	if (settings->failure != NULL) {
		(void)snprintf(
		    reterr->text, sizeof reterr->text, "%s", settings->failure);
		return AICX_EIO;
	}
	probe = calloc(1, sizeof *probe);
	if (probe == NULL)
		return AICX_ENOMEM;
	probe->host = host;
	probe->self = self;
	probe->next = settings->next;
	host->count(self, "opened", 1);
	*ret_state = probe;
	return AICX_OK;
}

static void
link_drain(void *state)
{
	struct probe *probe = state;

	probe->host->count(probe->self, "drained", 1);
}

static void
link_close(void *state)
{
	struct probe *probe = state;

	probe->host->count(probe->self, "closed", 1);
	free(probe);
}

static const struct aicx_hook_ops link_ops = {
	.size = sizeof link_ops,
	.has = link_has,
	.sha256 = link_sha256,
	.source = link_source,
	.run = link_run,
};

const struct aicx_plugin aicx_plugin = {
	AICX_PLUGIN_HEAD(AICX_HOOK),
	.name = "link",
	.version = "1",
	.license = "Apache-2.0",
	.summary = "a hook for tests",
	.options = link_options,
	.settings_size = sizeof(struct link_settings),
	.ops.hook = &link_ops,
	.open = link_open,
	.close = link_close,
	.drain = link_drain,
};
