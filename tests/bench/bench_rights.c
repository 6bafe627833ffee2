/* SPDX-License-Identifier: Apache-2.0 */
/*
 * bench_rights.c - what one check costs: may this caller call the method, and
 * with the things of that agent?  By role, by a grant, and refused, among many
 * grants.
 */
#include "base/err.h"
#include "base/id.h"
#include "base/str.h"
#include "broker/rights.h"
#include "broker/testdata/stage.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

enum { AGENTS = 10000, ROUNDS = 21, PER_ROUND = 200000 };

static struct stage stage;
static struct aicx_id agents[AGENTS];

/* Each was granted the next one's deals. */
static void
populate(void)
{
	struct aicx_str name = STR("deal.read");

	for (size_t i = 0; i < AGENTS; i++)
		agents[i] = broker_new_id(stage.broker);
	for (size_t i = 0; i < AGENTS; i++) {
		struct aicx_error error;
		struct id_text owner = id_text(&agents[(i + 1) % AGENTS]);
		struct step *step =
		    step_begin(stage.broker, "bench", &agents[i], NULL);
		struct agent agent = { .agent_id = agents[i],
			.owner_id = agents[i] };
		struct granted row = {
			.permission_id = broker_new_id(stage.broker),
			.agent_id = agents[i],
			.permissions = { &name, 1 },
			.scope = str_of(owner.text),
			.granted_by = agents[(i + 1) % AGENTS],
		};
		step_put(step, T_AGENT, &agent);
		step_put(step, T_PERMISSION, &row);
		ENSURE(step_commit(step, &error) == AICX_OK);
	}
}

static double
now_ns(void)
{
	struct timespec at;

	(void)clock_gettime(CLOCK_THREAD_CPUTIME_ID, &at);
	return (double)at.tv_sec * 1e9 + (double)at.tv_nsec;
}

static int
by_value(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

/* A third each: its own things, those it was granted, those it was not. */
static double
median_ns(struct call *call)
{
	double ns[ROUNDS];

	for (int round = 0; round < ROUNDS; round++) {
		size_t n_allowed = 0;
		double start = now_ns();
		for (size_t i = 0; i < PER_ROUND; i++) {
			size_t k = i * 7919 % AGENTS;
			call->who.agent_id = agents[k];
			n_allowed += rights_check(call, NULL) == AICX_OK &&
			    rights_over(call, &agents[(k + i % 3) % AGENTS]);
		}
		ns[round] = (now_ns() - start) / PER_ROUND;
		ENSURE(n_allowed > PER_ROUND * 6 / 10 &&
		    n_allowed < PER_ROUND * 7 / 10);
	}
	qsort(ns, ROUNDS, sizeof *ns, by_value);
	return ns[ROUNDS / 2];
}

int
main(void)
{
	stage.unchecked = true;
	stage_open(&stage);
	stage.unchecked = true;
	populate();
	struct call *call = call_new(stage.broker);
	call->route = route_find(STR("deal.get"));
	call->who.role = ROLE_AGENT;
	(void)printf("# %d agents with a grant each\n", AGENTS);
	(void)printf("bench permission_ns %.1f ns\n", median_ns(call));
	call_free(call);
	stage_close(&stage);
	return 0;
}
