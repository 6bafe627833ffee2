/* SPDX-License-Identifier: Apache-2.0 */
/* worker.c - how a work ends: with text, with JSON, or not well. */
#include "cli/worker.h"

#include <stdarg.h>
#include <stdio.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/json.h"
#include "base/str.h"

aicx_err
worker_open(struct worker *worker, struct loop *loop, struct aicx_error *reterr)
{
	worker->loop = loop;
	return worker->ops->open != NULL ? worker->ops->open(worker, reterr)
					 : AICX_OK;
}

void
worker_free(struct worker *worker)
{
	if (worker != NULL)
		worker->ops->free(worker);
}

int64_t
worker_count_lines(struct aicx_str text)
{
	int64_t n = 0;

	while (text.len > 0)
		n += str_trim(str_cut(text, '\n', &text)).len > 0;
	return n;
}

void
work_fail(const struct work *work, const char *code, bool retryable,
    const char *fmt, ...)
{
	struct aicx_error why;
	va_list ap;

	va_start(ap, fmt);
	(void)vsnprintf(why.text, sizeof why.text, fmt, ap);
	va_end(ap);
	work->on_end(
	    &(struct work_end) {
		.code = code,
		.detail = str_of(why.text),
		.retryable = retryable,
	    },
	    work->arg);
}

static void
deliver(const struct work *work, struct aicx_str said, struct aicx_str output)
{
	work->on_end(
	    &(struct work_end) {
		.good = true,
		.output = output,
		.n_units = worker_count_lines(said),
	    },
	    work->arg);
}

void
work_deliver_text(
    const struct worker *worker, const struct work *work, struct aicx_str text)
{
	struct buf output = { 0 };
	struct json_writer w = json_writer(&output);

	if (!str_is_utf8(text)) {
		work_fail(work, "invalid_output", false,
		    "%s's output is no UTF-8 text", worker->name);
		return;
	}
	json_put_str(&w, text);
	deliver(work, text, buf_view(&output));
	buf_fini(&output);
}

void
work_deliver_json(
    const struct worker *worker, const struct work *work, struct aicx_str json)
{
	struct arena arena = { 0 };
	struct json doc;

	if (json_parse(json, &arena, &doc, NULL) == AICX_OK)
		deliver(work, json, json_raw(json_root(&doc)));
	else
		work_fail(work, "invalid_output", false,
		    "%s's output is no JSON", worker->name);
	arena_fini(&arena);
}
