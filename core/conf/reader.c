/* SPDX-License-Identifier: Apache-2.0 */
/*
 * reader.c - lines to sections and entries; it knows the form, and no key.
 *
 * A line is blank, a comment, a section header or `key = value`.  '#' begins a
 * comment at the start of a line and after a blank, so that a value such as
 * a#b needs no quotes.  Nothing spans lines: an error is where it says it is.
 */
#include "conf/reader.h"

#include <string.h>

#include "base/mem.h"
#include "base/str.h"

struct reader {
	struct conf *conf;
	const char *file;
	struct aicx_str line; /* the present one, without its end */
	size_t at; /* next byte of it */
	int number; /* of the line, from 1 */
};

/* Columns are characters, as editors count them: UTF-8 continuation bytes
   (10xxxxxx) do not count. */
static struct conf_place
place(const struct reader *r, size_t at)
{
	int column = 1;

	for (size_t i = 0; i < at && i < r->line.len; i++)
		column += ((unsigned char)r->line.ptr[i] & 0xC0) != 0x80;
	return (struct conf_place) { r->file, r->number, column };
}

static aicx_err
refuse(const struct reader *r, size_t at, const char *why,
    struct aicx_error *reterr)
{
	struct conf_place where = place(r, at);

	return conf_err(reterr, AICX_EINVAL, &where, "%s", why);
}

static int
peek(const struct reader *r)
{
	return r->at < r->line.len ? (unsigned char)r->line.ptr[r->at] : -1;
}

static void
skip_blanks(struct reader *r)
{
	while (peek(r) == ' ' || peek(r) == '\t')
		r->at++;
}

/* At the end of a line: nothing, or a comment. */
static bool
at_end(struct reader *r)
{
	skip_blanks(r);
	return peek(r) == -1 || peek(r) == '#';
}

static bool
is_word_char(int c, bool first)
{
	return (c >= 'a' && c <= 'z') ||
	    (!first && ((c >= '0' && c <= '9') || c == '_'));
}

static bool
is_name_char(int c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
	    (c >= '0' && c <= '9') || c == '_' || c == '-' || c == '.';
}

static const char *
keep(struct reader *r, struct aicx_str text)
{
	/* arena_str() copies; the terminator comes from the zeroed room. */
	char *copy = arena_new(&r->conf->mem, text.len + 1);

	if (text.len > 0)
		memcpy(copy, text.ptr, text.len);
	return copy;
}

/* A kind, plugin or key: lower-case letters, digits and '_'. */
static aicx_err
read_word(struct reader *r, const char *what, const char **ret_word,
    struct aicx_error *reterr)
{
	size_t start = r->at;

	while (is_word_char(peek(r), r->at == start))
		r->at++;
	if (r->at == start)
		return refuse(r, start, what, reterr);
	if (r->at - start > CONF_WORD_MAX)
		return refuse(r, start, "word is longer than 31 bytes", reterr);
	*ret_word =
	    keep(r, (struct aicx_str) { r->line.ptr + start, r->at - start });
	return AICX_OK;
}

/* The text after an opening quote, up to and with the closing one. */
static aicx_err
read_quoted(struct reader *r, struct buf *out, struct aicx_error *reterr)
{
	size_t start = r->at++;

	for (; peek(r) != '"'; r->at++) {
		if (peek(r) == -1)
			return refuse(r, start, "quote is not closed", reterr);
		if (peek(r) == '\\') {
			r->at++;
			if (peek(r) != '"' && peek(r) != '\\')
				return refuse(r, r->at - 1,
				    "expected \\\" or \\\\ after a backslash",
				    reterr);
		}
		buf_char(out, (char)peek(r));
	}
	r->at++;
	return AICX_OK;
}

/* A name ends up in store keys, metrics and file names, hence its alphabet. */
static aicx_err
check_name(const struct reader *r, size_t at, struct aicx_str name,
    struct aicx_error *reterr)
{
	if (name.len == 0)
		return refuse(r, at, "name is empty", reterr);
	if (name.len > CONF_NAME_MAX)
		return refuse(r, at, "name is longer than 63 bytes", reterr);
	for (size_t i = 0; i < name.len; i++)
		if (!is_name_char((unsigned char)name.ptr[i]))
			return refuse(r, at,
			    "name may hold letters, digits, '-', '_' and '.' "
			    "only",
			    reterr);
	return AICX_OK;
}

static aicx_err
read_name(struct reader *r, const char **ret_name, struct aicx_error *reterr)
{
	AUTO(buf_fini) struct buf name = { 0 };
	size_t start = r->at;
	aicx_err err = read_quoted(r, &name, reterr);

	if (err == AICX_OK)
		err = check_name(r, start, buf_view(&name), reterr);
	if (err == AICX_OK)
		*ret_name = keep(r, buf_view(&name));
	return err;
}

/* What stands between the brackets, the closing one included. */
static aicx_err
read_title(
    struct reader *r, struct conf_section *section, struct aicx_error *reterr)
{
	aicx_err err;

	r->at++;
	skip_blanks(r);
	err = read_word(r, "expected a section's kind, like [broker]",
	    &section->kind, reterr);
	skip_blanks(r);
	if (err == AICX_OK && is_word_char(peek(r), true)) {
		err = read_word(r, "", &section->plugin, reterr);
		skip_blanks(r);
	}
	if (err == AICX_OK && peek(r) == '"') {
		err = read_name(r, &section->instance, reterr);
		skip_blanks(r);
	}
	if (err != AICX_OK)
		return err;
	if (section->plugin != NULL && section->instance == NULL)
		return refuse(r, r->at,
		    "expected an instance name in quotes after the plugin",
		    reterr);
	if (peek(r) != ']')
		return refuse(r, r->at, "expected ']'", reterr);
	r->at++;
	return AICX_OK;
}

/* Plugin sections are the loader's to compare: instance names are unique over
   all kinds.  The broker's own may not be split or repeated. */
static aicx_err
check_repeated(const struct conf *conf, const struct conf_section *section,
    struct aicx_error *reterr)
{
	const struct conf_section *first;

	if (section->plugin != NULL)
		return AICX_OK;
	for (first = conf->sections; first < conf->sections + conf->n_sections;
	     first++) {
		if (first->plugin != NULL ||
		    strcmp(first->kind, section->kind) != 0 ||
		    (first->instance == NULL) != (section->instance == NULL) ||
		    (first->instance != NULL &&
			strcmp(first->instance, section->instance) != 0))
			continue;
		return conf_err(reterr, AICX_EINVAL, &section->at,
		    "section %s appears twice (first at %s)",
		    conf_title(section).text, conf_place_text(&first->at).text);
	}
	return AICX_OK;
}

/* Arrays double at each power of two, so no capacity is kept beside them. */
static void *
grow(void *items, size_t n_items, size_t item_bytes)
{
	if ((n_items & (n_items - 1)) != 0)
		return items;
	return mem_grow(items, (n_items ? 2 * n_items : 1) * item_bytes);
}

static aicx_err
read_section(struct reader *r, struct aicx_error *reterr)
{
	struct conf *conf = r->conf;
	struct conf_section section = { .at = place(r, r->at) };
	aicx_err err = read_title(r, &section, reterr);

	if (err == AICX_OK && !at_end(r))
		err = refuse(
		    r, r->at, "expected the end of the line after ']'", reterr);
	if (err == AICX_OK)
		err = check_repeated(conf, &section, reterr);
	if (err != AICX_OK)
		return err;
	if (conf->n_sections == CONF_SECTIONS_MAX)
		return conf_err(reterr, AICX_ELIMIT, &section.at,
		    "more than %d sections", CONF_SECTIONS_MAX);
	conf->sections = grow(conf->sections, conf->n_sections, sizeof section);
	conf->sections[conf->n_sections++] = section;
	return AICX_OK;
}

/* From here to the end of the line or to a comment, trimmed. */
static struct aicx_str
bare_value(struct reader *r)
{
	size_t start = r->at, end = start;

	for (; peek(r) != -1; r->at++) {
		bool blank = peek(r) == ' ' || peek(r) == '\t';
		if (peek(r) == '#' && (r->at == start || end < r->at))
			break;
		if (!blank)
			end = r->at + 1;
	}
	return (struct aicx_str) { r->line.ptr + start, end - start };
}

static aicx_err
read_bare(struct reader *r, const char **ret_value, struct aicx_error *reterr)
{
	size_t start = r->at;
	struct aicx_str value = bare_value(r);
	const char *quote = memchr(value.ptr, '"', value.len);

	if (value.len == 0)
		return refuse(r, start,
		    "value is missing (an empty one is written \"\")", reterr);
	if (quote != NULL)
		return refuse(r, (size_t)(quote - r->line.ptr),
		    "quotes go around a whole value", reterr);
	*ret_value = keep(r, value);
	return AICX_OK;
}

static aicx_err
read_value(struct reader *r, const char **ret_value, struct aicx_error *reterr)
{
	AUTO(buf_fini) struct buf value = { 0 };
	aicx_err err;

	if (peek(r) != '"')
		return read_bare(r, ret_value, reterr);
	err = read_quoted(r, &value, reterr);
	if (err != AICX_OK)
		return err;
	if (peek(r) != -1 && peek(r) != ' ' && peek(r) != '\t')
		return refuse(
		    r, r->at, "quotes go around a whole value", reterr);
	if (!at_end(r))
		return refuse(r, r->at,
		    "expected the end of the line after the quoted value",
		    reterr);
	*ret_value = keep(r, buf_view(&value));
	return AICX_OK;
}

static aicx_err
add_entry(struct conf_section *section, const struct conf_entry *entry,
    struct aicx_error *reterr)
{
	for (size_t i = 0; i < section->n_entries; i++)
		if (strcmp(section->entries[i].key, entry->key) == 0)
			return conf_err(reterr, AICX_EINVAL, &entry->key_at,
			    "\"%s\" is set twice in %s (first at %s)",
			    entry->key, conf_title(section).text,
			    conf_place_text(&section->entries[i].key_at).text);
	if (section->n_entries == CONF_ENTRIES_MAX)
		return conf_err(reterr, AICX_ELIMIT, &entry->key_at,
		    "more than %d keys in one section", CONF_ENTRIES_MAX);
	section->entries =
	    grow(section->entries, section->n_entries, sizeof *entry);
	section->entries[section->n_entries++] = *entry;
	return AICX_OK;
}

static aicx_err
read_entry(
    struct reader *r, struct conf_section *section, struct aicx_error *reterr)
{
	struct conf_entry entry = { .key_at = place(r, r->at) };
	aicx_err err =
	    read_word(r, "expected a section like [broker], or key = value",
		&entry.key, reterr);

	if (err != AICX_OK)
		return err;
	if (section == NULL)
		return conf_err(reterr, AICX_EINVAL, &entry.key_at,
		    "\"%s\" stands before the first section", entry.key);
	skip_blanks(r);
	if (peek(r) != '=')
		return refuse(r, r->at, "expected '=' after the key", reterr);
	r->at++;
	skip_blanks(r);
	entry.value_at = place(r, r->at);
	err = read_value(r, &entry.value, reterr);
	return err == AICX_OK ? add_entry(section, &entry, reterr) : err;
}

static aicx_err
check_bytes(const struct reader *r, struct aicx_error *reterr)
{
	for (size_t i = 0; i < r->line.len; i++) {
		unsigned char c = (unsigned char)r->line.ptr[i];
		if ((c < 0x20 && c != '\t') || c == 0x7F)
			return refuse(r, i, "control character", reterr);
	}
	if (!str_is_utf8(r->line))
		return refuse(r, 0, "line is not UTF-8", reterr);
	return AICX_OK;
}

static aicx_err
read_line(struct reader *r, bool in_section, struct aicx_error *reterr)
{
	struct conf *conf = r->conf;
	aicx_err err = check_bytes(r, reterr);

	if (err != AICX_OK || at_end(r))
		return err;
	if (peek(r) == '[')
		return read_section(r, reterr);
	return read_entry(r,
	    in_section ? &conf->sections[conf->n_sections - 1] : NULL, reterr);
}

aicx_err
reader_read(struct conf *conf, const char *file, struct aicx_str text,
    struct aicx_error *reterr)
{
	struct reader r = { .conf = conf, .file = file };
	size_t n_before = conf->n_sections;

	if (text.len > CONF_FILE_BYTES_MAX) {
		struct conf_place whole = { .file = file };
		return conf_err(reterr, AICX_ELIMIT, &whole,
		    "file is larger than %d bytes", CONF_FILE_BYTES_MAX);
	}
	while (text.len > 0) {
		r.line = str_cut(text, '\n', &text);
		if (r.line.len > 0 && r.line.ptr[r.line.len - 1] == '\r')
			r.line.len--;
		r.at = 0;
		r.number++;
		aicx_err err =
		    read_line(&r, conf->n_sections > n_before, reterr);
		if (err != AICX_OK)
			return err;
	}
	return AICX_OK;
}
