/* SPDX-License-Identifier: Apache-2.0 */
/* reply.c - what handlers share: answers, and who may see what. */
#include "base/broken.h"
#include "base/err.h"
#include "base/id.h"
#include "broker/flow.h"
#include "broker/handlers.h"
#include "broker/rights.h"

void
reply_begin(struct reply *reply, struct call *call)
{
	reply->call = call;
	reply->buf = (struct buf) { NULL, 0, 0 };
	reply->w = json_writer(&reply->buf);
	json_open(&reply->w, '{');
}

void
reply_send(struct reply *reply, int status)
{
	json_close(&reply->w);
	call_answer(reply->call, status, buf_view(&reply->buf));
	buf_fini(&reply->buf);
}

struct json_writer
step_reply(struct step *step)
{
	struct json_writer w = json_writer(&step->answer);

	json_open(&w, '{');
	return w;
}

aicx_err
not_found(const char *noun, const struct aicx_id *id, struct aicx_error *reterr)
{
	return err_word(reterr, AICX_ENOTFOUND, "not_found", "no %s \"%s\"",
	    noun, id_text(id).text);
}

bool
may_see(const struct call *call, const struct deal *deal)
{
	return role_sees_all(call->who.role) || broken("see_all") ||
	    rights_over(call, &deal->requester_id) ||
	    (!id_is_nil(&deal->provider_id) &&
		rights_over(call, &deal->provider_id));
}

const struct deal *
deal_shown(const struct call *call, const struct aicx_id *deal_id)
{
	struct broker *broker = call->broker;
	const struct deal *deal = state_deal(&broker->state, deal_id);

	if (deal == NULL || !may_see(call, deal))
		return NULL;
	const struct aicx_id id = *deal_id; /* of a row that may be replaced */
	flow_record_start(broker, &id);
	return state_deal(&broker->state, &id);
}

aicx_err
must_act_for(const struct call *call, const struct aicx_id *agent_id,
    struct aicx_error *reterr)
{
	if (rights_over(call, agent_id))
		return AICX_OK;
	return err_word(reterr, AICX_EDENIED, "denied",
	    "caller does not act for agent \"%s\"", id_text(agent_id).text);
}

aicx_err
must_see_agent(const struct call *call, const struct aicx_id *agent_id,
    struct aicx_error *reterr)
{
	if (role_sees_all(call->who.role))
		return AICX_OK;
	return must_act_for(call, agent_id, reterr);
}
