/* SPDX-License-Identifier: Apache-2.0 */
/*
 * exchange.c - routes by the longest prefix and sees that a transport gets its
 * reply exactly once, unless it said that nobody waits any more.
 */
#include "module/exchange.h"

#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/json.h"
#include "base/mem.h"
#include "base/str.h"
#include "protocol/problem.h"

struct aicx_exchange {
	struct list node; /* in modules.exchanges */
	struct module *module; /* which answers it */
	const struct aicx_path_ops *ops;
	void *ops_arg;
	aicx_http_reply_fn *reply; /* NULL: sink is there */
	const struct aicx_http_sink *sink;
	void *arg;
	bool begun; /* parts follow until the end */
	/* Where the transport keeps its handle, while serve() runs; cleared
	   before an early reply, because the transport may free the place. */
	struct aicx_exchange **ret_exchange;
	bool *gone; /* set when freed while serve() runs */
};

/* "/v1" fits "/v1" and "/v1/deals" and not "/v10"; "/" fits everything. */
static bool
prefix_fits(const char *prefix, struct aicx_str path)
{
	size_t n = strlen(prefix);

	if (n == 0 || !str_starts(path, prefix))
		return false;
	return prefix[n - 1] == '/' || path.len == n || path.ptr[n] == '/';
}

static const struct path *
find_path(
    const struct modules *all, struct aicx_str wish, struct module **ret_module)
{
	const struct path *found = NULL;
	size_t longest = 0;

	for (size_t i = 0; i < all->n; i++) {
		struct module *module = all->list[i];
		for (size_t k = 0; k < module->n_paths; k++) {
			const struct path *path = &module->paths[k];
			if (strlen(path->prefix) <= longest ||
			    !prefix_fits(path->prefix, wish))
				continue;
			longest = strlen(path->prefix);
			found = path;
			*ret_module = module;
		}
	}
	return found;
}

static void
reply_problem(
    aicx_http_reply_fn *reply, void *arg, const char *word, const char *detail)
{
	AUTO(buf_fini) struct buf body = { 0 };
	struct json_writer w = json_writer(&body);
	struct aicx_error why;

	(void)err_word(&why, AICX_EAGAIN, word, "%s", detail);
	problem_put(&w, &why, str_of(NULL), -1);
	reply(
	    &(const struct aicx_http_response) {
		.size = sizeof(struct aicx_http_response),
		.status = (uint16_t)problem_of(&why)->status,
		.content_type = STR("application/problem+json"),
		.body = buf_view(&body),
	    },
	    arg);
}

static struct aicx_exchange *
exchange_new(struct module *module, const struct path *path,
    aicx_http_reply_fn *reply, const struct aicx_http_sink *sink, void *arg)
{
	struct aicx_exchange *exchange = MEM_NEW(struct aicx_exchange);

	exchange->module = module;
	exchange->ops = path->ops;
	exchange->ops_arg = path->arg;
	exchange->reply = reply;
	exchange->sink = sink;
	exchange->arg = arg;
	list_push(&module->all->exchanges, &exchange->node);
	return exchange;
}

static aicx_http_reply_fn *
reply_of(const struct aicx_exchange *exchange)
{
	return exchange->reply != NULL ? exchange->reply
				       : exchange->sink->whole;
}

static void
exchange_free(struct aicx_exchange *exchange)
{
	if (exchange->ret_exchange != NULL)
		*exchange->ret_exchange = NULL;
	if (exchange->gone != NULL)
		*exchange->gone = true;
	list_remove(&exchange->node);
	free(exchange);
}

static void
serve(struct aicx_self *self, const struct aicx_http_request *request,
    aicx_http_reply_fn *reply, const struct aicx_http_sink *sink, void *arg,
    struct aicx_exchange **ret_exchange)
{
	struct module *module = NULL;
	const struct path *path =
	    find_path(self->module->all, request->path, &module);
	struct aicx_exchange *exchange;
	bool gone = false;

	*ret_exchange = NULL;
	if (path == NULL) {
		reply_problem(reply != NULL ? reply : sink->whole, arg,
		    "not_found", "nothing answers this path");
		return;
	}
	exchange = exchange_new(module, path, reply, sink, arg);
	exchange->ret_exchange = ret_exchange;
	exchange->gone = &gone;
	*ret_exchange = exchange;
	path->ops->request(path->arg, exchange, request);
	if (gone)
		return;
	exchange->ret_exchange = NULL;
	exchange->gone = NULL;
}

void
exchange_serve(struct aicx_self *self, const struct aicx_http_request *request,
    aicx_http_reply_fn *reply, void *arg, struct aicx_exchange **ret_exchange)
{
	serve(self, request, reply, NULL, arg, ret_exchange);
}

void
exchange_serve_streams(struct aicx_self *self,
    const struct aicx_http_request *request, const struct aicx_http_sink *sink,
    void *arg, struct aicx_exchange **ret_exchange)
{
	serve(self, request, NULL, sink, arg, ret_exchange);
}

void
exchange_cancel(struct aicx_exchange *exchange)
{
	exchange->ops->cancel(exchange->ops_arg, exchange);
	exchange_free(exchange);
}

void
exchange_respond(
    struct aicx_exchange *exchange, const struct aicx_http_response *response)
{
	aicx_http_reply_fn *reply = reply_of(exchange);
	void *arg = exchange->arg;

	if (exchange->begun) { /* a gateway's mistake: the client sees one */
		exchange_end(exchange, 0);
		return;
	}
	exchange_free(exchange);
	reply(response, arg);
}

aicx_err
exchange_begin(
    struct aicx_exchange *exchange, const struct aicx_http_response *response)
{
	if (exchange->begun || exchange->sink == NULL)
		return AICX_ESTATE;
	exchange->begun = true;
	exchange->sink->begin(response, exchange->arg);
	return AICX_OK;
}

aicx_err
exchange_part(struct aicx_exchange *exchange, struct aicx_str bytes)
{
	if (!exchange->begun)
		return AICX_ESTATE;
	return exchange->sink->part(bytes, exchange->arg);
}

size_t
exchange_queued(struct aicx_exchange *exchange)
{
	return exchange->begun ? exchange->sink->queued(exchange->arg) : 0;
}

void
exchange_end(struct aicx_exchange *exchange, int complete)
{
	const struct aicx_http_sink *sink = exchange->sink;
	aicx_http_reply_fn *reply = reply_of(exchange);
	void *arg = exchange->arg;
	bool begun = exchange->begun;

	exchange_free(exchange);
	if (begun)
		sink->end(complete, arg);
	else
		reply_problem(reply, arg, "internal", "the answer never began");
}

void
exchange_drained(struct aicx_exchange *exchange)
{
	if (exchange->ops->drained != NULL)
		exchange->ops->drained(exchange->ops_arg, exchange);
}

static struct aicx_exchange *
find_open(const struct modules *all, const struct module *module)
{
	LIST_EACH (node, &all->exchanges) {
		struct aicx_exchange *exchange =
		    LIST_ITEM(node, struct aicx_exchange, node);
		if (exchange->module == module)
			return exchange;
	}
	return NULL;
}

/* One at a time from the front: a reply may cancel others. */
void
exchange_abandon(struct modules *all, const struct module *module)
{
	struct aicx_exchange *exchange;

	while ((exchange = find_open(all, module)) != NULL) {
		aicx_http_reply_fn *reply = reply_of(exchange);
		const struct aicx_http_sink *sink = exchange->sink;
		void *arg = exchange->arg;
		bool begun = exchange->begun;
		exchange_cancel(exchange);
		if (begun)
			sink->end(0, arg);
		else
			reply_problem(
			    reply, arg, "draining", "the broker is stopping");
	}
}
