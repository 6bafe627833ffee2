/* SPDX-License-Identifier: Apache-2.0 */
/*
 * conf.h - the sections of conf.d, read once, checked by option tables.
 *
 *     # comment
 *     [pricing flat "standard"]     kind, plugin, instance
 *     per_call = 0.0025 AIC
 *     [broker]                      the broker's own sections have one word
 *     [currency "AIC"]              or a word and a name
 *
 * Files NN-name.conf in name order.  The reader knows no key: each section is
 * parsed by its owner's option table.  Every error names file:line:column and
 * the likely word.  aiconexus.conf(5) is the operator's view of this.
 */
#ifndef CONF_CONF_H
#define CONF_CONF_H

#include "base/arena.h"
#include "base/buf.h"
#include "base/money.h"

#include <aiconexus/option.h>
#include <stdbool.h>

enum {
	CONF_FILES_MAX = 200,
	CONF_FILE_BYTES_MAX = 1 << 20,
	CONF_SECTIONS_MAX = 1000,
	CONF_ENTRIES_MAX = 200, /* keys in one section */
	CONF_WORD_MAX = 31, /* bytes of a kind, plugin or key */
	CONF_NAME_MAX = 63, /* bytes of a name in quotes */
	CONF_OPTIONS_MAX = 64 /* rows of one option table */
};

struct conf_place {
	const char *file;
	int line, column; /* from 1, in characters; line 0: the whole file */
};

struct conf_entry {
	const char *key,
	    *value; /* trimmed; quotes around a value are removed */
	struct conf_place key_at, value_at;
};

struct conf_section {
	const char *kind; /* "pricing", "broker", "currency" */
	const char *plugin; /* "flat", or NULL */
	const char *instance; /* "standard", or NULL */
	struct conf_place at;
	struct conf_entry *entries;
	size_t n_entries;
};

struct conf {
	struct conf_section *sections; /* in order of reading */
	size_t n_sections;
	struct currencies currencies; /* from the [currency "X"] sections */
	char *dir;
	struct arena mem; /* of all texts above */
};

/* Reads dir/[0-9][0-9]-*.conf in name order; the currency sections too.
   Errors begin with "file:line:column: ". */
aicx_err conf_read(
    const char *dir, struct conf **ret_conf, struct aicx_error *reterr);
/* The same from one text that is not (or not yet) a file; `file` is the name
   for errors, and relative paths start at its folder. */
aicx_err conf_read_text(const char *file, struct aicx_str text,
    struct conf **ret_conf, struct aicx_error *reterr);
void conf_free(struct conf *conf); /* NULL is legal */

/* The first section of this kind and (unless NULL) instance. */
const struct conf_section *conf_find(
    const struct conf *conf, const char *kind, const char *instance);

/* Refuses the first section whose kind is not among kinds (NULL ends them). */
aicx_err conf_check_kinds(const struct conf *conf, const char *const *kinds,
    struct aicx_error *reterr);

/* Asked for each AICX_OPT_REF; sets *ret_ref or refuses (wrong kind, no such
   instance).  NULL: REF options are refused. */
typedef aicx_err conf_ref_fn(const char *instance, uint32_t kind,
    const struct aicx_ref **ret_ref, void *arg, struct aicx_error *reterr);

/*
 * Fills settings (size bytes, zeroed first) from a section by a table: types,
 * ranges, fallbacks, required ones.  section may be NULL: all fallbacks.
 * Strings are allocated in *mem (one arena per instance).  A STR, PATH or REF
 * without value or fallback stays NULL, MONEY stays without currency.
 * AICX_EINVAL: what the operator wrote; AICX_EABI: the table itself is wrong.
 */
aicx_err conf_apply(const struct conf *conf, const struct conf_section *section,
    const struct aicx_option *options, void *settings, size_t size,
    struct arena *mem, conf_ref_fn *on_ref, void *on_ref_arg,
    struct aicx_error *reterr);

/* The hash a plugin's file must have: the key "sha256" that every plugin's
   section may have, in hex; or NULL. */
const char *conf_pin(const struct conf_section *section);

/* Prints a section as an operator would write it, fallbacks included, secrets
   as "********". */
void conf_dump(const struct conf *conf, const struct conf_section *section,
    const struct aicx_option *options, struct buf *out);

/* An error that begins with its place.  Long file names lose their front, so
   that the reason is never cut off. */
aicx_err conf_err(struct aicx_error *reterr, aicx_err code,
    const struct conf_place *at, const char *fmt, ...)
    __attribute__((format(printf, 4, 5)));

struct conf_title {
	char text[2 * CONF_WORD_MAX + CONF_NAME_MAX + 8];
};
/* [pricing flat "standard"], for errors and dumps. */
struct conf_title conf_title(const struct conf_section *section);

struct conf_place_text {
	char text[120];
};
/* file:line:column */
struct conf_place_text conf_place_text(const struct conf_place *at);

/* ` (did you mean "per_call"?)`, or "" when no name is near. */
struct conf_hint {
	char text[CONF_NAME_MAX + 24];
};
struct conf_hint conf_hint(const char *word, const char *const *names);

#endif
