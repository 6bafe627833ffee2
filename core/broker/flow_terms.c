/* SPDX-License-Identifier: Apache-2.0 */
/*
 * flow_terms.c - what every execution under a contract needs of it, read and
 * printed once: its terms, and the text that goes to the seller.
 */
#include "base/err.h"
#include "base/id.h"
#include "broker/contracts.h"
#include "broker/flow.h"

static bool
keeps(const struct flow *flow, const struct contract *contract)
{
	return !id_is_nil(&flow->read_id) &&
	    id_eq(&flow->read_id, &contract->contract_id);
}

static void
keep(struct flow *flow, const struct contract *contract,
    const struct terms *terms)
{
	const struct currencies *currencies = &flow->broker->state.currencies;
	struct buf part = { 0 };
	struct json_writer w = json_writer(&part);

	contract_part_put(&w, contract);
	flow->read_id = (struct aicx_id) { { 0 } };
	arena_fini(&flow->mem);
	arena_start(
	    &flow->mem, part.len + field_copy_bytes(terms_fields, terms));
	flow->contract_part = arena_str(&flow->mem, buf_view(&part));
	buf_fini(&part);
	if (field_copy(terms_fields, terms, currencies, &flow->mem,
		&flow->terms, sizeof flow->terms, NULL) == AICX_OK)
		flow->read_id = contract->contract_id;
}

aicx_err
flow_terms(struct flow *flow, const struct contract *contract,
    struct arena *mem, struct terms *ret_terms, struct aicx_error *reterr)
{
	struct broker *broker = flow->broker;

	if (keeps(flow, contract)) {
		*ret_terms = flow->terms;
		return AICX_OK;
	}
	aicx_err err = terms_parse(arena_str(mem, contract->terms),
	    &broker->state.currencies, mem, ret_terms, reterr);
	if (err != AICX_OK)
		return err;
	if (contract->max_executions > 1)
		keep(flow, contract, ret_terms);
	terms_complete(ret_terms, &broker->terms_default);
	if (keeps(flow, contract))
		terms_complete(&flow->terms, &broker->terms_default);
	return AICX_OK;
}

struct aicx_str
flow_contract_part(const struct flow *flow, const struct contract *contract)
{
	return keeps(flow, contract) ? flow->contract_part
				     : (struct aicx_str) { NULL, 0 };
}
