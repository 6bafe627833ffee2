/* SPDX-License-Identifier: Apache-2.0 */
/* limits.c - token buckets for agents, addresses and methods. */
#include "broker/limits.h"

#include "base/broken.h"
#include "base/err.h"
#include "base/id.h"
#include "base/map.h"
#include "base/mem.h"
#include "base/str.h"
#include "broker/inside.h"
#include "security/origin.h"

#include <stdlib.h>
#include <string.h>

enum { SLOTS = 16384, RATE_MAX = 1000000000 };

/* What a bucket is of; the first bytes of its name. */
enum subject { OF_AGENT = 1, OF_ADDRESS, OF_UNPROVEN, OF_METHOD };

static uint64_t
bucket_name(enum subject subject, uint64_t who, uint64_t what)
{
	const uint64_t parts[] = { (uint64_t)subject, who, what };

	return map_mark(parts, sizeof parts);
}

/* --- rates of methods ------------------------------------------------- */

/* One "method=number"; *ret_route counts from the first. */
static aicx_err
parse_rate(struct aicx_str text, size_t *ret_route, int64_t *ret_per_s,
    struct aicx_error *reterr)
{
	struct aicx_str number = { NULL, 0 };
	struct aicx_str name = str_trim(str_cut(text, '=', &number));
	const struct route *route = route_find(name);

	if (route == NULL)
		return err_set(reterr, AICX_EINVAL,
		    "[broker] method_rates: there is no method \"%.*s\"",
		    STR_ARG(name));
	if (!str_int(str_trim(number), ret_per_s) || *ret_per_s < 1 ||
	    *ret_per_s > RATE_MAX)
		return err_set(reterr, AICX_EINVAL,
		    "[broker] method_rates: \"%.*s\" needs =NUMBER, calls a "
		    "second",
		    STR_ARG(name));
	*ret_route = (size_t)(route - routes);
	return AICX_OK;
}

/* ret_rates may be NULL: then the text is only checked. */
static aicx_err
parse_rates(const struct broker_settings *settings, struct rate *ret_rates,
    struct aicx_error *reterr)
{
	struct aicx_str rest = str_of(settings->method_rates);
	aicx_err err = AICX_OK;

	while (rest.len > 0 && err == AICX_OK) {
		struct aicx_str one = str_trim(str_cut(rest, ',', &rest));
		size_t route = 0;
		int64_t per_s = 0;

		if (one.len == 0)
			continue;
		err = parse_rate(one, &route, &per_s, reterr);
		if (err == AICX_OK && ret_rates != NULL)
			ret_rates[route] =
			    rate_of(per_s, settings->rate_burst_ms);
	}
	return err;
}

aicx_err
limits_check(const struct broker_settings *settings, struct aicx_error *reterr)
{
	return parse_rates(settings, NULL, reterr);
}

void
limits_set(struct broker *broker)
{
	const struct broker_settings *settings = broker->settings;
	struct limits *limits = &broker->limits;
	int64_t burst_ms = settings->rate_burst_ms;

	if (limits->table == NULL) {
		limits->table = limiter_new(SLOTS);
		limits->methods = mem_new(n_routes * sizeof limits->methods[0]);
	}
	memset(limits->methods, 0, n_routes * sizeof limits->methods[0]);
	(void)parse_rates(settings, limits->methods, NULL);
	limits->agent = rate_of(settings->agent_rate, burst_ms);
	limits->address = rate_of(settings->address_rate, burst_ms);
	limits->unproven = rate_of(settings->unproven_rate, burst_ms);
}

void
limits_fini(struct broker *broker)
{
	limiter_free(broker->limits.table);
	free(broker->limits.methods);
}

/* --- taking ----------------------------------------------------------- */

static bool
take(struct broker *broker, uint64_t name, struct rate rate,
    int64_t *ret_wait_ms)
{
	if (rate.per_s == 0 || broken("no_limits"))
		return true;
	return limiter_take(broker->limits.table, name, rate,
	    broker->ports.now_us(broker->ports.arg), ret_wait_ms);
}

uint64_t
limits_origin(const struct broker *broker, struct aicx_str address)
{
	uint64_t mark = origin_mark(address);

	/* Behind a proxy on this machine stand many clients. */
	return mark == ORIGIN_LOCAL && !broker->settings->limit_local ? 0
								      : mark;
}

aicx_err
limits_arrive(struct broker *broker, uint64_t origin, int64_t *ret_wait_ms,
    struct aicx_error *reterr)
{
	struct rate rate = broker->limits.address;

	if (origin == 0 ||
	    take(broker, bucket_name(OF_ADDRESS, origin, 0), rate, ret_wait_ms))
		return AICX_OK;
	return err_word(reterr, AICX_ELIMIT, "rate_limited",
	    "too much from this address: %lld a second", (long long)rate.per_s);
}

static uint64_t
agent_mark(const struct aicx_id *agent_id)
{
	return map_mark(agent_id, sizeof *agent_id);
}

aicx_err
limits_agent(struct broker *broker, const struct principal *who,
    int64_t *ret_wait_ms, struct aicx_error *reterr)
{
	struct rate rate = broker->limits.agent;

	if (rate.per_s == 0 || who->role == ROLE_OPERATOR ||
	    id_is_nil(&who->agent_id) ||
	    take(broker, bucket_name(OF_AGENT, agent_mark(&who->agent_id), 0),
		rate, ret_wait_ms))
		return AICX_OK;
	return err_word(reterr, AICX_ELIMIT, "rate_limited",
	    "too many messages of this agent: %lld a second",
	    (long long)rate.per_s);
}

/* Of a guest, by its address. */
static aicx_err
limits_method(struct call *call, struct aicx_error *reterr)
{
	struct broker *broker = call->broker;
	size_t route = (size_t)(call->route - routes);
	struct rate rate = broker->limits.methods[route];
	uint64_t who = id_is_nil(&call->who.agent_id)
	    ? call->origin
	    : agent_mark(&call->who.agent_id);

	if (rate.per_s == 0 || who == 0 || call->who.role == ROLE_OPERATOR ||
	    take(broker, bucket_name(OF_METHOD, who, route), rate,
		&call->wait_ms))
		return AICX_OK;
	return err_word(reterr, AICX_ELIMIT, "rate_limited",
	    "too many calls of \"%s\": %lld a second", call->route->method.name,
	    (long long)rate.per_s);
}

aicx_err
limits_call(struct call *call, struct aicx_error *reterr)
{
	aicx_err err = limits_method(call, reterr);

	return err == AICX_OK
	    ? limits_agent(call->broker, &call->who, &call->wait_ms, reterr)
	    : err;
}

aicx_err
limits_verify(struct broker *broker, uint64_t origin, int64_t *ret_wait_ms,
    struct aicx_error *reterr)
{
	if (origin == 0 ||
	    take(broker, bucket_name(OF_UNPROVEN, origin, 0),
		broker->limits.unproven, ret_wait_ms))
		return AICX_OK;
	return err_word(reterr, AICX_ELIMIT, "rate_limited",
	    "too many signatures from this address that were nobody's");
}

void
limits_verified(struct broker *broker, uint64_t origin)
{
	if (origin != 0)
		limiter_give(broker->limits.table,
		    bucket_name(OF_UNPROVEN, origin, 0),
		    broker->limits.unproven);
}
