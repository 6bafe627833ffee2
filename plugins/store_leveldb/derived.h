/* SPDX-License-Identifier: Apache-2.0 */
/*
 * derived.h - the LevelDB of the derived keys: the folder "derived" in the
 * store's own.  Its keys are of a random order and change often; apart from the
 * others, they do not make those be rewritten again and again.
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

/* What is damaged is thrown away, with a line in the log: its keys can be made
   anew.  scratch: the store cannot be written; they are read through a folder
   made there, or there are none.  AICX_EIO: it cannot be made. */
aicx_err derived_open(struct derived *derived, leveldb_options_t *options,
    const char *store_path, const char *scratch, const struct aicx_host *host,
    struct aicx_self *self, struct aicx_error *reterr);
/* [any thread] One of them could not be read: the next open throws them away.
 */
void derived_doubt(const struct derived *derived);
void derived_close(struct derived *derived); /* of a zeroed one, too */

#endif
