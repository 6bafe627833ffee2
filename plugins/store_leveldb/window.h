/* SPDX-License-Identifier: Apache-2.0 */
/* window.h - a file seen through a piece of it in memory. */
#ifndef STORE_LEVELDB_WINDOW_H
#define STORE_LEVELDB_WINDOW_H

#include "bytes.h"

#include <stdint.h>

struct window { /* fd == -1: none */
	int fd;
	struct bytes bytes;
	uint64_t at; /* of the first of them in the file */
};

/* Takes fd, and closes the one it had. */
void window_open(struct window *window, int fd);
/* n bytes from `at` on, fewer where the file ends; reads `ahead` at least when
   it has to read.  NULL: errno says why.  A view until the next call. */
const char *window_get(
    struct window *window, uint64_t at, size_t n, size_t ahead, size_t *ret_n);
void window_fini(struct window *window);

#endif
