/* SPDX-License-Identifier: Apache-2.0 */
/* watch.c - answers, orders and balances, checked as they leave. */
#include "watch.h"

#include "audit.h"
#include "base/id.h"
#include "base/str.h"
#include "history.h"
#include "player.h"
#include "protocol/envelope.h"

#include <inttypes.h>

static void
check_durable(
    struct sim *sim, const struct inquiry *request, const struct envelope *env)
{
	const struct audit_request *known =
	    audit_request(sim->audit, &env->receiver_id, &request->id);

	if (!request->durable || env->type != MSG_RESULT)
		return;
	if (known == NULL || known->answered_seq == 0)
		sim_fail(sim, "acknowledged is on disk",
		    "%s %s was answered before it was", request->method,
		    id_text(&request->id).text);
	if (known->answer != map_hash(env->payload.ptr, env->payload.len))
		sim_fail(sim, "the same answer",
		    "%s %s: record %" PRIu64 " has another one than %.*s",
		    request->method, id_text(&request->id).text,
		    known->answered_seq, STR_ARG(env->payload));
}

/* A balance that was never on the disk was read ahead of it. */
static void
check_balance(struct sim *sim, const struct envelope *env)
{
	struct audit *audit = sim->audit;
	struct json doc;

	arena_clear(&audit->scratch);
	if (json_parse(env->payload, &audit->scratch, &doc, NULL) != AICX_OK)
		return;
	struct json_ref root = json_root(&doc);
	struct json_ref balance = json_get(root, "balance");
	struct aicx_money available = { 0 }, reserved = { 0 };
	struct aicx_str currency = audit_text(audit, balance, "currency");
	if (money_parse(&sim->currencies,
		audit_text(audit, balance, "available"), currency, &available,
		NULL) != AICX_OK ||
	    money_parse(&sim->currencies,
		audit_text(audit, balance, "reserved"), currency, &reserved,
		NULL) != AICX_OK)
		sim_fail(sim, "form", "balance %.*s", STR_ARG(env->payload));
	const struct audit_account *account = audit_account(
	    audit, audit_text(audit, root, "agent_id"), available.currency);
	size_t n = account->n_seen < 32 ? account->n_seen : 32;
	for (size_t i = 0; i < n; i++)
		if (account->seen[i][0] == available.minor &&
		    account->seen[i][1] == reserved.minor)
			return;
	sim_fail(sim, "no reads ahead of the disk",
	    "%s: balance %" PRId64 "+%" PRId64 " was never on the disk",
	    account->key.owner, available.minor, reserved.minor);
}

static void
check_order(struct sim *sim, const struct envelope *env)
{
	struct audit *audit = sim->audit;
	struct json doc;

	arena_clear(&audit->scratch);
	if (json_parse(env->payload, &audit->scratch, &doc, NULL) != AICX_OK)
		sim_fail(sim, "form", "EXECUTE %.*s", STR_ARG(env->payload));
	struct aicx_id id = audit_id(audit, json_root(&doc), "execution_id");
	const struct audit_execution *execution =
	    map_find_id(&audit->executions, &id);
	struct aicx_id contract_id =
	    audit_id(audit, json_root(&doc), "contract_id");
	const struct audit_contract *contract =
	    map_find_id(&audit->contracts, &contract_id);
	if (execution == NULL && contract != NULL &&
	    contract->ceiling_minor == 0 &&
	    id_eq(&contract->provider, &env->receiver_id))
		return; /* it costs nothing: recorded when it ends */
	if (execution == NULL)
		sim_fail(sim, "acknowledged is on disk",
		    "EXECUTE %s was sent before its record", id_text(&id).text);
	if (!id_eq(&execution->provider, &env->receiver_id))
		sim_fail(sim, "no data of others", "EXECUTE %s was sent to %s",
		    id_text(&id).text, id_text(&env->receiver_id).text);
}

static void
check_checkpoint(struct sim *sim, const struct envelope *env)
{
	struct audit *audit = sim->audit;
	struct json doc;

	arena_clear(&audit->scratch);
	if (json_parse(env->payload, &audit->scratch, &doc, NULL) == AICX_OK)
		audit_checkpoint(
		    audit, audit_text(audit, json_root(&doc), "checkpoint"));
}

void
watch_sent(struct sim *sim, struct player *agent, struct aicx_str message)
{
	struct envelope env;

	if (agent == NULL || !player_is_open(agent))
		return;
	if (envelope_split(message, message.len, &env, NULL) != AICX_OK ||
	    envelope_scan(&env, NULL) != AICX_OK)
		sim_fail(sim, "form", "message %.*s", STR_ARG(message));
	if (!id_eq(&env.receiver_id, player_id(agent)))
		sim_fail(sim, "no data of others", "message for %s sent to %s",
		    id_text(&env.receiver_id).text,
		    id_text(player_id(agent)).text);
	if (env.type == MSG_EXECUTE)
		check_order(sim, &env);
	const struct inquiry *request =
	    player_find_request(agent, &env.correlation_id);
	if (request == NULL)
		return;
	check_durable(sim, request, &env);
	if (request->snoops && env.type == MSG_RESULT)
		sim_fail(sim, "no data of others", "%s %s", request->method,
		    buf_cstr((struct buf *)&request->payload));
	if (env.type == MSG_RESULT && request->reads_balance)
		check_balance(sim, &env);
	if (env.type == MSG_RESULT && request->reads_checkpoint)
		check_checkpoint(sim, &env);
	history_answer(sim, agent, request, &env);
}
