/* SPDX-License-Identifier: Apache-2.0 */
/* modules.c - sections become instances, which open, drain and close in
   order. */
#include "module/module.h"

#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/mem.h"
#include "base/str.h"
#include "module/exchange.h"
#include "module/host.h"
#include "module/instance.h"
#include "module/load.h"
#include "module/order.h"
#include "module/path.h"

static struct modules *
modules_new(const struct conf *conf, struct loop *loop,
    const struct module_ports *ports)
{
	struct modules *all = MEM_NEW(struct modules);

	all->conf = conf;
	all->loop = loop;
	if (ports != NULL)
		all->ports = *ports;
	host_init(&all->host, ports);
	list_init(&all->exchanges);
	return all;
}

static void
module_free(struct module *module)
{
	log_free(module->log);
	free(module->needs);
	free(module->settings);
	arena_fini(&module->mem);
	free(module);
}

void
modules_free(struct modules *modules)
{
	if (modules == NULL)
		return;
	modules_close(modules);
	for (size_t i = 0; i < modules->n; i++)
		module_free(modules->list[i]);
	free(modules);
}

static void
free_modules(struct modules **modules)
{
	modules_free(*modules);
}

aicx_err
modules_load(const struct conf *conf, const char *plugin_dir, struct loop *loop,
    const struct log *log, const struct module_ports *ports,
    struct modules **ret_modules, struct aicx_error *reterr)
{
	AUTO(free_modules) struct modules *all = modules_new(conf, loop, ports);
	aicx_err err = load_sections(all, plugin_dir, log, reterr);

	if (err == AICX_OK)
		err = load_settings(all, reterr);
	if (err == AICX_OK)
		err = order_sort(all, reterr);
	if (err != AICX_OK)
		return err;
	*ret_modules = all;
	all = NULL;
	return AICX_OK;
}

static aicx_err
module_open(struct module *module, struct aicx_error *reterr)
{
	struct aicx_error why = { 0 };
	void *state = NULL;
	aicx_err err = module->plugin->open(
	    &module->all->host, &module->self, module->settings, &state, &why);

	if (err != AICX_OK) {
		paths_fini(module);
		return conf_err(reterr, err, &module->section->at,
		    "cannot open %s: %s", conf_title(module->section).text,
		    why.text[0] != '\0' ? why.text : "it gave no reason");
	}
	module->ref.state = state;
	module->is_open = true;
	if (module->plugin->kind == AICX_GATEWAY)
		err = path_listen_gateway(module, reterr);
	return err;
}

static void
module_close(struct module *module)
{
	if (!module->is_open)
		return;
	exchange_abandon(module->all, module);
	paths_fini(module);
	module->plugin->close(module->ref.state);
	module->ref.state = NULL;
	module->is_open = false;
}

aicx_err
modules_open(struct modules *modules, struct aicx_error *reterr)
{
	for (size_t i = 0; i < modules->n; i++) {
		aicx_err err = module_open(modules->list[i], reterr);
		if (err == AICX_OK)
			continue;
		modules_close(modules);
		return err;
	}
	return AICX_OK;
}

void
modules_drain(struct modules *modules)
{
	for (size_t i = modules->n; i-- > 0;) {
		struct module *module = modules->list[i];
		if (module->is_open && module->plugin->drain != NULL)
			module->plugin->drain(module->ref.state);
	}
}

void
modules_close(struct modules *modules)
{
	if (modules == NULL)
		return; /* refused before any was loaded */
	for (size_t i = modules->n; i-- > 0;)
		module_close(modules->list[i]);
}

size_t
modules_len(const struct modules *modules)
{
	return modules->n;
}

struct module *
modules_at(const struct modules *modules, size_t index)
{
	ENSURE(index < modules->n);
	return modules->list[index];
}

struct module *
modules_find(const struct modules *modules, uint32_t kind, const char *instance)
{
	for (size_t i = 0; i < modules->n; i++) {
		struct module *module = modules->list[i];
		if (module->plugin->kind == kind &&
		    (instance == NULL ||
			strcmp(module_instance(module), instance) == 0))
			return module;
	}
	return NULL;
}

const struct aicx_plugin *
module_plugin(const struct module *module)
{
	return module->plugin;
}

const char *
module_instance(const struct module *module)
{
	return module->section->instance;
}

const void *
module_ops(const struct module *module)
{
	return module->plugin->ops.any;
}

void *
module_state(const struct module *module)
{
	return module->ref.state;
}

/* As configured, not as opened: the operator looks for it in that order. */
void
modules_dump(const struct modules *modules, struct buf *out)
{
	const struct conf *conf = modules->conf;

	for (size_t i = 0; i < conf->n_sections; i++) {
		const struct conf_section *section = &conf->sections[i];
		const struct module *module =
		    load_find(modules, section->instance);
		if (section->plugin == NULL || module == NULL)
			continue;
		conf_dump(conf, section, module->plugin->options, out);
		buf_char(out, '\n');
	}
}
