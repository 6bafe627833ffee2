/* SPDX-License-Identifier: Apache-2.0 */
/* run_deal.c - deal files: fetched from the broker and saved. */
#include <stdio.h>
#include <string.h>

#include "base/err.h"
#include "base/json.h"
#include "cli/call.h"
#include "cli/file.h"
#include "cli/run.h"

static aicx_err
file_fetch(struct invocation *inv, struct aicx_str deal_id, struct buf *ret,
    struct aicx_error *reterr)
{
	static const struct route export_route = { "deal.export", "GET",
		"/v1/deals/{deal_id}/file", NULL };
	struct buf params = { 0 };
	struct json_writer w = json_writer(&params);

	json_open(&w, '{');
	json_key(&w, "deal_id");
	json_put_str(&w, deal_id);
	json_close(&w);
	struct call call = {
		.route = &export_route,
		.params = buf_view(&params),
	};
	aicx_err err = call_broker(inv, &call, ret, reterr);
	buf_fini(&params);
	return err;
}

aicx_err
run_save_deal(struct invocation *inv, struct aicx_str deal_id, const char *path,
    struct aicx_error *reterr)
{
	struct broker_card card;
	struct buf text = { 0 };

	/* So that the file can be verified here afterwards. */
	aicx_err err = call_broker_card(inv, &card, reterr);
	if (err == AICX_OK)
		err = file_fetch(inv, deal_id, &text, reterr);
	if (err == AICX_OK)
		err = file_replace(path, 0644, buf_view(&text), reterr);
	buf_fini(&text);
	return err;
}

int
run_deal_export(struct invocation *inv)
{
	const char *path = invocation_value(inv, "save");
	struct aicx_str deal_id = { invocation_value(inv, "DEAL"), 0 };
	struct aicx_error why = { 0 };
	struct buf text = { 0 };

	deal_id.len = strlen(deal_id.ptr);
	aicx_err err = path != NULL ? run_save_deal(inv, deal_id, path, &why)
				    : file_fetch(inv, deal_id, &text, &why);
	if (err == AICX_OK && path == NULL)
		(void)printf("%.*s\n", (int)text.len, text.ptr);
	buf_fini(&text);
	return err == AICX_OK ? STATUS_OK : invocation_fail(&why);
}
