/* SPDX-License-Identifier: Apache-2.0 */
/* datadir.c - small secret files, written whole or not at all. */
#include "main/datadir.h"

#include "base/b64.h"
#include "base/broken.h"
#include "base/err.h"
#include "base/id.h"
#include "base/json.h"
#include "base/mem.h"
#include "base/str.h"
#include "protocol/identity.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { FILE_BYTES_MAX = 16384 };

static void
close_fd(int *fd)
{
	if (*fd >= 0)
		(void)close(*fd);
}

static aicx_err
failed(const char *what, const char *path, struct aicx_error *reterr)
{
	return err_set(reterr, AICX_EIO, "cannot %s \"%s\": %s", what, path,
	    strerror(errno));
}

aicx_err
datadir_enter(const char *path, struct aicx_error *reterr)
{
	if (mkdir(path, 0700) != 0 && errno != EEXIST)
		return failed("make the data folder", path, reterr);
	if (chdir(path) != 0)
		return failed("enter the data folder", path, reterr);
	return AICX_OK;
}

static aicx_err
sync_folder(struct aicx_error *reterr)
{
	AUTO(close_fd) int fd = open(".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (fd < 0 || fsync(fd) != 0)
		return failed("sync the folder of", ".", reterr);
	return AICX_OK;
}

static aicx_err
write_all(
    int fd, struct aicx_str text, const char *path, struct aicx_error *reterr)
{
	size_t done = 0;

	while (done < text.len) {
		ssize_t n = write(fd, text.ptr + done, text.len - done);
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return failed("write", path, reterr);
		done += (size_t)n;
	}
	if (fsync(fd) != 0)
		return failed("sync", path, reterr);
	return AICX_OK;
}

/* Under a name of its own first, so that no half file is ever seen. */
static aicx_err
write_secret(const char *path, struct aicx_str text, struct aicx_error *reterr)
{
	char draft[64];

	(void)snprintf(draft, sizeof draft, "%s.new", path);
	AUTO(close_fd)
	int fd = open(draft, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	if (fd < 0)
		return failed("create", draft, reterr);
	aicx_err err = write_all(fd, text, draft, reterr);
	if (err != AICX_OK)
		return err;
	if (rename(draft, path) != 0)
		return failed("rename", draft, reterr);
	return sync_folder(reterr);
}

static aicx_err
read_secret(const char *path, struct buf *ret, struct aicx_error *reterr)
{
	AUTO(close_fd) int fd = open(path, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
	struct stat st;
	ssize_t n;

	if (fd < 0)
		return errno == ENOENT ? AICX_ENOTFOUND
				       : failed("open", path, reterr);
	if (fstat(fd, &st) != 0)
		return failed("read", path, reterr);
	if ((st.st_mode & 077) != 0)
		return err_set(reterr, AICX_EDENIED,
		    "\"%s\" can be read by others: chmod 600 it", path);
	while ((n = read(fd, buf_room(ret, 4096), 4096)) > 0) {
		ret->len += (size_t)n;
		if (ret->len > FILE_BYTES_MAX)
			return err_set(
			    reterr, AICX_ELIMIT, "\"%s\" is too large", path);
	}
	return n < 0 ? failed("read", path, reterr) : AICX_OK;
}

/* So that a bit that flipped in the file is found: a broker with another master
   key would start, and its secrets would be gone. */
static void
keys_check(const struct broker_keys *keys, char ret_b64[B64_LEN(HASH_BYTES)])
{
	uint8_t bytes[sizeof keys->broker_id + 2 * KEY_BYTES], hash[HASH_BYTES];
	size_t n = sizeof keys->broker_id;

	memcpy(bytes, &keys->broker_id, n);
	memcpy(bytes + n, keys->seed, KEY_BYTES);
	memcpy(bytes + n + KEY_BYTES, keys->master, KEY_BYTES);
	sha256(bytes, sizeof bytes, hash);
	b64_print(hash, sizeof hash, ret_b64);
	mem_wipe(bytes, sizeof bytes);
}

/* Absent in files of older brokers. */
static bool
keys_whole(const struct broker_keys *keys, struct aicx_str check)
{
	char wanted[B64_LEN(HASH_BYTES)];

	keys_check(keys, wanted);
	return check.ptr == NULL || broken("no_anchor") ||
	    str_eq(check, (struct aicx_str) { wanted, sizeof wanted });
}

static aicx_err
make_keys(struct loop *loop, struct broker_keys *ret, struct aicx_error *reterr)
{
	struct buf text = { 0 };
	char b64[B64_LEN(KEY_BYTES) + 1] = "";
	uint8_t random[10];

	loop_random(loop, random, sizeof random);
	ret->broker_id = id_v7(loop_wall_ms(loop), random);
	loop_random(loop, ret->seed, KEY_BYTES);
	loop_random(loop, ret->master, KEY_BYTES);
	buf_printf(
	    &text, "{\"broker_id\":\"%s\"", id_text(&ret->broker_id).text);
	b64_print(ret->seed, KEY_BYTES, b64);
	buf_printf(&text, ",\"private_key\":\"%s\"", b64);
	b64_print(ret->master, KEY_BYTES, b64);
	buf_printf(&text, ",\"master_key\":\"%s\"", b64);
	keys_check(ret, b64);
	buf_printf(&text, ",\"check\":\"%s\"}\n", b64);
	aicx_err err = write_secret("broker.identity", buf_view(&text), reterr);
	mem_wipe(text.ptr, text.len);
	mem_wipe(b64, sizeof b64);
	buf_fini(&text);
	return err;
}

static aicx_err
parse_keys(
    struct aicx_str text, struct broker_keys *ret, struct aicx_error *reterr)
{
	struct arena mem = { NULL };
	struct aicx_error why = { 0 };
	struct json doc;
	aicx_err err = json_parse(text, &mem, &doc, &why);

	if (err == AICX_OK) {
		struct json_ref root = json_root(&doc);
		if (!id_parse(json_str(json_get(root, "broker_id"), &mem),
			&ret->broker_id) ||
		    !b64_parse(json_str(json_get(root, "private_key"), &mem),
			ret->seed, KEY_BYTES) ||
		    !b64_parse(json_str(json_get(root, "master_key"), &mem),
			ret->master, KEY_BYTES))
			err = err_set(&why, AICX_EINVAL,
			    "it lacks broker_id, private_key or master_key");
		else if (!keys_whole(
			     ret, json_str(json_get(root, "check"), &mem)))
			err = err_set(&why, AICX_EINVAL,
			    "it is damaged: its check is another");
	}
	arena_fini(&mem);
	if (err != AICX_OK)
		return err_set(reterr, AICX_EINVAL,
		    "cannot use \"broker.identity\": %s", why.text);
	return AICX_OK;
}

aicx_err
datadir_keys(
    struct loop *loop, struct broker_keys *ret, struct aicx_error *reterr)
{
	struct buf text = { 0 };
	aicx_err err = read_secret("broker.identity", &text, reterr);

	if (err == AICX_ENOTFOUND)
		err = make_keys(loop, ret, reterr);
	else if (err == AICX_OK)
		err = parse_keys(buf_view(&text), ret, reterr);
	if (text.len > 0)
		mem_wipe(text.ptr, text.len);
	buf_fini(&text);
	return err;
}

aicx_err
datadir_operator(
    struct broker *broker, const char *broker_url, struct aicx_error *reterr)
{
	struct identity identity = { .broker = str_of(broker_url) };
	struct buf text = { 0 };
	char api_key[64];

	if (!broker_new_operator(
		broker, &identity.agent_id, identity.seed, api_key))
		return AICX_OK;
	identity.api_key = str_of(api_key);
	identity_print(&text, &identity);
	aicx_err err =
	    write_secret("operator.identity", buf_view(&text), reterr);
	mem_wipe(text.ptr, text.len);
	mem_wipe(&identity, sizeof identity);
	mem_wipe(api_key, sizeof api_key);
	buf_fini(&text);
	return err;
}
