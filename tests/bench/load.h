/* SPDX-License-Identifier: Apache-2.0 */
/* load.h - the kinds of load; each prints its figures as `NAME VALUE UNIT`. */
#ifndef BENCH_LOAD_H
#define BENCH_LOAD_H

#include "party.h"

struct load {
	struct town *town;
	const char *operator_identity; /* who funds buyers */
	int n_askers; /* each has one exchange under way */
	int64_t measure_us;
};

void load_relay(const struct load *load);
void load_relay_nng(const struct load *load);
void load_deals(const struct load *load);
void load_paid(const struct load *load);
void load_nats(const struct load *load);
void load_rest(const struct load *load);
void load_http(const struct load *load);
void load_sessions(const struct load *load);
void load_mcp(const struct load *load);
void load_ask(const struct load *load);

/* A seller of one capability at a fixed price. */
void load_register(struct party *party, const char *capability,
    const char *amount, struct buf *buf);
/* Money for a buyer, from the operator. */
void load_fund(
    struct party *operator, const struct aicx_id * agent_id, struct buf *buf);
void load_print(const struct crowd *crowd, const char *what);

#endif
