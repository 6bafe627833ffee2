/* SPDX-License-Identifier: Apache-2.0 */
/* words.c - taking a command line apart by the verbs' tables. */
#include <string.h>

#include "base/err.h"
#include "base/str.h"
#include "cli/verb.h"

enum { NAMES_MAX = 128 };

static const struct arg no_args[] = { { .name = NULL } };

static const struct arg *
args_of(const struct arg *args)
{
	return args ? args : no_args;
}

/* "; did you mean "x"?" for a word among names, or "". */
static struct aicx_str
meant(struct aicx_str word, const char *const *names, const char *prefix,
    char *text, size_t size)
{
	const char *nearest = str_nearest(word, names);
	struct buf buf = { 0 };

	text[0] = '\0';
	if (nearest != NULL) {
		buf_printf(&buf, "; did you mean \"%s%s\"?", prefix, nearest);
		(void)str_copy(buf_view(&buf), text, size);
	}
	buf_fini(&buf);
	return str_of(text);
}

static aicx_err
verb_unknown(const char *first, const char *second, struct aicx_error *reterr)
{
	const char *names[NAMES_MAX];
	char said[128], hint[96];
	size_t n = 0;

	for (const struct verb *v = verbs; v->words && n < NAMES_MAX - 1; v++)
		names[n++] = v->words;
	names[n] = NULL;
	struct buf buf = { 0 };
	buf_printf(
	    &buf, "%s%s%s", first, second ? " " : "", second ? second : "");
	if (!str_copy(buf_view(&buf), said, sizeof said))
		said[0] = '\0';
	buf_fini(&buf);
	/* The second word may be an operand of a misspelled first one. */
	if (meant(str_of(said), names, "aicx ", hint, sizeof hint).len == 0)
		(void)meant(str_of(first), names, "aicx ", hint, sizeof hint);
	return err_word(reterr, AICX_EINVAL, "usage", "unknown verb \"%s\"%s",
	    said[0] ? said : first, hint);
}

static bool
is_group(const char *word)
{
	size_t n = strlen(word);

	for (const struct verb *v = verbs; v->words != NULL; v++)
		if (strncmp(v->words, word, n) == 0 && v->words[n] == ' ')
			return true;
	return false;
}

static const struct verb *
verb_find(const char *first, const char *second)
{
	size_t n = strlen(first);

	for (const struct verb *v = verbs; v->words != NULL; v++) {
		if (strcmp(v->words, first) == 0)
			return v;
		if (second != NULL && strncmp(v->words, first, n) == 0 &&
		    v->words[n] == ' ' && strcmp(v->words + n + 1, second) == 0)
			return v;
	}
	return NULL;
}

/* By long name (n bytes of it), or by letter. */
static const struct arg *
arg_find(const struct arg *args, struct aicx_str name, bool is_letter)
{
	for (const struct arg *a = args_of(args); a->name != NULL; a++)
		if (is_letter ? a->letter == name.ptr[0]
			      : str_is(name, a->name))
			return a;
	return NULL;
}

static aicx_err
option_unknown(const struct words *words, const char *said,
    struct aicx_str name, struct aicx_error *reterr)
{
	const struct arg *tables[] = { global_options,
		args_of(words->verb ? words->verb->options : NULL) };
	const char *names[NAMES_MAX];
	char hint[96];
	size_t n = 0;

	for (int i = 0; i < 2; i++)
		for (const struct arg *a = tables[i]; a->name != NULL; a++)
			if (n < NAMES_MAX - 1)
				names[n++] = a->name;
	names[n] = NULL;
	(void)meant(name, names, "--", hint, sizeof hint);
	return err_word(reterr, AICX_EINVAL, "usage",
	    "unknown option \"%s\"%s%s%s", said, words->verb ? " of aicx " : "",
	    words->verb ? words->verb->words : "", hint);
}

static aicx_err
given_add(struct words *words, const struct arg *arg, const char *text,
    struct aicx_error *reterr)
{
	if (words->n_given == GIVEN_MAX)
		return err_word(reterr, AICX_ELIMIT, "usage",
		    "more than %d arguments", GIVEN_MAX);
	words->given[words->n_given++] = (struct given) { arg, text };
	return AICX_OK;
}

/* One option at argv[*at]; its value may be the next word. */
static aicx_err
option_take(struct words *words, char **argv, int argc, int *at,
    struct aicx_error *reterr)
{
	const char *said = argv[*at];
	bool is_letter = said[1] != '-';
	struct aicx_str value = { 0 },
			name = str_of(said + (is_letter ? 1 : 2));

	if (!is_letter)
		name = str_cut(name, '=', &value);
	const struct arg *arg = arg_find(global_options, name, is_letter);
	if (arg == NULL && words->verb != NULL)
		arg = arg_find(words->verb->options, name, is_letter);
	if (arg == NULL || (is_letter && name.len > 1))
		return option_unknown(words, said, name, reterr);
	if (arg->type == ARG_FLAG && value.ptr != NULL)
		return err_word(reterr, AICX_EINVAL, "usage",
		    "the option \"--%s\" takes no value", arg->name);
	if (arg->type == ARG_FLAG)
		return given_add(words, arg, "", reterr);
	if (value.ptr != NULL)
		return given_add(words, arg, value.ptr, reterr);
	if (*at + 1 >= argc || strcmp(argv[*at + 1], "--") == 0)
		return err_word(reterr, AICX_EINVAL, "usage",
		    "the option \"%s\" needs a value: %s", said, arg->value);
	return given_add(words, arg, argv[++*at], reterr);
}

/* The first words name the verb: *at moves past them. */
static aicx_err
verb_take(struct words *words, char **argv, int argc, int *at,
    struct aicx_error *reterr)
{
	const char *first = argv[*at];
	const char *second =
	    *at + 1 < argc && argv[*at + 1][0] != '-' ? argv[*at + 1] : NULL;

	words->verb = verb_find(first, second);
	if (words->verb != NULL) {
		if (strchr(words->verb->words, ' ') != NULL)
			++*at;
		return AICX_OK;
	}
	if (second == NULL && is_group(first)) {
		words->group = first;
		return AICX_OK;
	}
	return verb_unknown(first, second, reterr);
}

static aicx_err
operand_take(struct words *words, size_t index, const char *text,
    struct aicx_error *reterr)
{
	const struct arg *arg = args_of(words->verb->operands);

	for (; index > 0 && arg->name != NULL && arg->type != ARG_TEXTS;
	     index--)
		arg++;
	if (arg->name == NULL)
		return err_word(reterr, AICX_EINVAL, "usage",
		    "one word too many for aicx %s: \"%s\"", words->verb->words,
		    text);
	return given_add(words, arg, text, reterr);
}

static aicx_err
required_check(const struct words *words, struct aicx_error *reterr)
{
	const struct verb *verb = words->verb;
	const struct arg *tables[] = { args_of(verb->operands),
		args_of(verb->options) };

	for (int i = 0; i < 2; i++)
		for (const struct arg *a = tables[i]; a->name != NULL; a++)
			if ((a->flags & ARGF_REQUIRED) != 0 &&
			    words_value(words, a->name) == NULL)
				return err_word(reterr, AICX_EINVAL, "usage",
				    "aicx %s needs %s%s%s%s: %s", verb->words,
				    i ? "--" : "", a->name, i ? " " : "",
				    i ? a->value : "", a->help);
	return AICX_OK;
}

aicx_err
words_parse(int argc, char **argv, struct words *ret, struct aicx_error *reterr)
{
	aicx_err err = AICX_OK;
	size_t n_operands = 0;

	*ret = (struct words) { 0 };
	for (int at = 1; at < argc && err == AICX_OK; at++) {
		const char *word = argv[at];
		if (strcmp(word, "--") == 0) {
			ret->program = at + 1 < argc ? argv + at + 1 : NULL;
			break;
		}
		if (word[0] == '-' && word[1] != '\0')
			err = option_take(ret, argv, argc, &at, reterr);
		else if (ret->verb == NULL && ret->group == NULL)
			err = verb_take(ret, argv, argc, &at, reterr);
		else if (ret->verb != NULL)
			err = operand_take(ret, n_operands++, word, reterr);
	}
	if (err != AICX_OK)
		return err;
	ret->help = words_value(ret, "help") != NULL;
	ret->version = words_value(ret, "version") != NULL;
	if (ret->verb == NULL || ret->help || ret->version)
		return AICX_OK;
	if (ret->program != NULL && !ret->verb->program)
		return err_word(reterr, AICX_EINVAL, "usage",
		    "aicx %s takes no program after \"--\"", ret->verb->words);
	return required_check(ret, reterr);
}

const char *
words_value(const struct words *words, const char *name)
{
	const char *text = NULL;

	for (size_t i = 0; i < words->n_given; i++)
		if (strcmp(words->given[i].arg->name, name) == 0)
			text = words->given[i].text;
	return text;
}
