/* SPDX-License-Identifier: Apache-2.0 */
/* deal_page.c - one page of what belongs to an agent's deals. */
#include "broker/deal_page.h"

#include "base/id.h"
#include "broker/flow.h"

aicx_err
deal_page(struct call *call, const struct deal_page *page, const void *params,
    struct aicx_error *reterr)
{
	const struct state *state = &call->broker->state;
	struct aicx_id agent_id =
	    id_is_nil(&page->agent_id) ? call->who.agent_id : page->agent_id;
	aicx_err err = must_see_agent(call, &agent_id, reterr);
	struct aicx_id ids[LIST_LOOKS_MAX];
	struct aicx_id last = page->cursor;
	struct reply reply;
	int64_t n = 0;
	size_t i = 0;

	if (err != AICX_OK)
		return err;
	size_t n_ids =
	    state_deals(state, &agent_id, &last, ids, LIST_LOOKS_MAX);
	reply_begin(&reply, call);
	json_key(&reply.w, page->name);
	json_open(&reply.w, '[');
	for (; i < n_ids && n < page->limit; i++) {
		flow_record_start(call->broker, &ids[i]);
		const struct deal *deal = state_deal(state, &ids[i]);
		last = ids[i];
		n += deal != NULL && page->put(&reply, deal, params);
	}
	json_close(&reply.w);
	if (i < n_ids || n_ids == LIST_LOOKS_MAX) {
		json_key(&reply.w, "cursor");
		json_put_id(&reply.w, &last);
	}
	reply_send(&reply, 200);
	return AICX_OK;
}
