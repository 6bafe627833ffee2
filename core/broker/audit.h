/* SPDX-License-Identifier: Apache-2.0 */
/*
 * audit.h - who did what, to what, when, and how it ended.
 *
 * What was carried out needs no entry of its own: its record says it, under the
 * same chain and checkpoints as the money.  What was refused has no record, so
 * refusals are counted (security/refusals.h) and told in one of their own.
 */
#ifndef BROKER_AUDIT_H
#define BROKER_AUDIT_H

#include "security/refusals.h"

struct broker;

/* Counts it.  agent_id nil: nobody that is known, at this address; method NULL:
   none. */
void audit_refused(struct broker *broker, const struct aicx_id *agent_id,
    struct aicx_str address, const struct aicx_error *error,
    const char *method);
void audit_tick(struct broker *broker, int64_t now_ms);
/* Tells what waits, in a record. */
void audit_tell(struct broker *broker);

#endif
