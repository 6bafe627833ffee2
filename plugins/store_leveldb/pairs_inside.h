/* SPDX-License-Identifier: Apache-2.0 */
/* pairs_inside.h - what pairs.c and pairs_open.c share. */
#ifndef STORE_LEVELDB_PAIRS_INSIDE_H
#define STORE_LEVELDB_PAIRS_INSIDE_H

#include "log.h"
#include "pairs.h"
#include "window.h"

struct pairs {
	int lock; /* the folder, locked */
	struct log *log;
	struct index index;
	/* Writer thread only. */
	struct frame frame;
	struct spot *spots; /* of the frame's entries */
	size_t cap_spots;
	uint64_t later; /* bytes since the index's last batch */
	bool failed;
	char why[160];
};

/* The first failure is kept: nothing is written after it. */
void pairs_fail(struct pairs *pairs, const char *what, const char *why);

#endif
