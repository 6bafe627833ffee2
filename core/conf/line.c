/* SPDX-License-Identifier: Apache-2.0 */
/*
 * line.c - words, names and values.
 *
 * '#' begins a comment at the start of a line and after a blank, so that a
 * value such as a#b needs no quotes.
 */
#include "conf/line.h"

#include <string.h>

#include "base/mem.h"
#include "base/str.h"

/* Columns are characters, as editors count them: UTF-8 continuation bytes
   (10xxxxxx) do not count. */
struct conf_place
line_place(const struct line *line, size_t at)
{
	int column = 1;

	for (size_t i = 0; i < at && i < line->text.len; i++)
		column += ((unsigned char)line->text.ptr[i] & 0xC0) != 0x80;
	return (struct conf_place) { line->file, line->number, column };
}

aicx_err
line_refuse(const struct line *line, size_t at, const char *why,
    struct aicx_error *reterr)
{
	struct conf_place place = line_place(line, at);

	return conf_err(reterr, AICX_EINVAL, &place, "%s", why);
}

int
line_peek(const struct line *line)
{
	return line->at < line->text.len
	    ? (unsigned char)line->text.ptr[line->at]
	    : -1;
}

static bool
is_blank(int c)
{
	return c == ' ' || c == '\t';
}

void
line_skip_blanks(struct line *line)
{
	while (is_blank(line_peek(line)))
		line->at++;
}

bool
line_at_end(struct line *line)
{
	line_skip_blanks(line);
	return line_peek(line) == -1 || line_peek(line) == '#';
}

static bool
is_word_char(int c, bool first)
{
	return (c >= 'a' && c <= 'z') ||
	    (!first && ((c >= '0' && c <= '9') || c == '_'));
}

bool
line_at_word(const struct line *line)
{
	return is_word_char(line_peek(line), true);
}

aicx_err
line_check(const struct line *line, struct aicx_error *reterr)
{
	for (size_t i = 0; i < line->text.len; i++) {
		unsigned char c = (unsigned char)line->text.ptr[i];
		if ((c < 0x20 && c != '\t') || c == 0x7F)
			return line_refuse(
			    line, i, "control character", reterr);
	}
	if (!str_is_utf8(line->text))
		return line_refuse(line, 0, "line is not UTF-8", reterr);
	return AICX_OK;
}

/* A copy with a terminator, which is there because arenas are zeroed. */
static const char *
keep(struct line *line, struct aicx_str text)
{
	char *copy = arena_new(line->mem, text.len + 1);

	if (text.len > 0)
		memcpy(copy, text.ptr, text.len);
	return copy;
}

aicx_err
line_word(struct line *line, const char *expected, const char **ret_word,
    struct aicx_error *reterr)
{
	size_t start = line->at, len;

	while (is_word_char(line_peek(line), line->at == start))
		line->at++;
	len = line->at - start;
	if (len == 0)
		return line_refuse(line, start, expected, reterr);
	if (len > CONF_WORD_MAX)
		return line_refuse(
		    line, start, "word is longer than 31 bytes", reterr);
	*ret_word =
	    keep(line, (struct aicx_str) { line->text.ptr + start, len });
	return AICX_OK;
}

/* From the opening quote to behind the closing one. */
static aicx_err
read_quoted(struct line *line, struct buf *out, struct aicx_error *reterr)
{
	size_t start = line->at++;

	for (; line_peek(line) != '"'; line->at++) {
		if (line_peek(line) == -1)
			return line_refuse(
			    line, start, "quote is not closed", reterr);
		if (line_peek(line) == '\\') {
			line->at++;
			if (line_peek(line) != '"' && line_peek(line) != '\\')
				return line_refuse(line, line->at - 1,
				    "expected \\\" or \\\\ after a backslash",
				    reterr);
		}
		buf_char(out, (char)line_peek(line));
	}
	line->at++;
	return AICX_OK;
}

static bool
is_name_char(int c)
{
	return is_word_char(c, false) || (c >= 'A' && c <= 'Z') || c == '-' ||
	    c == '.';
}

/* A name ends up in store keys, metrics and logs, hence its alphabet. */
static aicx_err
check_name(const struct line *line, size_t at, struct aicx_str name,
    struct aicx_error *reterr)
{
	if (name.len == 0)
		return line_refuse(line, at, "name is empty", reterr);
	if (name.len > CONF_NAME_MAX)
		return line_refuse(
		    line, at, "name is longer than 63 bytes", reterr);
	for (size_t i = 0; i < name.len; i++)
		if (!is_name_char((unsigned char)name.ptr[i]))
			return line_refuse(line, at,
			    "name may hold letters, digits, '-', '_' and '.' "
			    "only",
			    reterr);
	return AICX_OK;
}

aicx_err
line_name(struct line *line, const char **ret_name, struct aicx_error *reterr)
{
	AUTO(buf_fini) struct buf name = { 0 };
	size_t start = line->at;
	aicx_err err = read_quoted(line, &name, reterr);

	if (err == AICX_OK)
		err = check_name(line, start, buf_view(&name), reterr);
	if (err == AICX_OK)
		*ret_name = keep(line, buf_view(&name));
	return err;
}

/* To the end of the line or to a comment, trimmed. */
static struct aicx_str
bare_value(struct line *line)
{
	size_t start = line->at, end = start;

	for (; line_peek(line) != -1; line->at++) {
		bool after_blank = line->at == start || end < line->at;
		if (line_peek(line) == '#' && after_blank)
			break;
		if (!is_blank(line_peek(line)))
			end = line->at + 1;
	}
	return (struct aicx_str) { line->text.ptr + start, end - start };
}

static aicx_err
read_bare(struct line *line, const char **ret_value, struct aicx_error *reterr)
{
	size_t start = line->at;
	struct aicx_str value = bare_value(line);
	const char *quote = memchr(value.ptr, '"', value.len);

	if (value.len == 0)
		return line_refuse(line, start,
		    "value is missing (an empty one is written \"\")", reterr);
	if (quote != NULL)
		return line_refuse(line, (size_t)(quote - line->text.ptr),
		    "quotes go around a whole value", reterr);
	*ret_value = keep(line, value);
	return AICX_OK;
}

aicx_err
line_value(struct line *line, const char **ret_value, struct aicx_error *reterr)
{
	AUTO(buf_fini) struct buf value = { 0 };
	aicx_err err;

	if (line_peek(line) != '"')
		return read_bare(line, ret_value, reterr);
	err = read_quoted(line, &value, reterr);
	if (err != AICX_OK)
		return err;
	if (line_peek(line) != -1 && !is_blank(line_peek(line)))
		return line_refuse(
		    line, line->at, "quotes go around a whole value", reterr);
	if (!line_at_end(line))
		return line_refuse(line, line->at,
		    "expected the end of the line after the quoted value",
		    reterr);
	*ret_value = keep(line, buf_view(&value));
	return AICX_OK;
}
