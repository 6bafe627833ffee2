/* SPDX-License-Identifier: Apache-2.0 */
/*
 * feed.c - what happens to a deal, for those who follow it: deal.watch.
 *
 * A feed begins with its first follower and stays for a while after the deal's
 * end, so that nobody who comes back between two questions misses anything.
 * It lives in memory only: who asks with a place from before a restart gets the
 * deal as it is now, and goes on from there.
 */
#include "broker/feed.h"

#include "base/err.h"
#include "base/id.h"
#include "base/mem.h"
#include "base/str.h"
#include "broker/flow.h"
#include "broker/handlers.h"
#include "broker/herald.h"
#include "broker/outside.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
	EVENTS_MAX = 64, /* of one deal; older ones are summed up */
	OVER_MS = 60000, /* how long a feed outlives its deal */
	WAIT_MAX_MS = 60000
};

struct event {
	uint64_t place; /* counts up from the feed's first record */
	struct buf text;
};

struct feed {
	struct list node; /* among those that are over, oldest first */
	struct aicx_id deal_id;
	struct event events[EVENTS_MAX]; /* a ring */
	size_t n, first;
	uint64_t last; /* place of the newest event */
	struct list waiters; /* calls: watch_node */
	int64_t over_ms; /* when it goes; 0: the deal is open */
};

static void
feed_free(struct broker *broker, struct feed *feed)
{
	LIST_EACH (node, &feed->waiters)
		list_remove(node);
	for (size_t i = 0; i < EVENTS_MAX; i++)
		buf_fini(&feed->events[i].text);
	list_remove(&feed->node);
	(void)map_remove_id(&broker->feeds, &feed->deal_id);
	free(feed);
}

void
feeds_fini(struct broker *broker)
{
	MAP_EACH (entry, &broker->feeds)
		feed_free(broker, entry->value);
	map_fini(&broker->feeds);
}

void
feeds_tick(struct broker *broker, int64_t now_ms)
{
	LIST_EACH (node, &broker->feeds_over) {
		struct feed *feed = LIST_ITEM(node, struct feed, node);
		if (now_ms < feed->over_ms) {
			broker_wake(broker, feed->over_ms);
			break;
		}
		feed_free(broker, feed);
	}
}

/* --- events
 * ------------------------------------------------------------------------- */

/* action NULL: the deal as it is; members: of "progress", or absent. */
static void
print_event(struct buf *out, struct broker *broker, const struct deal *deal,
    uint64_t place, const char *action, struct aicx_str members)
{
	struct json_writer w = json_writer(out);
	const struct execution_status *status =
	    state_execution_status(&broker->state, &deal->execution_id);
	char text[24];

	(void)snprintf(text, sizeof text, "%llu", (unsigned long long)place);
	json_open(&w, '{');
	json_key(&w, "cursor");
	json_put_text(&w, text);
	json_key(&w, "time");
	json_put_time(&w, broker_now(broker));
	if (action != NULL) {
		json_key(&w, "action");
		json_put_text(&w, action);
	}
	json_key(&w, "deal_id");
	json_put_id(&w, &deal->deal_id);
	json_key(&w, "state");
	json_put_text(&w, deal_state_names[deal->state]);
	if (status != NULL) {
		json_key(&w, "execution");
		json_open(&w, '{');
		json_key(&w, "execution_id");
		json_put_id(&w, &deal->execution_id);
		json_key(&w, "state");
		json_put_text(&w, execution_state_names[status->state]);
		json_key(&w, "attempts");
		json_put_int(&w, status->attempts);
		outside_put_question(&w, broker, &deal->execution_id);
		json_close(&w);
	}
	if (members.ptr != NULL) {
		json_key(&w, "progress");
		json_open(&w, '{');
		buf_str(out, members);
		json_close(&w);
	}
	json_close(&w);
}

static bool
is_over(const struct deal *deal)
{
	return deal_is_final((enum deal_state)deal->state);
}

/* What came after `after`; an event of its own for what is not known. */
static void
answer(struct call *call, const struct feed *feed, uint64_t after)
{
	const struct deal *deal =
	    state_deal(&call->broker->state, &feed->deal_id);
	const struct aicx_str none = { NULL, 0 };
	bool known =
	    after <= feed->last && after + feed->n >= feed->last && after > 0;
	struct reply reply;
	char text[24];

	(void)snprintf(
	    text, sizeof text, "%llu", (unsigned long long)feed->last);
	reply_begin(&reply, call);
	json_key(&reply.w, "events");
	json_open(&reply.w, '[');
	for (size_t i = 0; known && i < feed->n; i++) {
		const struct event *event =
		    &feed->events[(feed->first + i) % EVENTS_MAX];
		if (event->place > after)
			json_put_raw(&reply.w, buf_view(&event->text));
	}
	if (!known) {
		AUTO(buf_fini) struct buf now = { 0 };
		print_event(&now, call->broker, deal, feed->last, NULL, none);
		json_put_raw(&reply.w, buf_view(&now));
	}
	json_close(&reply.w);
	json_key(&reply.w, "cursor");
	json_put_text(&reply.w, text);
	json_key(&reply.w, "final");
	json_put_bool(&reply.w, is_over(deal));
	reply_send(&reply, 200);
}

/* Who is answered may ask again at once: only those who wait now. */
static void
answer_all(struct feed *feed)
{
	struct list now;

	list_init(&now);
	LIST_EACH (node, &feed->waiters) {
		list_remove(node);
		list_push(&now, node);
	}
	while (!list_empty(&now)) {
		struct call *call =
		    LIST_ITEM(now.next, struct call, watch_node);
		list_remove(&call->watch_node);
		answer(call, feed, feed->last - 1);
	}
}

/* Who listens is not known: what a seller says of the work stays here. */
static void
tell_all(struct broker *broker, const struct deal *deal, uint64_t place,
    const char *action)
{
	AUTO(buf_fini) struct buf text = { 0 };

	if (herald_listeners(broker, AICX_NEWS_DEAL) == 0)
		return;
	print_event(
	    &text, broker, deal, place, action, (struct aicx_str) { NULL, 0 });
	herald_tell(broker, AICX_NEWS_DEAL, "deal.",
	    str_of(id_text(&deal->deal_id).text), buf_view(&text));
}

static void
feed_add(struct broker *broker, struct feed *feed, const char *action,
    struct aicx_str members)
{
	const struct deal *deal = state_deal(&broker->state, &feed->deal_id);
	struct event *event;

	if (feed->n == EVENTS_MAX) {
		feed->first = (feed->first + 1) % EVENTS_MAX;
		feed->n--;
	}
	event = &feed->events[(feed->first + feed->n++) % EVENTS_MAX];
	event->place = ++feed->last;
	buf_clear(&event->text);
	print_event(&event->text, broker, deal, event->place, action, members);
	tell_all(broker, deal, event->place, action);
	answer_all(feed);
}

void
feed_note(
    struct broker *broker, const struct aicx_id *deal_id, const char *action)
{
	struct feed *feed;
	const struct deal *deal;

	if (map_len(&broker->feeds) == 0 ||
	    (feed = map_find_id(&broker->feeds, deal_id)) == NULL)
		return;
	deal = state_deal(&broker->state, deal_id);
	if (is_over(deal) && feed->over_ms == 0) {
		feed->over_ms = broker_now(broker) + OVER_MS;
		list_push(&broker->feeds_over, &feed->node);
		broker_wake(broker, feed->over_ms);
	}
	feed_add(broker, feed, action, (struct aicx_str) { NULL, 0 });
}

void
feed_progress(struct broker *broker, const struct aicx_id *deal_id,
    struct aicx_str members)
{
	struct feed *feed = map_find_id(&broker->feeds, deal_id);

	if (feed != NULL)
		feed_add(broker, feed, "execution.progress", members);
}

/* Places go on after a restart and after a feed went: they begin with the
   time. */
static struct feed *
feed_need(struct broker *broker, const struct deal *deal)
{
	struct feed *feed = map_find_id(&broker->feeds, &deal->deal_id);

	if (feed != NULL)
		return feed;
	feed = MEM_NEW(struct feed);
	feed->deal_id = deal->deal_id;
	feed->last = (uint64_t)broker_now(broker) * 1000;
	list_init(&feed->node);
	list_init(&feed->waiters);
	(void)map_put_id(&broker->feeds, &feed->deal_id, feed);
	if (is_over(deal)) {
		feed->over_ms = broker_now(broker) + OVER_MS;
		list_push(&broker->feeds_over, &feed->node);
		broker_wake(broker, feed->over_ms);
	}
	return feed;
}

/* --- the methods
 * -------------------------------------------------------------------- */

struct watch {
	PARAMS;
	struct aicx_id deal_id;
	struct aicx_str after;
	int64_t wait_ms;
};

const struct field deal_watch_params[] = {
	PARAMS_METHOD(struct watch),
	FIELD(struct watch, deal_id, "deal_id", FIELD_ID,
	    .flags = FIELDF_REQUIRED, .help = "Which deal."),
	FIELD(struct watch, after, "after", FIELD_STR, .max = 24,
	    .help = "The last answer's cursor; absent: the deal as it is."),
	FIELD(struct watch, wait_ms, "wait_ms", FIELD_INT, .min = 0,
	    .max = WAIT_MAX_MS, .fallback = WAIT_MAX_MS / 2,
	    .help = "How long to wait for something new."),
	FIELD_END,
};
PARAMS_SIZE(deal_watch, watch);

static aicx_err
watch_ends(struct call *call, struct aicx_error *reterr)
{
	struct feed *feed = map_find_id(&call->broker->feeds, &call->subject);

	(void)reterr;
	list_remove(&call->watch_node);
	answer(call, feed, feed->last);
	return AICX_OK;
}

static aicx_err
parse_place(
    struct aicx_str text, uint64_t *ret_place, struct aicx_error *reterr)
{
	uint64_t place = 0;

	for (size_t i = 0; i < text.len; i++) {
		if (text.ptr[i] < '0' || text.ptr[i] > '9' || i == 18)
			return err_field(reterr, AICX_EINVAL, "invalid_params",
			    "/after", "\"after\" is no cursor of an answer");
		place = place * 10 + (uint64_t)(text.ptr[i] - '0');
	}
	*ret_place = place;
	return AICX_OK;
}

aicx_err
on_deal_watch(struct call *call, const void *params, struct aicx_error *reterr)
{
	struct broker *broker = call->broker;
	const struct watch *watch = params;
	const struct deal *deal = deal_shown(call, &watch->deal_id);
	uint64_t after = 0;
	aicx_err err = parse_place(watch->after, &after, reterr);

	if (err != AICX_OK)
		return err;
	if (deal == NULL)
		return not_found("deal", &watch->deal_id, reterr);
	struct feed *feed = feed_need(broker, deal);
	if (after != feed->last || is_over(deal) || watch->wait_ms == 0) {
		answer(call, feed, after);
		return AICX_OK;
	}
	call->subject = watch->deal_id;
	call->resume = watch_ends;
	call->due_ms = broker_now(broker) + watch->wait_ms;
	list_push(&broker->calls, &call->node);
	list_push(&feed->waiters, &call->watch_node);
	broker_wake(broker, call->due_ms);
	return AICX_OK;
}

struct progress {
	PARAMS;
	struct aicx_id execution_id;
	struct aicx_str progress, total, message, data;
};

const struct field progress_params[] = {
	PARAMS_METHOD(struct progress),
	FIELD(struct progress, execution_id, "execution_id", FIELD_ID,
	    .flags = FIELDF_REQUIRED, .help = "Which work."),
	FIELD(struct progress, progress, "progress", FIELD_JSON, .max = 32,
	    .help = "How far it is, a number that grows."),
	FIELD(struct progress, total, "total", FIELD_JSON, .max = 32,
	    .help = "What the number will be at the end."),
	FIELD(struct progress, message, "message", FIELD_STR, .max = 1024,
	    .help = "For people."),
	FIELD(struct progress, data, "data", FIELD_JSON, .max = 65536,
	    .help = "For programs: a part of the result, a log line."),
	FIELD_END,
};
PARAMS_SIZE(progress, progress);

static bool
is_number(struct aicx_str json)
{
	return json.ptr == NULL || json.ptr[0] == '-' ||
	    (json.ptr[0] >= '0' && json.ptr[0] <= '9');
}

static void
tell_progress(struct broker *broker, struct aicx_id deal_id,
    const struct progress *progress)
{
	AUTO(buf_fini) struct buf members = { 0 };
	struct json_writer w = json_writer(&members);

	json_open(&w, '{');
	field_print(progress_params + 2, progress, NULL, &w);
	if (map_find_id(&broker->feeds, &deal_id) != NULL)
		flow_record_start(broker, &deal_id); /* somebody looks */
	feed_progress(broker, &deal_id,
	    (struct aicx_str) { members.ptr + 1, members.len - 1 });
}

aicx_err
feed_take_progress(struct broker *broker, const struct aicx_id *deal_id,
    struct aicx_str object, struct arena *mem)
{
	struct json *doc = arena_new(mem, sizeof *doc);
	struct progress progress = { .data = { NULL, 0 } };
	aicx_err err = json_parse(object, mem, doc, NULL);

	if (err == AICX_OK)
		err = field_parse(progress_params + 2, json_root(doc), NULL,
		    true, mem, &progress, sizeof progress, NULL);
	if (err != AICX_OK || !is_number(progress.progress) ||
	    !is_number(progress.total))
		return AICX_EINVAL;
	tell_progress(broker, *deal_id, &progress);
	return AICX_OK;
}

aicx_err
on_progress(struct call *call, const void *params, struct aicx_error *reterr)
{
	struct broker *broker = call->broker;
	const struct progress *progress = params;
	const struct execution *execution =
	    state_execution(&broker->state, &progress->execution_id);
	struct reply reply;

	if (execution == NULL)
		return not_found("execution", &progress->execution_id, reterr);
	aicx_err err = must_act_for(call, &execution->provider_id, reterr);
	if (err != AICX_OK)
		return err;
	if (!is_number(progress->progress) || !is_number(progress->total))
		return err_field(reterr, AICX_EINVAL, "invalid_params",
		    "/progress", "\"progress\" and \"total\" are numbers");
	const struct execution_status *status =
	    state_execution_status(&broker->state, &progress->execution_id);
	if (status->state != EXECUTION_IN_PROGRESS)
		return err_word(reterr, AICX_ESTATE, "wrong_state",
		    "execution is not under way");
	tell_progress(broker, execution->deal_id, progress);
	reply_begin(&reply, call);
	json_key(&reply.w, "execution_id");
	json_put_id(&reply.w, &progress->execution_id);
	reply_send(&reply, 200);
	return AICX_OK;
}
