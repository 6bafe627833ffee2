/* SPDX-License-Identifier: Apache-2.0 */
/* series.h - the values of the families; for core/monitoring alone. */
#ifndef MONITORING_SERIES_H
#define MONITORING_SERIES_H

#include "base/map.h"
#include "monitoring/family.h"

#include <aiconexus/types.h>
#include <stdint.h>

/* One combination of label values. */
struct series {
	const struct family *family;
	struct aicx_str key; /* label values, each with a NUL behind it */
	int64_t value; /* a histogram's sum */
	uint64_t n_observed; /* by a histogram */
	/* By a histogram for each bound: those above the bound before and not
	   above this one; the last is for what is above all. */
	uint64_t *buckets;
};

/* Who counts names the same few series of a family again and again. */
enum { SERIES_RECENT = 4 };

struct metrics {
	struct map series[METRICS_N]; /* from key to struct series */
	struct series *recent[METRICS_N][SERIES_RECENT]; /* or NULL */
	unsigned next_recent;
};

#endif
