/* SPDX-License-Identifier: Apache-2.0 */
/* balance.h - how amounts, accounts and budgets are found and told. */
#ifndef BROKER_BALANCE_H
#define BROKER_BALANCE_H

#include "broker/handlers.h"

/* A member with a decimal string. */
void put_amount(struct json_writer *w, struct broker *broker, const char *name,
    int64_t minor, const char *currency);
/* {available, reserved, currency} */
void put_balance(struct json_writer *w, struct broker *broker,
    const struct aicx_id *agent_id, const char *currency);

/* Questions about one agent's account or budget. */
struct account_query {
	PARAMS;
	struct aicx_id agent_id, budget_id;
	struct aicx_str currency, amount_json;
	struct aicx_money amount;
};
/* Whom it asks about: the caller where it does not say. */
struct aicx_id query_subject(
    const struct call *call, const struct account_query *query);

/* The agent's first budget in a currency (NULL: in any); NULL: none. */
const struct budget *budget_of(struct broker *broker,
    const struct aicx_id *agent_id, const char *currency);

#endif
