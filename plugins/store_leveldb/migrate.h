/* SPDX-License-Identifier: Apache-2.0 */
/* migrate.h - a store of an older form, in which LevelDB had the values. */
#ifndef STORE_LEVELDB_MIGRATE_H
#define STORE_LEVELDB_MIGRATE_H

#include "pairs.h"

/* Takes all keys over into the form of today and removes the old files; where
   there are none, the folder gets the mark of today's form if it lacks it.  Cut
   short it begins anew. */
aicx_err migrate(const struct pairs_wish *wish, struct aicx_error *reterr);

#endif
