/* SPDX-License-Identifier: Apache-2.0 */
/* level.h - one open store: what its opening, its commits and its derived keys
   share. */
#ifndef STORE_LEVELDB_LEVEL_H
#define STORE_LEVELDB_LEVEL_H

#include <aiconexus/plugin.h>
#include <aiconexus/store.h>

#include "derived.h"
#include "pairs.h"

#include <leveldb/c.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>

struct level_settings {
	const char *path;
	uint8_t paranoid;
	int64_t write_buffer;
	int64_t cache;
	int64_t max_open_files;
	uint8_t compression;
	const char *scratch;
	uint8_t repair;
	int64_t file_size;
};

enum { KNOWN_BYTES = 128 };

/* A guard that held: it does until its key is written. */
struct known {
	char key[KNOWN_BYTES], value[KNOWN_BYTES];
	size_t key_len, value_len;
	bool good;
};

struct level {
	struct pairs_wish wish;
	struct pairs *pairs;
	struct known known;
	leveldb_options_t *options;
	leveldb_cache_t *cache;
	leveldb_filterpolicy_t *filter;
	/* Shared by all threads; never changed after open. */
	leveldb_readoptions_t *read, *scan;
	leveldb_writeoptions_t *durable;
	struct derived derived;
	/* Copies being made, on other threads; the store closes after them. */
	pthread_mutex_t mutex;
	pthread_cond_t rested;
	size_t n_backups;
	atomic_bool closing;
	/* Writer thread only. */
	atomic_bool failed;
	char why[160]; /* the first failure, for all later refusals */
};

/* In level_open.c. */
aicx_err level_open(const struct aicx_host *host, struct aicx_self *self,
    const void *settings, void **ret_state, struct aicx_error *reterr);
void level_close(void *state);

/* In level_commit.c; all on the writer thread.  level_commit is the store's
   own. */
aicx_err level_commit(
    void *state, const struct aicx_batch *batch, struct aicx_error *reterr);
/* May this batch be written at all? */
aicx_err batch_check(struct level *level, const struct aicx_batch *batch,
    struct aicx_error *reterr);
/* From here on nothing is known of the disk.  AICX_EIO. */
aicx_err level_fail(struct level *level, const char *what, const char *why,
    struct aicx_error *reterr);

/* In level_derived.c: keys that can be made anew. */
extern const struct aicx_store_ops derived_ops;

#endif
