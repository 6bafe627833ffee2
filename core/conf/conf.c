/* SPDX-License-Identifier: Apache-2.0 */
/* conf.c - a folder of files read in name order, and the questions asked of
   the result. */
#include "conf/conf.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/err.h"
#include "base/mem.h"
#include "base/str.h"
#include "conf/reader.h"

struct currency_settings {
	int64_t scale;
};

static const struct aicx_option currency_options[] = {
	{
	    AICX_FIELD(struct currency_settings, scale),
	    .type = AICX_OPT_INT,
	    .flags = AICX_OPTF_REQUIRED,
	    .max = 9,
	    .help = "Decimals of the currency.",
	},
	{ .name = NULL },
};

static aicx_err
add_currency(struct conf *conf, const struct conf_section *section,
    struct aicx_error *reterr)
{
	struct currency_settings settings = { 0 };
	struct aicx_error why;
	aicx_err err;

	if (section->plugin != NULL || section->instance == NULL)
		return conf_err(reterr, AICX_EINVAL, &section->at,
		    "expected a currency's code, like [currency \"AIC\"]");
	err = conf_apply(conf, section, currency_options, &settings,
	    sizeof settings, &conf->mem, NULL, NULL, reterr);
	if (err != AICX_OK)
		return err;
	err = currencies_add(
	    &conf->currencies, str_of(section->instance), settings.scale, &why);
	if (err != AICX_OK)
		return conf_err(
		    reterr, AICX_EINVAL, &section->at, "%s", why.text);
	return AICX_OK;
}

/* Before all other sections are parsed, because their amounts need it. */
static aicx_err
add_currencies(struct conf *conf, struct aicx_error *reterr)
{
	aicx_err err = AICX_OK;

	for (size_t i = 0; i < conf->n_sections && err == AICX_OK; i++)
		if (strcmp(conf->sections[i].kind, "currency") == 0)
			err = add_currency(conf, &conf->sections[i], reterr);
	return err;
}

static struct conf *
conf_new(struct aicx_str dir)
{
	struct conf *conf = MEM_NEW(struct conf);

	while (dir.len > 1 && dir.ptr[dir.len - 1] == '/')
		dir.len--;
	conf->dir = mem_new(dir.len + 1);
	memcpy(conf->dir, dir.ptr, dir.len);
	return conf;
}

void
conf_free(struct conf *conf)
{
	if (conf == NULL)
		return;
	for (size_t i = 0; i < conf->n_sections; i++)
		free(conf->sections[i].entries);
	free(conf->sections);
	free(conf->dir);
	arena_fini(&conf->mem);
	free(conf);
}

static void
free_conf(struct conf **conf)
{
	conf_free(*conf);
}

static struct conf *
take(struct conf **conf)
{
	struct conf *taken = *conf;

	*conf = NULL;
	return taken;
}

static struct aicx_str
folder_of(const char *file)
{
	const char *slash = strrchr(file, '/');

	if (slash == NULL)
		return STR(".");
	return (struct aicx_str) { file,
		slash == file ? 1 : (size_t)(slash - file) };
}

aicx_err
conf_read_text(const char *file, struct aicx_str text, struct conf **ret_conf,
    struct aicx_error *reterr)
{
	AUTO(free_conf) struct conf *conf = conf_new(folder_of(file));
	struct aicx_str name = arena_printf(&conf->mem, "%s", file);
	aicx_err err = reader_read(conf, name.ptr, text, reterr);

	if (err == AICX_OK)
		err = add_currencies(conf, reterr);
	if (err == AICX_OK)
		*ret_conf = take(&conf);
	return err;
}

static void
close_file(FILE **file)
{
	if (*file != NULL)
		(void)fclose(*file);
}

/* One byte more than allowed is read, so that the reader sees "too large". */
static aicx_err
read_bytes(const char *path, struct buf *out, struct aicx_error *reterr)
{
	AUTO(close_file) FILE *file = fopen(path, "re");
	struct stat st;

	if (file == NULL || fstat(fileno(file), &st) != 0)
		return err_set(reterr, AICX_EIO, "cannot read \"%s\": %s", path,
		    strerror(errno));
	if (!S_ISREG(st.st_mode))
		return err_set(reterr, AICX_EINVAL,
		    "cannot read \"%s\": not a regular file", path);
	size_t n = st.st_size < CONF_FILE_BYTES_MAX ? (size_t)st.st_size + 1
						    : CONF_FILE_BYTES_MAX + 1;
	out->len += fread(buf_room(out, n), 1, n, file);
	if (ferror(file))
		return err_set(reterr, AICX_EIO, "cannot read \"%s\": %s", path,
		    strerror(errno));
	return AICX_OK;
}

static aicx_err
read_file(struct conf *conf, const char *name, struct aicx_error *reterr)
{
	AUTO(buf_fini) struct buf text = { 0 };
	struct aicx_str path =
	    arena_printf(&conf->mem, "%s/%s", conf->dir, name);
	aicx_err err = read_bytes(path.ptr, &text, reterr);

	if (err != AICX_OK)
		return err;
	return reader_read(conf, path.ptr, buf_view(&text), reterr);
}

static bool
is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static int
is_conf_file(const struct dirent *entry)
{
	const char *name = entry->d_name;

	return is_digit(name[0]) && is_digit(name[1]) && name[2] == '-' &&
	    str_ends(str_of(name), ".conf");
}

/* strcmp, not alphasort(): the order must not depend on the locale. */
static int
by_name(const struct dirent **a, const struct dirent **b)
{
	return strcmp((*a)->d_name, (*b)->d_name);
}

static aicx_err
read_files(struct conf *conf, struct dirent **names, int n_names,
    struct aicx_error *reterr)
{
	aicx_err err = AICX_OK;

	if (n_names == 0)
		return err_set(reterr, AICX_ENOTFOUND,
		    "no file like \"10-broker.conf\" in \"%s\"", conf->dir);
	if (n_names > CONF_FILES_MAX)
		return err_set(reterr, AICX_ELIMIT,
		    "more than %d files in \"%s\"", CONF_FILES_MAX, conf->dir);
	for (int i = 0; i < n_names && err == AICX_OK; i++)
		err = read_file(conf, names[i]->d_name, reterr);
	return err == AICX_OK ? add_currencies(conf, reterr) : err;
}

aicx_err
conf_read(const char *dir, struct conf **ret_conf, struct aicx_error *reterr)
{
	AUTO(free_conf) struct conf *conf = conf_new(str_of(dir));
	struct dirent **names;
	int n_names = scandir(dir, &names, is_conf_file, by_name);
	aicx_err err;

	if (n_names < 0)
		return err_set(reterr, AICX_EIO, "cannot read \"%s\": %s", dir,
		    strerror(errno));
	err = read_files(conf, names, n_names, reterr);
	for (int i = 0; i < n_names; i++)
		free(names[i]);
	free(names);
	if (err == AICX_OK)
		*ret_conf = take(&conf);
	return err;
}

const struct conf_section *
conf_find(const struct conf *conf, const char *kind, const char *instance)
{
	for (size_t i = 0; i < conf->n_sections; i++) {
		const struct conf_section *section = &conf->sections[i];
		if (strcmp(section->kind, kind) != 0)
			continue;
		if (instance == NULL ||
		    (section->instance != NULL &&
			strcmp(section->instance, instance) == 0))
			return section;
	}
	return NULL;
}

static bool
is_among(const char *word, const char *const *words)
{
	for (; *words != NULL; words++)
		if (strcmp(word, *words) == 0)
			return true;
	return false;
}

aicx_err
conf_check_kinds(const struct conf *conf, const char *const *kinds,
    struct aicx_error *reterr)
{
	for (size_t i = 0; i < conf->n_sections; i++) {
		const struct conf_section *section = &conf->sections[i];
		if (!is_among(section->kind, kinds))
			return conf_err(reterr, AICX_EINVAL, &section->at,
			    "unknown section %s%s", conf_title(section).text,
			    conf_hint(section->kind, kinds).text);
	}
	return AICX_OK;
}
