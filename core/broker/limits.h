/* SPDX-License-Identifier: Apache-2.0 */
/*
 * limits.h - how much one agent, one address and one method may ask for.
 *
 * An address pays for what it sends and for signatures that turn out to be
 * nobody's; an agent for its calls; operators for nothing, so that they get in
 * while others are kept out.  Refused is "rate_limited", with the time until
 * there is room again.
 */
#ifndef BROKER_LIMITS_H
#define BROKER_LIMITS_H

#include "security/access.h"
#include "security/limiter.h"

struct broker;
struct broker_settings;
struct call;

struct limits {
	struct limiter *table;
	struct rate agent, address, unproven;
	struct rate *methods; /* of each route; per_s 0: none of its own */
};

/* Are the rates of methods well written, and methods there are? */
aicx_err limits_check(
    const struct broker_settings *settings, struct aicx_error *reterr);
/* Takes the settings in force over, at the start and after a reload. */
void limits_set(struct broker *broker);
void limits_fini(struct broker *broker);

/* The name that limits know an address by; 0: it is not limited. */
uint64_t limits_origin(const struct broker *broker, struct aicx_str address);
/* One message or request from there. */
aicx_err limits_arrive(struct broker *broker, uint64_t origin,
    int64_t *ret_wait_ms, struct aicx_error *reterr);
/* One message of an agent. */
aicx_err limits_agent(struct broker *broker, const struct principal *who,
    int64_t *ret_wait_ms, struct aicx_error *reterr);
/* One call of a method. */
aicx_err limits_call(struct call *call, struct aicx_error *reterr);
/* Before a signature of somebody there is verified, and when it was good. */
aicx_err limits_verify(struct broker *broker, uint64_t origin,
    int64_t *ret_wait_ms, struct aicx_error *reterr);
void limits_verified(struct broker *broker, uint64_t origin);

#endif
