/* SPDX-License-Identifier: Apache-2.0 */
/* run_route.c - a verb that is one method: ask it, print the answer. */
#include <stdio.h>

#include "base/err.h"
#include "cli/call.h"
#include "cli/params.h"
#include "cli/run.h"
#include "cli/table.h"

void
run_print_result(const struct invocation *inv, struct aicx_str result)
{
	struct buf text = { 0 };

	if (result.len == 0)
		return;
	if (inv->json)
		buf_str(&text, result);
	else
		table_print(&text, result, inv->words->verb->route.columns,
		    inv->color_out);
	if (text.len > 0 && text.ptr[text.len - 1] != '\n')
		buf_char(&text, '\n');
	(void)fwrite(text.ptr, 1, text.len, stdout);
	buf_fini(&text);
}

int
run_route(struct invocation *inv)
{
	struct buf params = { 0 }, result = { 0 };
	struct aicx_error why = { 0 };
	struct call call = {
		.route = &inv->words->verb->route,
		.key = invocation_value(inv, "key"),
	};

	aicx_err err = params_print(inv, &params, &why);
	call.params = buf_view(&params);
	if (err == AICX_OK)
		err = call_broker(inv, &call, &result, &why);
	if (err == AICX_OK)
		run_print_result(inv, buf_view(&result));
	buf_fini(&params);
	buf_fini(&result);
	return err == AICX_OK ? STATUS_OK : invocation_fail(&why);
}
