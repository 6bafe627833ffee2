/* SPDX-License-Identifier: Apache-2.0 */
/*
 * watch.h - what leaves the broker is held against what is on the disk: an
 * answer that a crash could undo stops the run.
 */
#ifndef SIM_WATCH_H
#define SIM_WATCH_H

#include "sim.h"

/* The broker sends this to the agent (NULL: it hung up). */
void watch_sent(struct sim *sim, struct player *agent, struct aicx_str message);

#endif
