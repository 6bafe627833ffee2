/* SPDX-License-Identifier: Apache-2.0 */
/* instance.h - what the files of this folder share: one plugin instance, and
   all of a configuration. */
#ifndef MODULE_INSTANCE_H
#define MODULE_INSTANCE_H

#include "base/arena.h"
#include "base/list.h"
#include "module/module.h"

enum { MODULES_MAX = 64, PATHS_MAX = 16 /* of one instance */ };

/* Requests for `prefix` and below go to ops. */
struct path {
	char *prefix; /* owned */
	const struct aicx_path_ops *ops;
	void *arg;
};

/* The handle a plugin passes with every host call. */
struct aicx_self {
	struct module *module;
};

enum mark { MARK_NEW, MARK_ON_PATH, MARK_SORTED };

struct module {
	struct aicx_self self;
	struct modules *all;
	const struct conf_section *section; /* the conf's */
	const struct aicx_plugin *plugin; /* the library's, never unloaded */
	struct aicx_ref ref; /* what other instances' settings point to */
	void *settings;
	struct arena mem; /* of the strings in settings */
	struct log *log; /* every line names the instance; may be NULL */
	struct module **needs; /* named by REF options; opened earlier */
	size_t n_needs;
	enum mark mark; /* while sorting */
	bool is_open;
	struct path paths[PATHS_MAX]; /* while it is open */
	size_t n_paths;
	struct aicx_path_ops gateway; /* its request and cancel, as of a path */
};

struct modules {
	const struct conf *conf; /* borrowed */
	struct loop *loop; /* borrowed */
	struct module_ports ports;
	struct aicx_host host;
	struct module *list[MODULES_MAX]; /* in the order of opening */
	size_t n;
	struct list exchanges; /* HTTP requests nobody has answered yet */
};

#endif
