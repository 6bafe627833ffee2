/* SPDX-License-Identifier: Apache-2.0 */
/*
 * load.c - which file a section means, whether it is what the section says,
 * and the settings it gets.
 *
 * Instance names are unique over all kinds, because a REF option is a name
 * alone and the keys of an instance begin with it.
 */
#include "module/load.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/mem.h"
#include "base/str.h"
#include "module/kind.h"
#include "module/library.h"

/* Bytes of a path in an error; the reason must still fit behind it. */
enum { PATH_SHOWN_MAX = 80 };

struct loader {
	struct modules *all;
	const char *plugin_dir;
	const struct log *log;
};

struct file_name {
	char text[2 * CONF_WORD_MAX + 5];
};

static struct file_name
file_name(const struct conf_section *section)
{
	struct file_name out;

	(void)snprintf(out.text, sizeof out.text, "%s_%s.so", section->kind,
	    section->plugin);
	return out;
}

struct module *
load_find(const struct modules *all, const char *instance)
{
	for (size_t i = 0; i < all->n && instance != NULL; i++)
		if (strcmp(module_instance(all->list[i]), instance) == 0)
			return all->list[i];
	return NULL;
}

/* "flat" of "pricing_flat.so" when kind is "pricing"; else NULL. */
static const char *
plugin_of_file(const char *kind, const char *file, struct arena *mem)
{
	struct aicx_str name = str_of(file);
	size_t n_kind = strlen(kind);

	if (!str_starts(name, kind) || !str_ends(name, ".so") ||
	    name.len <= n_kind + strlen("_.so") || file[n_kind] != '_')
		return NULL;
	return arena_printf(mem, "%.*s",
	    (int)(name.len - n_kind - strlen("_.so")), file + n_kind + 1)
	    .ptr;
}

/* What plugins of this kind the folder has, for did-you-mean; NULL ends it. */
static const char *const *
installed(const char *plugin_dir, const char *kind, struct arena *mem)
{
	const char **names =
	    arena_new(mem, (MODULES_MAX + 1) * sizeof names[0]);
	struct dirent **entries;
	int n_entries = scandir(plugin_dir, &entries, NULL, alphasort);
	size_t n = 0;

	if (n_entries < 0)
		return names;
	for (int i = 0; i < n_entries; i++) {
		const char *name =
		    plugin_of_file(kind, entries[i]->d_name, mem);
		if (name != NULL && n < MODULES_MAX)
			names[n++] = name;
		free(entries[i]);
	}
	free(entries);
	return names;
}

static aicx_err
refuse_missing(const struct loader *loader, const struct conf_section *section,
    const char *path, struct aicx_error *reterr)
{
	struct arena mem = { 0 };
	size_t len = strlen(path);
	const char *near = str_nearest(str_of(section->plugin),
	    installed(loader->plugin_dir, section->kind, &mem));
	const char *cut = "";
	aicx_err err;

	if (len > PATH_SHOWN_MAX) {
		path += len - PATH_SHOWN_MAX;
		cut = "...";
	}
	if (near == NULL)
		err = conf_err(reterr, AICX_ENOTFOUND, &section->at,
		    "no such plugin file \"%s%s\" (is the plugin installed?)",
		    cut, path);
	else
		err = conf_err(reterr, AICX_ENOTFOUND, &section->at,
		    "no such plugin file \"%s%s\" (is the plugin installed?), "
		    "nearest is \"%s\"",
		    cut, path, near);
	arena_fini(&mem);
	return err;
}

static aicx_err
check_identity(const struct conf_section *section,
    const struct aicx_plugin *plugin, struct aicx_error *reterr)
{
	const char *kind = module_kind_name(plugin->kind);

	if (strcmp(kind, section->kind) != 0)
		return conf_err(reterr, AICX_EINVAL, &section->at,
		    "\"%s\" is a %s plugin, section says %s",
		    file_name(section).text, kind, section->kind);
	if (strcmp(plugin->name, section->plugin) != 0)
		return conf_err(reterr, AICX_EINVAL, &section->at,
		    "\"%s\" calls itself \"%.31s\"", file_name(section).text,
		    plugin->name);
	return AICX_OK;
}

static aicx_err
load_plugin(const struct loader *loader, const struct conf_section *section,
    const struct aicx_plugin **ret_plugin, struct aicx_error *reterr)
{
	AUTO(buf_fini) struct buf path = { 0 };
	struct aicx_error why = { 0 };
	const struct aicx_plugin *plugin = NULL;
	aicx_err err;

	buf_printf(&path, "%s/%s", loader->plugin_dir, file_name(section).text);
	err = library_load(buf_cstr(&path), conf_pin(section), &plugin, &why);
	if (err == AICX_ENOTFOUND)
		return refuse_missing(loader, section, buf_cstr(&path), reterr);
	if (err != AICX_OK)
		return conf_err(reterr, err, &section->at,
		    "cannot load \"%s\": %s", file_name(section).text,
		    why.text);
	err = check_identity(section, plugin, reterr);
	if (err == AICX_OK)
		*ret_plugin = plugin;
	return err;
}

static aicx_err
check_section(const struct modules *all, const struct conf_section *section,
    struct aicx_error *reterr)
{
	const struct module *first = load_find(all, section->instance);

	if (kind_find_name(section->kind) == NULL)
		return conf_err(reterr, AICX_EINVAL, &section->at,
		    "unknown plugin kind \"%s\"%s", section->kind,
		    conf_hint(section->kind, kind_names()).text);
	if (first != NULL)
		return conf_err(reterr, AICX_EINVAL, &section->at,
		    "duplicate instance \"%s\" (first at %s)",
		    section->instance,
		    conf_place_text(&first->section->at).text);
	if (all->n == MODULES_MAX)
		return conf_err(reterr, AICX_ELIMIT, &section->at,
		    "more than %d plugin instances", MODULES_MAX);
	return AICX_OK;
}

static struct module *
module_new(const struct loader *loader, const struct conf_section *section,
    const struct aicx_plugin *plugin)
{
	struct module *module = MEM_NEW(struct module);
	struct kv pairs[] = { KV("plugin", section->instance),
		{ .type = KV_END } };

	module->self.module = module;
	module->all = loader->all;
	module->section = section;
	module->plugin = plugin;
	module->ref.kind = plugin->kind;
	module->ref.instance = section->instance;
	module->ref.ops = plugin->ops.any;
	module->log = log_scope(loader->log, pairs);
	return module;
}

static aicx_err
load_section(const struct loader *loader, const struct conf_section *section,
    struct aicx_error *reterr)
{
	struct modules *all = loader->all;
	const struct aicx_plugin *plugin = NULL;
	aicx_err err = check_section(all, section, reterr);

	if (err == AICX_OK)
		err = load_plugin(loader, section, &plugin, reterr);
	if (err == AICX_OK)
		all->list[all->n++] = module_new(loader, section, plugin);
	return err;
}

aicx_err
load_sections(struct modules *all, const char *plugin_dir,
    const struct log *log, struct aicx_error *reterr)
{
	const struct loader loader = { all, plugin_dir, log };
	const struct conf *conf = all->conf;
	aicx_err err = library_check_folder(plugin_dir, reterr);

	for (size_t i = 0; i < conf->n_sections && err == AICX_OK; i++) {
		const struct conf_section *section = &conf->sections[i];
		if (section->plugin != NULL)
			err = load_section(&loader, section, reterr);
		else if (kind_find_name(section->kind) != NULL)
			err = conf_err(reterr, AICX_EINVAL, &section->at,
			    "%s names no plugin, expected [%s PLUGIN \"NAME\"]",
			    conf_title(section).text, section->kind);
	}
	return err;
}

static aicx_err
refuse_ref(
    const struct modules *all, const char *instance, struct aicx_error *reterr)
{
	const char *names[MODULES_MAX + 1];

	for (size_t i = 0; i < all->n; i++)
		names[i] = module_instance(all->list[i]);
	names[all->n] = NULL;
	return err_set(reterr, AICX_EINVAL, "no instance is called \"%.63s\"%s",
	    instance, conf_hint(instance, names).text);
}

static void
add_need(struct module *module, struct module *needed)
{
	module->needs = mem_grow(
	    module->needs, (module->n_needs + 1) * sizeof module->needs[0]);
	module->needs[module->n_needs++] = needed;
}

static aicx_err
on_ref(const char *instance, uint32_t kind, const struct aicx_ref **ret_ref,
    void *arg, struct aicx_error *reterr)
{
	struct module *module = arg;
	struct module *needed = load_find(module->all, instance);

	if (needed == NULL)
		return refuse_ref(module->all, instance, reterr);
	if (needed->plugin->kind != kind)
		return err_set(reterr, AICX_EINVAL,
		    "\"%s\" is a %s, expected a %s", instance,
		    module_kind_name(needed->plugin->kind),
		    module_kind_name(kind));
	add_need(module, needed);
	*ret_ref = &needed->ref;
	return AICX_OK;
}

/* Where the option stands, or the section that lacks it. */
static const struct conf_place *
place_of(const struct conf_section *section, const char *option)
{
	for (size_t i = 0; option != NULL && i < section->n_entries; i++)
		if (strcmp(section->entries[i].key, option) == 0)
			return &section->entries[i].value_at;
	return &section->at;
}

static aicx_err
check_settings(const struct module *module, struct aicx_error *reterr)
{
	const struct aicx_plugin *plugin = module->plugin;
	const char *option = NULL;
	struct aicx_error why = { 0 };
	aicx_err err;

	if (!AICX_HAS(plugin, struct aicx_plugin, check))
		return AICX_OK;
	err =
	    plugin->check(&module->all->host, module->settings, &option, &why);
	if (err == AICX_OK)
		return AICX_OK;
	return conf_err(
	    reterr, err, place_of(module->section, option), "%s", why.text);
}

aicx_err
load_settings(struct modules *all, struct aicx_error *reterr)
{
	aicx_err err = AICX_OK;

	for (size_t i = 0; i < all->n && err == AICX_OK; i++) {
		struct module *module = all->list[i];
		size_t size = module->plugin->settings_size;
		module->settings = mem_new(size);
		err = conf_apply(all->conf, module->section,
		    module->plugin->options, module->settings, size,
		    &module->mem, on_ref, module, reterr);
		if (err == AICX_OK)
			err = check_settings(module, reterr);
	}
	return err;
}
