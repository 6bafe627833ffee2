/* SPDX-License-Identifier: Apache-2.0 */
/* part_file.c - records of a running broker into a file that stands alone. */
#include "cli/part_file.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <zlib.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/mem.h"
#include "base/str.h"

struct part_file {
	gzFile out;
	char *path; /* NULL: standard output */
	struct buf draft; /* its name until it is whole */
	struct trust trust;
	struct verify_set *set;
	struct ledger_check *check;
	struct buf report;
	struct buf end; /* the last line, as the last page has it */
	bool begun;
};

static aicx_err
failed(const struct part_file *file, struct aicx_error *reterr)
{
	return err_set(reterr, AICX_EIO, "cannot write \"%s\": %s",
	    file->path != NULL ? file->path : "standard output",
	    strerror(errno));
}

aicx_err
part_file_open(const char *path, const struct trusted *trusted,
    struct part_file **ret, struct aicx_error *reterr)
{
	struct part_file *file = MEM_NEW(struct part_file);
	bool packed = path != NULL && str_ends(str_of(path), ".gz");

	if (path != NULL) {
		file->path = mem_strdup(path);
		buf_printf(&file->draft, "%s.part", path);
		file->out =
		    gzopen(buf_cstr(&file->draft), packed ? "wbe6" : "wbeT");
	} else {
		file->out = gzdopen(dup(STDOUT_FILENO), "wbT");
	}
	file->trust = (struct trust) { trusted, 1, true };
	file->set = verify_set_new();
	file->check = ledger_check_new(
	    file->path, &file->trust, file->set, &file->report);
	if (file->out == NULL) {
		aicx_err err = failed(file, reterr);
		part_file_drop(file);
		return err;
	}
	*ret = file;
	return AICX_OK;
}

static aicx_err
put_line(
    struct part_file *file, struct aicx_str line, struct aicx_error *reterr)
{
	if (!ledger_check_line(file->check, line))
		return err_set(reterr, AICX_EIO,
		    "what the broker sent does not verify: %.*s",
		    STR_ARG(buf_view(&file->report)));
	if (gzwrite(file->out, line.ptr, (unsigned)line.len) != (int)line.len ||
	    gzputc(file->out, '\n') != '\n')
		return failed(file, reterr);
	return AICX_OK;
}

static void
put_copy(struct json_writer *w, struct json_ref page, const char *name)
{
	json_key(w, name);
	json_put_raw(w, json_raw(json_get(page, name)));
}

static aicx_err
put_head(
    struct part_file *file, struct json_ref page, struct aicx_error *reterr)
{
	struct buf line = { 0 };
	struct json_writer w = json_writer(&line);

	json_open(&w, '{');
	json_key(&w, "version");
	json_put_int(&w, 1);
	json_key(&w, "kind");
	json_put_text(&w, "audit");
	put_copy(&w, page, "broker");
	json_close(&w);
	file->begun = true;
	aicx_err err = put_line(file, buf_view(&line), reterr);
	buf_fini(&line);
	return err;
}

aicx_err
part_file_take(
    struct part_file *file, struct json_ref page, struct aicx_error *reterr)
{
	struct json_iter each = json_iter(json_get(page, "records"));
	struct arena mem = { NULL };
	aicx_err err = AICX_OK;

	if (!file->begun)
		err = put_head(file, page, reterr);
	while (err == AICX_OK && json_next(&each))
		err = put_line(file, json_str(each.value, &mem), reterr);
	arena_fini(&mem);
	buf_clear(&file->end);
	struct json_writer w = json_writer(&file->end);
	json_open(&w, '{');
	put_copy(&w, page, "index");
	put_copy(&w, page, "proof");
	put_copy(&w, page, "checkpoint");
	json_close(&w);
	return err;
}

void
part_file_drop(struct part_file *file)
{
	if (file == NULL)
		return;
	if (file->out != NULL)
		(void)gzclose(file->out);
	if (file->draft.len > 0)
		(void)unlink(buf_cstr(&file->draft));
	if (file->check != NULL)
		(void)ledger_check_end(file->check);
	verify_set_free(file->set);
	buf_fini(&file->draft);
	buf_fini(&file->report);
	buf_fini(&file->end);
	free(file->path);
	free(file);
}

aicx_err
part_file_close(
    struct part_file *file, const char *to_path, struct aicx_error *reterr)
{
	aicx_err err = put_line(file, buf_view(&file->end), reterr);

	if (err == AICX_OK) {
		enum verdict verdict = ledger_check_end(file->check);
		file->check = NULL;
		if (verdict != VERDICT_GOOD)
			err = err_set(reterr, AICX_EIO,
			    "what the broker sent does not verify: %.*s",
			    STR_ARG(buf_view(&file->report)));
	}
	if (err == AICX_OK) {
		int closed = gzclose(file->out);
		file->out = NULL;
		if (to_path == NULL)
			to_path = file->path;
		if (closed != Z_OK ||
		    (to_path != NULL &&
			rename(buf_cstr(&file->draft), to_path) != 0))
			err = failed(file, reterr);
		else
			buf_clear(&file->draft);
	}
	part_file_drop(file);
	return err;
}
