/* SPDX-License-Identifier: Apache-2.0 */
/* their_post.c - one message to somebody's MCP server. */
#include "their_post.h"

#include "print.h"
#include "their_ask.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { NOTE_MS = 5000 };

struct their_post {
	struct their_post *next, **prev;
	struct mcp *mcp;
	struct aicx_fetch *fetch;
	const struct their_post_ops *ops; /* NULL: nobody waits */
	void *arg;
	int64_t id; /* 0: a notification */
	struct their_way way;
	struct bytes url;
	struct events events;
	struct bytes body;
	bool is_events, begun;
	bool busy, gone; /* freed inside a callback */
	uint16_t status;
	char session[THEIR_SESSION_MAX + 1];
};

int64_t
their_post_id(const struct their_post *post)
{
	return post->id;
}

void
their_post_free(struct their_post *post)
{
	if (post == NULL)
		return;
	if (post->fetch != NULL)
		post->mcp->host->http_cancel(post->fetch);
	post->fetch = NULL;
	post->ops = NULL;
	if (post->busy) {
		post->gone = true;
		return;
	}
	*post->prev = post->next;
	if (post->next != NULL)
		post->next->prev = post->prev;
	events_fini(&post->events);
	bytes_fini(&post->body);
	bytes_fini(&post->url);
	free(post);
}

void
their_posts_close(struct mcp *mcp)
{
	while (mcp->posts != NULL)
		their_post_free(mcp->posts);
}

/* --- what comes back -------------------------------------------------- */

/* The post is gone afterwards. */
static void
end(struct their_post *post, const struct their_answer *answer)
{
	const struct their_post_ops *ops = post->ops;
	void *arg = post->arg;
	bool was_busy = post->busy;

	if (post->fetch != NULL)
		post->mcp->host->http_cancel(post->fetch);
	post->fetch = NULL;
	post->ops = NULL;
	post->busy = true; /* what it tells of is borrowed */
	if (ops != NULL)
		ops->on_answer(answer, arg);
	post->busy = was_busy;
	their_post_free(post);
}

static void
end_without(struct their_post *post, aicx_err err, const char *why)
{
	const struct their_answer answer = {
		.err = err,
		.why = why,
		.status = post->status,
		.session = post->session,
	};

	end(post, &answer);
}

/* Servers may ask too; we declare nothing, so only whether we are there. */
static void
answer_request(struct their_post *post, const struct rpc *rpc)
{
	struct bytes members = { 0 };

	bytes_text(&members, "\"id\":");
	bytes_str(&members, rpc->id);
	bytes_text(&members,
	    strcmp(rpc->method, "ping") == 0
		? ",\"result\":{}"
		: ",\"error\":{\"code\":-32601,\"message\":\"this client does "
		  "not do that\"}");
	their_note(post->mcp, bytes_view(&post->url), &post->way, NULL,
	    bytes_view(&members));
	bytes_fini(&members);
}

static bool
is_answer(const struct their_post *post, const struct rpc *rpc)
{
	char id[24];

	(void)snprintf(id, sizeof id, "%" PRId64, post->id);
	return rpc->kind == RPC_RESPONSE &&
	    (text_same(rpc->id, text_of(id)) ||
		/* An error about what could not be read has none. */
		json_is_null(json_object_get(rpc->doc, "id")));
}

/* false: the post is over. */
static bool
take_message(struct their_post *post, struct aicx_str text)
{
	struct rpc rpc = { .doc = NULL };
	int code;
	const char *why;
	bool more = true;

	if (!rpc_read(text, &rpc, &code, &why)) {
		rpc_fini(&rpc);
		end_without(
		    post, AICX_EINVAL, "a message of it is no JSON-RPC");
		return false;
	}
	if (is_answer(post, &rpc)) {
		const struct their_answer answer = {
			.status = post->status,
			.rpc = &rpc,
			.text = text,
			.session = post->session,
		};
		end(post, &answer);
		more = false;
	} else if (rpc.kind == RPC_NOTIFICATION && post->ops != NULL) {
		post->ops->on_note(&rpc, post->arg);
	} else if (rpc.kind == RPC_REQUEST) {
		answer_request(post, &rpc);
	}
	rpc_fini(&rpc);
	return more && !post->gone;
}

static void
take_head(struct their_post *post, const struct aicx_http_outcome *head)
{
	struct aicx_str type = head->content_type, rest;

	post->status = head->status;
	post->is_events = text_alike(
	    text_trim(text_cut(type, ';', &rest)), TEXT("text/event-stream"));
	for (size_t i = 0; i < head->n_headers; i++) {
		struct aicx_str value = head->headers[i].value;
		if (!text_alike(
			head->headers[i].name, TEXT("Mcp-Session-Id")) ||
		    value.len > THEIR_SESSION_MAX)
			continue;
		memcpy(post->session, value.ptr, value.len);
		post->session[value.len] = '\0';
		for (size_t k = 0; k < value.len; k++)
			if (value.ptr[k] <= ' ' || value.ptr[k] >= 0x7f)
				post->session[0] = '\0'; /* none we can send */
	}
	post->begun = true;
}

static void
on_part(const struct aicx_http_outcome *head, struct aicx_str bytes, void *arg)
{
	struct their_post *post = arg;
	struct aicx_str data;
	bool more = true;

	if (!post->begun)
		take_head(post, head);
	if (!post->is_events) {
		bytes_str(&post->body, bytes);
		return;
	}
	events_put(&post->events, bytes);
	post->busy = true;
	while (more && events_next(&post->events, &data))
		more = take_message(post, data);
	post->busy = false;
	if (post->gone || !more)
		their_post_free(post);
}

/* bare: when what came is no answer to us. */
static void
take_body(struct their_post *post, struct aicx_str body,
    const struct their_answer *bare)
{
	bool more;

	post->busy = true;
	more = take_message(post, body);
	post->busy = false;
	if (more)
		end(post, bare);
	else
		their_post_free(post);
}

static void
on_done(const struct aicx_http_outcome *outcome, void *arg)
{
	struct their_post *post = arg;
	struct aicx_str body = bytes_view(&post->body);
	const struct their_answer bare = { .session = post->session,
		.status = outcome->status };

	post->fetch = NULL;
	if (outcome->err != AICX_OK) {
		end_without(post, outcome->err, outcome->error.text);
		return;
	}
	if (!post->begun)
		take_head(post, outcome);
	if (post->body.failed)
		end_without(post, AICX_ENOMEM, "out of memory");
	else if (post->is_events && post->id != 0)
		end_without(
		    post, AICX_EIO, "its stream ended before the answer");
	else if (post->id == 0 || body.len == 0 || *body.ptr != '{')
		end(post, &bare);
	else
		take_body(post, body, &bare);
}

/* --- asking ----------------------------------------------------------- */

void
their_way_renew(struct their_way *way, bool modern, const char *version)
{
	way->modern = modern;
	(void)snprintf(way->version, sizeof way->version, "%s", version);
	way->session[0] = '\0';
}

static struct their_post *
post_new(struct mcp *mcp)
{
	struct their_post *post = calloc(1, sizeof *post);

	if (post == NULL)
		return NULL;
	post->mcp = mcp;
	post->next = mcp->posts;
	post->prev = &mcp->posts;
	if (post->next != NULL)
		post->next->prev = &post->next;
	mcp->posts = post;
	return post;
}

static aicx_err
post_send(struct their_post *post, const struct their_ask *ask,
    struct aicx_error *reterr)
{
	struct mcp *mcp = post->mcp;
	const struct mcp_settings *settings = mcp->settings;
	struct their_fields fields = { .n = 0 };
	struct print body = { 0 };
	aicx_err err = AICX_ENOMEM;
	struct aicx_http_ask request = {
		.size = sizeof request,
		.method = TEXT("POST"),
		.url = ask->url,
		.headers = fields.list,
		.timeout_ms = ask->timeout_ms > 0 ? ask->timeout_ms : 1,
		.body_max = settings->max_answer,
		.allow = text_of(settings->allow),
		.part = on_part,
	};

	their_fields_fill(&fields, ask);
	their_ask_print(ask, post->id, settings->prefix, &body);
	request.n_headers = fields.n;
	request.body = bytes_view(&body.bytes);
	if (settings->ca_file[0] != '\0')
		request.ca_file = text_of(settings->ca_file);
	if (!body.bytes.failed && !post->url.failed)
		err = mcp->host->http_request(
		    mcp->self, &request, on_done, post, &post->fetch, reterr);
	their_fields_fini(&fields);
	print_fini(&body);
	return err;
}

struct their_post *
their_post_new(struct mcp *mcp, const struct their_ask *ask,
    const struct their_post_ops *ops, void *arg, struct aicx_error *reterr)
{
	struct their_post *post = post_new(mcp);

	if (post == NULL)
		return NULL;
	post->ops = ops;
	post->arg = arg;
	post->way = *ask->way;
	post->id = ask->is_note ? 0 : ++mcp->last_id;
	bytes_str(&post->url, ask->url);
	if (post_send(post, ask, reterr) == AICX_OK)
		return post;
	post->fetch = NULL;
	their_post_free(post);
	return NULL;
}

void
their_note(struct mcp *mcp, struct aicx_str url, const struct their_way *way,
    const char *method, struct aicx_str members)
{
	struct aicx_error error;
	const struct their_ask ask = {
		.url = url,
		.way = way,
		.method = method,
		.members = members,
		.is_note = true,
		.timeout_ms = NOTE_MS,
	};

	(void)their_post_new(mcp, &ask, NULL, NULL, &error);
}
