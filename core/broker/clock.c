/* SPDX-License-Identifier: Apache-2.0 */
/*
 * clock.c - broker time: written into each record, never going back, drawn
 * towards the wall clock by one part in a hundred.
 *
 * At a start the wall clock may be wrong by years.  Then nothing may expire and
 * no period may begin anew because of it: time stands still at the last record
 * until an operator accepts the clock.
 */
#include "base/clock.h"
#include "base/broken.h"
#include "base/err.h"
#include "broker/handlers.h"

static int64_t
wall_now(struct broker *broker)
{
	return broker->ports.wall_ms(broker->ports.arg);
}

static void
run_from(struct broker *broker, int64_t time_ms)
{
	slew_start(
	    &broker->time, time_ms, broker->ports.now_ms(broker->ports.arg));
	broker->clock_held = false;
}

int64_t
broker_now(struct broker *broker)
{
	if (broken("expire_by_wall") && !broker->replaying)
		return wall_now(broker);
	if (broker->clock_held)
		return broker->time.time_ms;
	return slew_now(&broker->time, broker->ports.now_ms(broker->ports.arg),
	    wall_now(broker));
}

void
clock_start(struct broker *broker)
{
	int64_t last_ms = broker->time.time_ms; /* of the last record */
	int64_t wall_ms = wall_now(broker);

	/* What slewing left between the clocks is no reason to stop. */
	bool behind = wall_ms < last_ms - broker->settings->window_ms;
	bool ahead = wall_ms > last_ms + broker->settings->clock_gap_ms;
	if (last_ms != 0 && (behind || ahead)) {
		broker->clock_held = true;
		log_error(broker->log, "clock.held",
		    KV("last_record", time_text(last_ms).text),
		    KV("clock", time_text(wall_ms).text),
		    KV("fix", "set the clock, or: aicx ledger clock accept"));
		return;
	}
	run_from(broker, wall_ms > last_ms ? wall_ms : last_ms);
}

/* --- messages ---------------------------------------------------------------
 */

struct time_seen
clock_seen(struct broker *broker)
{
	return (struct time_seen) {
		.now_ms = broker_now(broker),
		.window_ms = broker->settings->window_ms,
		.held = broker->clock_held,
		.wall_ms = wall_now(broker),
	};
}

aicx_err
clock_check_fresh(const struct envelope *env, const struct time_seen *seen,
    struct aicx_error *reterr)
{
	struct aicx_error why = { 0 };

	if (broken("no_fresh"))
		return AICX_OK;
	if (!seen->held)
		return envelope_check_fresh(
		    env, seen->now_ms, seen->window_ms, reterr);
	if (envelope_check_fresh(env, seen->now_ms, seen->window_ms, &why) ==
		AICX_OK ||
	    envelope_check_fresh(env, seen->wall_ms, seen->window_ms, NULL) ==
		AICX_OK)
		return AICX_OK;
	return err_field(reterr, AICX_EINVAL, "stale", "/timestamp",
	    "%s, where time stands still until an operator accepts the clock: "
	    "aicx ledger clock accept",
	    why.text);
}

/* --- accepting --------------------------------------------------------------
 */

struct accept_clock {
	PARAMS;
};

const struct field accept_clock_params[] = {
	PARAMS_METHOD(struct accept_clock),
	FIELD_END,
};
PARAMS_SIZE(accept_clock, accept_clock);

/* A clock that is behind is not followed back: time goes on from the last
   record and waits for it. */
aicx_err
on_accept_clock(
    struct call *call, const void *params, struct aicx_error *reterr)
{
	struct broker *broker = call->broker;
	int64_t wall_ms = wall_now(broker);
	int64_t last_ms = broker->time.time_ms;

	(void)params;
	if (broker->clock_held)
		run_from(broker, wall_ms > last_ms ? wall_ms : last_ms);
	struct step *step = call_step(call, "clock.accept", NULL);
	struct json_writer w = step_reply(step);
	json_key(&w, "time");
	json_put_time(&w, step->now_ms);
	json_key(&w, "clock");
	json_put_time(&w, wall_ms);
	json_close(&w);
	broker_wake(broker, step->now_ms);
	return call_commit(call, step, 200, reterr);
}
