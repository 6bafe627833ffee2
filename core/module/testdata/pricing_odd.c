/* SPDX-License-Identifier: Apache-2.0 */
/* pricing_odd.c - a pricing plugin, sound or with one thing wrong, as local.mk
   defines it. */
#include <aiconexus/plugin.h>
#include <aiconexus/pricing.h>

#ifndef ODD_VERSION
#define ODD_VERSION "1"
#endif
#ifndef ODD_QUOTE
#define ODD_QUOTE odd_quote
#endif
#ifndef ODD_MAGIC
#define ODD_MAGIC AICX_PLUGIN_MAGIC
#endif
#ifndef ODD_SIZE
#define ODD_SIZE sizeof(struct aicx_plugin)
#endif

struct odd_settings {
	int64_t level;
	const char *token;
};

static const struct aicx_option odd_options[] = {
	{
	    AICX_FIELD(struct odd_settings, level),
	    .type = AICX_OPT_INT,
	    .flags = AICX_OPTF_REQUIRED,
	    .help = "Any number.",
	},
	{
	    AICX_FIELD(struct odd_settings, token),
	    .type = AICX_OPT_STR,
	    .flags = AICX_OPTF_SECRET,
	    .help = "Any text.",
	},
	{ .name = NULL },
};

static const char *const odd_models[] = { NULL };

static aicx_err __attribute__((unused)) odd_quote(void *state,
    const struct aicx_price_terms *terms, const struct aicx_usage *usage,
    struct aicx_price *ret_price, struct aicx_error *reterr)
{
	(void)state, (void)terms, (void)usage, (void)ret_price, (void)reterr;
	return AICX_EINVAL;
}

static aicx_err
odd_standard(
    void *state, struct aicx_price_terms *ret_terms, struct aicx_error *reterr)
{
	(void)state, (void)ret_terms, (void)reterr;
	return AICX_EINVAL;
}

static aicx_err
odd_open(const struct aicx_host *host, struct aicx_self *self,
    const void *settings, void **ret_state, struct aicx_error *reterr)
{
	(void)host, (void)self, (void)reterr;
	*ret_state = (void *)settings;
	return AICX_OK;
}

static void
odd_close(void *state)
{
	(void)state;
}

static const struct aicx_pricing_ops odd_ops = {
	.size = sizeof odd_ops,
	.models = odd_models,
	.quote = ODD_QUOTE,
	.standard = odd_standard,
};

const struct aicx_plugin aicx_plugin = {
	.magic = ODD_MAGIC,
	.size = ODD_SIZE,
	.abi_major = AICX_ABI_MAJOR,
	.abi_minor_needed = AICX_ABI_MINOR_NEEDED,
	.kind = AICX_PRICING,
	.name = ODD_NAME,
	.version = ODD_VERSION,
	.license = "Apache-2.0",
	.summary = "a plugin for tests",
	.options = odd_options,
	.settings_size = sizeof(struct odd_settings),
	.ops.pricing = &odd_ops,
	.open = odd_open,
	.close = odd_close,
};
