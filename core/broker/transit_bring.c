/* SPDX-License-Identifier: Apache-2.0 */
/*
 * transit_bring.c - payers without money here: payment plugins beside the
 * broker's own, and what their captures bring into the ledger.
 *
 * Such a plugin pays for one party, whose account it deals under.  A capture
 * that is done has brought its amount from outside, so it becomes funds of the
 * party in a record before the one that pays the seller with it: what the party
 * has available is the same after as before the deal.
 */
#include <string.h>

#include "base/id.h"
#include "base/str.h"
#include "broker/transit.h"
#include "module/module.h"

enum { REFERENCE_BYTES_MAX = 256 };

void
payers_bind_one(
    struct broker *broker, const struct aicx_payment_ops *ops, void *state)
{
	if (!AICX_HAS(ops, struct aicx_payment_ops, pays_for))
		return;
	if (broker->n_payers == PAYERS_MAX) {
		log_warn(broker->log, "payment.unused",
		    KV("reason", "too many plugins pay for parties of theirs"));
		return;
	}
	broker->payers[broker->n_payers++] = (struct payer) { ops, state };
}

void
payers_bind(struct broker *broker, const struct modules *modules)
{
	for (size_t i = 0; i < modules_len(modules); i++) {
		struct module *module = modules_at(modules, i);
		if (module_plugin(module)->kind == AICX_PAYMENT)
			payers_bind_one(
			    broker, module_ops(module), module_state(module));
	}
}

struct payer
payer_of(const struct broker *broker, const struct aicx_id *party)
{
	for (size_t i = 0; i < broker->n_payers; i++) {
		const struct payer *payer = &broker->payers[i];
		if (payer->ops->pays_for(payer->state, party))
			return *payer;
	}
	return (struct payer) { broker->payment, broker->payment_state };
}

/* The same one for the same capture, so that it is booked once. */
static struct aicx_id
fund_id(const struct aicx_id *capture_id)
{
	uint8_t hash[HASH_BYTES];

	sha256_two(STR("brought by capture "), id_bytes(capture_id), hash);
	return id_v8(hash);
}

bool
transit_bring(struct broker *broker, const struct payment *capture,
    const struct aicx_pay_result *result)
{
	struct aicx_id id;
	struct aicx_error error = { 0 };

	if (capture->op != PAYMENT_CAPTURE || capture->amount.minor == 0 ||
	    (payer_of(broker, &capture->party).ops->flags & AICX_PAY_BRINGS) ==
		0)
		return true;
	id = fund_id(&capture->payment_id);
	if (state_payment(&broker->state, &id) != NULL)
		return true;
	struct step *step = step_begin(
	    broker, "payment.receive", &broker->keys.broker_id, NULL);
	struct payment fund = {
		.payment_id = id,
		.op = PAYMENT_FUND,
		.state = PAYMENT_DONE,
		.party = capture->party,
		.of = capture->payment_id,
		.deal_id = capture->deal_id,
		.execution_id = capture->execution_id,
		.amount = capture->amount,
		.asked_ms = capture->asked_ms,
		.known_ms = step->now_ms,
	};
	if (result->reference.len <= REFERENCE_BYTES_MAX &&
	    str_is_utf8(result->reference))
		fund.reference = result->reference;
	step_put(step, T_PAYMENT, &fund);
	step_move(step, TRANSFER_FUND, &id, &ledger_funding, COLUMN_AVAILABLE,
	    &capture->party, COLUMN_AVAILABLE, &capture->amount, NULL, NULL,
	    fund.reference);
	if (step_commit(step, &error) == AICX_OK)
		return true;
	log_error(broker->log, "payment.stuck",
	    KV("payment", id_text(&capture->payment_id).text),
	    KV("reason", error.text));
	return false;
}
