/* SPDX-License-Identifier: Apache-2.0 */
/*
 * gateway_rest.c - plain HTTP and JSON for every wire method that has a route.
 *
 * The method table is all it knows: a request becomes a call, an answer becomes
 * a response.  It names no method, decides nothing and keeps nothing.
 *
 *     route        which method a path and a verb mean
 *     ask          what the header fields ask for
 *     params body  path, query and body as one JSON object
 *     reply        what goes back
 *     follow       answers that go on, as server-sent events
 */
#include "ask.h"
#include "follow.h"
#include "params.h"
#include "reply.h"
#include "route.h"

#include <aiconexus/gateway.h>
#include <aiconexus/plugin.h>
#include <stdlib.h>
#include <string.h>

enum { BUCKETS = 1024 };

/* A request whose call has not been answered. */
struct waiting {
	struct waiting *next;
	struct gateway *gateway;
	struct aicx_ticket *ticket;
	struct client client;
	bool calling; /* host->call() has not returned */
	bool answered;
};

struct gateway {
	const struct aicx_host *host;
	struct aicx_self *self;
	struct routes *routes; /* NULL before the first request */
	struct waiting *waiting[BUCKETS]; /* by exchange */
	struct follows follows;
};

static struct waiting **
bucket_of(struct gateway *gateway, const struct aicx_exchange *exchange)
{
	return &gateway->waiting[(uintptr_t)exchange / 64 % BUCKETS];
}

/* Takes it out of its list; NULL when it is in none. */
static struct waiting *
waiting_take(struct gateway *gateway, const struct aicx_exchange *exchange)
{
	struct waiting **at = bucket_of(gateway, exchange);
	struct waiting *waiting;

	while (*at != NULL && (*at)->client.exchange != exchange)
		at = &(*at)->next;
	waiting = *at;
	if (waiting != NULL)
		*at = waiting->next;
	return waiting;
}

static const struct routes *
routes_get(struct gateway *gateway)
{
	const struct aicx_method *const *methods;
	size_t n_methods = 0;
	size_t n_bad = 0;

	if (gateway->routes != NULL)
		return gateway->routes;
	methods = gateway->host->methods(gateway->self, &n_methods);
	gateway->routes = routes_new(methods, n_methods, &n_bad);
	if (n_bad > 0)
		gateway->host->log(gateway->self, AICX_WARN, "route.refused",
		    "a method's route is malformed or taken");
	return gateway->routes;
}

static void
refuse(struct gateway *gateway, const struct client *client, uint16_t status,
    const char *why)
{
	reply_problem(gateway->host, gateway->self, client, status,
	    (struct aicx_str) { NULL, 0 }, why, NULL);
}

/* --- calls --- */

static void
on_answer(const struct aicx_answer *answer, void *arg)
{
	struct waiting *waiting = arg;
	struct gateway *gateway = waiting->gateway;

	waiting->answered = true;
	if (!waiting->calling)
		(void)waiting_take(gateway, waiting->client.exchange);
	reply_answer(gateway->host, gateway->self, &waiting->client, answer);
	if (!waiting->calling)
		free(waiting);
}

static void
call(struct gateway *gateway, const struct client *client,
    const struct aicx_call *call_)
{
	struct waiting *waiting = calloc(1, sizeof *waiting);
	struct aicx_ticket *ticket = NULL;
	struct waiting **bucket = bucket_of(gateway, client->exchange);

	if (waiting == NULL) {
		refuse(gateway, client, 503, "out of memory");
		return;
	}
	waiting->gateway = gateway;
	waiting->client = *client;
	waiting->calling = true;
	gateway->host->call(gateway->self, call_, on_answer, waiting, &ticket);
	waiting->calling = false;
	if (waiting->answered) {
		free(waiting);
		return;
	}
	waiting->ticket = ticket;
	waiting->next = *bucket;
	*bucket = waiting;
}

/* --- requests --- */

/* Path, query and body in the shape the method takes. */
static bool
print_params(const struct aicx_http_request *request, const struct route *route,
    const struct aicx_str *values, struct params *params, struct bytes *out,
    struct complaint *ret_complaint)
{
	struct aicx_str body = request->body;

	if (route->method->raw_body) {
		bytes_str(out, body);
		return true;
	}
	if (text_same(route->verb, TEXT("GET")))
		body = (struct aicx_str) { NULL, 0 };
	for (size_t i = 0; i < route->n_names; i++)
		if (!params_add_path(
			params, route->names[i], values[i], ret_complaint))
			return false;
	return params_add_query(params, request->query, ret_complaint) &&
	    params_print(params, body, out, ret_complaint);
}

static void
run(struct gateway *gateway, const struct client *client,
    const struct aicx_http_request *request, const struct ask *ask,
    const struct route *route, const struct aicx_str *values)
{
	const struct aicx_str absent = { NULL, 0 };
	struct params params = { .n = 0 };
	struct bytes text = { 0 };
	struct complaint complaint;
	struct aicx_call call_ = {
		.size = sizeof call_,
		.method = route->method,
		.credential = ask->credential,
		.idempotency_key =
		    text_same(route->verb, TEXT("GET")) ? absent : ask->key,
		.correlation = ask->id.ptr != NULL ? ask->id : ask->trace,
		.address = request->address,
		.secure = request->secure,
	};

	if (!print_params(request, route, values, &params, &text, &complaint)) {
		reply_problem(gateway->host, gateway->self, client, 400,
		    complaint.subject, complaint.why, NULL);
	} else if (text.failed) {
		refuse(gateway, client, 503, "out of memory");
	} else {
		call_.params = bytes_view(&text);
		call(gateway, client, &call_);
	}
	bytes_fini(&text);
	params_fini(&params);
}

static void
follow(struct gateway *gateway, const struct client *client,
    const struct aicx_http_request *request, const struct ask *ask,
    const struct route *route, const struct aicx_str *values)
{
	if (!follow_begin(
		&gateway->follows, client, request, ask, route, values))
		refuse(gateway, client, 503, "out of memory");
}

/* The verb is none of the path's own. */
static void
other_verb(struct gateway *gateway, const struct client *client,
    const struct aicx_http_request *request, const struct route *route)
{
	struct bytes allow = { 0 };

	route_allow(route, &allow);
	if (text_same(request->method, TEXT("OPTIONS")))
		reply_options(gateway->host, gateway->self, client, &allow);
	else
		reply_problem(gateway->host, gateway->self, client, 405,
		    (struct aicx_str) { NULL, 0 },
		    "this path has other methods, see Allow", &allow);
	bytes_fini(&allow);
}

static struct client
client_of(struct aicx_exchange *exchange, const struct ask *ask)
{
	struct client client = { .exchange = exchange,
		.plain_json = ask->plain_json };

	client.id_len = ask->id.len;
	if (ask->id.len > 0)
		memcpy(client.id, ask->id.ptr, ask->id.len);
	return client;
}

static void
rest_request(void *state, struct aicx_exchange *exchange,
    const struct aicx_http_request *request)
{
	struct gateway *gateway = state;
	const struct routes *routes = routes_get(gateway);
	const struct ask ask = ask_read(request);
	const struct client client = client_of(exchange, &ask);
	struct aicx_str values[ROUTE_VALUES_MAX];
	const struct route *all;
	const struct route *route;

	if (routes == NULL) {
		refuse(gateway, &client, 503, "out of memory");
		return;
	}
	all = routes_find(routes, request->path, values);
	if (all == NULL) {
		refuse(gateway, &client, 404, "nothing answers this path");
		return;
	}
	route = route_for(all, request->method);
	if (route == NULL)
		other_verb(gateway, &client, request, all);
	else if (ask.bad_credential)
		refuse(gateway, &client, 401,
		    "Authorization is not a bearer credential");
	else if (ask.bad_key && !text_same(route->verb, TEXT("GET")))
		refuse(gateway, &client, 400,
		    "Idempotency-Key is not 1 to 255 visible ASCII characters");
	else if (request->body.len > 0 && !ask_is_json(&ask))
		refuse(
		    gateway, &client, 415, "the body is not application/json");
	else if (route->method->follows && follow_wants(request))
		follow(gateway, &client, request, &ask, route, values);
	else
		run(gateway, &client, request, &ask, route, values);
}

static void
rest_cancel(void *state, struct aicx_exchange *exchange)
{
	struct gateway *gateway = state;
	struct waiting *waiting;

	if (follow_cancel(&gateway->follows, exchange))
		return;
	waiting = waiting_take(gateway, exchange);
	if (waiting == NULL)
		return;
	if (waiting->ticket != NULL)
		gateway->host->call_cancel(waiting->ticket);
	free(waiting);
}

static void
rest_drained(void *state, struct aicx_exchange *exchange)
{
	struct gateway *gateway = state;

	follow_drained(&gateway->follows, exchange);
}

static void
rest_drain(void *state)
{
	struct gateway *gateway = state;

	follows_drain(&gateway->follows);
}

/* --- the plugin --- */

static const char *const *
rest_prefixes(void *state)
{
	static const char *const prefixes[] = { "/", NULL };

	(void)state;
	return prefixes;
}

static aicx_err
rest_open(const struct aicx_host *host, struct aicx_self *self,
    const void *settings, void **ret_state, struct aicx_error *reterr)
{
	struct gateway *gateway = calloc(1, sizeof *gateway);

	(void)settings, (void)reterr;
	if (gateway == NULL)
		return AICX_ENOMEM;
	gateway->host = host;
	gateway->self = self;
	gateway->follows = (struct follows) { host, self, NULL };
	*ret_state = gateway;
	return AICX_OK;
}

static void
rest_close(void *state)
{
	struct gateway *gateway = state;

	for (size_t i = 0; i < BUCKETS; i++)
		while (gateway->waiting[i] != NULL)
			rest_cancel(
			    gateway, gateway->waiting[i]->client.exchange);
	follows_fini(&gateway->follows);
	routes_free(gateway->routes);
	free(gateway);
}

static const struct aicx_option rest_options[] = {
	{ .name = NULL },
};

static const struct aicx_gateway_ops rest_ops = {
	.size = sizeof rest_ops,
	.prefixes = rest_prefixes,
	.request = rest_request,
	.cancel = rest_cancel,
	.drained = rest_drained,
};

const struct aicx_plugin aicx_plugin = {
	AICX_PLUGIN_HEAD(AICX_GATEWAY),
	.name = "rest",
	.version = "0.1.0",
	.license = "Apache-2.0",
	.summary = "REST with JSON for every wire method that has a route",
	.options = rest_options,
	.settings_size = 0,
	.ops.gateway = &rest_ops,
	.open = rest_open,
	.close = rest_close,
	.drain = rest_drain,
};
