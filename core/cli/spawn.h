/* SPDX-License-Identifier: Apache-2.0 */
/* spawn.h - a program started with pipes at its three standard descriptors, in
   a process group of its own. */
#ifndef CLI_SPAWN_H
#define CLI_SPAWN_H

#include <aiconexus/types.h>
#include <signal.h>
#include <stdbool.h>
#include <sys/types.h>

#include "base/buf.h"

enum { SPAWN_IN, SPAWN_OUT, SPAWN_ERR, SPAWN_PIPES };

struct spawned {
	pid_t pid; /* 0: none */
	int pid_fd; /* readable once it ended; -1: none */
	int fd[SPAWN_PIPES]; /* our ends, which do not block; -1: closed */
};

/* argv[0] is looked up in PATH.  On failure nothing is left open; word
   "no_program" when it cannot be started. */
aicx_err spawn_program(
    char *const *argv, struct spawned *ret, struct aicx_error *reterr);
/* Reads what there is; false at the pipe's end. */
bool spawn_read(const struct spawned *spawned, int pipe, struct buf *buf);
/* Writes what the program's input takes, from *sent on; false when nobody reads
 * it. */
bool spawn_write(
    const struct spawned *spawned, struct aicx_str bytes, size_t *sent);
/* true when it ended; it stays to be waited for. */
bool spawn_has_ended(const struct spawned *spawned, siginfo_t *ret_status);
/* Kills what is left of the group, waits for the program and closes all. */
void spawn_end(struct spawned *spawned);

#endif
