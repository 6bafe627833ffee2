/* SPDX-License-Identifier: Apache-2.0 */
/* outside.h - sellers that are servers of others, reached by a gateway. */
#ifndef BROKER_OUTSIDE_H
#define BROKER_OUTSIDE_H

#include "broker/inside.h"
#include "discovery/agent.h"

struct modules;
struct pass;

/* Which gateways speak which kind of endpoint. */
void outside_bind(struct broker *broker, const struct modules *modules);
/* For tests: the same by hand. */
void outside_bind_gateway(
    struct broker *broker, const struct aicx_gateway_ops *ops, void *state);
void outside_fini(struct broker *broker);

/* It has an endpoint that a gateway speaks, and no session. */
bool outside_is(struct broker *broker, const struct aicx_id *agent_id);
/* ... and it sells without being asked: the broker keeps its key, or it gave a
   standing offer. */
bool outside_sells(struct broker *broker, const struct agent *agent);
/* EXECUTE for such an agent: true when the work was handed on, or is with it
   already.  The letter stays the caller's. */
bool outside_takes(struct broker *broker, const struct letter *letter);
/* What was taken goes to its gateway. */
void outside_tick(struct broker *broker);
/* Nobody waits for this execution any more. */
void outside_recall(struct broker *broker, const struct aicx_id *execution_id);

/* Asks what is sold at an endpoint; done is called exactly once, perhaps before
   this returns, with a JSON object or the reason why there is none.  The
   reason has a word. */
typedef void described_fn(
    struct aicx_str description, const struct aicx_error *error, void *arg);
aicx_err outside_describe(struct broker *broker,
    const struct endpoint *endpoint, const struct pass *pass,
    described_fn *done, void *arg, struct aicx_error *reterr);
/* The first endpoint that has an address and a kind of others; or NULL. */
const struct endpoint *outside_endpoint(const struct field_list *endpoints);

/* What this execution's seller asks back, a JSON object; absent: nothing. */
struct aicx_str outside_question(
    struct broker *broker, const struct aicx_id *execution_id);
/* The same as the member "asks", or nothing. */
void outside_put_question(struct json_writer *w, struct broker *broker,
    const struct aicx_id *execution_id);
/* To a seller that asks; it may end the deal at once. */
void outside_answer(struct broker *broker, const struct aicx_id *execution_id,
    struct aicx_str answer);

/* host->errand_done, errand_progress, errand_ask and errand_pass. */
void errand_done(
    struct aicx_errand *errand, const struct aicx_errand_result *result);
aicx_err errand_progress(struct aicx_errand *errand, struct aicx_str progress);
aicx_err errand_ask(struct aicx_errand *errand, struct aicx_str question);
aicx_err errand_pass(
    const struct aicx_errand *errand, struct aicx_header *ret_header);

#endif
