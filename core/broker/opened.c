/* SPDX-License-Identifier: Apache-2.0 */
/* opened.c - records read back for those who look into them. */
#include "broker/opened.h"

#include "base/clock.h"
#include "base/err.h"
#include "broker/journal.h"

aicx_err
opened_read(struct journal *journal, uint64_t seq, struct opened *record,
    struct aicx_error *reterr)
{
	aicx_err err = journal_record(journal, seq, &record->text, reterr);

	if (err == AICX_OK)
		err = json_parse(buf_view(&record->text), &record->mem,
		    &record->doc, reterr);
	if (err == AICX_OK &&
	    !time_parse(json_str(json_get(json_root(&record->doc), "time"),
			    &record->mem),
		&record->at_ms))
		err = err_set(reterr, AICX_EIO, "record has no time");
	return err;
}

void
opened_close(struct opened *record)
{
	buf_fini(&record->text);
	arena_fini(&record->mem);
}

aicx_err
opened_seek(struct journal *journal, int64_t at_ms, uint64_t end,
    uint64_t *ret_seq, struct aicx_error *reterr)
{
	uint64_t low = 1;

	while (low < end) {
		uint64_t middle = low + (end - low) / 2;
		struct opened record = { 0 };
		aicx_err err = opened_read(journal, middle, &record, reterr);
		opened_close(&record);
		if (err != AICX_OK)
			return err;
		if (record.at_ms < at_ms)
			low = middle + 1;
		else
			end = middle;
	}
	*ret_seq = low;
	return AICX_OK;
}
