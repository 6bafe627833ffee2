/* SPDX-License-Identifier: Apache-2.0 */
/*
 * trace.h - the last events of a run, and the digest of all of them; besides,
 * the marks that say which places any run has reached.
 */
#ifndef SIM_TRACE_H
#define SIM_TRACE_H

#include <aiconexus/types.h>
#include <stdbool.h>
#include <stdint.h>

enum { TRACE_LINES = 50, TRACE_LINE = 160 };

struct trace {
	char lines[TRACE_LINES][TRACE_LINE];
	uint64_t n; /* lines so far */
	uint64_t digest;
	bool verbose;
};

void trace_line(struct trace *trace, int64_t now_ms, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));
/* Bytes that are part of what happened. */
void trace_bytes(struct trace *trace, struct aicx_str bytes);
void trace_print(const struct trace *trace); /* the last ones, on stderr */

/* Marks: counted in memory that all processes of a command share. */
enum { MARKS_MAX = 512, MARK_NAME = 56 };
void marks_open(void);
void mark_need(const char *name); /* the long form fails without it */
void mark(const char *name);
/* Prints all; returns how many that are needed were never reached. */
int marks_print(bool all);

#endif
