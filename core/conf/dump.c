/* SPDX-License-Identifier: Apache-2.0 */
/* dump.c - a section as it counts, fallbacks filled in, fit to be read again
   but for its secrets. */
#include <string.h>

#include "base/str.h"
#include "conf/conf.h"

/* A bare value is trimmed, ends before a comment and holds no quotes. */
static bool
needs_quotes(const char *value)
{
	size_t len = strlen(value);

	return len == 0 || strchr(value, '"') != NULL || value[0] == '#' ||
	    strstr(value, " #") != NULL || strstr(value, "\t#") != NULL ||
	    str_trim(str_of(value)).len != len;
}

static void
put_value(struct buf *out, const char *value)
{
	if (!needs_quotes(value)) {
		buf_text(out, value);
		return;
	}
	buf_char(out, '"');
	for (; *value != '\0'; value++) {
		if (*value == '"' || *value == '\\')
			buf_char(out, '\\');
		buf_char(out, *value);
	}
	buf_char(out, '"');
}

static const char *
value_of(const struct conf_section *section, const struct aicx_option *option)
{
	for (size_t i = 0; section != NULL && i < section->n_entries; i++)
		if (strcmp(section->entries[i].key, option->name) == 0)
			return section->entries[i].value;
	return option->fallback;
}

void
conf_dump(const struct conf *conf, const struct conf_section *section,
    const struct aicx_option *options, struct buf *out)
{
	(void)conf;
	if (section != NULL)
		buf_printf(out, "%s\n", conf_title(section).text);
	if (section != NULL && conf_pin(section) != NULL)
		buf_printf(out, "sha256 = %s\n", conf_pin(section));
	for (; options != NULL && options->name != NULL; options++) {
		const char *value = value_of(section, options);
		if (value == NULL)
			continue;
		buf_printf(out, "%s = ", options->name);
		if (options->flags & AICX_OPTF_SECRET)
			buf_text(out, "********");
		else
			put_value(out, value);
		buf_char(out, '\n');
	}
}
