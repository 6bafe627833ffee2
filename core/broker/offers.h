/* SPDX-License-Identifier: Apache-2.0 */
/* offers.h - offers as they come in, and the choice among them. */
#ifndef BROKER_OFFERS_H
#define BROKER_OFFERS_H

#include "broker/flow.h"
#include "negotiation/choose.h"

/* A provider's offer, made of its parts and checked; not recorded yet. */
struct offer_draft {
	struct offer offer;
	struct terms terms;
};

/*
 * Checks an offer for an intent: the deal takes offers, the provider sells the
 * need, has not offered yet, the terms can be priced, the most they can cost
 * fits, the object names them.  signed_text NULL: the broker makes and signs
 * the object with the provider's key in its keeping.
 */
aicx_err offer_prepare(struct broker *broker, const struct intent *intent,
    const struct aicx_id *provider_id, struct aicx_str terms_text,
    const struct signed_object *object, struct arena *mem,
    struct offer_draft *ret, struct aicx_error *reterr);
/* Terms come as a string holding the exact text, or as an object, whose own
   text it then is. */
aicx_err terms_text_of(struct call *call, struct aicx_str terms,
    struct aicx_str *ret_text, struct aicx_error *reterr);
/* The terms and what they cost at most; "invalid_params" when the broker cannot
   price them. */
aicx_err offer_price(struct broker *broker, struct aicx_str terms_text,
    int64_t max_units, struct arena *mem, struct terms *ret_terms,
    struct aicx_money *ret_price, struct aicx_error *reterr);

/* The same for an offer that was taken: a policy that the configuration has
   dropped since still counts. */
aicx_err offer_price_again(struct broker *broker, const struct offer *offer,
    int64_t max_units, struct arena *mem, struct terms *ret_terms,
    struct aicx_money *ret_price, struct aicx_error *reterr);

/* True when the agent has a standing offer for the need: it is recorded. */
bool offers_from_standing(struct broker *broker, const struct intent *intent,
    const struct agent *agent);
/* The same for a server outside whose key the broker keeps: at the price and
   the service of its entry. */
bool offers_from_listing(struct broker *broker, const struct intent *intent,
    const struct agent *agent);
/* Answers those who collect the offers of an open intent. */
void offers_collected(struct flow *flow);
void offers_put(struct broker *broker, const struct aicx_id *intent_id,
    struct json_writer *w);
/* After a restart: a new window for those who have not offered yet. */
void offers_reopen(struct flow *flow);

/* The candidates that count now; returns how many (at most cap). */
size_t offers_candidates(
    struct flow *flow, struct candidate *ret_list, size_t cap);

/* EXECUTE of an execution; the id of a letter follows from its attempt. */
struct letter *execute_letter(
    struct broker *broker, const struct execution *execution, int64_t attempt);
struct aicx_id execute_letter_id(
    const struct aicx_id *execution_id, int64_t attempt);

/* {"minor":n,"currency":"AIC"}: how hooks see money. */
void hook_put_money(struct json_writer *w, const struct aicx_money *money);

#endif
