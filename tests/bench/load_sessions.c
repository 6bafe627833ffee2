/* SPDX-License-Identifier: Apache-2.0 */
/* load_sessions.c - one session after the other of an agent that is known: what
   the challenge, its answer and the keys cost the broker, pool included. */
#include "load.h"

#include <stdio.h>

#include "base/mem.h"

static void
on_message(struct party *party, const struct envelope *env)
{
	(void)party, (void)env;
}

void
load_sessions(const struct load *load)
{
	const struct crowd *crowd = &load->town->crowd;
	struct party *parties =
	    mem_new((size_t)(load->n_askers + 1) * sizeof *parties);

	/* The first one opens what opens once. */
	party_open(
	    &parties[0], load->town, load->operator_identity, on_message, NULL);
	double before_us = gauge_cpu_us(crowd->pid);
	for (int i = 1; i <= load->n_askers; i++)
		party_open(&parties[i], load->town, load->operator_identity,
		    on_message, NULL);
	(void)printf("session_us %.1f us\n",
	    (gauge_cpu_us(crowd->pid) - before_us) / load->n_askers);
}
