/* SPDX-License-Identifier: Apache-2.0 */
/* metrics.c - finding a series and adding to it. */
#include "monitoring/metrics.h"

#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/mem.h"
#include "base/str.h"
#include "monitoring/series.h"

enum { KEY_BYTES_MAX = FAMILY_LABELS_MAX * (METRIC_LABEL_BYTES_MAX + 1) };

static struct series *
series_new(const struct family *family, struct aicx_str key)
{
	struct series *series = MEM_NEW(struct series);

	series->family = family;
	series->key = (struct aicx_str) { mem_copy(key.ptr, key.len), key.len };
	if (family->type == FAMILY_HISTOGRAM)
		series->buckets =
		    mem_new((family->n_bounds + 1) * sizeof *series->buckets);
	if (family->type == FAMILY_INFO)
		series->value = 1;
	return series;
}

static void
series_free(struct series *series)
{
	free((char *)series->key.ptr);
	free(series->buckets);
	free(series);
}

struct metrics *
metrics_new(void)
{
	struct metrics *metrics = MEM_NEW(struct metrics);

	/* What has no labels is there from the start, as 0. */
	for (int which = 0; which < METRICS_N; which++) {
		if (family_n_labels(family_get((enum metric)which)) == 0)
			(void)metrics_series(metrics, (enum metric)which, NULL);
	}
	return metrics;
}

void
metrics_free(struct metrics *metrics)
{
	if (metrics == NULL)
		return;
	for (int which = 0; which < METRICS_N; which++) {
		MAP_EACH (entry, &metrics->series[which])
			series_free(entry->value);
		map_fini(&metrics->series[which]);
	}
	free(metrics);
}

/* Appends a label's value and a NUL, or "other". */
static size_t
put_label(char *key, const char *value)
{
	size_t n = strnlen(value, METRIC_LABEL_BYTES_MAX + 1);

	if (n > METRIC_LABEL_BYTES_MAX ||
	    !str_is_utf8((struct aicx_str) { value, n })) {
		value = "other";
		n = strlen(value);
	}
	memcpy(key, value, n);
	key[n] = '\0';
	return n + 1;
}

static struct aicx_str
key_of(const struct family *family, const char *const *labels,
    char ret_key[KEY_BYTES_MAX])
{
	size_t n_labels = family_n_labels(family), len = 0;

	for (size_t i = 0; i < n_labels; i++) {
		bool given = labels != NULL && *labels != NULL;
		len += put_label(ret_key + len, given ? *labels++ : "other");
	}
	ENSURE(labels == NULL || *labels == NULL);
	return (struct aicx_str) { ret_key, len };
}

/* The series of just these values; of other ones only the map can tell. */
static bool
has_labels(const struct series *series, const char *const *labels)
{
	const char *key = series->key.ptr, *end = key + series->key.len;

	for (; key < end; labels++) {
		size_t n = strlen(key) + 1;
		if (*labels == NULL || strcmp(key, *labels) != 0)
			return false;
		key += n;
	}
	return *labels == NULL;
}

static struct series *
series_recent(
    const struct metrics *metrics, enum metric which, const char *const *labels)
{
	for (size_t i = 0; labels != NULL && i < SERIES_RECENT; i++) {
		struct series *series = metrics->recent[which][i];
		if (series != NULL && has_labels(series, labels))
			return series;
	}
	return NULL;
}

struct series *
metrics_series(
    struct metrics *metrics, enum metric which, const char *const *labels)
{
	struct series *recent = series_recent(metrics, which, labels);

	if (recent != NULL)
		return recent;
	const struct family *family = family_get(which);
	struct map *map = &metrics->series[which];
	char bytes[KEY_BYTES_MAX];
	struct aicx_str key = key_of(family, labels, bytes);
	struct series *series = map_find(map, key);

	if (series == NULL && map_len(map) >= METRIC_SERIES_MAX) {
		key = key_of(family, NULL, bytes);
		series = map_find(map, key);
	}
	if (series == NULL) {
		series = series_new(family, key);
		(void)map_put(map, series->key, series);
	}
	unsigned at = metrics->next_recent++ % SERIES_RECENT;
	metrics->recent[which][at] = series;
	return series;
}

void
series_add(struct series *series, int64_t delta)
{
	enum family_type type = series->family->type;

	ENSURE(type == FAMILY_GAUGE || (type == FAMILY_COUNTER && delta >= 0));
	if (__builtin_add_overflow(series->value, delta, &series->value))
		series->value = delta > 0 ? INT64_MAX : INT64_MIN;
}

void
series_set(struct series *series, int64_t value)
{
	enum family_type type = series->family->type;

	ENSURE(type != FAMILY_HISTOGRAM);
	if (type == FAMILY_GAUGE || value > series->value)
		series->value = value;
}

void
series_observe(struct series *series, int64_t value)
{
	const struct family *family = series->family;
	size_t i = 0;

	ENSURE(family->type == FAMILY_HISTOGRAM);
	if (value < 0)
		value = 0;
	while (i < family->n_bounds && value > family->bounds[i])
		i++;
	series->buckets[i]++;
	series->n_observed++;
	if (__builtin_add_overflow(series->value, value, &series->value))
		series->value = INT64_MAX;
}

static const struct series *
find_series(
    const struct metrics *metrics, enum metric which, const char *const *labels)
{
	char bytes[KEY_BYTES_MAX];

	return map_find(
	    &metrics->series[which], key_of(family_get(which), labels, bytes));
}

int64_t
metrics_value(
    const struct metrics *metrics, enum metric which, const char *const *labels)
{
	const struct series *series = find_series(metrics, which, labels);

	if (series == NULL)
		return 0;
	return series->buckets == NULL ? series->value
				       : (int64_t)series->n_observed;
}

/* Adds up the buckets of one series or of all; returns how many values. */
static uint64_t
sum_buckets(const struct metrics *metrics, enum metric which,
    const char *const *labels, uint64_t *sums)
{
	const struct series *only =
	    labels == NULL ? NULL : find_series(metrics, which, labels);
	size_t n_bounds = family_get(which)->n_bounds;
	uint64_t n = 0;

	MAP_EACH (entry, &metrics->series[which]) {
		const struct series *series = entry->value;
		if (labels != NULL && series != only)
			continue;
		for (size_t i = 0; i <= n_bounds; i++)
			sums[i] += series->buckets[i];
		n += series->n_observed;
	}
	return n;
}

bool
metrics_quantile(const struct metrics *metrics, enum metric which,
    const char *const *labels, unsigned per_mille, int64_t *ret_value)
{
	const struct family *family = family_get(which);
	uint64_t sums[FAMILY_BOUNDS_MAX + 1] = { 0 }, below = 0;
	size_t i = 0;

	ENSURE(family->n_bounds > 0 && family->n_bounds <= FAMILY_BOUNDS_MAX);
	ENSURE(per_mille <= 1000);
	uint64_t n = sum_buckets(metrics, which, labels, sums);
	if (n == 0)
		return false;
	/* The rank-th smallest value, from 1. */
	uint64_t rank =
	    (uint64_t)(((unsigned __int128)n * per_mille + 999) / 1000);
	if (rank == 0)
		rank = 1;
	while (below + sums[i] < rank)
		below += sums[i++];
	if (i == family->n_bounds) {
		*ret_value = family->bounds[i - 1];
		return true;
	}
	int64_t low = i == 0 ? 0 : family->bounds[i - 1];
	int64_t width = family->bounds[i] - low;
	*ret_value = low +
	    (int64_t)((unsigned __int128)width * (rank - below) / sums[i]);
	return true;
}
