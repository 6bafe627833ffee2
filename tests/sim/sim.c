/* SPDX-License-Identifier: Apache-2.0 */
/* sim.c - events in order of their time, the broker's lives, and the end. */
#include "sim.h"

#include "audit.h"
#include "base/err.h"
#include "base/id.h"
#include "base/mem.h"
#include "base/str.h"
#include "broker/inside.h"
#include "broker/keep.h"
#include "disk.h"
#include "history.h"
#include "keys.h"
#include "loop_sim.h"
#include "net.h"
#include "payments.h"
#include "player.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
	REAL_KEYS_EVERY = 50, /* runs */
	FAULTS_MS = 90000, /* at most */
	REST_MS = 3 * 3600000, /* all is final so long after the heal */
	CONTRACT_MS = 300000,
	EVENTS_MAX = 400000,
	/* Runs in which nearly all that is over is read back from the disk. */
	TIGHT_EVERY = 4,
	TIGHT_SEED = 3,
};
static const struct state_limits little_memory = {
	.rows_max = 4,
	.bytes_max = 1 << 20,
	.requests_max = 4,
};
#define WORLD_BEGINS_MS INT64_C(1795000000000)

/* --- events --------------------------------------------------------------- */

static bool
is_before(const struct event *a, const struct event *b)
{
	return a->at_ms != b->at_ms ? a->at_ms < b->at_ms : a->order < b->order;
}

struct event *
sim_at(struct sim *sim, int64_t delay_ms, const char *name, aicx_task_fn *fn,
    void *arg)
{
	struct event *event = MEM_NEW(struct event);
	size_t i = sim->n_events++;

	*event = (struct event) { sim->now_ms + delay_ms, sim->order++, name,
		fn, arg };
	if (sim->n_events > sim->cap_events) {
		sim->cap_events = sim->cap_events ? sim->cap_events * 2 : 256;
		sim->events = mem_grow(
		    sim->events, sim->cap_events * sizeof *sim->events);
	}
	for (; i > 0 && is_before(event, sim->events[(i - 1) / 2]);
	     i = (i - 1) / 2)
		sim->events[i] = sim->events[(i - 1) / 2];
	sim->events[i] = event;
	return event;
}

void
sim_cancel(struct event *event)
{
	if (event != NULL)
		event->fn = NULL;
}

static struct event *
take_event(struct sim *sim)
{
	struct event *first = sim->events[0];
	struct event *last = sim->events[--sim->n_events];
	size_t i = 0, n = sim->n_events;

	for (;;) {
		size_t child = 2 * i + 1;
		if (child + 1 < n &&
		    is_before(sim->events[child + 1], sim->events[child]))
			child++;
		if (child >= n || !is_before(sim->events[child], last))
			break;
		sim->events[i] = sim->events[child];
		i = child;
	}
	if (n > 0)
		sim->events[i] = last;
	return first;
}

void
sim_fail(struct sim *sim, const char *invariant, const char *fmt, ...)
{
	va_list args;

	trace_print(&sim->trace);
	(void)fprintf(stderr,
	    "seed %" PRIu64 ", event %" PRIu64 ": broken: %s: ", sim->seed,
	    sim->n_done, invariant);
	va_start(args, fmt);
	(void)vfprintf(stderr, fmt, args);
	va_end(args);
	(void)fprintf(stderr, "\n");
	exit(1);
}

int64_t
sim_world_ms(const struct sim *sim)
{
	return WORLD_BEGINS_MS + sim->now_ms;
}

struct aicx_id
sim_new_id(struct sim *sim, struct chance *chance)
{
	uint8_t bytes[10];

	chance_bytes(chance, bytes, sizeof bytes);
	return id_v7(sim_world_ms(sim), bytes);
}

/* --- the broker's lives ---------------------------------------------- */

static void
broker_make(struct sim *sim)
{
	struct broker_ports ports = sim_ports(sim);

	sim->broker = broker_new(
	    &ports, &sim->settings, &sim->keys, &sim->currencies, NULL);
	broker_bind_store(sim->broker, &disk_ops, sim->disk, sim_loop(sim));
	broker_bind_pricing(sim->broker, &pricing_sim_ops, sim);
	broker_bind_payment(sim->broker, &payments_ops, sim->payments);
	sim->broker->keep.every =
	    (uint64_t)chance_between(&sim->fault_chance, 1, 100);
	if (sim->options.tight || sim->seed % TIGHT_EVERY == TIGHT_SEED) {
		mark("little memory");
		sim->broker->keep.every = 8;
		sim->broker->state.limits = little_memory;
	}
	sim->n_lives++;
}

/* Queued batches are kept, lost or cut; then nothing reaches the disk. */
static void
broker_end(struct sim *sim)
{
	size_t kept = chance_below(&sim->fault_chance, 2) == 0
	    ? 0
	    : chance_below(&sim->fault_chance, 4);

	net_broker_ends(sim);
	if (!broker_failed(sim->broker, NULL)) {
		disk_dies(sim->disk, kept);
		broker_flush(sim->broker);
	}
	disk_dies(sim->disk, 0);
	sim_jobs_end(sim);
	payments_end(sim->payments, true);
	sim_jobs_end(sim);
	broker_free(sim->broker);
	sim->broker = NULL;
	sim_lates_end(sim);
	sim_cancel(sim->wake);
	sim->wake = NULL;
	sim->crash_wished = false;
	disk_crash(sim->disk);
	disk_restart(sim->disk);
}

static void on_restart(void *arg);

static void
restart_later(struct sim *sim)
{
	int64_t most_ms = sim->healed ? 100 : 4000;

	(void)sim_at(sim, chance_between(&sim->fault_chance, 20, most_ms),
	    "restart", on_restart, sim);
}

/* A start that reads all records again finds one that was changed. */
static void
try_damaged(struct sim *sim)
{
	uint64_t draw = chance_next(&sim->fault_chance);
	struct aicx_error error = { 0 };
	struct disk *good = sim->disk;

	if (sim->audit->seq < 2 ||
	    !chance_hit(&sim->fault_chance, sim->faults.ppm[FAULT_BIT_ROT]))
		return;
	mark(fault_names[FAULT_BIT_ROT]);
	sim->disk = disk_copy(good);
	disk_rot(sim->disk, draw);
	broker_make(sim);
	struct faults faults = sim->faults;
	memset(&sim->faults, 0, sizeof sim->faults);
	aicx_err err = keep_forget(sim->broker, &error);
	if (err == AICX_OK)
		err = broker_replay(sim->broker, &error);
	trace_line(
	    &sim->trace, sim->now_ms, "broker over damage: %s", error.text);
	if (err == AICX_OK)
		sim_fail(sim, "damage is found", "record %" PRIu64 " changed",
		    draw % (sim->audit->seq - 1) + 1);
	broker_end(sim);
	sim->faults = faults;
	disk_free(sim->disk);
	sim->disk = good;
}

static void
on_restart(void *arg)
{
	struct sim *sim = arg;
	struct aicx_error error = { 0 };
	bool dies = chance_hit(
	    &sim->fault_chance, sim->faults.ppm[FAULT_CRASH_IN_RECOVERY]);

	try_damaged(sim);
	broker_make(sim);
	if (dies) {
		mark(fault_names[FAULT_CRASH_IN_RECOVERY]);
		disk_dies(sim->disk, chance_below(&sim->fault_chance, 2));
	}
	aicx_err err = broker_replay(sim->broker, &error);
	trace_line(&sim->trace, sim->now_ms, "broker life %d: %s", sim->n_lives,
	    err == AICX_OK ? "replayed" : error.text);
	if (err != AICX_OK && !dies && !sim->crash_wished)
		sim_fail(sim, "replay", "%s", error.text);
	if (dies || err != AICX_OK) {
		broker_end(sim);
		restart_later(sim);
		return;
	}
	mark("replayed");
	audit_memory(sim->audit);
	if (sim->broker->clock_held) {
		mark("clock held");
		operator_accepts_clock(sim->agents[0]);
	}
	broker_resume(sim->broker);
}

static void
crash(struct sim *sim)
{
	trace_line(&sim->trace, sim->now_ms, "broker ends");
	broker_end(sim);
	restart_later(sim);
}

/* --- what goes wrong between events ---------------------------------- */

static void
on_disk_empty(void *arg)
{
	struct sim *sim = arg;

	disk_empty(sim->disk);
}

static void
on_clock_back(void *arg)
{
	struct sim *sim = arg;

	sim->skew_ms = 0;
}

static void
jump(struct sim *sim)
{
	static const int64_t jumps_ms[] = { 2000, 3600000, 86400000,
		INT64_C(3652) * 86400000 };
	int64_t jump_ms = jumps_ms[chance_below(&sim->fault_chance, 4)];

	mark(fault_names[FAULT_CLOCK_JUMP]);
	sim->skew_ms =
	    chance_below(&sim->fault_chance, 2) == 0 ? jump_ms : -jump_ms;
	trace_line(&sim->trace, sim->now_ms, "clock jumps %" PRId64 " ms",
	    sim->skew_ms);
	(void)sim_at(sim, chance_between(&sim->fault_chance, 10, 30000),
	    "clock back", on_clock_back, sim);
}

static void
agent_fault(struct sim *sim)
{
	struct chance *chance = &sim->fault_chance;
	struct player *agent = sim->agents[chance_below(chance, sim->n_agents)];
	bool crashes =
	    player_is(agent, AGENT_CRASHER) && chance_hit(chance, 20000);

	if (crashes) {
		mark("agent crash");
		seller_forgets(agent);
		player_go_away(agent, chance_between(chance, 50, 5000));
	} else if (chance_hit(chance, sim->faults.ppm[FAULT_PARTITION])) {
		mark(fault_names[FAULT_PARTITION]);
		player_go_away(agent, chance_between(chance, 1000, 30000));
	}
}

static void
faults_strike(struct sim *sim)
{
	struct chance *chance = &sim->fault_chance;
	const uint32_t *ppm = sim->faults.ppm;

	agent_fault(sim);
	if (chance_hit(chance, ppm[FAULT_CLOCK_JUMP]))
		jump(sim);
	if (chance_hit(chance, ppm[FAULT_DISK_FULL])) {
		disk_fill(sim->disk);
		(void)sim_at(sim, chance_between(chance, 500, 15000),
		    "disk empty", on_disk_empty, sim);
	}
	if (sim->broker != NULL && chance_hit(chance, ppm[FAULT_CRASH])) {
		mark(fault_names[FAULT_CRASH]);
		sim->crash_wished = true;
	}
}

static void
on_heal(void *arg)
{
	struct sim *sim = arg;

	trace_line(&sim->trace, sim->now_ms, "all is healed");
	memset(&sim->faults, 0, sizeof sim->faults);
	sim->healed = true;
	sim->skew_ms = 0;
	disk_empty(sim->disk);
	payments_end(sim->payments, false);
}

/* --- a run ---------------------------------------------------------------- */

static void
settle_in(struct sim *sim)
{
	sim->settings = (struct broker_settings) {
		.registration = "open",
		.currency = "AIC",
		.lease_ms = 60000,
		.window_ms = 60000,
		.offer_window_ms = 1000,
		.deadline_ms = 60000,
		.deadline_max_ms = 3600000,
		.timeout_ms = 15000,
		.grace_ms = 5000,
		.contract_ms = CONTRACT_MS,
		.clock_gap_ms = 86400000,
		.settlement = chance_below(&sim->fault_chance, 3) == 0
		    ? "batch"
		    : "immediate",
		.settle_every_ms = 20000,
		.dispute_window_ms = 60000,
		.reservation_max_ms = 600000,
		.reservations_max = 8,
		.payment_retry_ms = 500,
		.payment_retry_max_ms = 8000,
		.payment_wait_ms = 10000,
		.mailbox_max = 100,
		.sessions_max = 1000,
		.unopened_max = 1000,
		.ids_max = 100000,
		.deals_max = 1000,
		.offers_max = 64,
		.message_max = 1048576,
		.input_max = 65536,
		.fee_ppm = (int64_t)chance_below(&sim->fault_chance, 3) * 10000,
		.batch_max = chance_between(&sim->fault_chance, 1, 8),
	};
	ENSURE(
	    currencies_add(&sim->currencies, STR("AIC"), 6, NULL) == AICX_OK);
	sim->keys.broker_id = sim_new_id(sim, &sim->broker_chance);
	sim->keys.ring = keyring_new(&sim->keys.broker_id,
	    &(struct keyring_chance) {
		sim_ports(sim).random, sim_ports(sim).arg });
}

static void
first_life(struct sim *sim)
{
	struct aicx_error error = { 0 };
	char api_key[64];

	broker_make(sim);
	if (broker_replay(sim->broker, &error) != AICX_OK)
		sim_fail(sim, "first start", "%s", error.text);
	ENSURE(broker_new_operator(
	    sim->broker, &sim->operator_id, sim->operator_seed, api_key));
	broker_resume(sim->broker);
}

static unsigned
any_character(struct chance *chance)
{
	unsigned character = 0;

	for (unsigned i = 0; i < 9; i++)
		if (chance_below(chance, 9) == 0)
			character |= 1u << i;
	/* Who cannot be understood would only make the run shorter. */
	if ((character & AGENT_ELSEWHEN) != 0 && chance_below(chance, 4) != 0)
		character &= ~(unsigned)AGENT_ELSEWHEN;
	return character;
}

static void
agent_add(struct sim *sim, bool sells, bool buys)
{
	static const char *const names[] = { "text.count", "text.sum",
		"pix.draw" };
	struct chance *chance = &sim->agent_chance;
	struct player *agent = player_new(sim, sim->n_agents, NULL, NULL);

	sim->agents[sim->n_agents++] = agent;
	agent->character = any_character(chance);
	/* The model is told what agents hear; liars spoil their own answers. */
	if (sim->history != NULL)
		agent->character &= ~(unsigned)AGENT_LIAR;
	agent->sells = sells;
	agent->buys = buys && !player_is(agent, AGENT_ELSEWHEN);
	agent->capability = names[agent->index % 3];
	agent->price_minor = chance_between(chance, 800, 6000);
	for (unsigned i = 0; i < 9; i++)
		if (agent->character & 1u << i)
			mark(character_names[i]);
}

static void
populate(struct sim *sim)
{
	struct chance *chance = &sim->agent_chance;
	size_t n = chance_below(chance, 8) == 0
	    ? (size_t)chance_between(chance, 12, 40)
	    : (size_t)chance_between(chance, 3, 10);

	sim->agents[sim->n_agents++] =
	    player_new(sim, 0, sim->operator_seed, &sim->operator_id);
	for (size_t i = 0; i < n; i++) {
		bool both = chance_below(chance, 6) == 0;
		bool sells = both || i % 2 == 0;
		agent_add(sim, sells, both || !sells);
	}
	for (size_t i = 0; i < sim->n_agents; i++)
		player_start(sim->agents[i], chance_between(chance, 0, 400));
	operator_plan(sim->agents[0]);
	for (size_t i = 1; i < sim->n_agents; i++)
		if (sim->agents[i]->buys)
			buyer_plan(sim->agents[i]);
}

static bool
is_quiet(const struct sim *sim)
{
	return sim->healed && sim->broker != NULL && sim->n_tasks == 0 &&
	    sim->n_unanswered == 0 && sim->audit->n_open_deals == 0 &&
	    sim->audit->n_open_holds == 0 && sim->audit->pending_minor == 0 &&
	    sim->audit->suspense_minor == 0 && list_empty(&sim->jobs) &&
	    list_empty(&sim->lates) &&
	    broker_seq(sim->broker) == sim->audit->seq;
}

static void
report_stuck(struct sim *sim)
{
	for (size_t i = 0; i < sim->n_agents; i++)
		LIST_EACH (node, &sim->agents[i]->requests) {
			const struct inquiry *request =
			    LIST_ITEM(node, struct inquiry, node);
			if (!request->answered)
				(void)fprintf(stderr,
				    "agent %zu waits for %s %s, sent %d "
				    "times\n",
				    i, request->method,
				    id_text(&request->id).text,
				    request->n_sent);
		}
	audit_rest(sim->audit);
	sim_fail(sim, "comes to rest",
	    "%zu tasks, %zu requests, %zu deals, %zu holds, %" PRId64
	    " pending, %" PRId64 " frozen are left",
	    sim->n_tasks, sim->n_unanswered, sim->audit->n_open_deals,
	    sim->audit->n_open_holds, sim->audit->pending_minor,
	    sim->audit->suspense_minor);
}

static void
step(struct sim *sim)
{
	struct event *event = take_event(sim);
	aicx_task_fn *fn = event->fn;

	sim->now_ms = event->at_ms;
	if (fn == NULL) {
		free(event);
		return;
	}
	sim->n_done++;
	trace_line(&sim->trace, sim->now_ms, "%s", event->name);
	fn(event->arg);
	free(event);
	if (!sim->healed)
		faults_strike(sim);
	if (sim->broker != NULL && sim->crash_wished)
		crash(sim);
	else if (sim->broker != NULL)
		audit_memory(sim->audit);
}

static void
run_events(struct sim *sim, int64_t heal_ms)
{
	while (!is_quiet(sim)) {
		if (sim->n_events == 0 || sim->now_ms > heal_ms + REST_MS)
			report_stuck(sim);
		if (sim->n_done > EVENTS_MAX)
			sim_fail(sim, "comes to rest", "it turns in circles");
		step(sim);
		if (sim->healed && sim->n_tasks == 0 &&
		    (sim->audit->suspense_minor != 0 ||
			sim->audit->pending_minor != 0))
			operator_rules(sim->agents[0]);
	}
	trace_line(&sim->trace, sim->now_ms, "all is quiet");
}

/* One more life, to see that the records give what memory has. */
static void
check_end(struct sim *sim)
{
	const struct broker *broker = sim->broker;

	audit_rest(sim->audit);
	history_end(sim);
	if (broker->n_calls != 0)
		sim_fail(
		    sim, "nothing left over", "%zu calls", broker->n_calls);
	broker_end(sim);
	on_restart(sim);
	audit_rest(sim->audit);
	broker_end(sim);
}

static void
sim_free(struct sim *sim)
{
	net_fini(sim);
	for (size_t i = 0; i < sim->n_agents; i++)
		player_free(sim->agents[i]);
	while (sim->n_events > 0)
		free(take_event(sim));
	free(sim->events);
	history_close(sim->history);
	payments_free(sim->payments);
	keyring_free(sim->keys.ring);
	audit_free(sim->audit);
	disk_free(sim->disk);
}

uint64_t
sim_run(uint64_t seed, const struct sim_options *options)
{
	static struct sim room; /* too large for the stack */
	struct sim *sim = &room;

	memset(sim, 0, sizeof *sim);
	sim->seed = seed;
	sim->options = *options;
	sim->trace.verbose = options->verbose;
	sim->broker_chance = chance_of(seed, "broker");
	sim->agent_chance = chance_of(seed, "agents");
	sim->fault_chance = chance_of(seed, "faults");
	sim->net_chance = chance_of(seed, "net");
	list_init(&sim->jobs);
	list_init(&sim->lates);
	list_init(&sim->links);
	list_init(&sim->packets);
	keys_are_real(seed % REAL_KEYS_EVERY == 0);
	sim->disk = disk_new(sim);
	sim->audit = audit_new(sim);
	sim->payments = payments_new(sim);
	sim->history = history_open(options->history);
	settle_in(sim);
	history_begin(sim);
	first_life(sim);
	populate(sim);
	sim->faults = faults_plan(&sim->fault_chance);
	int64_t heal_ms = chance_between(&sim->fault_chance, 20000, FAULTS_MS);
	(void)sim_at(sim, heal_ms, "heal", on_heal, sim);
	run_events(sim, heal_ms);
	check_end(sim);
	uint64_t digest = sim->trace.digest;
	sim_free(sim);
	return digest;
}
