/* SPDX-License-Identifier: Apache-2.0 */
/*
 * net.h - connections between agents and the broker: messages arrive later, not
 * at all, twice or out of order, and connections end, as the run's faults say.
 */
#ifndef SIM_NET_H
#define SIM_NET_H

#include "sim.h"

#include "base/list.h"

struct link; /* one connection of one agent */

/* NULL: the broker is down or takes no more. */
struct link *net_connect(struct sim *sim, struct player *agent);
void net_send(struct link *link, struct aicx_str text);
/* The agent hangs up; the link is not its own any more. */
void net_hang_up(struct link *link);
/* The connection breaks for both. */
void net_break(struct link *link);
/* The broker ends: all links with it. */
void net_broker_ends(struct sim *sim);
void net_fini(struct sim *sim);

#endif
