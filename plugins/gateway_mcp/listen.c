/* SPDX-License-Identifier: Apache-2.0 */
/*
 * listen.c - clients that want to be told when what is sold changes.
 *
 * Each stays on a stream of its own.  The host counts the changes of its
 * catalog; that count is looked at while somebody listens, so many changes at
 * once are told as one.
 */
#include "listen.h"

#include "stream.h"

#include <string.h>

enum { LOOK_MS = 250, KEEP_ALIVE_MS = 15000, URIS_MAX = 64 };

#define SUBSCRIPTION "\"io.modelcontextprotocol/subscriptionId\":"
#define AGENTS "aiconexus://agents"

/* --- what it is told ------------------------------------------------- */

/* {"_meta":{its subscription}, */
static void
params_begin(const struct talk *talk, struct print *out)
{
	print_open(out, '{');
	print_key(out, "_meta");
	print_open(out, '{');
	print_key(out, "io.modelcontextprotocol/subscriptionId");
	print_raw(out, talk->rpc.id);
	print_close(out, '}');
}

static void
tell(struct talk *talk, const char *method, const char *uri)
{
	struct print params = { 0 };

	params_begin(talk, &params);
	if (uri != NULL) {
		print_key(&params, "uri");
		print_text(&params, uri);
	}
	print_close(&params, '}');
	stream_notify(talk, method, bytes_view(&params.bytes));
	print_fini(&params);
}

static void
tell_change(struct talk *talk)
{
	const json_t *uris = talk->listening;

	if (talk->hears_tools)
		tell(talk, "notifications/tools/list_changed", NULL);
	if (talk->hears_resources)
		tell(talk, "notifications/resources/list_changed", NULL);
	for (size_t i = 0; i < json_array_size(uris); i++)
		tell(talk, "notifications/resources/updated",
		    json_string_value(json_array_get(uris, i)));
}

/* --- looking --------------------------------------------------------- */

typedef void each_fn(struct talk *talk);

/* How many listen; each may end its talk. */
static size_t
for_each(struct mcp *mcp, each_fn *each)
{
	size_t n = 0;

	for (size_t i = 0; i < MCP_BUCKETS; i++) {
		struct talk *next;

		for (struct talk *talk = mcp->talks[i]; talk != NULL;
		     talk = next) {
			next = talk->next;
			if (talk->listening == NULL || talk->closing)
				continue;
			n++;
			each(talk);
		}
	}
	return n;
}

static void
nothing(struct talk *talk)
{
	(void)talk;
}

static void
on_look(void *arg)
{
	struct mcp *mcp = arg;
	const struct aicx_host *host = mcp->host;
	int64_t now_ms = host->now_ms(mcp->self);
	int64_t version = host->catalog_version(mcp->self);
	each_fn *each = nothing;

	if (version != mcp->heard) {
		each = tell_change;
		mcp->comment_ms = now_ms + KEEP_ALIVE_MS;
	} else if (now_ms >= mcp->comment_ms) {
		each = stream_comment;
		mcp->comment_ms = now_ms + KEEP_ALIVE_MS;
	}
	mcp->heard = version;
	mcp->looks = for_each(mcp, each) > 0;
	if (mcp->looks)
		host->timer_set(mcp->look, LOOK_MS);
}

static bool
look(struct mcp *mcp)
{
	const struct aicx_host *host = mcp->host;

	if (mcp->look == NULL &&
	    host->timer_new(mcp->self, on_look, mcp, &mcp->look) != AICX_OK)
		return false;
	if (mcp->looks)
		return true;
	mcp->looks = true;
	mcp->heard = host->catalog_version(mcp->self);
	mcp->comment_ms = host->now_ms(mcp->self) + KEEP_ALIVE_MS;
	host->timer_set(mcp->look, LOOK_MS);
	return true;
}

/* --- beginning -------------------------------------------------------- */

static bool
wishes(const json_t *notifications, const char *name)
{
	return json_is_true(json_object_get(notifications, name));
}

/* Those that there may be: the list of agents, and each of them. */
static json_t *
uris_of(const json_t *notifications)
{
	const json_t *given =
	    json_object_get(notifications, "resourceSubscriptions");
	json_t *taken = json_array();

	for (size_t i = 0; i < json_array_size(given) && i < URIS_MAX; i++) {
		const char *uri = json_string_value(json_array_get(given, i));

		if (uri != NULL && strncmp(uri, AGENTS, strlen(AGENTS)) == 0 &&
		    (uri[strlen(AGENTS)] == '\0' || uri[strlen(AGENTS)] == '/'))
			(void)json_array_append(
			    taken, json_array_get(given, i));
	}
	return taken;
}

static void
put_taken(const struct talk *talk, struct print *out)
{
	print_key(out, "notifications");
	print_open(out, '{');
	if (talk->hears_tools) {
		print_key(out, "toolsListChanged");
		print_raw(out, TEXT("true"));
	}
	if (talk->hears_resources) {
		print_key(out, "resourcesListChanged");
		print_raw(out, TEXT("true"));
	}
	if (json_array_size(talk->listening) > 0) {
		print_key(out, "resourceSubscriptions");
		print_open(out, '[');
		for (size_t i = 0; i < json_array_size(talk->listening); i++)
			print_text(out,
			    json_string_value(
				json_array_get(talk->listening, i)));
		print_close(out, ']');
	}
	print_close(out, '}');
}

/* The broker has said that the caller is known. */
static void
listening(struct talk *talk, const struct aicx_answer *answer)
{
	const json_t *wanted =
	    json_object_get(talk->rpc.params, "notifications");
	struct print params = { 0 };

	(void)answer;
	talk->hears_tools = wishes(wanted, "toolsListChanged");
	talk->hears_resources = wishes(wanted, "resourcesListChanged");
	talk->listening = uris_of(wanted);
	params_begin(talk, &params);
	put_taken(talk, &params);
	print_close(&params, '}');
	if (look(talk->mcp))
		stream_notify(talk, "notifications/subscriptions/acknowledged",
		    bytes_view(&params.bytes));
	print_fini(&params);
	if (!talk->streaming)
		talk_error(talk, RPC_INTERNAL, "nothing can be told here now");
}

void
listen_begin(struct talk *talk)
{
	if (!json_is_object(json_object_get(talk->rpc.params, "notifications")))
		talk_error(
		    talk, RPC_BAD_PARAMS, "params.notifications is missing");
	else
		talk_call(talk, "session.about", TEXT("{}"), NULL, listening);
}

/* --- ending ------------------------------------------------------------ */

static void
end(struct talk *talk)
{
	struct bytes meta = { 0 };

	talk->depth++;
	bytes_text(&meta, SUBSCRIPTION);
	bytes_str(&meta, talk->rpc.id);
	(void)talk_begin(talk);
	talk_end(talk, bytes_view(&meta));
	bytes_fini(&meta);
	talk_release(talk);
}

void
listen_end_all(struct mcp *mcp)
{
	(void)for_each(mcp, end);
}

void
listen_close(struct mcp *mcp)
{
	mcp->host->timer_free(mcp->look);
}
