/* SPDX-License-Identifier: Apache-2.0 */
/*
 * run_audit.c - records of a running broker into files that verify by
 * themselves: one of one's choice, or an archive that goes on where it ended.
 */
#include <inttypes.h>
#include <string.h>

#include "base/clock.h"
#include "base/err.h"
#include "base/str.h"
#include "cli/archive.h"
#include "cli/call.h"
#include "cli/outside.h"
#include "cli/page.h"
#include "cli/params.h"
#include "cli/run.h"

enum { SEGMENT_RECORDS = 50000 };

static aicx_err
broker_trusted(
    struct invocation *inv, struct trusted *ret, struct aicx_error *reterr)
{
	struct broker_card card;
	aicx_err err = call_broker_card(inv, &card, reterr);

	if (err == AICX_OK) {
		ret->broker_id = card.broker_id;
		memcpy(ret->key, card.key, KEY_BYTES);
		ret->source = STR("known_brokers");
	}
	return err;
}

/* --- export -------------------------------------------------------------- */

static aicx_err
number_of(struct invocation *inv, const char *name, int64_t *ret,
    struct aicx_error *reterr)
{
	const char *text = invocation_value(inv, name);

	if (text == NULL || str_int(str_of(text), ret))
		return AICX_OK;
	return err_word(reterr, AICX_EINVAL, "usage",
	    "--%s: \"%s\" is no number", name, text);
}

static aicx_err
export_all(struct invocation *inv, const struct trusted *trusted,
    struct aicx_error *reterr)
{
	const char *from = invocation_value(inv, "from");
	struct page page = { .last = 0 };
	struct part_file *file = NULL;
	int64_t after = 0, from_ms = 0;
	aicx_err err = number_of(inv, "after", &after, reterr);

	if (err == AICX_OK && from != NULL &&
	    !time_parse(str_of(from), &from_ms))
		err = err_word(reterr, AICX_EINVAL, "usage",
		    "--from: \"%s\" is no time like 2026-11-23T00:00:00Z",
		    from);
	if (err == AICX_OK)
		err = page_fetch(inv, after, from_ms, 0, &page, reterr);
	if (err == AICX_OK && page.last == 0)
		err = err_word(reterr, AICX_ENOTFOUND, "not_found",
		    "there are no such records");
	if (err == AICX_OK)
		err = part_file_open(
		    invocation_value(inv, "save"), trusted, &file, reterr);
	if (err == AICX_OK) {
		err = pages_take(inv, file, &page, page.n_covered, reterr);
		if (err == AICX_OK)
			err = part_file_close(file, NULL, reterr);
		else
			part_file_drop(file);
	}
	page_fini(&page);
	return err;
}

int
run_audit_export(struct invocation *inv)
{
	struct trusted trusted = { 0 };
	struct aicx_error why = { 0 };
	aicx_err err = broker_trusted(inv, &trusted, &why);

	if (err == AICX_OK)
		err = export_all(inv, &trusted, &why);
	return err == AICX_OK ? STATUS_OK : invocation_fail(&why);
}

/* --- archive ------------------------------------------------------------- */

/* One file from here on, up to `last` or as much as one may hold. */
static aicx_err
segment_write(struct invocation *inv, struct archive *archive,
    const struct trusted *trusted, int64_t last, struct aicx_error *reterr)
{
	int64_t after = archive->newest.last;
	struct segment segment = { .first = after + 1 };
	struct page page = { .last = 0 };
	struct part_file *file = NULL;
	struct buf path = { 0 };

	if (last > after + SEGMENT_RECORDS)
		last = after + SEGMENT_RECORDS;
	archive_path(archive, NULL, &path);
	aicx_err err = page_fetch(inv, after, 0, last - after, &page, reterr);
	if (err == AICX_OK && page.first != segment.first)
		err = err_set(reterr, AICX_EIO,
		    "the broker has no record %" PRId64, segment.first);
	if (err == AICX_OK)
		err = part_file_open(buf_cstr(&path), trusted, &file, reterr);
	if (err == AICX_OK) {
		err = pages_take(inv, file, &page, last, reterr);
		segment.last = page.last;
		segment.day = page.last_ms / ARCHIVE_DAY_MS;
		buf_clear(&path);
		archive_path(archive, &segment, &path);
		if (err == AICX_OK)
			err = part_file_close(file, buf_cstr(&path), reterr);
		else
			part_file_drop(file);
	}
	if (err == AICX_OK) {
		archive->newest = segment;
		archive->n_new++;
	}
	page_fini(&page);
	buf_fini(&path);
	return err;
}

/* The number of the last record that is older than this. */
static aicx_err
last_before(struct invocation *inv, int64_t at_ms, int64_t *ret_last,
    struct aicx_error *reterr)
{
	struct page page = { .last = 0 };
	aicx_err err = page_fetch(inv, 0, at_ms, 1, &page, reterr);

	if (err == AICX_OK)
		*ret_last = page.last > 0 ? page.first - 1 : page.n_covered;
	page_fini(&page);
	return err;
}

static aicx_err
archive_all(struct invocation *inv, struct archive *archive,
    const struct trusted *trusted, struct aicx_error *reterr)
{
	const char *hot = invocation_value(inv, "hot");
	const char *keep = invocation_value(inv, "keep");
	int64_t now_ms = outside_wall_ms(), hot_ms = 0, keep_ms = 0, last = 0;
	aicx_err err =
	    duration_parse(hot != NULL ? hot : "30d", &hot_ms, reterr);

	if (err == AICX_OK)
		err = duration_parse(
		    keep != NULL ? keep : "365d", &keep_ms, reterr);
	if (err == AICX_OK)
		err = archive_look(archive, reterr);
	if (err == AICX_OK)
		err = last_before(inv, now_ms - hot_ms, &last, reterr);
	while (err == AICX_OK && archive->newest.last < last)
		err = segment_write(inv, archive, trusted, last, reterr);
	if (err == AICX_OK)
		err = archive_prune(archive, now_ms - keep_ms, reterr);
	return err;
}

int
run_audit_archive(struct invocation *inv)
{
	struct archive archive = { .folder = invocation_value(inv, "DIR") };
	struct trusted trusted = { 0 };
	struct aicx_error why = { 0 };
	aicx_err err = broker_trusted(inv, &trusted, &why);

	if (err == AICX_OK)
		err = archive_all(inv, &archive, &trusted, &why);
	if (err != AICX_OK)
		return invocation_fail(&why);
	invocation_note("%" PRId64 " files more, up to record %" PRId64
			"; %" PRId64 " taken away",
	    archive.n_new, archive.newest.last, archive.n_gone);
	return STATUS_OK;
}
