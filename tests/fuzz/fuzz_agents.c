/* SPDX-License-Identifier: Apache-2.0 */
/*
 * fuzz_agents.c - what agents of others say to the broker: cards, answers,
 * streams.
 *
 * 'c' and a card, 'a' and an answer, 'r' and one over HTTP+JSON, 's' and a
 * stream: the errand ends once at most, with JSON or with a reason, and nothing
 * is asked after its end but to cancel.
 */
/* fuzz: -Itests/lib tests/lib/fake_host.c tests/lib/fake_keys.c -ldl */
/* fuzz: plugins/gateway_a2a/[a-z]*.c -Iplugins/lib plugins/lib/[a-z]*.c */
/* fuzz: -ljansson */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE /* memmem */
#endif
#include <aiconexus/gateway.h>
#include <jansson.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/str.h"
#include "fake_host.h"
#include "fake_keys.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define CARD(binding, streams)                                                 \
	"{\"name\":\"a\",\"supportedInterfaces\":[{\"url\":"                   \
	"\"http://a.example/\",\"protocolBinding\":\"" binding                 \
	"\",\"protocolVersion\":\"1.0\"}],\"capabilities\":{"                  \
	"\"streaming\":" streams "},\"skills\":[{\"id\":\"x\"}]}"

static struct {
	aicx_http_done_fn *done;
	aicx_http_part_fn *part;
	void *arg;
	bool open;
	int n_done;
} host;

static aicx_err
host_http_request(struct aicx_self *self, const struct aicx_http_ask *ask,
    aicx_http_done_fn *done, void *arg, struct aicx_fetch **ret_fetch,
    struct aicx_error *reterr)
{
	(void)self, (void)reterr;
	if (host.open)
		abort(); /* one at a time */
	if (host.n_done > 0 &&
	    memmem(ask->url.ptr, ask->url.len, "cancel", 6) == NULL &&
	    memmem(ask->body.ptr != NULL ? ask->body.ptr : "", ask->body.len,
		"CancelTask", 10) == NULL)
		abort();
	host.done = done;
	host.part = ask->part;
	host.arg = arg;
	host.open = true;
	*ret_fetch = arg;
	return AICX_OK;
}

static void
host_http_cancel(struct aicx_fetch *fetch)
{
	(void)fetch;
	host.open = false;
}

static void
host_errand_done(
    struct aicx_errand *errand, const struct aicx_errand_result *result)
{
	json_t *value;

	(void)errand;
	if (host.n_done++ > 0 ||
	    (result->err != AICX_OK && result->code.len == 0))
		abort();
	if (result->err != AICX_OK)
		return;
	value = json_loadb(result->output.ptr, result->output.len,
	    JSON_ALLOW_NUL | JSON_DECODE_ANY, NULL);
	if (value == NULL)
		abort();
	json_decref(value);
}

static aicx_err
host_errand_progress(struct aicx_errand *errand, struct aicx_str progress)
{
	(void)errand, (void)progress;
	if (host.n_done > 0)
		abort();
	return AICX_OK;
}

/* As if somebody answered questions, for some of them. */
static aicx_err
host_errand_ask(struct aicx_errand *errand, struct aicx_str question)
{
	(void)errand;
	if (host.n_done > 0)
		abort();
	return question.len % 2 == 0 ? AICX_OK : AICX_ESTATE;
}

static int
host_verify_jws(struct aicx_self *self, struct aicx_str alg,
    struct aicx_str key, struct aicx_str text, struct aicx_str signature)
{
	(void)self, (void)alg, (void)key, (void)text;
	return signature.len % 2 == 0;
}

static void
answer(struct aicx_str body, const char *type)
{
	const struct aicx_http_outcome outcome = {
		.size = sizeof outcome,
		.status = 200,
		.content_type = str_of(type),
		.body = body,
	};

	if (!host.open)
		return;
	host.open = false;
	host.done(&outcome, host.arg);
}

/* In two parts, cut anywhere. */
static void
stream(struct aicx_str body)
{
	const struct aicx_http_outcome head = {
		.size = sizeof head,
		.status = 200,
		.content_type = STR("text/event-stream"),
	};
	aicx_http_part_fn *part = host.part;
	size_t half = body.len / 2;

	part(&head, (struct aicx_str) { body.ptr, half }, host.arg);
	if (host.open && host.part != NULL)
		part(&head,
		    (struct aicx_str) { body.ptr + half, body.len - half },
		    host.arg);
	answer((struct aicx_str) { NULL, 0 }, "text/event-stream");
}

static void
play(char kind, struct aicx_str said, void *state)
{
	const struct aicx_gateway_ops *ops = aicx_plugin.ops.gateway;
	struct aicx_errand *errand = (struct aicx_errand *)&host;
	const struct aicx_work work = {
		.size = sizeof work,
		.kind = STR("a2a"),
		.url = STR("http://a.example"),
		.execution_id = STR("0197f2d4-0000-7000-8000-000000000001"),
		.timeout_ms = 30000,
		.capability = STR("x"),
		.input = STR("{\"text\":\"a\"}"),
	};

	if (kind == 'c') {
		ops->describe(state, errand, work.kind, work.url);
		answer(said, "application/json");
		answer(STR("{}"), "application/json"); /* of a probe */
		return;
	}
	ops->execute(state, errand, &work);
	answer(str_of(kind == 's'    ? CARD("JSONRPC", "true")
		       : kind == 'r' ? CARD("HTTP+JSON", "false")
				     : CARD("JSONRPC", "false")),
	    "application/json");
	if (kind == 's')
		stream(said);
	else
		answer(said, "application/json");
	answer(said, "application/json"); /* of GetTask or CancelTask */
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct fake *fake;
	struct aicx_error error;
	void *settings, *state;

	if (size < 1)
		return 0;
	memset(&host, 0, sizeof host);
	fake = fake_new();
	fake_keys(fake);
	fake->table.http_request = host_http_request;
	fake->table.http_cancel = host_http_cancel;
	fake->table.errand_done = host_errand_done;
	fake->table.errand_progress = host_errand_progress;
	fake->table.errand_ask = host_errand_ask;
	fake->table.verify_jws = host_verify_jws;
	settings = fake_settings(&aicx_plugin);
	fake_set(settings, &aicx_plugin, "card_keys", 0,
	    "EdDSA:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA:k1");
	if (aicx_plugin.open(&fake->table, fake_self(fake), settings, &state,
		&error) != AICX_OK)
		abort();
	play((char)*data,
	    (struct aicx_str) { (const char *)data + 1, size - 1 }, state);
	aicx_plugin.close(state);
	fake_keys_free(fake->keys);
	fake_free(fake);
	free(settings);
	return 0;
}
