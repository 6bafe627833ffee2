/* SPDX-License-Identifier: Apache-2.0 */
/*
 * deal.c - a purchase under way.
 *
 * The client's progress token makes us follow the deal by deal.watch; the
 * result waits until that has told all, so that progress comes before it.
 */
#include "deal.h"

#include "door.h"
#include "stream.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { WATCH_MS = 30000 };

/* --- its id -------------------------------------------------------------- */

static void
print_id(const uint8_t id[16], char ret_text[DEAL_ID_CHARS + 1])
{
	char *to = ret_text;

	for (int i = 0; i < 16; i++) {
		if (i == 4 || i == 6 || i == 8 || i == 10)
			*to++ = '-';
		(void)snprintf(to, 3, "%02x", id[i]);
		to += 2;
	}
}

void
deal_name(struct talk *talk)
{
	struct mcp *mcp = talk->mcp;
	uint8_t id[32];
	int64_t now_ms = mcp->host->wall_ms(mcp->self);
	uint8_t version = 0x70; /* RFC 9562: by time, */

	if (talk->key.ptr != NULL) {
		mcp->host->hmac_sha256(
		    mcp->self, talk->credential, talk->key, id);
		version = 0x80; /* or by what we like */
	} else {
		mcp->host->random(mcp->self, id, 16);
		for (int i = 0; i < 6; i++)
			id[i] = (uint8_t)(now_ms >> (40 - 8 * i));
	}
	id[6] = (uint8_t)((id[6] & 0x0f) | version);
	id[8] = (uint8_t)((id[8] & 0x3f) | 0x80);
	print_id(id, talk->deal_id);
}

/* --- watching ------------------------------------------------------------ */

static void watch(struct talk *talk, struct aicx_str after);

/* The answer that was held back. */
static void
deliver(struct talk *talk)
{
	const struct aicx_answer answer = {
		.size = sizeof answer,
		.status = talk->held_status,
		.retry_after_ms = -1,
		.body = bytes_view(&talk->held),
	};

	talk->watching = false;
	if (talk->held_status != 0)
		talk->then_bought(talk, &answer);
}

static void
put_member(struct print *out, const char *name, struct aicx_str value)
{
	if (value.ptr == NULL)
		return;
	print_key(out, name);
	print_raw(out, value);
}

static void
tell(struct talk *talk, struct aicx_str progress)
{
	struct aicx_str amount = slice_get(progress, "progress");
	struct print params = { 0 };
	char digits[64] = "";
	double value;

	if (amount.ptr == NULL || amount.len >= sizeof digits)
		return;
	memcpy(digits, amount.ptr, amount.len);
	value = strtod(digits, NULL);
	if (talk->told && value <= talk->progress)
		return;
	talk->told = true;
	talk->progress = value;
	print_open(&params, '{');
	put_member(&params, "progressToken", talk->token);
	put_member(&params, "progress", amount);
	put_member(&params, "total", slice_get(progress, "total"));
	put_member(&params, "message", slice_get(progress, "message"));
	print_close(&params, '}');
	stream_notify(
	    talk, "notifications/progress", bytes_view(&params.bytes));
	print_fini(&params);
}

static void
on_events(const struct aicx_answer *answer, void *arg)
{
	struct talk *talk = arg;
	struct slice_walk walk = { .text = slice_get(answer->body, "events") };
	struct aicx_str cursor = slice_get(answer->body, "cursor");
	struct aicx_str name, event;

	talk->watch_ticket = NULL;
	talk->watch_answered = true;
	if (talk->over || talk->closing)
		return;
	talk->depth++;
	while (answer->status < 400 && slice_next(&walk, &name, &event))
		tell(talk, slice_get(event, "progress"));
	if (answer->status >= 400 || cursor.ptr == NULL ||
	    text_same(slice_get(answer->body, "final"), TEXT("true")))
		deliver(talk);
	else
		watch(talk, cursor);
	talk_release(talk);
}

static void
watch(struct talk *talk, struct aicx_str after)
{
	struct print params = { 0 };

	print_open(&params, '{');
	print_key(&params, "deal_id");
	print_text(&params, talk->deal_id);
	put_member(&params, "after", after);
	print_key(&params, "wait_ms");
	print_number(&params, WATCH_MS);
	print_close(&params, '}');
	talk->watching = true;
	talk->watch_answered = false;
	unsigned number = ++talk->n_watches;
	struct aicx_ticket *ticket = talk_call_beside(
	    talk, "deal.watch", bytes_view(&params.bytes), on_events, talk);
	if (number == talk->n_watches && !talk->watch_answered)
		talk->watch_ticket = ticket;
	print_fini(&params);
}

void
deal_unwatch(struct talk *talk)
{
	if (talk->watch_ticket != NULL)
		talk->mcp->host->call_cancel(talk->watch_ticket);
	talk->watch_ticket = NULL;
	talk->watching = false;
}

/* --- buying -------------------------------------------------------------- */

static void
bought(struct talk *talk, const struct aicx_answer *answer)
{
	talk->buying = false;
	if (!talk->watching) {
		talk->then_bought(talk, answer);
		return;
	}
	talk->held_status = answer->status;
	bytes_clear(&talk->held);
	bytes_str(&talk->held, answer->body);
	if (answer->status >= 400) { /* perhaps there is no deal to end */
		deal_unwatch(talk);
		deliver(talk);
	}
}

void
deal_buy(struct talk *talk, struct aicx_str params, talk_then_fn *then)
{
	struct aicx_str meta = slice_get(talk->rpc.params_text, "_meta");

	talk->token = slice_get(meta, "progressToken");
	talk->then_bought = then;
	talk->buying = true;
	talk->depth++;
	talk_call(talk, "deal.buy", params, "", bought);
	if (talk->buying && !talk->over && talk->token.ptr != NULL &&
	    door_takes(talk->request, "text/event-stream"))
		watch(talk, (struct aicx_str) { NULL, 0 });
	talk_release(talk);
}

static void
on_cancelled(const struct aicx_answer *answer, void *arg)
{
	(void)answer, (void)arg; /* it may have been done already */
}

void
deal_abandon(struct talk *talk)
{
	struct print params = { 0 };

	if (!talk->buying)
		return;
	talk->buying = false;
	print_open(&params, '{');
	print_key(&params, "deal_id");
	print_text(&params, talk->deal_id);
	print_close(&params, '}');
	(void)talk_call_beside(
	    talk, "deal.cancel", bytes_view(&params.bytes), on_cancelled, NULL);
	print_fini(&params);
}
