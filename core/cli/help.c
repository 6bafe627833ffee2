/* SPDX-License-Identifier: Apache-2.0 */
/* help.c - the help texts, printed from the verbs' tables. */
#include "cli/help.h"

#include <stdio.h>
#include <string.h>

enum { NAME_COLUMN = 27 };

static void
put_row(struct buf *buf, const char *name, const char *text)
{
	int n = (int)strlen(name);

	if (n < NAME_COLUMN)
		buf_printf(buf, "  %-*s %s\n", NAME_COLUMN, name, text);
	else
		buf_printf(
		    buf, "  %s\n  %-*s %s\n", name, NAME_COLUMN, "", text);
}

static void
put_option(struct buf *buf, const struct arg *arg)
{
	char name[64];
	char letter[8] = "";

	if (arg->letter != '\0')
		(void)snprintf(letter, sizeof letter, "-%c, ", arg->letter);
	(void)snprintf(name, sizeof name, "%s--%s%s%s", letter, arg->name,
	    arg->value ? " " : "", arg->value ? arg->value : "");
	put_row(buf, name, arg->help);
}

static void
put_options(struct buf *buf, const char *title, const struct arg *args)
{
	if (args == NULL || args->name == NULL)
		return;
	buf_printf(buf, "\n%s\n", title);
	for (; args->name != NULL; args++)
		put_option(buf, args);
}

static bool
in_group(const struct verb *verb, const char *group)
{
	size_t n = group ? strlen(group) : 0;

	return group == NULL ||
	    (strncmp(verb->words, group, n) == 0 && verb->words[n] == ' ');
}

void
help_program(struct buf *buf, const char *group)
{
	if (group == NULL)
		buf_text(buf,
		    "usage: aicx [OPTION]... VERB [ARGUMENT]...\n\n"
		    "Talks to an AIConexus broker: sells, buys, and checks "
		    "what was sold.\n\nVerbs\n");
	else
		buf_printf(
		    buf, "usage: aicx %s VERB [ARGUMENT]...\n\nVerbs\n", group);
	for (const struct verb *v = verbs; v->words != NULL; v++)
		if (in_group(v, group))
			put_row(buf, v->words, v->summary);
	put_options(buf, "Options", global_options);
	buf_text(buf,
	    "\nExit status: 0 done, 1 refused by the broker, 64 wrong usage, "
	    "66 a file cannot\nbe read, 69 no broker there.  "
	    "\"aicx VERB --help\" tells about one verb.\n");
}

static void
put_operands(struct buf *buf, const struct arg *args)
{
	for (; args != NULL && args->name != NULL; args++)
		buf_printf(buf,
		    (args->flags & ARGF_REQUIRED) ? " %s%s" : " [%s%s]",
		    args->name, args->type == ARG_TEXTS ? "..." : "");
}

void
help_verb(struct buf *buf, const struct verb *verb)
{
	buf_printf(buf, "usage: aicx %s", verb->words);
	put_operands(buf, verb->operands);
	if (verb->options != NULL)
		buf_text(buf, " [OPTION]...");
	if (verb->program)
		buf_text(buf, " -- PROGRAM [ARGUMENT]...");
	buf_printf(buf, "\n\n%s\n", verb->summary);
	if (verb->operands != NULL) {
		buf_char(buf, '\n');
		for (const struct arg *a = verb->operands; a->name; a++)
			put_row(buf, a->name, a->help);
	}
	put_options(buf, "Options", verb->options);
	put_options(buf, "Options of every verb", global_options);
	if (verb->more != NULL)
		buf_printf(buf, "\n%s", verb->more);
	if (verb->route.method != NULL)
		buf_printf(buf, "\nMethod %s, REST %s %s\n", verb->route.method,
		    verb->route.http, verb->route.path);
}
