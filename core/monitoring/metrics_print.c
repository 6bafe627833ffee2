/* SPDX-License-Identifier: Apache-2.0 */
/*
 * metrics_print.c - Prometheus text format 0.0.4 and OpenMetrics 1.0.0.
 *
 * They differ in what names a counter's family, in the type `info`, in how a
 * bound is written and in the last line.
 */
#include <inttypes.h>
#include <string.h>

#include "monitoring/metrics.h"
#include "monitoring/series.h"

/* value / 10^decimals without trailing zeros.  A float as OpenMetrics writes
   bounds has at least one decimal. */
static void
put_scaled(struct buf *buf, int64_t value, int decimals, bool as_float)
{
	uint64_t left = value < 0 ? 0 - (uint64_t)value : (uint64_t)value;
	char text[32], *end = text + sizeof text, *at = end;
	int least = as_float ? 1 : 0;

	for (; decimals > least && left % 10 == 0; decimals--)
		left /= 10;
	if (as_float && decimals == 0) {
		*--at = '0';
		*--at = '.';
	}
	for (int n = 0; n <= decimals || left > 0; n++, left /= 10) {
		if (n == decimals && decimals > 0)
			*--at = '.';
		*--at = (char)('0' + left % 10);
	}
	if (value < 0)
		*--at = '-';
	buf_put(buf, at, (size_t)(end - at));
}

static void
put_escaped(struct buf *buf, const char *value)
{
	for (; *value != '\0'; value++) {
		if (*value == '\\' || *value == '"')
			buf_char(buf, '\\');
		if (*value == '\n')
			buf_text(buf, "\\n");
		else
			buf_char(buf, *value);
	}
}

/* `{transport="http",le="0.5"}`; le NULL: none.  Nothing when both lack. */
static void
put_labels(struct buf *buf, const struct series *series, const char *le)
{
	const char *value = series->key.ptr, *before = "{";
	const char *const *name = series->family->labels;

	for (; *name != NULL; name++, before = ",") {
		buf_printf(buf, "%s%s=\"", before, *name);
		put_escaped(buf, value);
		buf_char(buf, '"');
		value += strlen(value) + 1;
	}
	if (le != NULL) {
		buf_printf(buf, "%sle=\"%s\"", before, le);
		before = ",";
	}
	if (*before == ',')
		buf_char(buf, '}');
	buf_char(buf, ' ');
}

static const char *
suffix_of(enum family_type type)
{
	switch (type) {
	case FAMILY_COUNTER:
		return "_total";
	case FAMILY_INFO:
		return "_info";
	case FAMILY_GAUGE:
	case FAMILY_HISTOGRAM:
		break;
	}
	return "";
}

static const char *
type_name(enum family_type type, bool openmetrics)
{
	switch (type) {
	case FAMILY_COUNTER:
		return "counter";
	case FAMILY_GAUGE:
		return "gauge";
	case FAMILY_INFO:
		return openmetrics ? "info" : "gauge";
	case FAMILY_HISTOGRAM:
		break;
	}
	return "histogram";
}

static void
put_value(struct buf *buf, const struct series *series)
{
	const struct family *family = series->family;

	buf_printf(buf, "%s%s", family->name, suffix_of(family->type));
	put_labels(buf, series, NULL);
	put_scaled(buf, series->value, family->decimals, false);
	buf_char(buf, '\n');
}

/* Buckets are printed cumulated: all values not above the bound. */
static void
put_histogram(struct buf *buf, const struct series *series, bool openmetrics)
{
	const struct family *family = series->family;
	struct buf le = { 0 };
	uint64_t n = 0;

	for (size_t i = 0; i <= family->n_bounds; i++) {
		buf_clear(&le);
		if (i < family->n_bounds)
			put_scaled(&le, family->bounds[i], family->decimals,
			    openmetrics);
		else
			buf_text(&le, "+Inf");
		n += series->buckets[i];
		buf_printf(buf, "%s_bucket", family->name);
		put_labels(buf, series, buf_cstr(&le));
		buf_printf(buf, "%" PRIu64 "\n", n);
	}
	buf_fini(&le);
	buf_printf(buf, "%s_sum", family->name);
	put_labels(buf, series, NULL);
	put_scaled(buf, series->value, family->decimals, false);
	buf_printf(buf, "\n%s_count", family->name);
	put_labels(buf, series, NULL);
	buf_printf(buf, "%" PRIu64 "\n", series->n_observed);
}

static void
put_family(struct buf *buf, const struct family *family, const struct map *all,
    bool openmetrics)
{
	const char *suffix = openmetrics ? "" : suffix_of(family->type);

	buf_printf(buf, "# HELP %s%s %s\n", family->name, suffix, family->help);
	buf_printf(buf, "# TYPE %s%s %s\n", family->name, suffix,
	    type_name(family->type, openmetrics));
	MAP_EACH (entry, all) {
		if (family->type == FAMILY_HISTOGRAM)
			put_histogram(buf, entry->value, openmetrics);
		else
			put_value(buf, entry->value);
	}
}

void
metrics_print(const struct metrics *metrics, bool openmetrics, struct buf *buf)
{
	for (int which = 0; which < METRICS_N; which++) {
		const struct map *all = &metrics->series[which];
		if (map_len(all) > 0)
			put_family(buf, family_get((enum metric)which), all,
			    openmetrics);
	}
	if (openmetrics)
		buf_text(buf, "# EOF\n");
}
