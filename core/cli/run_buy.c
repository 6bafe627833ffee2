/* SPDX-License-Identifier: Apache-2.0 */
/*
 * run_buy.c - aicx buy: from a need to a paid result in one request.
 *
 * The request carries an idempotency key, so when the connection or the broker
 * is lost half-way it is simply asked again: the same deal, one charge.
 */
#include <poll.h>
#include <stdio.h>
#include <string.h>

#include "base/err.h"
#include "base/id.h"
#include "base/json.h"
#include "base/str.h"
#include "cli/call.h"
#include "cli/outside.h"
#include "cli/params.h"
#include "cli/run.h"

enum {
	DEADLINE_MS = 60000, /* when --deadline is not said */
	GRACE_MS = 15000, /* for the answer to come back after it */
	AGAIN_MS = 300
};

static aicx_err
deadline_take(
    const struct invocation *inv, int64_t *ret_ms, struct aicx_error *reterr)
{
	const char *text = invocation_value(inv, "deadline");

	*ret_ms = DEADLINE_MS;
	return text ? duration_parse(text, ret_ms, reterr) : AICX_OK;
}

/* A buyer with a key and no mandate named signs one for just this deal. */
static aicx_err
put_mandate(struct invocation *inv, struct json_writer *w, int64_t deadline_ms,
    struct aicx_error *reterr)
{
	struct broker_card card;
	struct mandate_wish wish = {
		.need = invocation_value(inv, "CAPABILITY"),
		.max_each = invocation_value(inv, "max"),
		.choose = invocation_value(inv, "choose"),
		.valid_ms = deadline_ms + GRACE_MS,
		.key = invocation_value(inv, "key"),
	};

	if (inv->self.key == NULL || invocation_flag(inv, "mandate") ||
	    invocation_flag(inv, "standing"))
		return AICX_OK;
	aicx_err err = call_broker_card(inv, &card, reterr);
	if (err == AICX_OK) {
		json_key(w, "mandate");
		err = run_put_deal_mandate(
		    inv, w, &card.broker_id, &wish, reterr);
	}
	return err;
}

static aicx_err
put_input(const struct invocation *inv, struct json_writer *w,
    struct aicx_error *reterr)
{
	struct buf input = { 0 };

	aicx_err err = input_print(invocation_value(inv, "input"),
	    !invocation_flag(inv, "json"), &input, reterr);
	if (err == AICX_OK) {
		json_key(w, "input");
		json_put_raw(w, buf_view(&input));
	}
	buf_fini(&input);
	return err;
}

static aicx_err
print_params(struct invocation *inv, int64_t deadline_ms, struct buf *out,
    struct aicx_error *reterr)
{
	struct json_writer w = json_writer(out);

	json_open(&w, '{');
	aicx_err err = params_put(inv, &w, reterr);
	if (err == AICX_OK)
		err = put_input(inv, &w, reterr);
	if (err == AICX_OK)
		err = put_mandate(inv, &w, deadline_ms, reterr);
	json_close(&w);
	return err;
}

/* Only what left no answer is asked again; a refusal is final. */
static bool
is_lost(aicx_err err, const struct aicx_error *why)
{
	return err != AICX_OK && strcmp(why->word, "unavailable") == 0;
}

static aicx_err
ask_until(struct invocation *inv, struct call *call, int64_t until_ms,
    struct buf *result, struct aicx_error *reterr)
{
	bool was_there = false; /* else there is no broker, not a lost one */

	for (;;) {
		call->timeout_ms = until_ms - outside_now_ms();
		aicx_err err = call_broker(inv, call, result, reterr);
		was_there |= err != AICX_EAGAIN;
		if (!is_lost(err, reterr) || !was_there ||
		    outside_now_ms() + AGAIN_MS >= until_ms)
			return err;
		invocation_note("%s; asking again", reterr->text);
		(void)poll(NULL, 0, AGAIN_MS);
	}
}

/* The result on stdout: a text as it is, anything else as JSON. */
static void
print_output(struct json_ref result, struct arena *arena)
{
	struct aicx_str shown = json_type(result) == JSON_STRING
	    ? json_str(result, arena)
	    : json_raw(result);

	(void)fwrite(shown.ptr, 1, shown.len, stdout);
	if (shown.len == 0 || shown.ptr[shown.len - 1] != '\n')
		(void)fputc('\n', stdout);
}

static void
print_why(struct json_ref root, struct arena *arena)
{
	struct json_ref price = json_get(root, "price");
	struct json_ref why = json_get(root, "why");
	struct json_ref parts = json_get(why, "parts");
	struct aicx_str rule = json_str(json_get(why, "rule"), arena);
	struct aicx_str reason = json_str(json_get(why, "reason"), arena);

	(void)fprintf(stderr, "deal      %.*s %.*s\n",
	    STR_ARG(json_str(json_get(root, "deal_id"), arena)),
	    STR_ARG(json_str(json_get(root, "state"), arena)));
	(void)fprintf(stderr, "price     %.*s %.*s\n",
	    STR_ARG(json_str(json_get(price, "amount"), arena)),
	    STR_ARG(json_str(json_get(price, "currency"), arena)));
	(void)fprintf(stderr, "provider  %.*s\n",
	    STR_ARG(json_str(json_get(root, "provider_id"), arena)));
	if (rule.len > 0)
		(void)fprintf(stderr,
		    "why       %.*s of %zu offers, score %.*s %.*s%s%.*s\n",
		    STR_ARG(rule), json_len(json_get(why, "offers")),
		    STR_ARG(json_raw(json_get(why, "score"))),
		    STR_ARG(json_raw(parts)), reason.len ? ": " : "",
		    STR_ARG(reason));
}

static aicx_err
result_show(
    struct invocation *inv, struct aicx_str text, struct aicx_error *reterr)
{
	const char *path = invocation_value(inv, "save");
	struct arena arena = { 0 };
	struct json doc;

	aicx_err err = json_parse(text, &arena, &doc, reterr);
	if (err == AICX_OK && inv->json) {
		(void)printf("%.*s\n", STR_ARG(text));
	} else if (err == AICX_OK) {
		print_output(json_get(json_root(&doc), "result"), &arena);
		(void)fflush(stdout);
		print_why(json_root(&doc), &arena);
	}
	if (err == AICX_OK && path != NULL)
		err = run_save_deal(inv,
		    json_str(json_get(json_root(&doc), "deal_id"), &arena),
		    path, reterr);
	arena_fini(&arena);
	return err;
}

int
run_buy(struct invocation *inv)
{
	struct buf params = { 0 }, result = { 0 };
	struct aicx_error why = { 0 };
	struct aicx_id id = outside_id();
	struct id_text fresh = id_text(&id);
	const char *key = invocation_value(inv, "key");
	int64_t deadline_ms = 0;
	struct call call = {
		.route = &inv->words->verb->route,
		.key = key ? key : fresh.text,
	};

	aicx_err err = invocation_need_self(inv, &why);
	if (err == AICX_OK)
		err = deadline_take(inv, &deadline_ms, &why);
	if (err == AICX_OK)
		err = print_params(inv, deadline_ms, &params, &why);
	call.params = buf_view(&params);
	if (err == AICX_OK)
		err = ask_until(inv, &call,
		    outside_now_ms() + deadline_ms + GRACE_MS, &result, &why);
	if (err == AICX_OK)
		err = result_show(inv, buf_view(&result), &why);
	buf_fini(&params);
	buf_fini(&result);
	return err == AICX_OK ? STATUS_OK : invocation_fail(&why);
}

int
run_execution_run(struct invocation *inv)
{
	struct buf params = { 0 }, result = { 0 };
	struct aicx_error why = { 0 };
	struct json_writer w = json_writer(&params);
	struct call call = {
		.route = &inv->words->verb->route,
		.key = invocation_value(inv, "key"),
	};

	json_open(&w, '{');
	aicx_err err = deadline_take(inv, &call.timeout_ms, &why);
	if (err == AICX_OK)
		err = params_put(inv, &w, &why);
	if (err == AICX_OK)
		err = put_input(inv, &w, &why);
	json_close(&w);
	call.params = buf_view(&params);
	if (err == AICX_OK)
		err = call_broker(inv, &call, &result, &why);
	if (err == AICX_OK)
		run_print_result(inv, buf_view(&result));
	buf_fini(&params);
	buf_fini(&result);
	return err == AICX_OK ? STATUS_OK : invocation_fail(&why);
}
