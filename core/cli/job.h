/* SPDX-License-Identifier: Apache-2.0 */
/*
 * job.h - one run of a program: input on its stdin, output from its stdout,
 * within a time and a size.
 *
 * The program gets a process group of its own; whatever is left of the group
 * when the job ends is killed.  Nothing here blocks: the loop serves the pipes,
 * the end of the process (pidfd) and the timer.
 */
#ifndef CLI_JOB_H
#define CLI_JOB_H

#include "base/buf.h"
#include "loop/loop.h"

#include <aiconexus/types.h>

enum {
	JOB_OUTPUT_MAX = 8 * 1024 * 1024,
	JOB_COMPLAINT_MAX = 64 * 1024, /* of stderr; more is dropped */
	JOB_LINGER_MS = 500 /* for pipes that outlive the program */
};

enum job_how {
	JOB_DONE, /* exit status 0 */
	JOB_FAILED, /* another exit status */
	JOB_KILLED, /* by a signal */
	JOB_TIMED_OUT,
	JOB_TOO_MUCH /* more output than output_max */
};

struct job_spec {
	char *const *argv; /* ended by NULL; argv[0] is looked up in PATH */
	struct aicx_str input; /* copied */
	int64_t timeout_ms;
	size_t output_max;
};

struct job_end {
	enum job_how how;
	int number; /* exit status or signal */
	struct aicx_str output; /* borrowed until return */
	struct aicx_str complaint; /* the first line of stderr, or empty */
	int64_t elapsed_ms;
};

struct job;
typedef void job_end_fn(const struct job_end *end, void *arg);

/* on_end is called exactly once, unless job_free() comes first; the job frees
   itself after it.  An error (no such program) means there is no job. */
aicx_err job_start(struct loop *loop, const struct job_spec *spec,
    job_end_fn *on_end, void *arg, struct job **ret, struct aicx_error *reterr);
/* Kills it and says nothing; NULL is legal. */
void job_free(struct job *job);

#endif
