/* SPDX-License-Identifier: Apache-2.0 */
/* call.c - one wire method, asked of the broker. */
#include "cli/call.h"

#include <string.h>

#include "base/b64.h"
#include "base/err.h"
#include "base/id.h"
#include "base/json.h"
#include "base/str.h"
#include "cli/http.h"
#include "cli/outside.h"
#include "cli/problem.h"

enum { STATUS_BAD_FIRST = 400 };

static aicx_err
answer_take(struct http_answer *answer, struct buf *ret_result,
    struct aicx_error *reterr)
{
	if (answer->status >= STATUS_BAD_FIRST)
		return problem_parse(
		    buf_view(&answer->body), answer->status, reterr);
	buf_str(ret_result, buf_view(&answer->body));
	return AICX_OK;
}

static aicx_err
call_rest(struct invocation *inv, const struct call *call,
    struct buf *ret_result, struct aicx_error *reterr)
{
	struct buf target = { 0 }, body = { 0 };
	struct http_answer answer = { 0 };
	struct aicx_id id = outside_id();
	struct id_text fresh = id_text(&id);
	struct http_request request = {
		.method = call->route->http,
		.bearer = inv->self.api_key,
		.timeout_ms = call->timeout_ms,
	};

	aicx_err err =
	    call_target(call->route, call->params, &target, &body, reterr);
	request.target = buf_view(&target);
	if (body.len > 0)
		request.body = buf_view(&body);
	if (strcmp(request.method, "POST") == 0)
		request.idempotency_key = call->key ? call->key : fresh.text;
	if (err == AICX_OK)
		err = http_ask(&inv->url, &request, &answer, reterr);
	if (err == AICX_OK)
		err = answer_take(&answer, ret_result, reterr);
	http_answer_fini(&answer);
	buf_fini(&target);
	buf_fini(&body);
	return err;
}

aicx_err
call_session(
    struct invocation *inv, struct channel **ret, struct aicx_error *reterr)
{
	struct pins *pins = arena_new(&inv->arena, sizeof *pins);
	struct channel_config config = {
		.url = &inv->url,
		.self = &inv->self,
		.pins = pins,
		.timeout_ms = CALL_TIMEOUT_MS,
	};
	bool pinned = false;

	aicx_err err = invocation_pins(inv, pins, reterr);
	if (err == AICX_OK)
		err = channel_open(&config, ret, &pinned, reterr);
	if (pinned)
		invocation_note("first use of the broker at %s: its key is "
				"now pinned in %s",
		    inv->url.origin, pins->path);
	return err;
}

/* {"method":NAME,<params>}. */
static aicx_err
payload_print(
    const struct call *call, struct buf *out, struct aicx_error *reterr)
{
	struct aicx_str rest = str_trim(call->params);
	struct json_writer w = json_writer(out);

	json_open(&w, '{');
	json_key(&w, "method");
	json_put_text(&w, call->route->method);
	if (rest.len < 2 || rest.ptr[0] != '{')
		return err_word(reterr, AICX_EINVAL, "usage",
		    "the parameters are no JSON object");
	rest.ptr++, rest.len--;
	if (str_trim(rest).ptr[0] != '}')
		buf_char(out, ',');
	buf_str(out, rest);
	return AICX_OK;
}

/* A repeat is known by its message id, so one key is always one id. */
static struct aicx_id
message_id(const char *key)
{
	struct aicx_id id;
	uint8_t hash[HASH_BYTES];

	if (key == NULL)
		return outside_id();
	if (id_parse(str_of(key), &id))
		return id;
	sha256(key, strlen(key), hash);
	return id_v8(hash);
}

static aicx_err
call_method(struct invocation *inv, const struct call *call,
    struct buf *ret_result, struct aicx_error *reterr)
{
	struct channel *channel = NULL;
	struct buf payload = { 0 };
	struct aicx_id id = message_id(call->key);

	aicx_err err = payload_print(call, &payload, reterr);
	if (err == AICX_OK)
		err = call_session(inv, &channel, reterr);
	if (err == AICX_OK)
		err = channel_request(channel, &id, buf_view(&payload),
		    call->timeout_ms, ret_result, reterr);
	channel_free(channel);
	buf_fini(&payload);
	return err;
}

aicx_err
call_broker(struct invocation *inv, const struct call *call,
    struct buf *ret_result, struct aicx_error *reterr)
{
	struct call limited = *call;

	if (limited.timeout_ms == 0)
		limited.timeout_ms = CALL_TIMEOUT_MS;
	if (inv->self.api_key == NULL && inv->self.key != NULL)
		return call_method(inv, &limited, ret_result, reterr);
	return call_rest(inv, &limited, ret_result, reterr);
}

aicx_err
call_get(struct invocation *inv, const char *path, int *ret_status,
    struct buf *ret_body, struct aicx_error *reterr)
{
	struct http_answer answer = { 0 };
	struct http_request request = {
		.method = "GET",
		.target = str_of(path),
		.bearer = inv->self.api_key,
		.timeout_ms = CALL_TIMEOUT_MS,
	};

	aicx_err err = http_ask(&inv->url, &request, &answer, reterr);
	if (err == AICX_OK) {
		*ret_status = answer.status;
		buf_str(ret_body, buf_view(&answer.body));
	}
	http_answer_fini(&answer);
	return err;
}

static aicx_err
card_parse(
    struct aicx_str text, struct broker_card *ret, struct aicx_error *reterr)
{
	struct arena arena = { 0 };
	struct json doc;
	aicx_err err = AICX_OK;

	if (json_parse(text, &arena, &doc, NULL) != AICX_OK ||
	    !id_parse(json_str(json_get(json_root(&doc), "broker_id"), &arena),
		&ret->broker_id) ||
	    !b64_parse(
		json_str(json_get(json_root(&doc), "public_key"), &arena),
		ret->key, sizeof ret->key))
		err = err_word(reterr, AICX_EINVAL, "malformed",
		    "what answers at /.well-known/aiconexus names no broker "
		    "and key; is another service on this port?");
	arena_fini(&arena);
	return err;
}

aicx_err
call_broker_card(
    struct invocation *inv, struct broker_card *ret, struct aicx_error *reterr)
{
	struct buf text = { 0 };
	struct pins pins;
	enum pin_verdict verdict = PIN_KNOWN;
	int status = 0;

	aicx_err err =
	    call_get(inv, "/.well-known/aiconexus", &status, &text, reterr);
	if (err == AICX_OK)
		err = card_parse(buf_view(&text), ret, reterr);
	if (err == AICX_OK)
		err = invocation_pins(inv, &pins, reterr);
	if (err == AICX_OK)
		err = pins_hold(&pins, inv->url.origin, &ret->broker_id,
		    ret->key, url_is_loopback(&inv->url), &verdict, reterr);
	if (err == AICX_OK && verdict == PIN_ADDED)
		invocation_note("first use of the broker at %s: its key is "
				"now pinned in %s",
		    inv->url.origin, pins.path);
	buf_fini(&text);
	return err;
}
