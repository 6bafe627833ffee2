/* SPDX-License-Identifier: Apache-2.0 */
/* invocation.c - one run of aicx: what was said, as whom, to which broker. */
#include "cli/invocation.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/err.h"
#include "base/str.h"
#include "cli/file.h"
#include "cli/problem.h"

#define BROKER_DEFAULT "http://127.0.0.1:8700"

static const char *
config_path(struct invocation *inv, const char *name)
{
	struct buf path = { 0 };

	file_config_path(name, &path);
	const char *copy = arena_printf(&inv->arena, "%s", buf_cstr(&path)).ptr;
	buf_fini(&path);
	return copy;
}

/* An option, else the environment; an empty variable counts as none. */
static const char *
named(const struct invocation *inv, const char *option, const char *variable,
    bool *ret_named)
{
	const char *text = words_value(inv->words, option);

	if (text == NULL)
		text = getenv(variable);
	if (text != NULL && text[0] == '\0')
		text = NULL;
	*ret_named = text != NULL;
	return text;
}

static aicx_err
self_find(struct invocation *inv, struct aicx_error *reterr)
{
	bool said, exposed = false;

	inv->self_path = named(inv, "identity", "AICX_IDENTITY", &said);
	if (!said)
		inv->self_path = config_path(inv, "identity");
	/* Nobody: over a unix socket the system says who it is. */
	if (strcmp(inv->self_path, "-") == 0)
		return AICX_OK;
	aicx_err err = self_load(inv->self_path, &inv->self, &exposed, reterr);
	/* Verbs that need one say so; some make the file. */
	if (err == AICX_ENOTFOUND)
		return AICX_OK;
	inv->has_self = err == AICX_OK;
	if (err == AICX_OK && exposed)
		invocation_note("others can read the identity file \"%s\"; "
				"change it: chmod 600 %s",
		    inv->self_path, inv->self_path);
	return err;
}

static aicx_err
broker_find(struct invocation *inv, struct aicx_error *reterr)
{
	bool said;
	const char *text = named(inv, "broker", "AICX_BROKER", &said);

	/* The file of a daemon that listened on port 0 names no broker one can
	   reach, so anything but a URL in it is left aside. */
	if (!said && inv->self.broker != NULL &&
	    (str_starts(str_of(inv->self.broker), "http") ||
		str_starts(str_of(inv->self.broker), "unix:")))
		text = inv->self.broker;
	aicx_err err =
	    url_parse(str_of(text ? text : BROKER_DEFAULT), &inv->url, reterr);
	if (err != AICX_OK)
		return err;
	inv->url.ca_file = named(inv, "ca", "AICX_CA", &said);
	inv->url.certificate_file =
	    named(inv, "certificate", "AICX_CERTIFICATE", &said);
	if (!inv->url.secure && words_value(inv->words, "certificate") != NULL)
		return err_word(reterr, AICX_EINVAL, "usage",
		    "a certificate is shown over https only, and the broker is "
		    "\"%s\"",
		    inv->url.origin);
	return AICX_OK;
}

static aicx_err
output_find(struct invocation *inv, struct aicx_error *reterr)
{
	const char *form = words_value(inv->words, "output");
	const char *no_color = getenv("NO_COLOR");
	bool color = no_color == NULL || no_color[0] == '\0';

	inv->color_out = color && isatty(STDOUT_FILENO) == 1;
	inv->color_err = color && isatty(STDERR_FILENO) == 1;
	if (form == NULL || strcmp(form, "table") == 0)
		return AICX_OK;
	if (strcmp(form, "json") != 0)
		return err_word(reterr, AICX_EINVAL, "usage",
		    "unknown output \"%s\": it is table or json", form);
	inv->json = true;
	return AICX_OK;
}

aicx_err
invocation_init(struct invocation *inv, const struct words *words,
    struct aicx_error *reterr)
{
	*inv = (struct invocation) { .words = words };
	aicx_err err = output_find(inv, reterr);
	if (err == AICX_OK)
		err = self_find(inv, reterr);
	if (err == AICX_OK)
		err = broker_find(inv, reterr);
	return err;
}

void
invocation_fini(struct invocation *inv)
{
	self_fini(&inv->self);
	arena_fini(&inv->arena);
}

aicx_err
invocation_need_self(const struct invocation *inv, struct aicx_error *reterr)
{
	if (inv->has_self)
		return AICX_OK;
	return err_word(reterr, AICX_ENOTFOUND, "no_identity",
	    "cannot act as anybody: there is no identity file \"%s\"",
	    inv->self_path);
}

aicx_err
invocation_pins(
    struct invocation *inv, struct pins *ret, struct aicx_error *reterr)
{
	return pins_load(
	    config_path(inv, "known_brokers"), &inv->arena, ret, reterr);
}

const char *
invocation_value(const struct invocation *inv, const char *name)
{
	return words_value(inv->words, name);
}

bool
invocation_flag(const struct invocation *inv, const char *name)
{
	return words_value(inv->words, name) != NULL;
}

static int
status_of(const struct aicx_error *error)
{
	if (strcmp(error->word, "unavailable") == 0)
		return STATUS_UNAVAILABLE;
	switch (error->code) {
	case AICX_EDENIED:
		return STATUS_REFUSED;
	case AICX_ETIMEDOUT:
		return STATUS_UNAVAILABLE;
	case AICX_ENOTFOUND:
		return STATUS_NO_INPUT;
	case AICX_EINVAL:
		return STATUS_USAGE;
	default:
		return STATUS_REFUSED;
	}
}

int
invocation_fail(const struct aicx_error *error)
{
	const char *hint = problem_hint(error->word);
	bool coded = error->code == AICX_EDENIED && error->word[0] != '\0';

	(void)fprintf(stderr, "aicx: %s%s%s%s%s%s\n", error->text,
	    error->field[0] ? ", at " : "", error->field, coded ? " (" : "",
	    coded ? error->word : "", coded ? ")" : "");
	if (hint != NULL)
		(void)fprintf(stderr, "      %s\n", hint);
	return status_of(error);
}

void
invocation_note(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	(void)fputs("aicx: note: ", stderr);
	(void)vfprintf(stderr, fmt, ap);
	(void)fputc('\n', stderr);
	va_end(ap);
}
