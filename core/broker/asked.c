/* SPDX-License-Identifier: Apache-2.0 */
/* asked.c - who waits for a partner's answer, by the question's sender and
   id. */
#include "broker/asked.h"

#include "base/err.h"
#include "base/id.h"

enum { WAIT_MS_MAX = 60000 };

struct question {
	struct aicx_id sender, id;
};

static struct aicx_str
key_of(const struct question *question)
{
	return (struct aicx_str) { (const char *)question, sizeof *question };
}

static aicx_err
asked_ends(struct call *call, struct aicx_error *reterr)
{
	(void)call;
	return err_word(
	    reterr, AICX_EAGAIN, "expired", "receiver did not answer in time");
}

bool
asked_begin(struct call *call, const struct envelope *question)
{
	struct broker *broker = call->broker;
	struct question *key = arena_new(&call->mem, sizeof *key);
	int64_t now_ms = broker_now(broker);

	*key = (struct question) { question->sender_id, question->id };
	if (question->type != MSG_QUERY || question->expires_ms <= now_ms ||
	    map_find(&broker->asked, key_of(key)) != NULL)
		return false;
	call->asked = true;
	call->subject = question->receiver_id;
	call->resume = asked_ends;
	call->due_ms = question->expires_ms < now_ms + WAIT_MS_MAX
	    ? question->expires_ms
	    : now_ms + WAIT_MS_MAX;
	(void)map_put(&broker->asked, key_of(key), call); /* key in call->mem */
	list_push(&broker->calls, &call->node);
	broker_wake(broker, call->due_ms);
	return true;
}

bool
asked_answered(struct broker *broker, const struct envelope *answer)
{
	struct question key = { answer->receiver_id, answer->correlation_id };
	struct call *call;

	if ((answer->type != MSG_RESULT && answer->type != MSG_ERROR) ||
	    map_len(&broker->asked) == 0)
		return false;
	call = map_find(&broker->asked, key_of(&key));
	if (call == NULL || !id_eq(&call->subject, &answer->sender_id))
		return false;
	call_forward(call, answer);
	return true;
}

void
asked_forget(struct call *call)
{
	struct question key = { call->sender, call->message_id };

	if (!call->asked)
		return;
	call->asked = false;
	(void)map_remove(&call->broker->asked, key_of(&key));
}
