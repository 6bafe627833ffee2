/* SPDX-License-Identifier: Apache-2.0 */
/*
 * reputation.h - how a provider has done so far, in integers.
 *
 * Scores are milli-stars, 0..5000.  A newcomer starts at 3,000 with the weight
 * of four calls, so that one success or failure is no verdict.
 */
#ifndef DISCOVERY_REPUTATION_H
#define DISCOVERY_REPUTATION_H

#include "protocol/field.h"

struct reputation {
	struct aicx_id agent_id;
	int64_t total_calls, successful_calls, failed_calls;
	int64_t latency_sum_ms; /* of successful calls */
	int64_t quality_sum, n_quality; /* 0..1000 each */
	int64_t updated_ms;
};

extern const struct field reputation_fields[];

enum { REPUTATION_START = 3000, REPUTATION_PRIOR = 4 };

/* NULL: a newcomer. */
int64_t reputation_score(const struct reputation *reputation);
int64_t reputation_latency_ms(
    const struct reputation *reputation); /* 0: none */
/* Adds one finished execution. */
void reputation_add(struct reputation *reputation, bool success,
    int64_t latency_ms, int64_t now_ms);
/* The public form: overall_score and the counts, into the open object. */
void reputation_put(const struct reputation *reputation, struct json_writer *w);

#endif
