/* SPDX-License-Identifier: Apache-2.0 */
/*
 * member.c - agents as they are reached now: by an open session, or at their
 * mailbox.
 *
 * A kept letter is sent again with backoff until it is acknowledged, answered
 * or expired.  Nothing here is recorded: what must survive a crash follows from
 * the open deals, and is sent again from them.
 */
#include "base/err.h"
#include "base/id.h"
#include "base/mem.h"
#include "base/str.h"
#include "broker/outside.h"
#include "protocol/problem.h"

#include <stdlib.h>
#include <string.h>

enum {
	RESEND_FIRST_MS = 2000,
	RESEND_MAX_MS = 30000,
	SEEN_MS = 5000, /* how long a poll keeps a letter from the next one */
	POLL_LETTERS_MAX = 64
};

struct letter *
letter_made(const struct aicx_id *to, enum msg_type type,
    const struct aicx_id *id, const struct aicx_id *correlation_id,
    struct buf *payload)
{
	struct letter *letter = MEM_NEW(struct letter);

	list_init(&letter->node);
	letter->to = *to;
	letter->type = type;
	letter->id = *id;
	if (correlation_id != NULL)
		letter->correlation_id = *correlation_id;
	letter->payload_len = payload->len;
	letter->payload = buf_take(payload);
	return letter;
}

struct letter *
letter_new(const struct aicx_id *to, enum msg_type type,
    const struct aicx_id *id, const struct aicx_id *correlation_id,
    struct aicx_str payload)
{
	struct buf copy = { 0 };

	buf_str(&copy, payload);
	return letter_made(to, type, id, correlation_id, &copy);
}

void
letter_free(struct letter *letter)
{
	if (letter == NULL)
		return;
	list_remove(&letter->node);
	free(letter->payload);
	free(letter);
}

struct member *
member_find(struct broker *broker, const struct aicx_id *id)
{
	return map_find_id(&broker->members, id);
}

struct member *
member_need(struct broker *broker, const struct aicx_id *id)
{
	struct member *member = member_find(broker, id);

	if (member != NULL)
		return member;
	member = MEM_NEW(struct member);
	member->agent_id = *id;
	list_init(&member->letters);
	list_init(&member->polls);
	(void)map_put_id(&broker->members, &member->agent_id, member);
	return member;
}

void
member_free(struct member *member)
{
	LIST_EACH (node, &member->letters)
		letter_free(LIST_ITEM(node, struct letter, node));
	free(member);
}

void
member_seen(struct member *member, int64_t now_ms, int64_t lease_ms)
{
	member->lease_ms = now_ms + lease_ms;
}

bool
member_is_there(const struct member *member, int64_t now_ms)
{
	if (member == NULL)
		return false;
	return member->peer != NULL ||
	    (member->polls_mail && now_ms < member->lease_ms);
}

static void
letter_due(struct broker *broker, int64_t at_ms)
{
	if (broker->letters_ms == 0 || at_ms < broker->letters_ms)
		broker->letters_ms = at_ms;
	broker_wake(broker, at_ms);
}

static struct envelope_head
letter_head(struct broker *broker, const struct letter *letter)
{
	const struct aicx_str absent = { NULL, 0 };

	return (struct envelope_head) {
		.traceparent =
		    letter->trace[0] != '\0' ? str_of(letter->trace) : absent,
		.id = letter->id,
		.sender_id = broker->keys.broker_id,
		.receiver_id = letter->to,
		.correlation_id = letter->correlation_id,
		.type = letter->type,
		.timestamp_ms = broker_now(broker),
		.expires_ms = letter->expires_ms,
	};
}

static bool
forward(struct member *member, const struct letter *letter)
{
	struct envelope env;
	struct aicx_str text = { letter->payload, letter->payload_len };

	if (envelope_split(text, text.len, &env, NULL) != AICX_OK)
		return false;
	return peer_forward(member->peer, &env);
}

static void
send_now(struct broker *broker, struct member *member, struct letter *letter)
{
	struct envelope_head head = letter_head(broker, letter);
	int64_t wait_ms = (int64_t)RESEND_FIRST_MS << letter->n_sent;

	if (letter->forwarded)
		(void)forward(member, letter);
	else
		(void)peer_send(member->peer, &head,
		    (struct aicx_str) { letter->payload, letter->payload_len });
	if (letter->n_sent < 8)
		letter->n_sent++;
	if (wait_ms > RESEND_MAX_MS)
		wait_ms = RESEND_MAX_MS;
	letter->resend_ms = broker_now(broker) + wait_ms;
	if (letter->keep)
		letter_due(broker, letter->resend_ms);
}

static void
wake_polls(struct broker *broker, struct member *member)
{
	LIST_EACH (node, &member->polls) {
		struct call *call = LIST_ITEM(node, struct call, peer_node);
		if (!member_poll(broker, member, call))
			break;
	}
}

/* Takes the letter over: sends it, keeps it, or frees it. */
void
member_send(struct broker *broker, struct letter *letter)
{
	struct member *member;

	if (outside_takes(broker, letter)) {
		letter_free(letter);
		return;
	}
	member = letter->keep ? member_need(broker, &letter->to)
			      : member_find(broker, &letter->to);

	if (member != NULL && member->peer != NULL)
		send_now(broker, member, letter);
	if (member == NULL || !letter->keep) {
		letter_free(letter);
		return;
	}
	if (member->n_letters >= (size_t)broker->settings->mailbox_max) {
		log_warn(broker->log, "mailbox.full",
		    KV("agent", id_text(&member->agent_id).text));
		letter_free(letter);
		return;
	}
	list_push(&member->letters, &letter->node);
	member->n_letters++;
	if (letter->expires_ms > 0)
		letter_due(broker, letter->expires_ms);
	wake_polls(broker, member);
}

static void
send_posted(void *arg)
{
	struct letter *letter = arg;

	list_remove(&letter->node);
	member_send(letter->broker, letter);
}

void
letter_post(struct broker *broker, struct letter *letter)
{
	letter->broker = broker;
	list_push(&broker->posted, &letter->node);
	journal_after(broker->journal, send_posted, letter);
}

static void
drop(struct member *member, struct letter *letter)
{
	member->n_letters--;
	letter_free(letter);
}

bool
member_ack(struct broker *broker, const struct aicx_id *agent_id,
    const struct aicx_id *letter_id, bool answered, struct letter *ret_copy)
{
	struct member *member = member_find(broker, agent_id);

	if (member == NULL)
		return false;
	LIST_EACH (node, &member->letters) {
		struct letter *letter = LIST_ITEM(node, struct letter, node);
		if (!id_eq(&letter->id, letter_id))
			continue;
		if (ret_copy != NULL)
			*ret_copy = *letter;
		/* Work that is only received is sent again to a new session. */
		if (answered || letter->type != MSG_EXECUTE)
			drop(member, letter);
		else
			letter->acked = true;
		return true;
	}
	return false;
}

void
member_drop_subject(struct broker *broker, const struct aicx_id *agent_id,
    const struct aicx_id *subject)
{
	struct member *member = member_find(broker, agent_id);

	outside_recall(broker, subject);
	if (member == NULL)
		return;
	LIST_EACH (node, &member->letters) {
		struct letter *letter = LIST_ITEM(node, struct letter, node);
		if (id_eq(&letter->subject, subject))
			drop(member, letter);
	}
}

/* A new session: everything that waits goes out. */
void
member_flush(struct broker *broker, struct member *member)
{
	LIST_EACH (node, &member->letters) {
		struct letter *letter = LIST_ITEM(node, struct letter, node);
		letter->acked = false;
		send_now(broker, member, letter);
	}
}

/* A message between agents that was not fetched in time: its sender is told. */
static void
give_up(struct broker *broker, const struct letter *letter)
{
	struct aicx_str text = { letter->payload, letter->payload_len };
	struct aicx_error error = { 0 };
	struct buf body = { 0 };
	struct json_writer w = json_writer(&body);
	struct aicx_id id = broker_new_id(broker);
	struct envelope env;

	if (envelope_split(text, text.len, &env, NULL) != AICX_OK ||
	    envelope_scan(&env, NULL) != AICX_OK)
		return;
	(void)err_word(&error, AICX_ETIMEDOUT, "expired",
	    "receiver did not fetch the message in time");
	problem_put(&w, &error, (struct aicx_str) { NULL, 0 }, -1);
	letter_post(broker,
	    letter_new(
		&env.sender_id, MSG_ERROR, &id, &env.id, buf_view(&body)));
	buf_fini(&body);
}

static int64_t
tick_one(struct broker *broker, struct member *member, int64_t now_ms)
{
	int64_t next_ms = INT64_MAX;

	LIST_EACH (node, &member->letters) {
		struct letter *letter = LIST_ITEM(node, struct letter, node);
		if (letter->expires_ms > 0 && now_ms >= letter->expires_ms) {
			if (letter->forwarded && !letter->acked)
				give_up(broker, letter);
			drop(member, letter);
			continue;
		}
		if (member->peer != NULL && !letter->acked &&
		    now_ms >= letter->resend_ms)
			send_now(broker, member, letter);
		if (letter->expires_ms > 0 && letter->expires_ms < next_ms)
			next_ms = letter->expires_ms;
		if (member->peer != NULL && !letter->acked &&
		    letter->resend_ms < next_ms)
			next_ms = letter->resend_ms;
	}
	return next_ms;
}

void
member_tick(struct broker *broker, int64_t now_ms)
{
	int64_t next_ms = INT64_MAX;

	if (broker->letters_ms == 0 || now_ms < broker->letters_ms)
		return;
	broker->letters_ms = 0;
	MAP_EACH (entry, &broker->members) {
		struct member *member = entry->value;
		if (member->n_letters == 0)
			continue;
		int64_t at_ms = tick_one(broker, member, now_ms);
		if (at_ms < next_ms)
			next_ms = at_ms;
	}
	if (next_ms != INT64_MAX)
		letter_due(broker, next_ms);
}

static void
print_for_mailbox(struct broker *broker, struct member *member,
    struct letter *letter, struct buf *buf)
{
	struct aicx_str payload = { letter->payload, letter->payload_len };
	struct envelope_head head = letter_head(broker, letter);
	struct envelope env;
	struct id_text key = { "" };

	if (member->mac != NULL)
		key = id_text(&member->mac->credential_id);
	if (letter->forwarded) {
		if (envelope_split(payload, payload.len, &env, NULL) != AICX_OK)
			return;
		if (env.signature.alg == ALG_ED25519 || member->mac == NULL)
			buf_str(buf, payload);
		else
			envelope_resign_mac(
			    buf, &env, member->mac->out, str_of(key.text));
		return;
	}
	envelope_print(buf, &head, payload);
	if (member->mac != NULL)
		envelope_sign_mac(buf, 0, member->mac->out, str_of(key.text));
	else
		envelope_sign_key(buf, 0, broker->key);
}

bool
member_poll(struct broker *broker, struct member *member, struct call *call)
{
	struct buf body = { 0 };
	struct json_writer w = json_writer(&body);
	int64_t now_ms = broker_now(broker);
	int n = 0;
	bool ends;

	json_open(&w, '{');
	json_key(&w, "messages");
	json_open(&w, '[');
	LIST_EACH (node, &member->letters) {
		struct letter *letter = LIST_ITEM(node, struct letter, node);
		if (letter->acked || now_ms < letter->seen_ms + SEEN_MS ||
		    n == POLL_LETTERS_MAX)
			continue;
		buf_clear(&broker->envelope);
		print_for_mailbox(broker, member, letter, &broker->envelope);
		json_put_str(&w, buf_view(&broker->envelope));
		letter->seen_ms = now_ms;
		n++;
	}
	json_close(&w);
	json_close(&w);
	ends = n > 0 || now_ms >= call->due_ms;
	if (ends) {
		/* The answer may wait for the disk; the next letter must not
		   find this call waiting for it. */
		if (call->resume != NULL)
			list_remove(&call->peer_node);
		call_answer(call, 200, buf_view(&body));
	}
	buf_fini(&body);
	return ends;
}
