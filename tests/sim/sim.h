/* SPDX-License-Identifier: Apache-2.0 */
/*
 * sim.h - one run: a broker and its agents in one thread, with a clock, a
 * network, a disk and chance that follow from one seed.
 *
 * Nothing waits.  Everything that happens is an event at a time; between two
 * events nothing changes, and after each the invariants hold (audit.h).
 */
#ifndef SIM_SIM_H
#define SIM_SIM_H

#include "base/list.h"
#include "broker/broker.h"
#include "chance.h"
#include "faults.h"
#include "trace.h"

#include <aiconexus/host.h>

struct player;
struct audit;
struct disk;
struct history;
struct payments;

enum { SIM_AGENTS_MAX = 41 }; /* with the operator */

struct event { /* in the heap until its time */
	int64_t at_ms;
	uint64_t order; /* among equals */
	const char *name;
	aicx_task_fn *fn; /* NULL: cancelled */
	void *arg;
};

/* What a run does, as the command line and the seed have it. */
struct sim_options {
	bool verbose;
	const char *history; /* file for the model, or NULL */
	bool tight; /* every run has little memory; else one in four */
};

struct sim {
	uint64_t seed;
	struct sim_options options;
	struct chance broker_chance, agent_chance, fault_chance, net_chance;
	struct faults faults;
	struct trace trace;

	int64_t now_ms; /* of the world */
	int64_t skew_ms; /* how far the broker's wall clock is off */
	struct event **events; /* a binary heap */
	size_t n_events, cap_events;
	uint64_t order, n_done;

	struct broker *broker; /* NULL: it is down */
	struct broker_settings settings;
	struct broker_keys keys;
	struct currencies currencies;
	struct event *wake;
	struct list jobs, lates, links, packets;
	bool crash_wished; /* the process is to end as soon as it returns */
	bool healed;
	int n_lives;
	uint8_t operator_seed[KEY_BYTES];
	struct aicx_id operator_id;

	struct disk *disk;
	struct audit *audit;
	struct payments *payments;
	struct history *history; /* or NULL */
	struct player *agents[SIM_AGENTS_MAX];
	size_t n_agents;
	size_t n_unanswered, n_tasks; /* of all agents */
};

/* Runs a seed to its end; returns the digest of all that happened.  A broken
   invariant ends the process (sim_fail). */
uint64_t sim_run(uint64_t seed, const struct sim_options *options);

struct event *sim_at(struct sim *sim, int64_t delay_ms, const char *name,
    aicx_task_fn *fn, void *arg);
/* NULL is legal; the event must not have happened. */
void sim_cancel(struct event *event);

/* Ends the process: a promise was broken. */
void sim_fail(struct sim *sim, const char *invariant, const char *fmt, ...)
    __attribute__((format(printf, 3, 4), noreturn));

/* A time as the world has it, ms since 1970. */
int64_t sim_world_ms(const struct sim *sim);
struct aicx_id sim_new_id(struct sim *sim, struct chance *chance);

#endif
