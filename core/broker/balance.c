/* SPDX-License-Identifier: Apache-2.0 */
/* balance.c - amounts, accounts and budgets as answers tell them. */
#include "broker/balance.h"

#include "base/id.h"
#include "base/str.h"

#include <stdio.h>
#include <string.h>

void
put_amount(struct json_writer *w, struct broker *broker, const char *name,
    int64_t minor, const char *currency)
{
	struct aicx_money money = { .minor = minor };
	struct buf text = { 0 };

	(void)snprintf(money.currency, sizeof money.currency, "%s", currency);
	money_put(&text, &broker->state.currencies, &money);
	json_key(w, name);
	json_put_str(w, buf_view(&text));
	buf_fini(&text);
}

void
put_balance(struct json_writer *w, struct broker *broker,
    const struct aicx_id *agent_id, const char *currency)
{
	const struct account *account =
	    ledger_account(broker->state.ledger, agent_id, currency);

	json_open(w, '{');
	put_amount(w, broker, "available", account->available_minor, currency);
	put_amount(w, broker, "reserved", account->reserved_minor, currency);
	json_key(w, "currency");
	json_put_text(w, currency);
	json_close(w);
}

struct aicx_id
query_subject(const struct call *call, const struct account_query *query)
{
	return id_is_nil(&query->agent_id) ? call->who.agent_id
					   : query->agent_id;
}

const struct budget *
budget_of(
    struct broker *broker, const struct aicx_id *agent_id, const char *currency)
{
	const struct group *group =
	    state_group(&broker->state.budgets_of_agent, agent_id);

	for (size_t i = 0; i < group->n; i++) {
		const struct budget *budget =
		    state_budget(&broker->state, &group->ids[i]);
		if (currency == NULL ||
		    strcmp(budget->allocated.currency, currency) == 0)
			return budget;
	}
	return NULL;
}
