/* SPDX-License-Identifier: Apache-2.0 */
/* family.h - the metrics there are, as a table; for core/monitoring alone. */
#ifndef MONITORING_FAMILY_H
#define MONITORING_FAMILY_H

#include "monitoring/metrics.h"

#include <stddef.h>
#include <stdint.h>

enum { FAMILY_LABELS_MAX = 3, FAMILY_BOUNDS_MAX = 16 };

enum family_type {
	FAMILY_COUNTER,
	FAMILY_GAUGE,
	FAMILY_INFO,
	FAMILY_HISTOGRAM
};

struct family {
	/* Base units, without the "_total" and "_info" that the type adds. */
	const char *name;
	enum family_type type;
	/* Decimals of the printed value: 6 makes seconds of microseconds. */
	int decimals;
	const char *help; /* no quote, backslash or newline */
	const char *labels[FAMILY_LABELS_MAX + 1];
	/* Upper bounds of a histogram, growing, in the unit of its values. */
	const int64_t *bounds;
	size_t n_bounds;
};

const struct family *family_get(enum metric which);
size_t family_n_labels(const struct family *family);

#endif
