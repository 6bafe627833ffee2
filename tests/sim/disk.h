/* SPDX-License-Identifier: Apache-2.0 */
/*
 * disk.h - the store kind over a disk that a test owns.
 *
 * A commit is on the disk when it returned.  When the broker ends, what was
 * queued and not acknowledged is kept, lost, or cut after some batches.
 */
#ifndef SIM_DISK_H
#define SIM_DISK_H

#include "sim.h"

#include <aiconexus/store.h>

struct disk;

struct disk *disk_new(struct sim *sim);
void disk_free(struct disk *disk);
extern const struct aicx_store_ops disk_ops; /* state: the disk */

/* The machine ends: what no sync covered is kept in part. */
void disk_crash(struct disk *disk);
struct disk *disk_copy(const struct disk *disk);
/* From now on only n_batches more are kept; all then fails until
   disk_restart(). */
void disk_dies(struct disk *disk, size_t n_batches);
void disk_restart(struct disk *disk);
/* No room until disk_empty(). */
void disk_fill(struct disk *disk);
void disk_empty(struct disk *disk);
/* Changes one digit in the time of a record that is not the last; there are
   two at least. */
void disk_rot(struct disk *disk, uint64_t draw);

#endif
