/* SPDX-License-Identifier: Apache-2.0 */
/*
 * level_store.h - the plugin, loaded from .libs by hand (a test tests the
 * plugin, not the loader), and a store of it in a folder that goes with the
 * test.
 */
#ifndef LEVEL_STORE_H
#define LEVEL_STORE_H

#include <aiconexus/plugin.h>
#include <aiconexus/store.h>

#include <check.h>
#include <ftw.h>

/* As the plugin declares it: the settings an operator would get. */
struct settings {
	const char *path;
	uint8_t paranoid;
	int64_t write_buffer, cache, max_open_files;
	uint8_t compression;
	const char *scratch;
	uint8_t repair;
	int64_t file_size;
};

extern const struct aicx_plugin *plugin;
extern const struct aicx_store_ops *ops;
extern const struct aicx_host host; /* a clock and a log */
extern char folder[64]; /* of the test */
extern int n_thrown_away, n_cut; /* what the store said of its folders */

void plugin_load(void);
/* Tests that have a folder each. */
TCase *store_case(const char *name);
/* Loads the plugin and runs all; main's result. */
int store_run(Suite *suite);
void folder_remove(void);
/* For nftw(): all goes. */
int on_path(const char *path, const struct stat *st, int flag, struct FTW *ftw);

aicx_err store_open(
    const char *path, void **ret_store, struct aicx_error *reterr);
void *store_in_folder(void);
/* A store that was killed: its index knows nothing of its three keys. */
void killed_store(void);
/* A file of commits of the store in the folder. */
void frames_path(char *ret, size_t size, int file);

struct aicx_str str(const char *text);
aicx_err commit(void *store, const struct aicx_guard *guard,
    const struct aicx_write *writes, size_t n_writes, uint32_t durability,
    struct aicx_error *reterr);
void put(void *store, const char *key, const char *value);

/* Collects "key=value " for each pair; stops after `room` of them. */
struct listing {
	char text[1024];
	int room;
};

int on_pair(struct aicx_str key, struct aicx_str value, void *arg);
int see_nothing(struct aicx_str key, struct aicx_str value, void *arg);
void check_range(void *store, const char *from, const char *to, int reverse,
    int room, const char *want);
/* want: with a space behind it, as on_pair() writes it; NULL: there is none. */
void check_get(void *store, const char *key, const char *want);

#endif
