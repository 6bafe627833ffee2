/* SPDX-License-Identifier: Apache-2.0 */
/* loop_sim.h - what the broker's core asks of a loop, out of the simulator. */
#ifndef SIM_LOOP_SIM_H
#define SIM_LOOP_SIM_H

#include "sim.h"

struct loop;

struct loop *sim_loop(struct sim *sim);
/* The broker's ports: clock, chance, worker pool, wakes. */
struct broker_ports sim_ports(struct sim *sim);
/* The pool finishes what it has; what was to run later is forgotten. */
void sim_jobs_end(struct sim *sim);
void sim_lates_end(struct sim *sim);

#endif
