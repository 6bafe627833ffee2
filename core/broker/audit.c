/* SPDX-License-Identifier: Apache-2.0 */
/* audit.c - refusals, from where they happen to their record. */
#include "broker/audit.h"

#include "base/broken.h"
#include "base/id.h"
#include "broker/inside.h"
#include "protocol/problem.h"

void
audit_refused(struct broker *broker, const struct aicx_id *agent_id,
    struct aicx_str address, const struct aicx_error *error, const char *method)
{
	const struct problem *problem = problem_of(error);

	metrics_count(broker->metrics, METRIC_REFUSALS, 1, problem->word);
	if (problem->status >= 500 || broken("no_audit"))
		return; /* not the caller's doing */
	refusals_add(&broker->refusals, agent_id, address, problem->word,
	    method != NULL ? method : "", broker_now(broker));
	broker_wake(broker, refusals_due_ms(&broker->refusals));
}

/* It is in the trail of each of them. */
static void
note_agents(struct broker *broker)
{
	const struct refusals *refusals = &broker->refusals;
	uint64_t seq = journal_next(broker->journal) - 1;

	for (size_t i = 0; i < refusals->n; i++)
		if (!id_is_nil(&refusals->list[i].agent_id))
			state_note_actor(
			    &broker->state, &refusals->list[i].agent_id, seq);
}

void
audit_tell(struct broker *broker)
{
	struct refusals *refusals = &broker->refusals;
	struct aicx_error error = { 0 };

	if (refusals_due_ms(refusals) == 0 || broker->failed ||
	    broker->clock_held)
		return;
	struct step *step =
	    step_begin(broker, "audit.refused", &broker->keys.broker_id, NULL);
	struct json_writer w = step_more(step, "refused");
	refusals_print(refusals, &w);
	int64_t now_ms = step->now_ms;
	if (step_commit(step, &error) == AICX_OK)
		note_agents(broker);
	else
		log_error(
		    broker->log, "audit.failed", KV("reason", error.text));
	refusals_told(refusals, now_ms);
}

void
audit_tick(struct broker *broker, int64_t now_ms)
{
	int64_t due_ms = refusals_due_ms(&broker->refusals);

	if (due_ms != 0 && due_ms <= now_ms)
		audit_tell(broker);
	else if (due_ms != 0)
		broker_wake(broker, due_ms);
}
