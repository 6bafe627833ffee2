/* SPDX-License-Identifier: Apache-2.0 */
/* place.c - how places, sections and likely words look in errors. */
#include "conf/conf.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/err.h"
#include "base/str.h"

/* Bytes of a file name in an error; a struct aicx_error has 224 in all. */
enum { FILE_SHOWN_MAX = 80 };

struct conf_place_text
conf_place_text(const struct conf_place *at)
{
	struct conf_place_text out;
	const char *file = at->file, *cut = "";

	if (strlen(file) > FILE_SHOWN_MAX) {
		cut = "...";
		file += strlen(file) - FILE_SHOWN_MAX;
		while (((unsigned char)*file & 0xC0) == 0x80)
			file++; /* not into the middle of a character */
	}
	if (at->line == 0)
		(void)snprintf(out.text, sizeof out.text, "%s%s", cut, file);
	else
		(void)snprintf(out.text, sizeof out.text, "%s%s:%d:%d", cut,
		    file, at->line, at->column);
	return out;
}

struct conf_title
conf_title(const struct conf_section *section)
{
	struct conf_title out;
	const char *kind = section->kind, *plugin = section->plugin;

	if (section->instance == NULL)
		(void)snprintf(out.text, sizeof out.text, "[%s]", kind);
	else if (plugin == NULL)
		(void)snprintf(out.text, sizeof out.text, "[%s \"%s\"]", kind,
		    section->instance);
	else
		(void)snprintf(out.text, sizeof out.text, "[%s %s \"%s\"]",
		    kind, plugin, section->instance);
	return out;
}

struct conf_hint
conf_hint(const char *word, const char *const *names)
{
	struct conf_hint out = { "" };
	const char *near = str_nearest(str_of(word), names);

	if (near != NULL)
		(void)snprintf(out.text, sizeof out.text,
		    " (did you mean \"%.63s\"?)", near);
	return out;
}

aicx_err
conf_err(struct aicx_error *reterr, aicx_err code, const struct conf_place *at,
    const char *fmt, ...)
{
	char why[sizeof reterr->text];
	va_list ap;

	va_start(ap, fmt);
	(void)vsnprintf(why, sizeof why, fmt, ap);
	va_end(ap);
	return err_set(reterr, code, "%s: %s", conf_place_text(at).text, why);
}
