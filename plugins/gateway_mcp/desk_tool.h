/* SPDX-License-Identifier: Apache-2.0 */
/* desk_tool.h - the broker's own tools one by one, and what most of them do. */
#ifndef DESK_TOOL_H
#define DESK_TOOL_H

#include "talk.h"

void desk_search_agents(struct talk *talk);
void desk_get_agent(struct talk *talk);
void desk_request_offers(struct talk *talk);
void desk_accept_offer(struct talk *talk);
void desk_execute(struct talk *talk);
void desk_get_execution(struct talk *talk);
void desk_get_budget(struct talk *talk);
void desk_verify_deal(struct talk *talk);

/* Gives the answer of a wire call as it is, or says what went wrong. */
void desk_told(struct talk *talk, const struct aicx_answer *answer);
/* An argument under the name it has on the wire, when it is there. */
void desk_put_argument(const struct talk *talk, struct print *params,
    const char *argument, const char *param);
/* A call with one such argument. */
void desk_ask(struct talk *talk, const char *method, const char *argument,
    const char *param, const char *step, talk_then_fn *then);
/* The argument's text, or NULL. */
const char *desk_string(const struct talk *talk, const char *name);

#endif
