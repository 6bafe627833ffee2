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
 *     openapi docs the table itself, for programs and for people
 *     quota packer how often a caller may ask, how small an answer gets
 */
#include "ask.h"
#include "docs.h"
#include "follow.h"
#include "openapi.h"
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
	struct packer *packer; /* NULL: without memory, nothing is packed */
	struct quota *quota; /* NULL: no limit */
	char *openapi; /* NULL before the first time */
	struct bytes docs;
};

struct settings {
	int64_t rate, rate_window;
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

/* Of a trace that was replaced. */
static struct aicx_str
trace_of(const struct client *client)
{
	return client->trace[0] != '\0' ? text_of(client->trace)
					: (struct aicx_str) { NULL, 0 };
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
		.correlation = ask->id.ptr != NULL ? ask->id
		    : ask->trace.ptr != NULL       ? ask->trace
						   : trace_of(client),
		.address = request->address,
		.secure = request->secure,
		.traceparent = trace_of(client),
		.signed_request = request,
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

static void
answer_verb(struct gateway *gateway, const struct client *client,
    const struct aicx_http_request *request, const struct bytes *allow)
{
	if (text_same(request->method, TEXT("OPTIONS")))
		reply_options(gateway->host, gateway->self, client, allow);
	else
		reply_problem(gateway->host, gateway->self, client, 405,
		    (struct aicx_str) { NULL, 0 },
		    "this path has other methods, see Allow", allow);
}

/* The verb is none of the path's own. */
static void
other_verb(struct gateway *gateway, const struct client *client,
    const struct aicx_http_request *request, const struct route *route)
{
	struct bytes allow = { 0 };

	route_allow(route, &allow);
	answer_verb(gateway, client, request, &allow);
	bytes_fini(&allow);
}

/* --- pages ----------------------------------------------------------- */

/* The description, and the page made of it, from the first time on. */
static const char *
openapi_get(struct gateway *gateway)
{
	const struct aicx_host *host = gateway->host;
	const struct aicx_method *const *methods;
	size_t n_methods = 0;

	if (gateway->openapi != NULL)
		return gateway->openapi;
	methods = host->methods(gateway->self, &n_methods);
	gateway->openapi =
	    openapi_print(methods, n_methods, host->public_url(gateway->self));
	if (gateway->openapi != NULL)
		docs_print(gateway->openapi, &gateway->docs);
	return gateway->openapi;
}

static void
page(struct gateway *gateway, const struct client *client,
    const struct ask *ask, bool docs)
{
	struct aicx_str media =
	    docs ? TEXT("text/html; charset=utf-8") : TEXT("application/json");
	const char *openapi = openapi_get(gateway);

	if (openapi == NULL || gateway->docs.failed)
		refuse(gateway, client, 503, "out of memory");
	else if (!ask_accepts(ask, media))
		refuse(gateway, client, 406, "there is no such kind of it");
	else if (docs)
		reply_page(gateway->host, gateway->self, client, media,
		    bytes_view(&gateway->docs), TEXT(DOCS_POLICY));
	else
		reply_page(gateway->host, gateway->self, client, media,
		    text_of(openapi), (struct aicx_str) { NULL, 0 });
}

/* False: it is none of them. */
static bool
is_page(struct gateway *gateway, const struct client *client,
    const struct ask *ask, const struct aicx_http_request *request)
{
	struct bytes allow = { 0 };
	bool docs = text_same(request->path, TEXT("/docs"));

	if (!docs && !text_same(request->path, TEXT("/openapi.json")))
		return false;
	if (client->gets) {
		page(gateway, client, ask, docs);
		return true;
	}
	bytes_text(&allow, "GET, HEAD, OPTIONS");
	answer_verb(gateway, client, request, &allow);
	bytes_fini(&allow);
	return true;
}

/* --- all requests ---------------------------------------------------- */

static bool
is_acceptable(const struct ask *ask, const struct aicx_method *method)
{
	struct aicx_str media = TEXT("application/json");

	if (AICX_HAS(method, struct aicx_method, media))
		media = text_of(method->media);
	return ask_accepts(ask, media) ||
	    ask_accepts(ask, TEXT("application/problem+json")) ||
	    (method->follows && ask_accepts(ask, TEXT("text/event-stream")));
}

static void
serve(struct gateway *gateway, const struct client *client,
    const struct aicx_http_request *request, const struct ask *ask)
{
	const struct routes *routes = routes_get(gateway);
	struct aicx_str values[ROUTE_VALUES_MAX];
	const struct route *all;
	const struct route *route;

	if (routes == NULL) {
		refuse(gateway, client, 503, "out of memory");
		return;
	}
	all = routes_find(routes, request->path, values);
	if (all == NULL) {
		if (!is_page(gateway, client, ask, request))
			refuse(
			    gateway, client, 404, "nothing answers this path");
		return;
	}
	route = route_for(all, request->method);
	if (route == NULL)
		other_verb(gateway, client, request, all);
	else if (ask->bad_credential)
		refuse(gateway, client, 401,
		    "Authorization is not a bearer credential");
	else if (ask->bad_key && !text_same(route->verb, TEXT("GET")))
		refuse(gateway, client, 400,
		    "Idempotency-Key is not 1 to 255 visible ASCII characters");
	else if (request->body.len > 0 && !ask_is_json(ask))
		refuse(
		    gateway, client, 415, "the body is not application/json");
	else if (!is_acceptable(ask, route->method))
		refuse(gateway, client, 406,
		    "the answer has none of the types in Accept");
	else if (route->method->follows && follow_wants(request))
		follow(gateway, client, request, ask, route, values);
	else
		run(gateway, client, request, ask, route, values);
}

static void
rest_request(void *state, struct aicx_exchange *exchange,
    const struct aicx_http_request *request)
{
	struct gateway *gateway = state;
	const struct ask ask = ask_read(request);
	struct client client =
	    client_of(gateway->host, gateway->self, exchange, &ask, request);

	if (ask.gzip)
		client.packer = gateway->packer;
	client.limited = gateway->quota != NULL;
	if (client.limited &&
	    !quota_take(gateway->quota, ask.credential, request->address,
		gateway->host->now_ms(gateway->self), &client.quota))
		refuse(
		    gateway, &client, 429, "too many requests, see RateLimit");
	else
		serve(gateway, &client, request, &ask);
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

	const struct settings *set = settings;
	uint64_t seed;

	(void)reterr;
	if (gateway == NULL)
		return AICX_ENOMEM;
	gateway->packer = packer_new();
	host->random(self, &seed, sizeof seed);
	if (set->rate > 0)
		gateway->quota = quota_new(set->rate, set->rate_window, seed);
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
	packer_free(gateway->packer);
	quota_free(gateway->quota);
	bytes_fini(&gateway->docs);
	free(gateway->openapi);
	free(gateway);
}

static const struct aicx_option rest_options[] = {
	{
	    AICX_FIELD(struct settings, rate),
	    .type = AICX_OPT_INT,
	    .fallback = "0",
	    .min = 0,
	    .max = 1000000000,
	    .help = "Requests that a credential, or an address without one, "
		    "may make in each rate_window; 429 beyond. 0: any number.",
	},
	{
	    AICX_FIELD(struct settings, rate_window),
	    .type = AICX_OPT_MSEC,
	    .fallback = "60s",
	    .min = 1000,
	    .max = 86400000,
	    .help = "What rate is counted in.",
	},
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
	.settings_size = sizeof(struct settings),
	.ops.gateway = &rest_ops,
	.open = rest_open,
	.close = rest_close,
	.drain = rest_drain,
};
