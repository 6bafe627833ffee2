/* SPDX-License-Identifier: Apache-2.0 */
/*
 * dir_sync.h - makes the names in a folder durable when, and only when, they
 * changed.
 */
#ifndef STORE_LEVELDB_DIR_SYNC_H
#define STORE_LEVELDB_DIR_SYNC_H

#include <aiconexus/host.h>
#include <stdbool.h>

struct dir_sync;

/* Opens the folder, syncs it and the folder it lies in; host and self are
   borrowed for its life.  NULL: errno says why. */
struct dir_sync *dir_sync_new(
    const char *path, const struct aicx_host *host, struct aicx_self *self);
void dir_sync_free(struct dir_sync *dir); /* NULL is legal */

/* All names made, moved or removed before this call are on disk when it
   returns true; false: errno says why, and nothing is known.  One caller at a
   time; others may change the folder meanwhile. */
bool dir_sync_settle(struct dir_sync *dir);

#endif
