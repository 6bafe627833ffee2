/* SPDX-License-Identifier: Apache-2.0 */
/* master.c - the master key: read from outside, made in a file of its own. */
#include "main/master.h"

#include "base/err.h"
#include "base/mem.h"
#include "base/str.h"
#include "main/secret_file.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const char *const kinds[] = { "file", "credential", "env" };

aicx_err
master_source_parse(
    const char *text, struct master_source *ret, struct aicx_error *reterr)
{
	for (int i = MASTER_FILE; i <= MASTER_ENV; i++) {
		size_t n = strlen(kinds[i]);
		if (strncmp(text, kinds[i], n) != 0 || text[n] != ':' ||
		    text[n + 1] == '\0')
			continue;
		ret->kind = (enum master_kind)i;
		ret->name = text + n + 1;
		if (ret->kind != MASTER_FILE && strchr(ret->name, '/') != NULL)
			break;
		return AICX_OK;
	}
	return err_set(reterr, AICX_EINVAL,
	    "[broker] master_key = %s: use file:PATH, credential:NAME or "
	    "env:NAME",
	    text);
}

aicx_err
master_missing(const struct master_source *source, struct aicx_error *reterr)
{
	return err_set(reterr, AICX_EDENIED,
	    "no master key in \"%s:%s\": without it \"broker.identity\" "
	    "cannot be opened",
	    kinds[source->kind], source->name);
}

/* Out of the process's memory as well as of what it would hand on. */
static void
env_take(const char *name, struct buf *ret_text)
{
	char *value = getenv(name);

	if (value == NULL)
		return;
	buf_text(ret_text, value);
	mem_wipe(value, strlen(value));
	(void)unsetenv(name);
}

static aicx_err
credential_read(const char *name, struct buf *ret, struct aicx_error *reterr)
{
	const char *folder = getenv("CREDENTIALS_DIRECTORY");
	char path[PATH_MAX];

	if (folder == NULL)
		return AICX_ENOTFOUND;
	if (snprintf(path, sizeof path, "%s/%s", folder, name) >= PATH_MAX)
		return err_set(
		    reterr, AICX_EINVAL, "\"%s\" is too long", folder);
	return secret_file_read(path, true, ret, reterr);
}

static aicx_err
source_read(const struct master_source *source, struct buf *ret,
    struct aicx_error *reterr)
{
	switch (source->kind) {
	case MASTER_FILE:
		return secret_file_read(source->name, false, ret, reterr);
	case MASTER_CREDENTIAL:
		return credential_read(source->name, ret, reterr);
	case MASTER_ENV:
		env_take(source->name, ret);
		return ret->len > 0 ? AICX_OK : AICX_ENOTFOUND;
	}
	return AICX_ENOTFOUND;
}

aicx_err
master_read(const struct master_source *source, struct masters *ret,
    struct aicx_error *reterr)
{
	struct buf text = { 0 };
	struct aicx_error why = { 0 };
	aicx_err err = source_read(source, &text, reterr);

	if (err == AICX_ENOTFOUND) {
		ret->n = 0;
		err = AICX_OK;
	} else if (err == AICX_OK &&
	    masters_parse(buf_view(&text), ret, &why) != AICX_OK) {
		err = err_set(reterr, AICX_EINVAL,
		    "cannot use the master key in \"%s:%s\": %s",
		    kinds[source->kind], source->name, why.text);
	}
	secret_wipe(&text);
	return err;
}

static aicx_err
masters_write(const struct master_source *source, const struct masters *masters,
    struct aicx_error *reterr)
{
	struct buf text = { 0 };

	masters_print(masters, &text);
	aicx_err err = secret_file_write(source->name, buf_view(&text), reterr);
	secret_wipe(&text);
	return err;
}

aicx_err
master_make(const struct master_source *source,
    const struct keyring_chance *chance, struct masters *masters,
    struct aicx_error *reterr)
{
	struct masters more = { .n = masters->n + 1 };

	if (source->kind != MASTER_FILE)
		return err_word(reterr, AICX_ESTATE, "wrong_state",
		    "the master key is from \"%s:%s\", where the broker makes "
		    "none: put the new one there",
		    kinds[source->kind], source->name);
	if (masters->n == MASTERS_MAX)
		return err_word(reterr, AICX_ELIMIT, "too_many",
		    "there are %d master keys in \"%s\" already", MASTERS_MAX,
		    source->name);
	chance->random(chance->arg, more.keys[0], KEY_BYTES);
	memcpy(more.keys[1], masters->keys, masters->n * KEY_BYTES);
	aicx_err err = masters_write(source, &more, reterr);
	if (err == AICX_OK)
		*masters = more;
	mem_wipe(&more, sizeof more);
	return err;
}

aicx_err
master_drop_old(const struct master_source *source, struct masters *masters,
    struct aicx_error *reterr)
{
	mem_wipe(masters->keys[1], sizeof masters->keys - KEY_BYTES);
	masters->n = 1;
	return masters_write(source, masters, reterr);
}
