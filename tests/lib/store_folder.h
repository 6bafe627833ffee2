/* SPDX-License-Identifier: Apache-2.0 */
/* store_folder.h - the store in a folder that no broker has open, by its
   plugin, for the tools of tests. */
#ifndef STORE_FOLDER_H
#define STORE_FOLDER_H

#include <aiconexus/plugin.h>
#include <aiconexus/store.h>
#include <stdbool.h>

struct store_folder {
	const struct aicx_plugin *plugin;
	const struct aicx_store_ops *ops;
	void *state;
};

/* plugin_path: of store_leveldb.so.  false: it was said on standard error. */
bool store_folder_open(
    struct store_folder *store, const char *plugin_path, const char *folder);
void store_folder_close(struct store_folder *store);

#endif
