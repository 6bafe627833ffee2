/* SPDX-License-Identifier: Apache-2.0 */
/* registry.h - search, explore and the listing (ARD v0.9). */
#ifndef REGISTRY_H
#define REGISTRY_H

#include "talk.h"

/* talk->ask is the body. */
void registry_search(struct talk *talk);
void registry_explore(struct talk *talk);
/* talk->ask has the query's pairs. */
void registry_agents(struct talk *talk);
/* talk->name is an identifier. */
void registry_agent(struct talk *talk);

#endif
