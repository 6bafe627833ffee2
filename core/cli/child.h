/* SPDX-License-Identifier: Apache-2.0 */
/*
 * child.h - a program that stays: lines go to its standard input and come from
 * its standard output; what it says on standard error comes as lines too.
 *
 * Nothing blocks but child_leave().  A line longer than line_max ends it.
 */
#ifndef CLI_CHILD_H
#define CLI_CHILD_H

#include "base/buf.h"
#include "loop/loop.h"

#include <aiconexus/types.h>
#include <stdbool.h>

enum {
	CHILD_QUEUE_MAX = 64 * 1024 * 1024, /* bytes it has not read yet */
	CHILD_WORD_MAX =
	    1024, /* of a line of standard error; the rest is cut */
	CHILD_LEAVE_MS = 2000 /* for each step of child_leave() */
};

struct child_ops {
	/* Without its end; a view until return. */
	void (*on_line)(struct aicx_str line, void *arg);
	void (*on_word)(struct aicx_str line, void *arg);
	/* It ended, or must be: once, the last call.  The owner frees it. */
	void (*on_end)(const char *why, void *arg);
};

struct child;

/* word "no_program" when it cannot be started. */
aicx_err child_start(struct loop *loop, char *const *argv, size_t line_max,
    const struct child_ops *ops, void *arg, struct child **ret,
    struct aicx_error *reterr);
/* A line, without its end; false: it reads so little that no more is kept. */
bool child_write(struct child *child, struct aicx_str line);
/* Kills it and all of its group; legal in its own callbacks, and for NULL. */
void child_free(struct child *child);
/* The polite way: its input ends, then SIGTERM, then SIGKILL; waits. */
void child_leave(struct child *child);

#endif
