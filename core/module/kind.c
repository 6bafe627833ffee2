/* SPDX-License-Identifier: Apache-2.0 */
/* kind.c - one row for each plugin kind, and the look of a sound descriptor. */
#include "module/kind.h"

#include <aiconexus/gateway.h>
#include <aiconexus/hook.h>
#include <aiconexus/payment.h>
#include <aiconexus/pricing.h>
#include <aiconexus/store.h>
#include <aiconexus/transport.h>
#include <stdbool.h>
#include <string.h>

#include "base/err.h"
#include "module/module.h"

enum { SETTINGS_BYTES_MAX = 64 * 1024 };

static const struct kind kinds[] = {
	{ AICX_TRANSPORT, "transport", sizeof(struct aicx_transport_ops), 3,
	    2 },
	{ AICX_GATEWAY, "gateway", sizeof(struct aicx_gateway_ops), 2, 3 },
	{ AICX_STORE, "store", sizeof(struct aicx_store_ops), 0, 0 },
	{ AICX_PRICING, "pricing", sizeof(struct aicx_pricing_ops), 1, 0 },
	{ AICX_PAYMENT, "payment", sizeof(struct aicx_payment_ops), 1, 7 },
	{ AICX_HOOK, "hook", sizeof(struct aicx_hook_ops), 1, 4 },
};

enum { N_KINDS = sizeof kinds / sizeof kinds[0] };

const struct kind *
kind_find(uint32_t number)
{
	for (size_t i = 0; i < N_KINDS; i++)
		if (kinds[i].number == number)
			return &kinds[i];
	return NULL;
}

const struct kind *
kind_find_name(const char *name)
{
	for (size_t i = 0; i < N_KINDS; i++)
		if (strcmp(kinds[i].name, name) == 0)
			return &kinds[i];
	return NULL;
}

const char *const *
kind_names(void)
{
	static const char *const names[] = { "transport", "gateway", "store",
		"pricing", "payment", "hook", NULL };

	_Static_assert(sizeof names / sizeof names[0] == N_KINDS + 1,
	    "one name for each kind");
	return names;
}

const char *
module_kind_name(uint32_t number)
{
	const struct kind *kind = kind_find(number);

	return kind != NULL ? kind->name : "unknown";
}

/* While the major is 0, only exactly the same minor will do: version.h. */
static aicx_err
check_version(const struct aicx_plugin *plugin, struct aicx_error *reterr)
{
	if (plugin->magic != AICX_PLUGIN_MAGIC)
		return err_set(reterr, AICX_EABI, "not an AIConexus plugin");
	if (plugin->abi_major != AICX_ABI_MAJOR ||
	    plugin->abi_minor_needed != AICX_ABI_MINOR)
		return err_set(reterr, AICX_EABI,
		    "built for ABI %u.%u, this broker speaks %u.%u",
		    plugin->abi_major, plugin->abi_minor_needed, AICX_ABI_MAJOR,
		    AICX_ABI_MINOR);
	if (plugin->size != sizeof *plugin)
		return err_set(reterr, AICX_EABI,
		    "descriptor is %u bytes, expected %zu", plugin->size,
		    sizeof *plugin);
	return AICX_OK;
}

/* Every ops table is its size and perhaps flags, then pointers. */
static aicx_err
check_ops(const struct aicx_plugin *plugin, struct aicx_error *reterr)
{
	const struct kind *kind = kind_find(plugin->kind);
	const char *ops = plugin->ops.any;
	uint32_t size;

	if (kind == NULL)
		return err_set(
		    reterr, AICX_EABI, "unknown kind %u", plugin->kind);
	memcpy(&size, ops, sizeof size);
	if (size != kind->ops_size)
		return err_set(reterr, AICX_EABI,
		    "%s ops are %u bytes, expected %zu", kind->name, size,
		    kind->ops_size);
	for (size_t at = sizeof(void *); at < kind->ops_size;
	     at += sizeof(void *)) {
		void *op;
		memcpy(&op, ops + at, sizeof op);
		size_t number = at / sizeof(void *);
		bool needed = kind->n_needed == 0 || number <= kind->n_needed;
		if (op == NULL && needed)
			return err_set(reterr, AICX_EABI,
			    "%s ops lack number %zu", kind->name, number);
	}
	return AICX_OK;
}

aicx_err
kind_check_plugin(const struct aicx_plugin *plugin, struct aicx_error *reterr)
{
	aicx_err err = check_version(plugin, reterr);

	if (err != AICX_OK)
		return err;
	if (plugin->name == NULL || plugin->version == NULL ||
	    plugin->license == NULL || plugin->summary == NULL)
		return err_set(reterr, AICX_EABI,
		    "descriptor lacks name, version, license or summary");
	if (plugin->ops.any == NULL || plugin->open == NULL ||
	    plugin->close == NULL)
		return err_set(
		    reterr, AICX_EABI, "descriptor lacks ops, open or close");
	if (plugin->settings_size > SETTINGS_BYTES_MAX)
		return err_set(reterr, AICX_EABI,
		    "settings of %zu bytes, at most %d are allowed",
		    plugin->settings_size, SETTINGS_BYTES_MAX);
	return check_ops(plugin, reterr);
}
