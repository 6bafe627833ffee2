/* SPDX-License-Identifier: Apache-2.0 */
/*
 * worker_http.c - a plain HTTP server does the work: the input is POSTed, the
 * body of the answer is the result.
 *
 * It judges as gateway_http does, where the broker asks the server itself: 2xx
 * is a result, JSON as it is and text as a JSON string; what may be better next
 * time is retryable.  The address is the seller's own word, so it may be
 * private.
 */
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/id.h"
#include "base/mem.h"
#include "base/str.h"
#include "cli/http.h"
#include "cli/worker.h"
#include "loop/fetch.h"

enum { ANSWER_MAX = 1 << 20, URL_MAX = 2000 };

struct server {
	struct worker worker;
	const char *url;
	char *host; /* as libcurl reads it */
};

struct run {
	struct server *server;
	struct work work;
	struct aicx_fetch *fetch;
};

/* --- what an answer is worth ----------------------------------------- */

/* The media type, without its parameters. */
static struct aicx_str
media_of(struct aicx_str type)
{
	struct aicx_str rest;

	return str_trim(str_cut(type, ';', &rest));
}

static bool
is_json(struct aicx_str media)
{
	static const char whole[] = "application/json", end[] = "+json";
	size_t n = sizeof end - 1;

	return (media.len == sizeof whole - 1 &&
		   strncasecmp(media.ptr, whole, media.len) == 0) ||
	    (media.len > n &&
		strncasecmp(media.ptr + media.len - n, end, n) == 0);
}

static bool
is_text(struct aicx_str media)
{
	return media.len > 5 && strncasecmp(media.ptr, "text/", 5) == 0;
}

static bool
may_be_better_later(int status)
{
	return status == 408 || status == 425 || status == 429 || status >= 500;
}

static void
run_take(const struct run *run, const struct aicx_http_outcome *outcome)
{
	const struct worker *worker = &run->server->worker;
	const struct work *work = &run->work;
	struct aicx_str media = media_of(outcome->content_type);
	int status = outcome->status;

	if (status >= 300 && status <= 399)
		work_fail(work, "http_status", false,
		    "%s answered %d, and redirects are not followed",
		    worker->name, status);
	else if (status < 200 || status > 299)
		work_fail(work, "http_status", may_be_better_later(status),
		    "%s answered %d", worker->name, status);
	else if (is_json(media))
		work_deliver_json(worker, work, outcome->body);
	else if (outcome->body.len == 0)
		work_deliver_json(worker, work, STR("null"));
	else if (is_text(media))
		work_deliver_text(worker, work, outcome->body);
	else
		work_fail(work, "invalid_output", false,
		    "%s's answer is neither JSON nor text", worker->name);
}

static void
on_done(const struct aicx_http_outcome *outcome, void *arg)
{
	struct run *run = arg;
	const struct work *work = &run->work;
	const char *name = run->server->worker.name;

	switch (outcome->err) {
	case AICX_OK:
		run_take(run, outcome);
		break;
	case AICX_ETIMEDOUT:
		work_fail(work, "timeout", true,
		    "%s did not answer within %lld ms", name,
		    (long long)work->timeout_ms);
		break;
	case AICX_ELIMIT:
		work_fail(work, "output_too_large", false,
		    "%s answered more than %d bytes", name, ANSWER_MAX);
		break;
	case AICX_EDENIED:
		work_fail(work, "denied", false, "%s", outcome->error.text);
		break;
	default:
		work_fail(work, "unreachable", true, "%s", outcome->error.text);
		break;
	}
	free(run);
}

/* --- asking ---------------------------------------------------------- */

static void
url_print(const char *url, const char *capability, struct buf *out)
{
	static const char place[] = "{capability}";
	const char *at;

	while ((at = strstr(url, place)) != NULL) {
		buf_put(out, url, (size_t)(at - url));
		http_put_escaped(out, str_of(capability));
		url = at + sizeof place - 1;
	}
	buf_text(out, url);
}

static aicx_err
server_start(struct worker *worker, const struct work *work, void **ret_run,
    struct aicx_error *reterr)
{
	struct server *server = (struct server *)worker;
	struct run *run = MEM_NEW(struct run);
	struct id_text id = id_text(&work->execution_id);
	struct buf url = { 0 };
	struct aicx_error why = { 0 };

	url_print(server->url, work->capability, &url);
	const struct aicx_header headers[] = {
		{ STR("Content-Type"), STR("application/json") },
		{ STR("Accept"),
		    STR("application/json, text/plain;q=0.9, text/*;q=0.8") },
		{ STR("Idempotency-Key"), str_of(id.text) },
		{ STR("X-AIConexus-Capability"), str_of(work->capability) },
	};
	const struct aicx_http_ask ask = {
		.size = sizeof ask,
		.method = STR("POST"),
		.url = buf_view(&url),
		.headers = headers,
		.n_headers = sizeof headers / sizeof headers[0],
		.body = work->input,
		.timeout_ms = work->timeout_ms,
		.body_max = ANSWER_MAX,
		.allow = str_of(server->host),
	};
	*run = (struct run) { server, *work, NULL };
	aicx_err err =
	    loop_fetch(worker->loop, &ask, on_done, run, &run->fetch, &why);
	buf_fini(&url);
	if (err == AICX_OK) {
		*ret_run = run;
		return AICX_OK;
	}
	free(run);
	return err_word(reterr, err, "unreachable", "%s", why.text);
}

static void
server_cancel(struct worker *worker, void *arg)
{
	struct run *run = arg;

	(void)worker;
	loop_fetch_cancel(run->fetch);
	free(run);
}

static aicx_err
server_open(struct worker *worker, struct aicx_error *reterr)
{
	(void)reterr; /* the server may come later */
	loop_fetch_keep(worker->loop);
	return AICX_OK;
}

static void
server_free(struct worker *worker)
{
	struct server *server = (struct server *)worker;

	free(server->host);
	free(server);
}

static const struct worker_ops server_ops = {
	.open = server_open,
	.start = server_start,
	.cancel = server_cancel,
	.free = server_free,
};

/* --- the address ----------------------------------------------------- */

static bool
url_is_clean(struct aicx_str url)
{
	for (size_t i = 0; i < url.len; i++)
		if ((unsigned char)url.ptr[i] <= ' ' || url.ptr[i] & 0x80 ||
		    url.ptr[i] == '#')
			return false;
	return url.len > 0 && url.len <= URL_MAX;
}

/* "host" or "[v6]" of http://host:port/path; absent when it is no such URL. */
static struct aicx_str
host_of(struct aicx_str url)
{
	struct aicx_str rest, none = { 0 };

	if (!str_starts(url, "http://") && !str_starts(url, "https://"))
		return none;
	(void)str_cut(url, '/', &url); /* the scheme */
	rest =
	    str_cut((struct aicx_str) { url.ptr + 1, url.len - 1 }, '/', &url);
	rest = str_cut(rest, '?', &url);
	if (rest.len == 0 || memchr(rest.ptr, '@', rest.len) != NULL)
		return none;
	const char *end = memchr(rest.ptr, ']', rest.len);
	if (rest.ptr[0] == '[' && end != NULL)
		return (
		    struct aicx_str) { rest.ptr, (size_t)(end - rest.ptr) + 1 };
	return str_cut(rest, ':', &url);
}

aicx_err
worker_http_new(const char *url, struct worker **ret, struct aicx_error *reterr)
{
	struct aicx_str host = host_of(str_of(url));

	if (host.len == 0 || !url_is_clean(str_of(url)))
		return err_word(reterr, AICX_EINVAL, "invalid_url",
		    "cannot sell \"%s\": write it as http://HOST[:PORT][/PATH]",
		    url);
	struct server *server = MEM_NEW(struct server);
	server->worker.ops = &server_ops;
	server->worker.name = "the server";
	server->url = url;
	server->host = mem_new(host.len + 1);
	memcpy(server->host, host.ptr, host.len);
	*ret = &server->worker;
	return AICX_OK;
}
