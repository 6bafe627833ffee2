/* SPDX-License-Identifier: Apache-2.0 */
/* store_folder.c - loads the plugin by hand, with a host that has a clock. */
#include "store_folder.h"

#include <aiconexus/host.h>
#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

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

/* What an operator would get, as far as it matters here. */
static void *
settings_of(const struct aicx_plugin *plugin, const char *folder)
{
	char *settings = calloc(1, plugin->settings_size);

	for (const struct aicx_option *o = plugin->options;
	     settings != NULL && o->name != NULL; o++) {
		void *at = settings + o->offset;
		if (o->type == AICX_OPT_STR)
			*(const char **)at =
			    strcmp(o->name, "path") == 0 ? folder : o->fallback;
		else if (o->type == AICX_OPT_BOOL)
			*(uint8_t *)at = strcmp(o->fallback, "yes") == 0;
		else
			*(int64_t *)at = o->min;
	}
	return settings;
}

bool
store_folder_open(
    struct store_folder *store, const char *plugin_path, const char *folder)
{
	static const struct aicx_host host = {
		.size = sizeof host,
		.abi_major = AICX_ABI_MAJOR,
		.abi_minor = AICX_ABI_MINOR,
		.now_ms = host_now_ms,
		.log = host_log,
	};
	struct aicx_error why = { 0 };
	void *handle = dlopen(plugin_path, RTLD_NOW | RTLD_LOCAL);

	store->plugin = handle != NULL ? dlsym(handle, "aicx_plugin") : NULL;
	if (store->plugin == NULL) {
		(void)fprintf(stderr, "%s\n", dlerror());
		return false;
	}
	store->ops = store->plugin->ops.store;
	void *settings = settings_of(store->plugin, folder);
	aicx_err err =
	    store->plugin->open(&host, NULL, settings, &store->state, &why);
	free(settings);
	if (err != AICX_OK)
		(void)fprintf(stderr, "%s\n", why.text);
	return err == AICX_OK;
}

void
store_folder_close(struct store_folder *store)
{
	store->plugin->close(store->state);
}
