/* SPDX-License-Identifier: Apache-2.0 */
/* page.c - records of a running broker, page by page. */
#include "cli/page.h"

#include <inttypes.h>

#include "base/clock.h"
#include "base/err.h"
#include "base/str.h"
#include "cli/call.h"
#include "protocol/checkpoint.h"

void
page_fini(struct page *page)
{
	buf_fini(&page->text);
	arena_fini(&page->mem);
}

static aicx_err
page_read(struct page *page, struct aicx_error *reterr)
{
	struct checkpoint checkpoint;
	struct json_ref records;
	struct json doc;
	aicx_err err =
	    json_parse(buf_view(&page->text), &page->mem, &page->doc, reterr);

	if (err != AICX_OK)
		return err;
	page->root = json_root(&page->doc);
	err = checkpoint_parse(
	    json_str(json_get(page->root, "checkpoint"), &page->mem),
	    &checkpoint, reterr);
	if (err != AICX_OK)
		return err;
	page->n_covered = (int64_t)checkpoint.n_leaves;
	records = json_get(page->root, "records");
	if (json_len(records) == 0)
		return AICX_OK;
	struct aicx_str last =
	    json_str(json_at(records, json_len(records) - 1), &page->mem);
	err = json_parse(last, &page->mem, &doc, reterr);
	if (err == AICX_OK &&
	    (!json_int(json_get(json_root(&doc), "seq"), &page->last) ||
		!time_parse(
		    json_str(json_get(json_root(&doc), "time"), &page->mem),
		    &page->last_ms)))
		err = err_set(reterr, AICX_EIO, "a record has no number");
	page->first = page->last - (int64_t)json_len(records) + 1;
	return err;
}

aicx_err
page_fetch(struct invocation *inv, int64_t after, int64_t from_ms,
    int64_t limit, struct page *page, struct aicx_error *reterr)
{
	struct buf params = { 0 };
	struct json_writer w = json_writer(&params);
	struct call call = { .route = &inv->words->verb->route };

	page_fini(page);
	*page = (struct page) { .last = 0 };
	json_open(&w, '{');
	json_key(&w, "after");
	json_put_int(&w, after);
	if (from_ms > 0) {
		json_key(&w, "from");
		json_put_time(&w, from_ms);
	}
	if (limit > 0) {
		json_key(&w, "limit");
		json_put_int(&w, limit < PAGE_RECORDS ? limit : PAGE_RECORDS);
	}
	json_close(&w);
	call.params = buf_view(&params);
	aicx_err err = call_broker(inv, &call, &page->text, reterr);
	if (err == AICX_OK)
		err = page_read(page, reterr);
	buf_fini(&params);
	return err;
}

aicx_err
pages_take(struct invocation *inv, struct part_file *file, struct page *page,
    int64_t last, struct aicx_error *reterr)
{
	aicx_err err = part_file_take(file, page->root, reterr);

	while (err == AICX_OK && page->last < last) {
		int64_t after = page->last;
		err = page_fetch(inv, after, 0, last - after, page, reterr);
		if (err == AICX_OK && page->last == 0)
			err = err_set(reterr, AICX_EIO,
			    "the broker has no record %" PRId64, after + 1);
		if (err == AICX_OK)
			err = part_file_take(file, page->root, reterr);
	}
	return err;
}
