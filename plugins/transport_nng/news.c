/* SPDX-License-Identifier: Apache-2.0 */
/* news.c - what is for everybody who listens. */
#include "news.h"

#include "conn.h"

#include <aiconexus/transport.h>
#include <stdlib.h>

enum { VOTES_MAX = 1024 };

struct vote {
	struct vote *next, **at;
	struct door *door;
	struct aicx_ticket *ticket;
	bool done;
};

size_t
news_announce(
    void *state, uint32_t kind, struct aicx_str topic, struct aicx_str text)
{
	struct door *door = state;
	enum pipe_kind line =
	    kind == AICX_NEWS_INTENT ? PIPE_INTENTS : PIPE_NEWS;
	struct bytes body = { 0 };
	uint8_t header[4];
	uint32_t number;

	door_look(door);
	if (!door->lines[line].is_open || door->n_conns[line] == 0)
		return 0;
	if (text.ptr == NULL)
		return door->n_conns[line];
	if (line == PIPE_INTENTS) {
		/* The survey's number, its highest bit set as NNG wants it. */
		number = ++door->n_surveys | 0x80000000u;
		for (int i = 0; i < 4; i++)
			header[i] = (uint8_t)(number >> (24 - 8 * i));
	} else {
		bytes_str(&body, topic);
		bytes_char(&body, ' ');
	}
	bytes_str(&body, text);
	if (body.failed ||
	    !door_send(door, line, header, line == PIPE_INTENTS ? 4 : 0,
		bytes_view(&body)))
		door->host->count(door->self, "news_dropped", 1);
	bytes_fini(&body);
	return door->n_conns[line];
}

static void
vote_free(struct vote *vote)
{
	*vote->at = vote->next;
	if (vote->next != NULL)
		vote->next->at = vote->at;
	vote->door->n_votes--;
	free(vote);
}

static void
on_judged(const struct aicx_answer *answer, void *arg)
{
	struct vote *vote = arg;
	struct door *door = vote->door;

	door->host->count(door->self,
	    answer->status < 300 ? "survey_answers" : "survey_refused", 1);
	vote->done = true;
	if (vote->ticket != NULL)
		vote_free(vote);
}

void
news_vote(struct door *door, struct aicx_str message)
{
	const struct aicx_call call = {
		.size = sizeof call,
		.method = door->take,
		.params = message,
		.address = TEXT("?:0"),
	};
	struct aicx_ticket *ticket = NULL;
	struct vote *vote;

	if (message.len == 0 || door->draining)
		return;
	vote = door->n_votes < VOTES_MAX ? calloc(1, sizeof *vote) : NULL;
	if (vote == NULL) {
		door->host->count(door->self, "survey_refused", 1);
		return;
	}
	vote->door = door;
	vote->at = &door->votes;
	vote->next = door->votes;
	if (vote->next != NULL)
		vote->next->at = &vote->next;
	door->votes = vote;
	door->n_votes++;
	door->host->call(door->self, &call, on_judged, vote, &ticket);
	if (vote->done)
		vote_free(vote);
	else
		vote->ticket = ticket;
}

void
news_forget(struct door *door)
{
	while (door->votes != NULL) {
		door->host->call_cancel(door->votes->ticket);
		vote_free(door->votes);
	}
}
