/* SPDX-License-Identifier: Apache-2.0 */
/* verify_period.c - when an execution ended, how long it took, and which
   period of a subscription it falls into with how much used before. */
#include <string.h>

#include "base/clock.h"
#include "base/str.h"
#include "cli/verify_deal.h"

/* The digits of a time that name its period, and what its start adds. */
static const struct {
	const char *name;
	size_t n_kept;
	const char *rest;
} periods[] = {
	{ "daily", 10, "T00:00:00.000Z" },
	{ "monthly", 7, "-01T00:00:00.000Z" },
	{ "yearly", 4, "-01-01T00:00:00.000Z" },
};

/* "2026-11-22T13:04:05.678Z" in a month: "2026-11-01T00:00:00.000Z". */
static struct aicx_str
period_start(struct deal *deal, struct aicx_str period, struct aicx_str at)
{
	char text[TIME_TEXT];

	for (size_t i = 0; i < sizeof periods / sizeof *periods; i++) {
		size_t n = periods[i].n_kept;
		if (!str_is(period, periods[i].name) || at.len != TIME_TEXT)
			continue;
		memcpy(text, at.ptr, n);
		memcpy(text + n, periods[i].rest, TIME_TEXT - n);
		return arena_str(
		    &deal->arena, (struct aicx_str) { text, TIME_TEXT });
	}
	return (struct aicx_str) { NULL, 0 };
}

/* Units billed in this period by executions that ended in earlier records; -1:
   there were none. */
static int64_t
used_before(struct deal *deal, struct aicx_str period, struct aicx_str start,
    int64_t seq)
{
	struct json_iter it = json_iter(json_get(deal->root, "executions"));
	const struct record_part *record = NULL;
	int64_t used = -1, units;

	while (json_next(&it)) {
		struct json_ref row =
		    deal_row(deal, "execution_status", "execution_id",
			deal_str(deal, it.value, "execution_id"), &record);
		struct aicx_str at = deal_str(deal, row, "completed_at");
		if (!str_is(deal_str(deal, row, "state"), "COMPLETED") ||
		    record->seq >= seq ||
		    !str_eq(period_start(deal, period, at), start))
			continue;
		units = 0;
		(void)json_int(json_get(row, "units"), &units);
		if (__builtin_add_overflow(used < 0 ? 0 : used, units, &used))
			return INT64_MAX;
	}
	return used;
}

static bool
period_check(
    struct deal *deal, struct json_ref status, const struct record_part *record)
{
	struct json_ref pricing = json_get(deal->terms, "pricing");
	struct aicx_str period = deal_str(deal, pricing, "subscription_period");
	struct aicx_str start =
	    period_start(deal, period, deal_str(deal, status, "completed_at"));
	int64_t said = -1;

	if (start.ptr == NULL)
		return deal_bad(
		    deal, "usage: it falls into no period of the subscription");
	if (!deal_equal(deal, "usage: period", deal_str(deal, status, "period"),
		"that of its end", start))
		return false;
	int64_t counted = used_before(deal, period, start, record->seq);
	(void)json_int(json_get(status, "used_before"), &said);
	if (said != counted)
		return deal_bad(deal,
		    "usage: record %lld says %lld were used before in the "
		    "period, but it were %lld (-1: none, it pays for it)",
		    (long long)record->seq, (long long)said,
		    (long long)counted);
	return true;
}

static bool
times_check(
    struct deal *deal, struct json_ref status, const struct record_part *record)
{
	int64_t started_ms, ended_ms, recorded_ms, took_ms = 0;

	if (!deal_time(deal, "usage: started_at",
		json_get(status, "started_at"), &started_ms) ||
	    !deal_time(deal, "usage: completed_at",
		json_get(status, "completed_at"), &ended_ms) ||
	    !deal_time(deal, "usage: its record's time",
		json_get(record->root, "time"), &recorded_ms))
		return false;
	(void)json_int(json_get(status, "duration_ms"), &took_ms);
	if (took_ms != ended_ms - started_ms || took_ms < 0 ||
	    ended_ms > recorded_ms)
		return deal_bad(deal,
		    "usage: record %lld says it took %lld ms, but not from "
		    "when to when",
		    (long long)record->seq, (long long)took_ms);
	return true;
}

/* Nothing judges results yet, so whoever says a quality made it up. */
bool
check_measured(
    struct deal *deal, struct json_ref status, const struct record_part *record)
{
	struct json_ref pricing = json_get(deal->terms, "pricing");

	if (json_type(json_get(status, "quality")) != JSON_NULL)
		return deal_bad(deal, "usage: a quality that nobody signed");
	if (!times_check(deal, status, record))
		return false;
	if (str_is(deal_str(deal, pricing, "model"), "subscription"))
		return period_check(deal, status, record);
	if (json_type(json_get(status, "period")) != JSON_NULL ||
	    json_type(json_get(status, "used_before")) != JSON_NULL)
		return deal_bad(
		    deal, "usage: a period, but there is no subscription");
	return true;
}
