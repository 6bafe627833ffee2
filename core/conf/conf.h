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
 * the likely word.
 */
#ifndef CONF_CONF_H
#define CONF_CONF_H

#include "base/buf.h"
#include "base/money.h"

#include <aiconexus/option.h>
#include <stdbool.h>

struct conf_place {
	const char *file;
	int line, column;
};

struct conf_entry {
	const char *key, *value; /* trimmed; quotes around a value are removed */
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
};

/* Reads dir/[0-9][0-9]-*.conf in name order; the currency sections too.
   Errors begin with "file:line:column: ".  Limits: 1 MiB a file, 200 files. */
aicx_err conf_read(
    const char *dir, struct conf **ret_conf, struct aicx_error *reterr);
void conf_free(struct conf *conf); /* NULL is legal */

/* The first section of this kind and (unless NULL) instance. */
const struct conf_section *conf_find(
    const struct conf *conf, const char *kind, const char *instance);

/* Asked for each AICX_OPT_REF; sets *ret_ref or refuses (wrong kind, no such
   instance).  NULL: REF options are refused. */
typedef aicx_err conf_ref_fn(const char *instance, uint32_t kind,
    const struct aicx_ref **ret_ref, void *arg, struct aicx_error *reterr);

/*
 * Fills settings (size bytes, zeroed first) from a section by a table: types,
 * ranges, fallbacks, required ones.  section may be NULL: all fallbacks.
 * Strings are allocated in *settings_mem (one arena per instance).
 */
struct arena;
aicx_err conf_apply(const struct conf *conf,
    const struct conf_section *section, const struct aicx_option *options,
    void *settings, size_t size, struct arena *mem, conf_ref_fn *on_ref,
    void *on_ref_arg, struct aicx_error *reterr);

/* Prints a section as an operator would write it, fallbacks included, secrets
   as "********". */
void conf_dump(const struct conf *conf, const struct conf_section *section,
    const struct aicx_option *options, struct buf *out);

#endif
