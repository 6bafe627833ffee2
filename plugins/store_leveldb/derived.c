/* SPDX-License-Identifier: Apache-2.0 */
/* derived.c - opens what can be made anew, and does so when it is damaged. */
#include "derived.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static const char doubt_name[] = "DAMAGED";
enum { BLOCK_BYTES = 4 << 10 }; /* small: one key is wanted at a time */

static aicx_err
fail(struct aicx_error *reterr, const char *what, const char *path,
    const char *why)
{
	if (reterr == NULL)
		return AICX_EIO;
	memset(reterr, 0, sizeof *reterr);
	reterr->code = AICX_EIO;
	(void)snprintf(reterr->text, sizeof reterr->text,
	    "cannot %s \"%.80s\": %.100s", what, path, why);
	return AICX_EIO;
}

static void
open_to_read(struct derived *derived, leveldb_options_t *options,
    const char *path, const char *scratch)
{
	char *why = NULL;

	derived->shadow = shadow_new(path, scratch);
	if (derived->shadow == NULL)
		return;
	leveldb_options_set_create_if_missing(options, 0);
	derived->db = leveldb_open(options, shadow_path(derived->shadow), &why);
	leveldb_free(why);
}

/* LevelDB quotes what it found: that may be any bytes. */
static void
log_thrown(
    const struct aicx_host *host, struct aicx_self *self, const char *damage)
{
	char text[160];

	(void)snprintf(text, sizeof text, "%s", damage);
	for (char *c = text; *c != '\0'; c++)
		if (*c < ' ' || *c > '~')
			*c = '?';
	host->log(self, AICX_WARN, "derived.thrown_away", text);
}

static void
throw_away(const leveldb_options_t *options, const char *path,
    const char *damage, const struct aicx_host *host, struct aicx_self *self)
{
	char *why = NULL;

	if (damage != NULL)
		log_thrown(host, self, damage);
	leveldb_destroy_db(options, path, &why);
	leveldb_free(why);
	(void)mkdir(path, 0700);
}

static bool
is_doubted(const char *path)
{
	char doubt[PATH_MAX + sizeof doubt_name];

	(void)snprintf(doubt, sizeof doubt, "%s/%s", path, doubt_name);
	return unlink(doubt) == 0;
}

void
derived_doubt(const struct derived *derived)
{
	char doubt[PATH_MAX + sizeof doubt_name];

	if (derived->dir == NULL)
		return;
	(void)snprintf(doubt, sizeof doubt, "%s/%s", derived->path, doubt_name);
	int fd = open(doubt, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
	if (fd >= 0)
		(void)close(fd);
}

aicx_err
derived_open(struct derived *derived, leveldb_options_t *options,
    const char *store_path, const char *name, const char *scratch,
    const struct aicx_host *host, struct aicx_self *self,
    struct aicx_error *reterr)
{
	char path[PATH_MAX];
	char *why = NULL;

	(void)snprintf(path, sizeof path, "%s/%s", store_path, name);
	if (scratch != NULL) {
		open_to_read(derived, options, path, scratch);
		return AICX_OK;
	}
	if (mkdir(path, 0700) != 0 && errno != EEXIST)
		return fail(reterr, "create", path, strerror(errno));
	leveldb_options_set_paranoid_checks(options, 1);
	leveldb_options_set_block_size(options, BLOCK_BYTES);
	if (is_doubted(path))
		throw_away(
		    options, path, "a key could not be read", host, self);
	derived->db = leveldb_open(options, path, &why);
	if (why != NULL && strncmp(why, "IO error: ", 10) != 0) {
		throw_away(options, path, why, host, self);
		leveldb_free(why);
		why = NULL;
		derived->db = leveldb_open(options, path, &why);
	}
	if (why != NULL) {
		(void)fail(reterr, "open", path, why);
		leveldb_free(why);
		return AICX_EIO;
	}
	derived->path = strdup(path);
	derived->dir = dir_sync_new(path, host, self);
	if (derived->path == NULL || derived->dir == NULL)
		return fail(reterr, "sync", path, strerror(errno));
	return AICX_OK;
}

void
derived_forget(const leveldb_options_t *options, const char *store_path,
    const char *name, const char *damage, const struct aicx_host *host,
    struct aicx_self *self)
{
	char path[PATH_MAX];

	(void)snprintf(path, sizeof path, "%s/%s", store_path, name);
	throw_away(options, path, damage, host, self);
}

void
derived_close(struct derived *derived)
{
	if (derived->db != NULL)
		leveldb_close(derived->db);
	dir_sync_free(derived->dir);
	shadow_free(derived->shadow);
	free(derived->path);
	*derived = (struct derived) { NULL };
}
