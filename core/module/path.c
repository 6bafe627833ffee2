/* SPDX-License-Identifier: Apache-2.0 */
/* path.c - who answers which path: gateways by their kind, others by asking. */
#include "module/path.h"

#include <aiconexus/gateway.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/mem.h"

enum { PREFIX_BYTES_MAX = 256 };

static const char *
owner_of(const struct modules *all, const char *prefix)
{
	for (size_t i = 0; i < all->n; i++)
		for (size_t k = 0; k < all->list[i]->n_paths; k++)
			if (strcmp(all->list[i]->paths[k].prefix, prefix) == 0)
				return module_instance(all->list[i]);
	return NULL;
}

static void
path_add(struct module *module, const char *prefix,
    const struct aicx_path_ops *ops, void *arg)
{
	module->paths[module->n_paths++] =
	    (struct path) { mem_strdup(prefix), ops, arg };
}

aicx_err
path_listen(struct aicx_self *self, const char *prefix,
    const struct aicx_path_ops *ops, void *arg, struct aicx_error *reterr)
{
	struct module *module = self->module;
	const char *owner;

	if (prefix[0] != '/' || strlen(prefix) > PREFIX_BYTES_MAX)
		return err_set(reterr, AICX_EINVAL,
		    "path \"%.100s\" does not begin with / or is too long",
		    prefix);
	if (ops->size != sizeof *ops || ops->request == NULL ||
	    ops->cancel == NULL)
		return err_set(
		    reterr, AICX_EINVAL, "path ops lack request or cancel");
	if (module->n_paths == PATHS_MAX)
		return err_set(
		    reterr, AICX_ELIMIT, "more than %d paths", PATHS_MAX);
	owner = owner_of(module->all, prefix);
	if (owner != NULL)
		return err_set(reterr, AICX_EEXIST,
		    "path \"%.100s\" is answered by \"%s\" already", prefix,
		    owner);
	path_add(module, prefix, ops, arg);
	return AICX_OK;
}

aicx_err
path_listen_gateway(struct module *module, struct aicx_error *reterr)
{
	const struct aicx_gateway_ops *ops = module->plugin->ops.gateway;
	const char *const *prefix = ops->prefixes(module->ref.state);

	module->gateway = (struct aicx_path_ops) { sizeof module->gateway,
		ops->request, ops->cancel, ops->drained };
	for (; prefix != NULL && *prefix != NULL; prefix++) {
		if (module->n_paths == PATHS_MAX)
			return err_set(reterr, AICX_ELIMIT,
			    "more than %d paths", PATHS_MAX);
		path_add(module, *prefix, &module->gateway, module->ref.state);
	}
	return AICX_OK;
}

void
paths_fini(struct module *module)
{
	while (module->n_paths > 0)
		free(module->paths[--module->n_paths].prefix);
}
