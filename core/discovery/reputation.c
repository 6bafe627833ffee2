/* SPDX-License-Identifier: Apache-2.0 */
/* reputation.c - counting what happened, and one number from it. */
#include "discovery/reputation.h"

#include <stdio.h>

const struct field reputation_fields[] = {
	FIELD(struct reputation, agent_id, "agent_id", FIELD_ID),
	FIELD(struct reputation, total_calls, "total_calls", FIELD_INT),
	FIELD(
	    struct reputation, successful_calls, "successful_calls", FIELD_INT),
	FIELD(struct reputation, failed_calls, "failed_calls", FIELD_INT),
	FIELD(struct reputation, latency_sum_ms, "latency_sum_ms", FIELD_INT),
	FIELD(struct reputation, quality_sum, "quality_sum", FIELD_INT),
	FIELD(struct reputation, n_quality, "n_quality", FIELD_INT),
	FIELD(struct reputation, updated_ms, "updated", FIELD_TIME),
	FIELD_END,
};

int64_t
reputation_score(const struct reputation *reputation)
{
	int64_t prior = (int64_t)REPUTATION_START * REPUTATION_PRIOR;

	if (reputation == NULL)
		return REPUTATION_START;
	return (reputation->successful_calls * 5000 + prior) /
	    (reputation->total_calls + REPUTATION_PRIOR);
}

int64_t
reputation_latency_ms(const struct reputation *reputation)
{
	if (reputation == NULL || reputation->successful_calls == 0)
		return 0;
	return reputation->latency_sum_ms / reputation->successful_calls;
}

void
reputation_add(struct reputation *reputation, bool success, int64_t latency_ms,
    int64_t now_ms)
{
	reputation->total_calls++;
	if (success) {
		reputation->successful_calls++;
		reputation->latency_sum_ms += latency_ms;
	} else
		reputation->failed_calls++;
	reputation->updated_ms = now_ms;
}

void
reputation_put(const struct reputation *reputation, struct json_writer *w)
{
	const struct reputation none = { .total_calls = 0 };
	const struct reputation *r = reputation ? reputation : &none;
	int64_t score = reputation_score(reputation);

	json_key(w, "overall_score");
	char text[16];
	int n = snprintf(text, sizeof text, "%d.%03d", (int)(score / 1000),
	    (int)(score % 1000));
	json_put_raw(w, (struct aicx_str) { text, (size_t)n });
	json_key(w, "total_calls");
	json_put_int(w, r->total_calls);
	json_key(w, "successful_calls");
	json_put_int(w, r->successful_calls);
	json_key(w, "failed_calls");
	json_put_int(w, r->failed_calls);
	json_key(w, "avg_latency_ms");
	json_put_int(w, reputation_latency_ms(reputation));
	if (r->updated_ms > 0) {
		json_key(w, "last_updated");
		json_put_time(w, r->updated_ms);
	}
}
