/* SPDX-License-Identifier: Apache-2.0 */
/* stage.c - the notes of a broker that does nothing else. */
#include "module/testdata/stage.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/str.h"

static void
note_count(void *arg, const char *instance, const char *metric, int64_t delta)
{
	struct stage *stage = arg;

	ck_assert_int_eq(delta, 1);
	buf_printf(&stage->notes, "%s %s, ", instance, metric);
}

static aicx_err
note_put(void *arg, struct aicx_str key, struct aicx_str value,
    struct aicx_error *reterr)
{
	struct stage *stage = arg;

	(void)reterr;
	buf_clear(&stage->key);
	buf_str(&stage->key, key);
	buf_clear(&stage->value);
	buf_str(&stage->value, value);
	return AICX_OK;
}

static aicx_err
note_get(void *arg, struct aicx_str key, struct aicx_str *ret_value,
    struct aicx_error *reterr)
{
	struct stage *stage = arg;

	(void)reterr;
	if (!str_eq(key, buf_view(&stage->key)))
		return AICX_ENOTFOUND;
	*ret_value = buf_view(&stage->value);
	return AICX_OK;
}

static int64_t
some_time(void *arg)
{
	(void)arg;
	return 1000;
}

static void
no_deliver(struct aicx_peer *peer, struct aicx_str message)
{
	(void)peer, (void)message;
}

static void
no_errand_done(
    struct aicx_errand *errand, const struct aicx_errand_result *result)
{
	(void)errand, (void)result;
}

static aicx_err
no_errand_progress(struct aicx_errand *errand, struct aicx_str progress)
{
	(void)errand, (void)progress;
	return AICX_OK;
}

static aicx_err
no_errand_pass(const struct aicx_errand *errand, struct aicx_header *ret_header)
{
	(void)errand, (void)ret_header;
	return AICX_ENOTFOUND;
}

static aicx_err
no_errand_ask(struct aicx_errand *errand, struct aicx_str question)
{
	(void)errand, (void)question;
	return AICX_ESTATE;
}

static void
no_peer_free(struct aicx_peer *peer)
{
	(void)peer;
}

static void
no_call_cancel(struct aicx_ticket *ticket)
{
	(void)ticket;
}

void
stage_init(struct stage *stage)
{
	*stage = (struct stage) { .dir = "/tmp/plugins-XXXXXX" };
	ck_assert_ptr_nonnull(mkdtemp(stage->dir));
	stage->loop = loop_new(1);
	stage->ports = (struct module_ports) {
		.count = note_count,
		.put = note_put,
		.get = note_get,
		.wall_ms = some_time,
		.deliver = no_deliver,
		.peer_free = no_peer_free,
		.call_cancel = no_call_cancel,
		.errand_done = no_errand_done,
		.errand_progress = no_errand_progress,
		.errand_pass = no_errand_pass,
		.errand_ask = no_errand_ask,
		.arg = stage,
	};
}

static void
stage_reset(struct stage *stage)
{
	modules_free(stage->modules);
	conf_free(stage->conf);
	stage->modules = NULL;
	stage->conf = NULL;
	stage->err = (struct aicx_error) { 0 };
}

void
stage_fini(struct stage *stage)
{
	char command[64];

	stage_reset(stage);
	loop_free(stage->loop);
	buf_fini(&stage->notes);
	buf_fini(&stage->key);
	buf_fini(&stage->value);
	(void)snprintf(command, sizeof command, "rm -rf '%s'", stage->dir);
	ck_assert_int_eq(system(command), 0);
}

const char *
stage_path(struct stage *stage, const char *name)
{
	static char path[128];

	(void)snprintf(path, sizeof path, "%s/%s", stage->dir, name);
	return path;
}

/* A new file under that name, never the old one rewritten: a loaded library
   stays as it is. */
void
stage_file(struct stage *stage, const char *name, struct aicx_str bytes)
{
	const char *path = stage_path(stage, name);

	(void)unlink(path);
	FILE *file = fopen(path, "w");
	ck_assert_ptr_nonnull(file);
	ck_assert_uint_eq(fwrite(bytes.ptr, 1, bytes.len, file), bytes.len);
	ck_assert_int_eq(fclose(file), 0);
	ck_assert_int_eq(chmod(path, 0755), 0);
}

/* make check runs tests in the build folder; by hand, AICX_BUILD names it. */
void
stage_plugin(struct stage *stage, const char *built, const char *name)
{
	const char *build = getenv("AICX_BUILD");
	struct buf path = { 0 }, bytes = { 0 };
	size_t n;

	buf_printf(&path, "%s/%s", build != NULL ? build : ".", built);
	FILE *file = fopen(buf_cstr(&path), "r");
	ck_assert_msg(file != NULL, "%s is not built", buf_cstr(&path));
	while ((n = fread(buf_room(&bytes, 65536), 1, 65536, file)) > 0)
		bytes.len += n;
	ck_assert_int_eq(fclose(file), 0);
	stage_file(stage, name, buf_view(&bytes));
	buf_fini(&bytes);
	buf_fini(&path);
}

aicx_err
stage_load(struct stage *stage, const char *text)
{
	aicx_err err;

	stage_reset(stage);
	err = conf_read_text(
	    "10-a.conf", str_of(text), &stage->conf, &stage->err);
	ck_assert_msg(err == AICX_OK, "%s", stage->err.text);
	return modules_load(stage->conf, stage->dir, stage->loop, NULL,
	    &stage->ports, &stage->modules, &stage->err);
}

void
stage_refuses(struct stage *stage, const char *text, const char *why)
{
	aicx_err err = stage_load(stage, text);

	ck_assert_str_eq(stage->err.text, why);
	ck_assert_int_ne(err, AICX_OK);
	ck_assert_ptr_null(stage->modules);
}

void
stage_open(struct stage *stage, const char *text)
{
	aicx_err err = stage_load(stage, text);

	ck_assert_msg(err == AICX_OK, "%s", stage->err.text);
	err = modules_open(stage->modules, &stage->err);
	ck_assert_msg(err == AICX_OK, "%s", stage->err.text);
}
