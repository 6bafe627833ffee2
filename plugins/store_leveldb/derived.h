/* SPDX-License-Identifier: Apache-2.0 */
/*
 * derived.h - a LevelDB of what can be made anew: a folder in the store's own,
 * "derived" for the derived keys and "index" for the places of the others.
 */
#ifndef STORE_LEVELDB_DERIVED_H
#define STORE_LEVELDB_DERIVED_H

#include "dir_sync.h"
#include "shadow.h"

#include <leveldb/c.h>

struct derived {
	leveldb_t *db; /* NULL: there are none, and none can be written */
	struct dir_sync *dir;
	struct shadow *shadow;
	char *path;
};

/* name: of the folder.  What is damaged is thrown away, with a line in the log:
   its keys can be made anew.  scratch: the store cannot be written; they are
   read through a folder made there, or there are none.  AICX_EIO: it cannot be
   made. */
aicx_err derived_open(struct derived *derived, leveldb_options_t *options,
    const char *store_path, const char *name, const char *scratch,
    const struct aicx_host *host, struct aicx_self *self,
    struct aicx_error *reterr);
/* Throws all of it away; nobody has it open.  damage: for the log, or NULL. */
void derived_forget(const leveldb_options_t *options, const char *store_path,
    const char *name, const char *damage, const struct aicx_host *host,
    struct aicx_self *self);
/* [any thread] One of them could not be read: the next open throws them away.
 */
void derived_doubt(const struct derived *derived);
void derived_close(struct derived *derived); /* zeroed then; or before */

#endif
