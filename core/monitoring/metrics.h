/* SPDX-License-Identifier: Apache-2.0 */
/*
 * metrics.h - what the broker counts, and its print for Prometheus.
 *
 * The families are one table (family.c).  Values are integers; a duration is
 * counted in microseconds and printed in seconds.  Nothing here reads a clock
 * or the process: the caller brings the values.  Loop thread only, no locks.
 */
#ifndef MONITORING_METRICS_H
#define MONITORING_METRICS_H

#include "base/buf.h"

#include <stdbool.h>
#include <stdint.h>

/* In parentheses: the labels. */
enum metric {
	METRIC_REQUESTS, /* counter (transport, operation, outcome) */
	METRIC_REQUEST_DURATION, /* histogram of us (operation) */
	METRIC_REFUSALS, /* counter (code) */
	METRIC_RELAYED, /* counter */
	METRIC_EXECUTIONS, /* counter (state) */
	METRIC_CONTRACTS, /* counter (status) */
	METRIC_DEALS, /* counter (state) */
	METRIC_HOLDS_OPEN, /* gauge */
	METRIC_REGISTRY_AGENTS, /* gauge */
	METRIC_SESSIONS, /* gauge */
	METRIC_OUTBOX, /* gauge */
	METRIC_RECORDS, /* counter */
	METRIC_COMMIT_BATCH, /* histogram of records */
	METRIC_COMMIT_DURATION, /* histogram of us */
	METRIC_HOOK_RUNS, /* counter (hook, outcome) */
	METRIC_PAYMENTS, /* counter (op, outcome) */
	METRIC_PAYMENTS_PENDING, /* gauge */
	METRIC_PLUGIN_UP, /* gauge (plugin), 0 or 1 */
	METRIC_PLUGIN_EVENTS, /* counter (plugin, metric) */
	METRIC_BUILD_INFO, /* always 1 (version) */
	METRIC_PROCESS_START, /* gauge of ms since 1970 */
	METRIC_PROCESS_CPU, /* counter of us */
	METRIC_PROCESS_MEMORY, /* gauge of bytes */
	METRIC_PROCESS_FDS, /* gauge */
	METRICS_N
};

enum {
	/* Of one family.  What comes after has "other" for every label. */
	METRIC_SERIES_MAX = 2000,
	/* Of a label's value.  A longer one, or one that is no UTF-8, becomes
	   "other". */
	METRIC_LABEL_BYTES_MAX = 64
};

/* The values of a family's labels, in the order above.  A NULL among them ends
   them: it and what is missing become "other". */
#define LABELS(...) ((const char *const[]) { NULL, ##__VA_ARGS__, NULL } + 1)

struct metrics;
struct series;

struct metrics *metrics_new(void);
void metrics_free(struct metrics *metrics);

/* One line of a family, made when it is new.  Valid until metrics_free(): who
   counts often keeps it and spares the look-up. */
struct series *metrics_series(
    struct metrics *metrics, enum metric which, const char *const *labels);
/* Counters and gauges; a counter only grows. */
void series_add(struct series *series, int64_t delta);
/* Gauges, and counters that are kept elsewhere (they only grow). */
void series_set(struct series *series, int64_t value);
/* Histograms; a negative value counts as 0. */
void series_observe(struct series *series, int64_t value);

/* The same in one go, the labels' values last:
     metrics_count(m, METRIC_HOOK_RUNS, 1, "choose", "ok"); */
#define metrics_count(metrics, which, delta, ...)                              \
	series_add(METRICS_AT(metrics, which, ##__VA_ARGS__), (delta))
#define metrics_set(metrics, which, value, ...)                                \
	series_set(METRICS_AT(metrics, which, ##__VA_ARGS__), (value))
#define metrics_observe(metrics, which, value, ...)                            \
	series_observe(METRICS_AT(metrics, which, ##__VA_ARGS__), (value))
#define METRICS_AT(metrics, which, ...)                                        \
	metrics_series((metrics), (which), LABELS(__VA_ARGS__))

/* Of a counter or gauge; of a histogram how many were observed.  0 when there
   is no such series; none is made. */
#define metrics_get(metrics, which, ...)                                       \
	metrics_value((metrics), (which), LABELS(__VA_ARGS__))
int64_t metrics_value(const struct metrics *metrics, enum metric which,
    const char *const *labels);

/*
 * The value that per_mille of all observed ones do not exceed (500, 950, 990),
 * interpolated inside its bucket; beyond the last bound: that bound.  labels
 * NULL: over all series, else LABELS("deal.buy").  false: nothing was observed.
 */
bool metrics_quantile(const struct metrics *metrics, enum metric which,
    const char *const *labels, unsigned per_mille, int64_t *ret_value);

/* Prometheus text 0.0.4, or OpenMetrics 1.0.0 with its `# EOF`. */
void metrics_print(
    const struct metrics *metrics, bool openmetrics, struct buf *buf);

#endif
