/* SPDX-License-Identifier: Apache-2.0 */
/*
 * policies.h - policies by the hash of their source: those that new offers may
 * name, and those that contracts were made under.
 *
 * The record that first names a policy for a price keeps its source as a row.
 * So a bill follows the policy of its contract, whatever the configuration has
 * become since.
 */
#ifndef BROKER_POLICIES_H
#define BROKER_POLICIES_H

#include "broker/inside.h"

/* One of the present configuration that has the hook, or NULL. */
const struct hook *policy_offered(
    struct broker *broker, struct aicx_str sha256_b64, uint32_t which);
/* Also one of an earlier configuration, loaded from its kept source if need
   be; NULL: there is none, or it has no such hook. */
const struct hook *policy_agreed(
    struct broker *broker, struct aicx_str sha256_b64, uint32_t which);
/* The kept source; absent when there is none. */
struct aicx_str policy_source(
    const struct broker *broker, struct aicx_str sha256_b64);
/* Keeps the source of the policy that these terms are priced by. */
void policy_keep(struct step *step, const struct pricing *pricing);

/* Makes these the present configuration's, besides those there are. */
void policies_bind(struct broker *broker, const struct modules *modules);
void policies_fini(struct broker *broker);

#endif
