/* SPDX-License-Identifier: Apache-2.0 */
/* trace.c - remembering what happened, in a ring, a sum and a table. */
#include "trace.h"

#include "base/map.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

void
trace_line(struct trace *trace, int64_t now_ms, const char *fmt, ...)
{
	char *line = trace->lines[trace->n++ % TRACE_LINES];
	va_list args;
	int n = snprintf(line, TRACE_LINE, "%9" PRId64 ".%03d ", now_ms / 1000,
	    (int)(now_ms % 1000));

	va_start(args, fmt);
	(void)vsnprintf(line + n, (size_t)(TRACE_LINE - n), fmt, args);
	va_end(args);
	trace_bytes(trace, (struct aicx_str) { line, strlen(line) });
	if (trace->verbose)
		(void)fprintf(stderr, "%s\n", line);
}

void
trace_bytes(struct trace *trace, struct aicx_str bytes)
{
	trace->digest = trace->digest * UINT64_C(0x9E3779B97F4A7C15) +
	    map_hash(bytes.ptr, bytes.len);
}

void
trace_print(const struct trace *trace)
{
	uint64_t from = trace->n > TRACE_LINES ? trace->n - TRACE_LINES : 0;

	for (uint64_t i = from; i < trace->n; i++)
		(void)fprintf(stderr, "%s\n", trace->lines[i % TRACE_LINES]);
}

/* --- marks ---------------------------------------------------------------- */

struct mark_row {
	char name[MARK_NAME];
	_Atomic uint64_t n;
	bool needed;
};

struct marks {
	_Atomic uint32_t lock;
	uint32_t n;
	struct mark_row rows[MARKS_MAX];
};

static struct marks *marks;

void
marks_open(void)
{
	void *at = mmap(NULL, sizeof *marks, PROT_READ | PROT_WRITE,
	    MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	if (at == MAP_FAILED)
		abort();
	marks = at;
}

static struct mark_row *
find(const char *name, uint32_t from)
{
	for (uint32_t i = from; i < marks->n; i++)
		if (strcmp(marks->rows[i].name, name) == 0)
			return &marks->rows[i];
	return NULL;
}

static struct mark_row *
row_of(const char *name)
{
	struct mark_row *row = find(name, 0);
	uint32_t open = 0;

	if (row != NULL)
		return row;
	while (!atomic_compare_exchange_weak(&marks->lock, &open, 1))
		open = 0;
	row = find(name, 0);
	if (row == NULL && marks->n < MARKS_MAX) {
		row = &marks->rows[marks->n];
		(void)snprintf(row->name, sizeof row->name, "%s", name);
		marks->n++;
	}
	atomic_store(&marks->lock, 0);
	return row;
}

void
mark_need(const char *name)
{
	row_of(name)->needed = true;
}

void
mark(const char *name)
{
	struct mark_row *row = row_of(name);

	if (row != NULL)
		atomic_fetch_add_explicit(&row->n, 1, memory_order_relaxed);
}

int
marks_print(bool all)
{
	int n_missing = 0;

	for (uint32_t i = 0; i < marks->n; i++) {
		const struct mark_row *row = &marks->rows[i];
		bool missing = row->needed && row->n == 0;
		n_missing += missing;
		if (all || missing)
			(void)printf("%s %-40s %" PRIu64 "\n",
			    missing ? "never  " : "reached", row->name,
			    (uint64_t)row->n);
	}
	return n_missing;
}
