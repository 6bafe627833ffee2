/* SPDX-License-Identifier: Apache-2.0 */
/* backup.h - a copy of an open store, of one moment, while it is written. */
#ifndef STORE_LEVELDB_BACKUP_H
#define STORE_LEVELDB_BACKUP_H

#include "pairs.h"

#include <stdatomic.h>

/* [any thread; blocks] Copies every key there is now into a new store at path,
   which is synced and then gets its name: what is there is whole.  The folder
   above it is made when it is missing.  AICX_EEXIST: path is there already.
   AICX_EIO: nothing is left of the copy.  It ends soon when *stop becomes
   true. */
aicx_err backup_copy(struct pairs *pairs, const struct pairs_wish *wish,
    const char *path, const atomic_bool *stop, struct aicx_error *reterr);

#endif
