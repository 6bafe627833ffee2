/* SPDX-License-Identifier: Apache-2.0 */
/*
 * load_http.c - POSTs over connections that are kept, one under way on each.
 *
 * rest: work ordered over REST from a seller with a session, for nothing: what
 * comes back is the seller's result, and a record of it is on the disk.  mcp:
 * the same by tools/call.  ask: a signed question that is passed on to a
 * seller, and its answer, of which nothing is kept.  http: the same POST to a
 * server that is no broker, for comparison.
 */
#include <stdio.h>
#include <stdlib.h>

#include "base/b64.h"
#include "base/err.h"
#include "base/mem.h"
#include "base/str.h"
#include "caller.h"
#include "cli/http.h"
#include "cli/outside.h"
#include "protocol/object.h"
#include "protocol/session.h"

enum { SELLERS = 8, WAIT_MS = 10000 };

static const char capability[] = "bench.rest";
static const char input[] =
    "Words enough for a small piece of work: the text that a seller would "
    "check, turn round and give back.";

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
		callers[i].url = &load->town->url;
		caller_put(&callers[i], buf_view(&body));
		caller_start(&callers[i], load);
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

	if (env->type == MSG_QUERY) /* a buyer asks */
		party_send(
		    party, MSG_RESULT, &env->sender_id, &env->id, env->payload);
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

/* A buyer whose key the broker keeps, with an API key. */
static void
buyer_new(const struct load *load, struct caller *caller,
    struct party *operator, struct buf * buf)
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
	caller->bearer = bearer;
	caller->id = id;
	caller->credential_id =
	    party_id_of(operator, json_root(&doc), "credential_id");
	load_fund(operator, & id, buf);
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

/* The question anew, with an id and a time of its own. */
static void
sign_question(struct caller *caller)
{
	struct envelope_head head = {
		.id = outside_id(),
		.sender_id = caller->id,
		.receiver_id = caller->seller_id,
		.type = MSG_QUERY,
		.timestamp_ms = outside_wall_ms(),
	};
	struct buf text = { 0 }, payload = { 0 };

	head.expires_ms = head.timestamp_ms + WAIT_MS;
	print_body(&payload);
	envelope_print(&text, &head, buf_view(&payload));
	envelope_sign_mac(&text, 0, caller->mac,
	    str_of(id_text(&caller->credential_id).text));
	caller_put(caller, buf_view(&text));
	buf_fini(&text);
	buf_fini(&payload);
}

static void
will_order(struct caller *caller)
{
	struct buf body = { 0 };

	print_body(&body);
	caller_put(caller, buf_view(&body));
	buf_fini(&body);
}

static void
will_call(struct caller *caller)
{
	struct buf body = { 0 };

	print_call(caller, &body);
	(void)snprintf(caller->path, sizeof caller->path, "/mcp");
	caller_put(caller, buf_view(&body));
	buf_fini(&body);
}

static void
will_ask(struct caller *caller)
{
	struct session_keys keys;

	api_key_derive(str_of(caller->bearer), &keys);
	caller->mac =
	    mac_new(keys.agent_to_broker, sizeof keys.agent_to_broker);
	caller->bearer = NULL; /* the signature says who it is */
	caller->renew = sign_question;
	(void)snprintf(caller->path, sizeof caller->path, "/v1/messages");
}

static void
run(const struct load *load, const char *what,
    void (*prepare)(struct caller *caller))
{
	struct caller *callers =
	    mem_new((size_t)load->n_askers * sizeof *callers);
	struct party operator, sellers[SELLERS];
	struct buf buf = { 0 };

	party_open(
	    &operator, load->town, load->operator_identity, on_order, NULL);
	for (int i = 0; i < SELLERS; i++) {
		party_open(&sellers[i], load->town, NULL, on_order, NULL);
		load_register(&sellers[i], capability, "0", &buf);
	}
	for (int i = 0; i < load->n_askers; i++) {
		struct party *seller = &sellers[i % SELLERS];
		callers[i].url = &load->town->url;
		callers[i].seller_id = seller->self.agent_id;
		buyer_new(load, &callers[i], &operator, & buf);
		agree(load, &callers[i], seller, &buf);
	}
	for (int i = 0; i < SELLERS; i++)
		party_join(&sellers[i]);
	for (int i = 0; i < load->n_askers; i++) {
		prepare(&callers[i]);
		caller_start(&callers[i], load);
	}
	crowd_run(&load->town->crowd, load->measure_us);
	load_print(&load->town->crowd, what);
}

void
load_rest(const struct load *load)
{
	run(load, "rest", will_order);
}

void
load_mcp(const struct load *load)
{
	run(load, "mcp_call", will_call);
}

void
load_ask(const struct load *load)
{
	run(load, "rest_ask", will_ask);
}
