/* SPDX-License-Identifier: Apache-2.0 */
/*
 * shadow.h - a second folder through which a store can be read although its
 * own cannot be written.
 */
#ifndef STORE_LEVELDB_SHADOW_H
#define STORE_LEVELDB_SHADOW_H

struct shadow;

/* Makes the folder in `scratch`; the store's folder is only read, and no broker
   can write to it until shadow_free().  NULL: errno says why (EBUSY: a broker
   has it open). */
struct shadow *shadow_new(const char *store_path, const char *scratch);
const char *shadow_path(const struct shadow *shadow);
void shadow_free(struct shadow *shadow); /* removes it; NULL is legal */
/* Removes the folders in `scratch` whose processes were killed. */
void shadow_sweep(const char *scratch);

#endif
