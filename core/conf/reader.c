/* SPDX-License-Identifier: Apache-2.0 */
/*
 * reader.c - lines to sections and entries; it knows the form, and no key.
 *
 * A line is blank, a comment, a section header or `key = value`.  Nothing
 * spans lines: an error is where it says it is.
 */
#include "conf/reader.h"

#include <string.h>

#include "base/mem.h"
#include "base/str.h"
#include "conf/line.h"

/* What stands between the brackets, the closing one included. */
static aicx_err
read_title(
    struct line *line, struct conf_section *section, struct aicx_error *reterr)
{
	aicx_err err;

	line->at++;
	line_skip_blanks(line);
	err = line_word(line, "expected a section's kind, like [broker]",
	    &section->kind, reterr);
	line_skip_blanks(line);
	if (err == AICX_OK && line_at_word(line)) {
		err = line_word(line, "", &section->plugin, reterr);
		line_skip_blanks(line);
	}
	if (err == AICX_OK && line_peek(line) == '"') {
		err = line_name(line, &section->instance, reterr);
		line_skip_blanks(line);
	}
	if (err != AICX_OK)
		return err;
	if (section->plugin != NULL && section->instance == NULL)
		return line_refuse(line, line->at,
		    "expected an instance name in quotes after the plugin",
		    reterr);
	if (line_peek(line) != ']')
		return line_refuse(line, line->at, "expected ']'", reterr);
	line->at++;
	if (!line_at_end(line))
		return line_refuse(line, line->at,
		    "expected the end of the line after ']'", reterr);
	return AICX_OK;
}

static bool
same_name(const char *a, const char *b)
{
	return a == NULL || b == NULL ? a == b : strcmp(a, b) == 0;
}

/* Plugin sections are the loader's to compare: instance names are unique over
   all kinds.  The broker's own may not be split or repeated. */
static aicx_err
check_repeated(const struct conf *conf, const struct conf_section *section,
    struct aicx_error *reterr)
{
	for (size_t i = 0; i < conf->n_sections; i++) {
		const struct conf_section *first = &conf->sections[i];
		if (section->plugin != NULL || first->plugin != NULL ||
		    !same_name(first->kind, section->kind) ||
		    !same_name(first->instance, section->instance))
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
read_section(struct conf *conf, struct line *line, struct aicx_error *reterr)
{
	struct conf_section section = { .at = line_place(line, line->at) };
	aicx_err err = read_title(line, &section, reterr);

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
    struct conf_section *section, struct line *line, struct aicx_error *reterr)
{
	struct conf_entry entry = { .key_at = line_place(line, line->at) };
	aicx_err err =
	    line_word(line, "expected a section like [broker], or key = value",
		&entry.key, reterr);

	if (err != AICX_OK)
		return err;
	if (section == NULL)
		return conf_err(reterr, AICX_EINVAL, &entry.key_at,
		    "\"%s\" stands before the first section", entry.key);
	line_skip_blanks(line);
	if (line_peek(line) != '=')
		return line_refuse(
		    line, line->at, "expected '=' after the key", reterr);
	line->at++;
	line_skip_blanks(line);
	entry.value_at = line_place(line, line->at);
	err = line_value(line, &entry.value, reterr);
	return err == AICX_OK ? add_entry(section, &entry, reterr) : err;
}

/* n_before: sections of earlier files, which this one cannot add to. */
static aicx_err
read_line(struct conf *conf, size_t n_before, struct line *line,
    struct aicx_error *reterr)
{
	struct conf_section *section = NULL;
	aicx_err err = line_check(line, reterr);

	if (err != AICX_OK || line_at_end(line))
		return err;
	if (line_peek(line) == '[')
		return read_section(conf, line, reterr);
	if (conf->n_sections > n_before)
		section = &conf->sections[conf->n_sections - 1];
	return read_entry(section, line, reterr);
}

aicx_err
reader_read(struct conf *conf, const char *file, struct aicx_str text,
    struct aicx_error *reterr)
{
	struct line line = { .mem = &conf->mem, .file = file };
	size_t n_before = conf->n_sections;
	aicx_err err = AICX_OK;

	if (text.len > CONF_FILE_BYTES_MAX) {
		struct conf_place whole = { .file = file };
		return conf_err(reterr, AICX_ELIMIT, &whole,
		    "file is larger than %d bytes", CONF_FILE_BYTES_MAX);
	}
	while (text.len > 0 && err == AICX_OK) {
		line.text = str_cut(text, '\n', &text);
		if (str_ends(line.text, "\r"))
			line.text.len--;
		line.at = 0;
		line.number++;
		err = read_line(conf, n_before, &line, reterr);
	}
	return err;
}
