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
	aicx_http_reply_fn *reply;
	void *arg;
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
    aicx_http_reply_fn *reply, void *arg)
{
	struct aicx_exchange *exchange = MEM_NEW(struct aicx_exchange);

	exchange->module = module;
	exchange->ops = path->ops;
	exchange->ops_arg = path->arg;
	exchange->reply = reply;
	exchange->arg = arg;
	list_push(&module->all->exchanges, &exchange->node);
	return exchange;
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

void
exchange_serve(struct aicx_self *self, const struct aicx_http_request *request,
    aicx_http_reply_fn *reply, void *arg, struct aicx_exchange **ret_exchange)
{
	struct module *module = NULL;
	const struct path *path =
	    find_path(self->module->all, request->path, &module);
	struct aicx_exchange *exchange;
	bool gone = false;

	*ret_exchange = NULL;
	if (path == NULL) {
		reply_problem(
		    reply, arg, "not_found", "nothing answers this path");
		return;
	}
	exchange = exchange_new(module, path, reply, arg);
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
exchange_cancel(struct aicx_exchange *exchange)
{
	exchange->ops->cancel(exchange->ops_arg, exchange);
	exchange_free(exchange);
}

void
exchange_respond(
    struct aicx_exchange *exchange, const struct aicx_http_response *response)
{
	aicx_http_reply_fn *reply = exchange->reply;
	void *arg = exchange->arg;

	exchange_free(exchange);
	reply(response, arg);
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
		aicx_http_reply_fn *reply = exchange->reply;
		void *arg = exchange->arg;
		exchange_cancel(exchange);
		reply_problem(reply, arg, "draining", "the broker is stopping");
	}
}
