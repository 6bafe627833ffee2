/* SPDX-License-Identifier: Apache-2.0 */
/*
 * gateway_http.c - plain HTTP servers as sellers: the input is POSTed, the
 * answer's body is the result.
 *
 * It serves nothing itself.  It judges an answer by its status and media type
 * only: 2xx is a result, JSON as it is and text as a JSON string; what may be
 * better next time is retryable, the rest is not.
 */
#include <aiconexus/gateway.h>
#include <aiconexus/plugin.h>
#include <jansson.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define TEXT(literal) ((struct aicx_str) { (literal), sizeof(literal) - 1 })

struct settings {
	const char *allow, *ca_file;
	int64_t timeout; /* ms */
	int64_t max_answer;
};

struct gateway {
	const struct aicx_host *host;
	struct aicx_self *self;
	const struct settings *settings;
	struct asked *asked;
};

enum { HEADERS_MAX = 7 };

/* A request that is not answered. */
struct asked {
	struct asked *next, **prev;
	struct gateway *gateway;
	struct aicx_errand *errand;
	struct aicx_fetch *fetch;
	bool described; /* a description was asked for, not work */
};

static const struct aicx_option http_options[] = {
	{
	    AICX_FIELD(struct settings, allow),
	    .type = AICX_OPT_STR,
	    .fallback = "",
	    .help = "Hosts and addresses that are asked though they are "
		    "private, separated by commas.",
	},
	{
	    AICX_FIELD(struct settings, ca_file),
	    .type = AICX_OPT_STR,
	    .fallback = "",
	    .help = "PEM file of authorities besides the system's.",
	},
	{
	    AICX_FIELD(struct settings, timeout),
	    .type = AICX_OPT_MSEC,
	    .fallback = "60s",
	    .min = 100,
	    .max = 3600000,
	    .help = "The longest an answer may take, whatever the deal allows.",
	},
	{
	    AICX_FIELD(struct settings, max_answer),
	    .type = AICX_OPT_SIZE,
	    .fallback = "1m",
	    .min = 1024,
	    .max = 16777216,
	    .help = "The largest answer that is taken.",
	},
	{ .name = NULL },
};

/* --- what an answer is worth ----------------------------------------- */

static void
asked_free(struct asked *asked)
{
	*asked->prev = asked->next;
	if (asked->next != NULL)
		asked->next->prev = asked->prev;
	free(asked);
}

static void
end_failed(struct asked *asked, aicx_err err, struct aicx_str code,
    const char *detail, bool retryable)
{
	const struct aicx_host *host = asked->gateway->host;
	struct aicx_errand *errand = asked->errand;
	const struct aicx_errand_result result = {
		.size = sizeof result,
		.err = err,
		.code = code,
		.detail = { detail, strlen(detail) },
		.retryable = retryable,
	};

	asked_free(asked);
	host->errand_done(errand, &result);
}

static void
end_good(struct asked *asked, struct aicx_str output)
{
	const struct aicx_host *host = asked->gateway->host;
	struct aicx_errand *errand = asked->errand;
	const struct aicx_errand_result result = {
		.size = sizeof result,
		.err = AICX_OK,
		.output = output,
	};

	asked_free(asked);
	host->errand_done(errand, &result);
}

/* The media type without its parameters. */
static bool
is_media(struct aicx_str type, const char *name)
{
	size_t len = strlen(name);

	return type.len >= len && strncasecmp(type.ptr, name, len) == 0 &&
	    (type.len == len || type.ptr[len] == ';' || type.ptr[len] == ' ');
}

static bool
is_json(struct aicx_str type)
{
	const char *end = memchr(type.ptr, ';', type.len);
	size_t len = end != NULL ? (size_t)(end - type.ptr) : type.len;

	while (len > 0 && type.ptr[len - 1] == ' ')
		len--;
	return is_media(type, "application/json") ||
	    (len > 5 && strncasecmp(type.ptr + len - 5, "+json", 5) == 0);
}

static void
take_json(struct asked *asked, struct aicx_str body)
{
	json_error_t why;
	json_t *value = json_loadb(
	    body.ptr, body.len, JSON_REJECT_DUPLICATES | JSON_DECODE_ANY, &why);

	if (value == NULL) {
		end_failed(asked, AICX_EIO, TEXT("invalid_result"),
		    "the server's answer is no JSON", false);
		return;
	}
	json_decref(value);
	end_good(asked, body); /* numbers and order stay as they were */
}

static void
take_text(struct asked *asked, struct aicx_str body)
{
	json_t *value = json_stringn(body.ptr, body.len);
	char *text = json_dumps(value, JSON_ENCODE_ANY);

	json_decref(value);
	if (text == NULL)
		end_failed(asked, AICX_EIO, TEXT("invalid_result"),
		    "the server's answer is no UTF-8", false);
	else
		end_good(asked, (struct aicx_str) { text, strlen(text) });
	free(text);
}

static bool
may_be_better_later(uint16_t status)
{
	return status == 408 || status == 425 || status == 429 || status >= 500;
}

static void
take_answer(struct asked *asked, const struct aicx_http_outcome *outcome)
{
	char line[64];

	if (outcome->status < 200 || outcome->status > 299) {
		(void)snprintf(line, sizeof line, "the server answered %u",
		    (unsigned)outcome->status);
		end_failed(asked, AICX_EIO, TEXT("http_status"), line,
		    may_be_better_later(outcome->status));
	} else if (is_json(outcome->content_type))
		take_json(asked, outcome->body);
	else if (outcome->body.len == 0 && !asked->described)
		end_good(asked, TEXT("null"));
	else if (is_media(outcome->content_type, "text/plain") &&
	    !asked->described)
		take_text(asked, outcome->body);
	else
		end_failed(asked, AICX_EIO, TEXT("invalid_result"),
		    "the server's answer is neither JSON nor plain text",
		    false);
}

static void
on_done(const struct aicx_http_outcome *outcome, void *arg)
{
	struct asked *asked = arg;

	switch (outcome->err) {
	case AICX_OK:
		take_answer(asked, outcome);
		break;
	case AICX_ETIMEDOUT:
		end_failed(asked, AICX_ETIMEDOUT, TEXT("timeout"),
		    "the server did not answer in time", true);
		break;
	case AICX_EDENIED:
		end_failed(asked, AICX_EDENIED, TEXT("denied"),
		    outcome->error.text, false);
		break;
	case AICX_ELIMIT:
		end_failed(asked, AICX_ELIMIT, TEXT("too_large"),
		    "the server's answer is too large", false);
		break;
	default:
		end_failed(asked, AICX_EIO, TEXT("unreachable"),
		    outcome->error.text, true);
		break;
	}
}

/* --- asking ---------------------------------------------------------- */

static void
ask(struct gateway *gateway, struct aicx_errand *errand, bool described,
    struct aicx_http_ask *request)
{
	struct asked *asked = calloc(1, sizeof *asked);
	struct aicx_error error = { 0 };

	if (asked == NULL) {
		const struct aicx_errand_result result = {
			.size = sizeof result,
			.err = AICX_ENOMEM,
			.code = TEXT("unavailable"),
			.retryable = 1,
		};
		gateway->host->errand_done(errand, &result);
		return;
	}
	asked->gateway = gateway;
	asked->errand = errand;
	asked->described = described;
	asked->next = gateway->asked;
	asked->prev = &gateway->asked;
	if (asked->next != NULL)
		asked->next->prev = &asked->next;
	gateway->asked = asked;
	request->body_max = gateway->settings->max_answer;
	request->allow = (struct aicx_str) { gateway->settings->allow,
		strlen(gateway->settings->allow) };
	if (gateway->settings->ca_file[0] != '\0')
		request->ca_file =
		    (struct aicx_str) { gateway->settings->ca_file,
			    strlen(gateway->settings->ca_file) };
	if (gateway->host->http_request(gateway->self, request, on_done, asked,
		&asked->fetch, &error) != AICX_OK)
		end_failed(asked, AICX_EIO, TEXT("unreachable"), error.text,
		    error.code != AICX_EINVAL);
}

/* What the server wants to see: one field more, or none. */
static size_t
show_pass(const struct gateway *gateway, const struct aicx_errand *errand,
    struct aicx_header *ret_header)
{
	return gateway->host->errand_pass(errand, ret_header) == AICX_OK;
}

static void
http_execute(
    void *state, struct aicx_errand *errand, const struct aicx_work *work)
{
	struct gateway *gateway = state;
	struct aicx_header headers[HEADERS_MAX] = {
		{ TEXT("Content-Type"), TEXT("application/json") },
		{ TEXT("Accept"), TEXT("application/json, text/plain;q=0.9") },
		{ TEXT("Idempotency-Key"), work->execution_id },
		{ TEXT("X-AIConexus-Capability"),
		    work->remote.len > 0 ? work->remote : work->capability },
		{ TEXT("X-AIConexus-Deal"), work->deal_id },
	};
	struct aicx_http_ask request = {
		.size = sizeof request,
		.method = TEXT("POST"),
		.url = work->url,
		.headers = headers,
		.n_headers = 5,
		.body = work->input,
		.timeout_ms = work->timeout_ms < gateway->settings->timeout
		    ? work->timeout_ms
		    : gateway->settings->timeout,
	};

	if (work->traceparent.ptr != NULL)
		headers[request.n_headers++] =
		    (struct aicx_header) { TEXT("traceparent"),
			    work->traceparent };
	request.n_headers +=
	    show_pass(gateway, errand, headers + request.n_headers);
	ask(gateway, errand, false, &request);
}

/* A server that wants to be registered by its address alone says what it sells
   to a GET, in JSON. */
static void
http_describe(void *state, struct aicx_errand *errand, struct aicx_str kind,
    struct aicx_str url)
{
	struct gateway *gateway = state;
	struct aicx_header headers[2] = {
		{ TEXT("Accept"), TEXT("application/json") },
	};
	struct aicx_http_ask request = {
		.size = sizeof request,
		.method = TEXT("GET"),
		.url = url,
		.headers = headers,
		.n_headers = 1 + show_pass(gateway, errand, headers + 1),
		.timeout_ms = gateway->settings->timeout,
	};

	(void)kind;
	ask(gateway, errand, true, &request);
}

static void
http_recall(void *state, struct aicx_errand *errand)
{
	struct gateway *gateway = state;
	struct asked *asked = gateway->asked;

	while (asked != NULL && asked->errand != errand)
		asked = asked->next;
	if (asked == NULL)
		return;
	gateway->host->http_cancel(asked->fetch);
	asked_free(asked);
}

static const char *const *
http_speaks(void *state)
{
	static const char *const kinds[] = { "http", NULL };

	(void)state;
	return kinds;
}

/* --- the plugin ------------------------------------------------------ */

static const char *const *
http_prefixes(void *state)
{
	static const char *const none[] = { NULL };

	(void)state;
	return none;
}

static void
http_serve(void *state, struct aicx_exchange *exchange,
    const struct aicx_http_request *request)
{
	struct gateway *gateway = state;
	const struct aicx_http_response response = { .size = sizeof response,
		.status = 404 };

	(void)request;
	gateway->host->respond(exchange, &response);
}

static void
http_cancel(void *state, struct aicx_exchange *exchange)
{
	(void)state, (void)exchange;
}

static aicx_err
http_open(const struct aicx_host *host, struct aicx_self *self,
    const void *settings, void **ret_state, struct aicx_error *reterr)
{
	struct gateway *gateway = calloc(1, sizeof *gateway);

	(void)reterr;
	if (gateway == NULL)
		return AICX_ENOMEM;
	gateway->host = host;
	gateway->self = self;
	gateway->settings = settings;
	*ret_state = gateway;
	return AICX_OK;
}

static void
http_close(void *state)
{
	struct gateway *gateway = state;

	while (gateway->asked != NULL) {
		gateway->host->http_cancel(gateway->asked->fetch);
		asked_free(gateway->asked);
	}
	free(gateway);
}

static const struct aicx_gateway_ops http_ops = {
	.size = sizeof http_ops,
	.prefixes = http_prefixes,
	.request = http_serve,
	.cancel = http_cancel,
	.speaks = http_speaks,
	.execute = http_execute,
	.describe = http_describe,
	.recall = http_recall,
};

const struct aicx_plugin aicx_plugin = {
	AICX_PLUGIN_HEAD(AICX_GATEWAY),
	.name = "http",
	.version = "0.1.0",
	.license = "Apache-2.0",
	.summary = "plain HTTP servers as sellers",
	.options = http_options,
	.settings_size = sizeof(struct settings),
	.ops.gateway = &http_ops,
	.open = http_open,
	.close = http_close,
};
