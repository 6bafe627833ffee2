/* SPDX-License-Identifier: Apache-2.0 */
/*
 * shim.h - what the preloaded fault shims share: which calls concern the data
 * folder, and a page of memory through which a test sees and steers them.
 */
#ifndef FAULT_SHIM_H
#define FAULT_SHIM_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

enum shim_call {
	SHIM_WRITE = 1,
	SHIM_SYNC = 2,
	SHIM_RENAME = 4,
	SHIM_OPEN = 8, /* to write or to create */
	SHIM_UNLINK = 16
};

enum shim_deed {
	SHIM_KILL = 1, /* kill -9 before the call */
	SHIM_KILL_AFTER = 2,
	SHIM_KILL_HALF = 3, /* half a write, then kill -9 */
	SHIM_EIO = 4,
	SHIM_ENOSPC = 5,
	SHIM_SHORT = 6 /* half a write, and no room for the rest */
};

/* The file AICX_SHIM_PAGE, mapped by the shim and by the test. */
struct shim_page {
	uint64_t n_events; /* calls so far that are of a kind below */
	uint64_t at; /* the event that gets the deed; 0: none */
	uint64_t deed;
	uint64_t kinds; /* enum shim_call, or-ed */
	uint64_t sticky; /* not 0: every event from `at` on gets it */
	uint64_t pause_us; /* before a kill: others may go on meanwhile */
	uint64_t n_fired;
	uint64_t fired_call; /* enum shim_call */
	uint64_t n_retried; /* syncs of a file whose sync or write failed */
	uint64_t n_after; /* good durable writes after the deed */
	uint64_t sleep_us; /* each sync takes so much longer */
	char fired_path[128];
};

/* NULL when the environment names no page. */
struct shim_page *shim_page(void);
/* The C library's own. */
void *shim_next(const char *name);
/* True when the descriptor is open on something under AICX_SHIM_ROOT;
   ret_path gets the part below it. */
bool shim_fd_is_ours(int fd, char *ret_path, size_t size);
/* The same of a name, taken from a folder or the working directory. */
bool shim_name_is_ours(int dir_fd, const char *name, char *ret, size_t size);

#endif
