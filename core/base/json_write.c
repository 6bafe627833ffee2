/* SPDX-License-Identifier: Apache-2.0 */
/* json_write.c - printing JSON into a buf, value by value. */
#include <string.h>

#include "base/clock.h"
#include "base/copy.h"
#include "base/err.h"
#include "base/id.h"
#include "base/json.h"
#include "base/json_lex.h"
#include "base/money.h"
#include "base/str.h"

struct json_writer
json_writer(struct buf *buf)
{
	return (struct json_writer) { .buf = buf };
}

/* The comma before a value that is not the first. */
static void
separate(struct json_writer *w)
{
	if (w->comma)
		buf_char(w->buf, ',');
	w->comma = true;
}

void
json_open(struct json_writer *w, char bracket)
{
	ENSURE(w->depth < JSON_DEPTH_MAX);
	separate(w);
	buf_char(w->buf, bracket);
	w->close[w->depth++] = bracket == '{' ? '}' : ']';
	w->comma = false;
}

void
json_close(struct json_writer *w)
{
	ENSURE(w->depth > 0);
	buf_char(w->buf, w->close[--w->depth]);
	w->comma = true;
}

void
json_key_str(struct json_writer *w, struct aicx_str name)
{
	json_put_str(w, name);
	buf_char(w->buf, ':');
	w->comma = false;
}

void
json_key_plain(struct json_writer *w, const char *name, size_t len)
{
	char *at = buf_room(w->buf, len + 4), *start = at;

	if (w->comma)
		*at++ = ',';
	*at++ = '"';
	copy_short(at, name, len);
	at += len;
	*at++ = '"';
	*at++ = ':';
	w->buf->len += (size_t)(at - start);
	w->comma = false;
}

static void
escape_one(struct buf *buf, char c)
{
	static const char controls[] = "\b\f\n\r\t\"\\",
			  letters[] = "bfnrt\"\\";
	const char *control = c ? strchr(controls, c) : NULL;

	if (control != NULL) {
		char pair[2] = { '\\', letters[control - controls] };
		buf_put(buf, pair, sizeof pair);
	} else {
		buf_printf(buf, "\\u%04x", (unsigned char)c);
	}
}

void
json_escape(struct buf *buf, struct aicx_str value)
{
	const char *at = value.ptr, *end = at + value.len;

	while (at < end) {
		const char *stop = lex_plain(at, end);
		while (stop < end && (unsigned char)*stop >= 0x80)
			stop++;
		size_t n_plain = (size_t)(stop - at);
		char *out = buf_room(buf, n_plain + 2);
		copy_short(out, at, n_plain);
		out += n_plain;
		at = stop;
		if (at < end && (*at == '"' || *at == '\\')) {
			*out++ = '\\';
			*out++ = *at++;
		}
		buf->len = (size_t)(out - buf->ptr);
		if (at < end && (unsigned char)*at < 0x20)
			escape_one(buf, *at++);
	}
}

/* A string without anything to escape, as names and most values are, is written
   in one go; false leaves all as it was. */
static bool
put_plain(struct json_writer *w, struct aicx_str value)
{
	if (value.len > 0 &&
	    lex_plain(value.ptr, value.ptr + value.len) !=
		value.ptr + value.len)
		return false;
	char *at = buf_room(w->buf, value.len + 3), *start = at;
	if (w->comma)
		*at++ = ',';
	*at++ = '"';
	if (value.len > 0)
		copy_short(at, value.ptr, value.len);
	at += value.len;
	*at++ = '"';
	w->buf->len += (size_t)(at - start);
	w->comma = true;
	return true;
}

void
json_put_str(struct json_writer *w, struct aicx_str value)
{
	if (put_plain(w, value))
		return;
	separate(w);
	buf_char(w->buf, '"');
	json_escape(w->buf, value);
	buf_char(w->buf, '"');
}

void
json_put_text(struct json_writer *w, const char *value)
{
	json_put_str(w, str_of(value));
}

static void
put_digits(struct json_writer *w, bool negative, uint64_t value)
{
	char text[24], *end = text + sizeof text, *at = end;

	do {
		*--at = (char)('0' + value % 10);
		value /= 10;
	} while (value > 0);
	if (negative)
		*--at = '-';
	if (w->comma)
		*--at = ',';
	w->comma = true;
	size_t n_bytes = (size_t)(end - at);
	copy_short(buf_room(w->buf, n_bytes), at, n_bytes);
	w->buf->len += n_bytes;
}

void
json_put_int(struct json_writer *w, int64_t value)
{
	bool negative = value < 0;

	put_digits(
	    w, negative, negative ? 0 - (uint64_t)value : (uint64_t)value);
}

void
json_put_uint(struct json_writer *w, uint64_t value)
{
	put_digits(w, false, value);
}

void
json_put_bool(struct json_writer *w, bool value)
{
	json_put_raw(w, value ? STR("true") : STR("false"));
}

void
json_put_null(struct json_writer *w)
{
	json_put_raw(w, STR("null"));
}

/* Where a string of `len` plain bytes goes, its quotes written. */
static char *
plain_room(struct json_writer *w, size_t len)
{
	char *at = buf_room(w->buf, len + 3), *start = at;

	if (w->comma)
		*at++ = ',';
	w->comma = true;
	*at++ = '"';
	at[len] = '"';
	w->buf->len += (size_t)(at - start) + len + 1;
	return at;
}

void
json_put_id(struct json_writer *w, const struct aicx_id *id)
{
	id_print(id, plain_room(w, ID_TEXT));
}

void
json_put_time(struct json_writer *w, int64_t at_ms)
{
	time_print(at_ms, plain_room(w, TIME_TEXT));
}

void
json_put_money(struct json_writer *w, const struct currencies *currencies,
    const struct aicx_money *money)
{
	static const char head[] = "{\"amount\":\"";
	static const char middle[] = "\",\"currency\":";
	char *at = buf_room(w->buf, sizeof head + MONEY_TEXT + sizeof middle);

	if (w->comma)
		*at++ = ',';
	memcpy(at, head, sizeof head - 1);
	at += sizeof head - 1;
	at += money_print(currencies, money, at);
	memcpy(at, middle, sizeof middle - 1);
	w->buf->len = (size_t)(at - w->buf->ptr) + sizeof middle - 1;
	w->comma = false;
	json_put_text(w, money->currency);
	buf_char(w->buf, '}');
}

void
json_put_raw(struct json_writer *w, struct aicx_str json)
{
	char *at = buf_room(w->buf, json.len + 1);

	if (w->comma)
		*at++ = ',';
	w->comma = true;
	if (json.len > 0)
		copy_short(at, json.ptr, json.len);
	w->buf->len = (size_t)(at - w->buf->ptr) + json.len;
	json_one_line(at, json.len);
}

void
json_one_line(char *text, size_t n_bytes)
{
	char *end = text + n_bytes;

	while (text < end &&
	    (text = memchr(text, '\n', (size_t)(end - text))) != NULL)
		*text++ = ' ';
}
