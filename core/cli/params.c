/* SPDX-License-Identifier: Apache-2.0 */
/* params.c - from words to a method's parameters. */
#include "cli/params.h"

#include <string.h>

#include "base/clock.h"
#include "base/err.h"
#include "base/id.h"
#include "base/str.h"
#include "cli/amount.h"
#include "cli/file.h"
#include "cli/outside.h"

aicx_err
duration_parse(const char *text, int64_t *ret_ms, struct aicx_error *reterr)
{
	static const struct {
		const char *unit;
		int64_t ms;
	} units[] = { { "ms", 1 }, { "s", 1000 }, { "m", 60000 },
		{ "h", 3600000 }, { "d", 86400000 } };
	struct aicx_str all = str_of(text), digits = all;
	int64_t number;

	for (size_t i = 0; i < sizeof units / sizeof units[0]; i++) {
		if (!str_ends(all, units[i].unit))
			continue;
		digits.len = all.len - strlen(units[i].unit);
		if (str_int(digits, &number) && number > 0 &&
		    number <= INT64_C(3153600000000) / units[i].ms) {
			*ret_ms = number * units[i].ms;
			return AICX_OK;
		}
	}
	return err_word(reterr, AICX_EINVAL, "usage",
	    "cannot read the duration \"%s\": write a number and ms, s, m, h "
	    "or d, such as \"30s\"",
	    text);
}

aicx_err
moment_parse(const char *text, int64_t now_ms, int64_t *ret_ms,
    struct aicx_error *reterr)
{
	int64_t ms;

	if (text[0] == '+') {
		aicx_err err = duration_parse(text + 1, &ms, reterr);
		if (err == AICX_OK)
			*ret_ms = now_ms + ms;
		return err;
	}
	if (time_parse(str_of(text), ret_ms))
		return AICX_OK;
	return err_word(reterr, AICX_EINVAL, "usage",
	    "cannot read the time \"%s\": write 2027-01-31T00:00:00Z, or +30d",
	    text);
}

aicx_err
input_print(
    const char *path, bool as_text, struct buf *buf, struct aicx_error *reterr)
{
	struct buf text = { 0 };
	struct arena arena = { 0 };
	struct json doc;

	aicx_err err = file_read(path, INPUT_BYTES_MAX, &text, reterr);
	if (err == AICX_OK && !str_is_utf8(buf_view(&text)))
		err = err_word(reterr, AICX_EINVAL, "invalid_input",
		    "cannot send \"%s\": it is not UTF-8 text", path);
	if (err == AICX_OK && !as_text &&
	    json_parse(buf_view(&text), &arena, &doc, NULL) == AICX_OK) {
		buf_str(buf, json_raw(json_root(&doc)));
	} else if (err == AICX_OK) {
		struct json_writer w = json_writer(buf);
		json_put_str(&w, buf_view(&text));
	}
	arena_fini(&arena);
	buf_fini(&text);
	return err;
}

static bool
is_literal(const char *text)
{
	return text[0] == '{' || text[0] == '[' || text[0] == '"';
}

/* A file or a literal, checked as JSON. */
static aicx_err
json_take(const char *text, struct buf *buf, struct aicx_error *reterr)
{
	struct arena arena = { 0 };
	struct aicx_error why = { 0 };
	struct json doc;
	aicx_err err = AICX_OK;

	if (is_literal(text))
		buf_text(buf, text);
	else
		err = file_read(text, INPUT_BYTES_MAX, buf, reterr);
	if (err == AICX_OK &&
	    json_parse(buf_view(buf), &arena, &doc, &why) != AICX_OK)
		err = err_word(reterr, AICX_EINVAL, "usage",
		    "cannot read \"%.40s\" as JSON: %s", text, why.text);
	arena_fini(&arena);
	return err;
}

static aicx_err
put_json(struct json_writer *w, const char *text, struct aicx_error *reterr)
{
	struct buf json = { 0 };

	aicx_err err = json_take(text, &json, reterr);
	if (err == AICX_OK)
		json_put_raw(w, str_trim(buf_view(&json)));
	buf_fini(&json);
	return err;
}

static aicx_err
put_number(struct json_writer *w, const struct arg *arg, const char *text,
    struct aicx_error *reterr)
{
	int64_t number;

	if (!str_int(str_of(text), &number))
		return err_word(reterr, AICX_EINVAL, "usage",
		    "\"%s\" is no number, for \"%s\"", text, arg->name);
	json_put_int(w, number);
	return AICX_OK;
}

aicx_err
params_put_value(struct json_writer *w, const struct arg *arg, const char *text,
    struct aicx_error *reterr)
{
	struct amount amount;
	int64_t number = 0;
	aicx_err err = AICX_OK;

	switch (arg->type) {
	case ARG_TEXT:
	case ARG_TEXTS:
		json_put_text(w, text);
		break;
	case ARG_INT:
		return put_number(w, arg, text, reterr);
	case ARG_MONEY:
		err = amount_from_text(str_of(text), &amount, reterr);
		if (err == AICX_OK)
			amount_put(w, &amount);
		break;
	case ARG_MSEC:
		err = duration_parse(text, &number, reterr);
		if (err == AICX_OK)
			json_put_int(w, number);
		break;
	case ARG_TIME:
		err = moment_parse(text, outside_wall_ms(), &number, reterr);
		if (err == AICX_OK)
			json_put_time(w, number);
		break;
	case ARG_JSON:
		return put_json(w, text, reterr);
	case ARG_FLAG:
		json_put_bool(w, true);
		break;
	}
	return err;
}

/* All values of a repeated option as one array. */
static aicx_err
put_texts(const struct words *words, struct json_writer *w,
    const struct arg *arg, struct aicx_error *reterr)
{
	aicx_err err = AICX_OK;

	json_open(w, '[');
	for (size_t i = 0; i < words->n_given && err == AICX_OK; i++)
		if (words->given[i].arg == arg)
			err = params_put_value(
			    w, arg, words->given[i].text, reterr);
	json_close(w);
	return err;
}

static aicx_err
put_arg(struct invocation *inv, struct json_writer *w, const struct arg *arg,
    struct aicx_error *reterr)
{
	const char *text = words_value(inv->words, arg->name);

	if (text == NULL && (arg->flags & ARGF_SELF) != 0 && inv->has_self)
		text = arena_printf(
		    &inv->arena, "%s", id_text(&inv->self.agent_id).text)
			   .ptr;
	if (arg->member == NULL || text == NULL ||
	    strcmp(arg->member, "*") == 0)
		return AICX_OK;
	json_key(w, arg->member);
	if (arg->type == ARG_TEXTS)
		return put_texts(inv->words, w, arg, reterr);
	return params_put_value(w, arg, text, reterr);
}

/* Did an option or operand name this member? */
static bool
is_said(const struct invocation *inv, struct aicx_str member)
{
	for (size_t i = 0; i < inv->words->n_given; i++) {
		const char *name = inv->words->given[i].arg->member;
		if (name != NULL && str_is(member, name))
			return true;
	}
	return false;
}

static aicx_err
put_body(struct invocation *inv, struct json_writer *w, const char *text,
    struct aicx_error *reterr)
{
	struct buf json = { 0 };
	struct json doc;

	aicx_err err = json_take(text, &json, reterr);
	if (err == AICX_OK)
		err = json_parse(buf_view(&json), &inv->arena, &doc, reterr);
	if (err == AICX_OK && json_type(json_root(&doc)) != JSON_OBJECT)
		err = err_word(reterr, AICX_EINVAL, "usage",
		    "\"%.40s\" is no JSON object", text);
	if (err == AICX_OK) {
		struct json_iter it = json_iter(json_root(&doc));
		while (json_next(&it)) {
			struct aicx_str name = json_str(it.name, &inv->arena);
			if (is_said(inv, name))
				continue;
			json_key_str(w, name);
			json_put_raw(w, json_raw(it.value));
		}
	}
	buf_fini(&json);
	return err;
}

aicx_err
params_put(
    struct invocation *inv, struct json_writer *w, struct aicx_error *reterr)
{
	const struct verb *verb = inv->words->verb;
	const struct arg *tables[] = { verb->operands, verb->options };
	aicx_err err = AICX_OK;

	for (int i = 0; i < 2; i++) {
		const struct arg *arg = tables[i];
		for (; arg && arg->name && err == AICX_OK; arg++) {
			const char *text = words_value(inv->words, arg->name);
			bool whole = arg->member && text &&
			    strcmp(arg->member, "*") == 0;
			err = whole ? put_body(inv, w, text, reterr)
				    : put_arg(inv, w, arg, reterr);
		}
	}
	return err;
}

aicx_err
params_print(struct invocation *inv, struct buf *buf, struct aicx_error *reterr)
{
	struct json_writer w = json_writer(buf);

	json_open(&w, '{');
	aicx_err err = params_put(inv, &w, reterr);
	json_close(&w);
	return err;
}
