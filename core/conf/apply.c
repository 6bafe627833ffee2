/* SPDX-License-Identifier: Apache-2.0 */
/*
 * apply.c - a section into a settings struct by its owner's option table.
 *
 * The table may come from a stranger's plugin, so it is checked before it is
 * followed: a field of the wrong size would write beside it.
 */
#include <string.h>

#include "base/err.h"
#include "base/str.h"
#include "conf/conf.h"
#include "conf/value.h"

struct apply {
	const struct conf *conf;
	const struct conf_section *section; /* or NULL */
	char *settings;
	size_t size;
	struct arena *mem;
	conf_ref_fn *on_ref;
	void *on_ref_arg;
};

static const size_t type_bytes[] = {
	[AICX_OPT_STR] = sizeof(const char *),
	[AICX_OPT_INT] = sizeof(int64_t),
	[AICX_OPT_BOOL] = sizeof(uint8_t),
	[AICX_OPT_MSEC] = sizeof(int64_t),
	[AICX_OPT_SIZE] = sizeof(int64_t),
	[AICX_OPT_MONEY] = sizeof(struct aicx_money),
	[AICX_OPT_REF] = sizeof(const struct aicx_ref *),
	[AICX_OPT_PATH] = sizeof(const char *),
};

/* The section's place, or the folder's when there is no section. */
static struct conf_place
default_place(const struct apply *apply)
{
	if (apply->section != NULL)
		return apply->section->at;
	return (struct conf_place) { .file = apply->conf->dir };
}

static aicx_err
check_option(const struct apply *apply, const struct aicx_option *option,
    struct aicx_error *reterr)
{
	struct conf_place at = default_place(apply);
	size_t want;

	if (option->type < AICX_OPT_STR || option->type > AICX_OPT_PATH)
		return conf_err(reterr, AICX_EABI, &at,
		    "option \"%.31s\" has the unknown type %u", option->name,
		    option->type);
	want = type_bytes[option->type];
	if (option->size != want)
		return conf_err(reterr, AICX_EABI, &at,
		    "option \"%.31s\" has a field of %zu bytes, its type needs "
		    "%zu",
		    option->name, option->size, want);
	if (option->offset > apply->size || apply->size - option->offset < want)
		return conf_err(reterr, AICX_EABI, &at,
		    "option \"%.31s\" lies outside the settings", option->name);
	return AICX_OK;
}

static aicx_err
check_options(const struct apply *apply, const struct aicx_option *options,
    struct aicx_error *reterr)
{
	struct conf_place at = default_place(apply);
	size_t n = 0;

	for (; options != NULL && options[n].name != NULL; n++) {
		if (n == CONF_OPTIONS_MAX)
			return conf_err(reterr, AICX_EABI, &at,
			    "more than %d options", CONF_OPTIONS_MAX);
		aicx_err err = check_option(apply, &options[n], reterr);
		if (err != AICX_OK)
			return err;
	}
	return AICX_OK;
}

static const struct conf_entry *
find_entry(const struct conf_section *section, const char *key)
{
	for (size_t i = 0; section != NULL && i < section->n_entries; i++)
		if (strcmp(section->entries[i].key, key) == 0)
			return &section->entries[i];
	return NULL;
}

static const char pin_key[] = "sha256";

const char *
conf_pin(const struct conf_section *section)
{
	const struct conf_entry *entry =
	    section->plugin != NULL ? find_entry(section, pin_key) : NULL;

	return entry != NULL ? entry->value : NULL;
}

static bool
has_option(const struct aicx_option *options, const char *key)
{
	for (; options != NULL && options->name != NULL; options++)
		if (strcmp(options->name, key) == 0)
			return true;
	return false;
}

static aicx_err
unknown_key(const struct conf_section *section, const struct conf_entry *entry,
    const struct aicx_option *options, struct aicx_error *reterr)
{
	const char *names[CONF_OPTIONS_MAX + 1];
	size_t n = 0;

	for (; options != NULL && options->name != NULL; options++)
		names[n++] = options->name;
	names[n] = NULL;
	return conf_err(reterr, AICX_EINVAL, &entry->key_at,
	    "unknown option \"%s\" in %s%s", entry->key,
	    conf_title(section).text, conf_hint(entry->key, names).text);
}

static aicx_err
check_keys(const struct conf_section *section,
    const struct aicx_option *options, struct aicx_error *reterr)
{
	for (size_t i = 0; section != NULL && i < section->n_entries; i++)
		if (!has_option(options, section->entries[i].key) &&
		    section->entries[i].value != conf_pin(section))
			return unknown_key(
			    section, &section->entries[i], options, reterr);
	return AICX_OK;
}

static const char *
keep_path(const struct apply *apply, const char *path)
{
	if (path[0] == '/' || path[0] == '\0')
		return arena_printf(apply->mem, "%s", path).ptr;
	return arena_printf(apply->mem, "%s/%s", apply->conf->dir, path).ptr;
}

static aicx_err
store_ref(const struct apply *apply, const struct aicx_option *option,
    const char *text, struct aicx_error *reterr)
{
	const struct aicx_ref *ref = NULL;
	aicx_err err;

	if (apply->on_ref == NULL)
		return err_set(
		    reterr, AICX_EABI, "no plugin instance can be named here");
	err = apply->on_ref(
	    text, (uint32_t)option->min, &ref, apply->on_ref_arg, reterr);
	if (err == AICX_OK)
		memcpy(apply->settings + option->offset, &ref, sizeof ref);
	return err;
}

/* memcpy, because the offset is a stranger's and may be unaligned. */
static aicx_err
store(const struct apply *apply, const struct aicx_option *option,
    const char *text, struct aicx_error *reterr)
{
	union {
		int64_t number;
		uint8_t flag;
		struct aicx_money money;
		const char *text;
	} value = { 0 };
	aicx_err err = AICX_OK;

	switch ((enum aicx_option_type)option->type) {
	case AICX_OPT_STR:
		value.text = arena_printf(apply->mem, "%s", text).ptr;
		break;
	case AICX_OPT_PATH:
		value.text = keep_path(apply, text);
		break;
	case AICX_OPT_INT:
	case AICX_OPT_MSEC:
	case AICX_OPT_SIZE:
		err = value_number(option, text, &value.number, reterr);
		break;
	case AICX_OPT_BOOL:
		err = value_bool(option, text, &value.flag, reterr);
		break;
	case AICX_OPT_MONEY:
		err = value_money(option, &apply->conf->currencies, text,
		    &value.money, reterr);
		break;
	case AICX_OPT_REF:
		return store_ref(apply, option, text, reterr);
	}
	if (err == AICX_OK)
		memcpy(apply->settings + option->offset, &value, option->size);
	return err;
}

static aicx_err
missing(const struct apply *apply, const struct aicx_option *option,
    struct aicx_error *reterr)
{
	struct conf_place at = default_place(apply);

	if (apply->section == NULL)
		return conf_err(reterr, AICX_EINVAL, &at,
		    "option \"%s\" is missing, and so is its section",
		    option->name);
	return conf_err(reterr, AICX_EINVAL, &at,
	    "option \"%s\" is missing in %s", option->name,
	    conf_title(apply->section).text);
}

static aicx_err
apply_option(const struct apply *apply, const struct aicx_option *option,
    struct aicx_error *reterr)
{
	const struct conf_entry *entry =
	    find_entry(apply->section, option->name);
	struct conf_place at =
	    entry != NULL ? entry->value_at : default_place(apply);
	const char *text = entry != NULL ? entry->value : option->fallback;
	struct aicx_error why = { 0 };
	aicx_err err;

	if (entry == NULL && (option->flags & AICX_OPTF_REQUIRED))
		return missing(apply, option, reterr);
	if (text == NULL)
		return AICX_OK;
	err = store(apply, option, text, &why);
	if (err == AICX_OK)
		return AICX_OK;
	return conf_err(reterr, err, &at, "%s \"%s\": %s",
	    entry != NULL ? "option" : "fallback of option", option->name,
	    why.text);
}

aicx_err
conf_apply(const struct conf *conf, const struct conf_section *section,
    const struct aicx_option *options, void *settings, size_t size,
    struct arena *mem, conf_ref_fn *on_ref, void *on_ref_arg,
    struct aicx_error *reterr)
{
	struct apply apply = { conf, section, settings, size, mem, on_ref,
		on_ref_arg };
	aicx_err err = check_options(&apply, options, reterr);

	if (err == AICX_OK)
		err = check_keys(section, options, reterr);
	if (err != AICX_OK)
		return err;
	if (size > 0)
		memset(settings, 0, size);
	for (; options != NULL && options->name != NULL; options++) {
		err = apply_option(&apply, options, reterr);
		if (err != AICX_OK)
			return err;
	}
	return AICX_OK;
}
