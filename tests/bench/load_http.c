/* SPDX-License-Identifier: Apache-2.0 */
/*
 * load_http.c - POSTs over connections that are kept, one under way on each.
 *
 * rest: work ordered over REST from a seller with a session, for nothing: what
 * comes back is the seller's result.  mcp: the same by tools/call.  http: the
 * same POST to a server that is no broker, for comparison.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/b64.h"
#include "base/err.h"
#include "base/mem.h"
#include "base/str.h"
#include "cli/http.h"
#include "cli/net.h"
#include "cli/outside.h"
#include "load.h"
#include "protocol/object.h"

enum { SELLERS = 8, WAIT_MS = 10000 };

static const char capability[] = "bench.rest";
static const char input[] =
    "Words enough for a small piece of work: the text that a seller would "
    "check, turn round and give back.";

struct caller { /* an HTTP client with one request under way */
	struct crowd *crowd;
	struct watched watched;
	struct buf request, bytes, body;
	const char *bearer; /* or NULL */
	char path[96];
	char contract_id[40]; /* under which it orders */
	int64_t begun_us;
	struct net net;
};

/* --- callers ------------------------------------------------------------- */

static void
caller_send(struct caller *caller)
{
	caller->begun_us = gauge_now_us();
	ENSURE(net_write(&caller->net, buf_view(&caller->request),
		   outside_now_ms() + WAIT_MS, NULL) == AICX_OK);
}

/* Answers have a length; AICX_EAGAIN: it is not all there. */
static aicx_err
answer_take(struct caller *caller)
{
	struct http_head head;

	aicx_err err = http_head_parse(buf_view(&caller->bytes), &head, NULL);
	if (err == AICX_OK)
		err = http_body_parse(&head, buf_view(&caller->bytes), false,
		    &caller->body, NULL);
	if (err == AICX_OK &&
	    (head.status != 200 ||
		memmem(caller->body.ptr, caller->body.len, "\"isError\":true",
		    14) != NULL)) {
		(void)fprintf(stderr, "load: %s\n", buf_cstr(&caller->bytes));
		exit(1);
	}
	return err;
}

static bool
caller_turn(void *arg)
{
	struct caller *caller = arg;
	bool eof = false;

	aicx_err err = net_read_ready(&caller->net, &caller->bytes, &eof, NULL);
	if (err == AICX_EAGAIN)
		return true;
	if (err != AICX_OK || eof) {
		(void)fprintf(stderr, "load: the connection was closed\n");
		return false;
	}
	err = answer_take(caller);
	if (err == AICX_EAGAIN)
		return true;
	if (err != AICX_OK)
		return false;
	crowd_note(caller->crowd, caller->begun_us);
	buf_clear(&caller->bytes);
	buf_clear(&caller->body);
	if (!caller->crowd->ended)
		caller_send(caller);
	return true;
}

static void
caller_start(
    struct caller *caller, const struct load *load, struct aicx_str body)
{
	const struct url *url = &load->town->url;

	caller->crowd = &load->town->crowd;
	buf_printf(&caller->request,
	    "POST %s HTTP/1.1\r\nHost: %s\r\nContent-Type: application/json\r\n"
	    "Accept: application/json, text/event-stream\r\n",
	    caller->path, url->authority);
	if (caller->bearer != NULL)
		buf_printf(&caller->request, "Authorization: Bearer %s\r\n",
		    caller->bearer);
	buf_printf(&caller->request, "Content-Length: %zu\r\n\r\n", body.len);
	buf_str(&caller->request, body);
	ENSURE(net_connect(url, &caller->net, NULL) == AICX_OK);
	caller->watched = (struct watched) { caller_turn, caller };
	crowd_add(caller->crowd, caller->net.fd, &caller->watched);
	caller_send(caller);
}

static void
print_body(struct buf *buf)
{
	struct json_writer w = json_writer(buf);

	json_open(&w, '{');
	json_key(&w, "input");
	json_put_text(&w, input);
	json_close(&w);
}

void
load_http(const struct load *load)
{
	struct caller *callers =
	    mem_new((size_t)load->n_askers * sizeof *callers);
	struct buf body = { 0 };

	print_body(&body);
	for (int i = 0; i < load->n_askers; i++) {
		(void)snprintf(
		    callers[i].path, sizeof callers[i].path, "/work");
		caller_start(&callers[i], load, buf_view(&body));
	}
	crowd_run(&load->town->crowd, load->measure_us);
	load_print(&load->town->crowd, "http");
}

/* --- through the broker ------------------------------------------------------
 */

static void
on_order(struct party *party, const struct envelope *env)
{
	struct buf payload = { 0 };
	struct json doc;

	if (env->type != MSG_EXECUTE ||
	    json_parse(env->payload, &party->mem, &doc, NULL) != AICX_OK)
		return;
	struct aicx_id id = party_id_of(party, json_root(&doc), "execution_id");
	struct json_writer w = json_writer(&payload);
	json_open(&w, '{');
	json_key(&w, "execution_id");
	json_put_id(&w, &id);
	json_key(&w, "output");
	json_put_raw(&w, json_raw(json_get(json_root(&doc), "input")));
	json_close(&w);
	party_send(party, MSG_RESULT, NULL, &env->id, buf_view(&payload));
	buf_fini(&payload);
}

/* A POST that a caller needs before it can begin; the answer's root. */
static struct json
ask(const struct load *load, const char *bearer, const char *path,
    struct buf *body)
{
	struct arena *mem = &load->town->mem;
	const struct http_request request = { .method = "POST",
		.target = str_of(path),
		.bearer = bearer,
		.body = buf_view(body),
		.timeout_ms = WAIT_MS };
	struct http_answer answer = { 0 };
	struct json doc;

	ENSURE(http_ask(&load->town->url, &request, &answer, NULL) == AICX_OK);
	if (answer.status >= 300) {
		(void)fprintf(
		    stderr, "load: %s: %s\n", path, buf_cstr(&answer.body));
		exit(1);
	}
	ENSURE(json_parse(arena_str(mem, buf_view(&answer.body)), mem, &doc,
		   NULL) == AICX_OK);
	http_answer_fini(&answer);
	buf_clear(body);
	return doc;
}

/* A buyer whose key the broker keeps; its API key. */
static const char *
buyer_new(const struct load *load, struct party *operator, struct buf * buf)
{
	struct arena *mem = &load->town->mem;
	struct json_writer w = request_begin(buf, "discovery.register");
	struct aicx_id id = outside_id();

	json_key(&w, "agent_id");
	json_put_id(&w, &id);
	json_key(&w, "name");
	json_put_text(&w, "buyer");
	json_close(&w);
	(void)party_ask(operator, buf);
	w = request_begin(buf, "security.generate_credentials");
	json_key(&w, "agent_id");
	json_put_id(&w, &id);
	json_key(&w, "kind");
	json_put_text(&w, "api_key");
	json_close(&w);
	struct json doc = party_ask(operator, buf);
	struct aicx_str key =
	    json_str(json_get(json_root(&doc), "api_key"), &operator->mem);
	char *bearer = arena_new(mem, key.len + 1);
	ENSURE(str_copy(key, bearer, key.len + 1));
	load_fund(operator, & id, buf);
	return bearer;
}

static void
seller_sign(struct party *seller, struct aicx_str contract_id,
    struct aicx_str text, struct buf *buf)
{
	struct signed_object object =
	    object_sign(seller->self.key, SIG_CONTRACT, text);
	struct json_writer w = request_begin(buf, "negotiation.sign_contract");
	char signature[B64_LEN(SIG_BYTES)];

	b64_print(object.signature, SIG_BYTES, signature);
	json_key(&w, "contract_id");
	json_put_str(&w, contract_id);
	json_key(&w, "key_id");
	json_put_str(&w, object.key_id);
	json_key(&w, "signature");
	json_put_str(&w, (struct aicx_str) { signature, sizeof signature });
	json_close(&w);
	(void)party_ask(seller, buf);
}

/* Both sign; the caller will post to the contract's executions. */
static void
agree(const struct load *load, struct caller *caller, struct party *seller,
    struct buf *buf)
{
	char *path = caller->path;
	size_t size = sizeof caller->path;
	struct arena *mem = &load->town->mem;
	struct json_writer w = json_writer(buf);

	json_open(&w, '{');
	json_key(&w, "provider_id");
	json_put_id(&w, &seller->self.agent_id);
	json_key(&w, "capability");
	json_put_text(&w, capability);
	json_key(&w, "terms");
	json_put_text(&w,
	    "{\"pricing\":{\"model\":\"per_call\",\"base_cost\":"
	    "{\"amount\":\"0\",\"currency\":\"AIC\"}}}");
	json_key(&w, "max_executions");
	json_put_int(&w, 1000000);
	json_close(&w);
	struct json made = ask(load, caller->bearer, "/v1/contracts", buf);
	struct aicx_str id =
	    json_str(json_get(json_root(&made), "contract_id"), mem);
	struct aicx_str text =
	    json_str(json_get(json_root(&made), "text"), mem);
	(void)snprintf(
	    path, size, "/v1/contracts/%.*s/signatures", STR_ARG(id));
	buf_text(buf, "{}");
	(void)ask(load, caller->bearer, path, buf);
	seller_sign(seller, id, text, buf);
	(void)snprintf(
	    path, size, "/v1/contracts/%.*s/executions", STR_ARG(id));
	(void)str_copy(id, caller->contract_id, sizeof caller->contract_id);
}

/* The tool that orders work under a contract. */
static void
print_call(const struct caller *caller, struct buf *buf)
{
	struct json_writer w = json_writer(buf);

	json_open(&w, '{');
	json_key(&w, "jsonrpc");
	json_put_text(&w, "2.0");
	json_key(&w, "id");
	json_put_int(&w, 1);
	json_key(&w, "method");
	json_put_text(&w, "tools/call");
	json_key(&w, "params");
	json_open(&w, '{');
	json_key(&w, "name");
	json_put_text(&w, "execute");
	json_key(&w, "arguments");
	json_open(&w, '{');
	json_key(&w, "contract_id");
	json_put_text(&w, caller->contract_id);
	json_key(&w, "parameters");
	json_open(&w, '{');
	json_key(&w, "text");
	json_put_text(&w, input);
	json_close(&w);
	json_close(&w);
	json_close(&w);
	json_close(&w);
}

static void
order(const struct load *load, const char *what, bool by_mcp)
{
	struct caller *callers =
	    mem_new((size_t)load->n_askers * sizeof *callers);
	struct party operator, sellers[SELLERS];
	struct buf buf = { 0 }, body = { 0 };

	print_body(&body);
	party_open(
	    &operator, load->town, load->operator_identity, on_order, NULL);
	for (int i = 0; i < SELLERS; i++) {
		party_open(&sellers[i], load->town, NULL, on_order, NULL);
		load_register(&sellers[i], capability, "0", &buf);
	}
	for (int i = 0; i < load->n_askers; i++) {
		callers[i].bearer = buyer_new(load, &operator, & buf);
		agree(load, &callers[i], &sellers[i % SELLERS], &buf);
	}
	for (int i = 0; i < SELLERS; i++)
		party_join(&sellers[i]);
	for (int i = 0; i < load->n_askers; i++) {
		if (by_mcp) {
			buf_clear(&body);
			print_call(&callers[i], &body);
			(void)snprintf(
			    callers[i].path, sizeof callers[i].path, "/mcp");
		}
		caller_start(&callers[i], load, buf_view(&body));
	}
	crowd_run(&load->town->crowd, load->measure_us);
	load_print(&load->town->crowd, what);
}

void
load_rest(const struct load *load)
{
	order(load, "rest", false);
}

void
load_mcp(const struct load *load)
{
	order(load, "mcp_call", true);
}
