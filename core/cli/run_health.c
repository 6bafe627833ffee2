/* SPDX-License-Identifier: Apache-2.0 */
/* run_health.c - is the broker there, is it ready, what does it count. */
#include <stdio.h>

#include "cli/call.h"
#include "cli/problem.h"
#include "cli/run.h"

enum { STATUS_GOOD = 200 };

int
run_health(struct invocation *inv)
{
	struct buf body = { 0 };
	struct aicx_error why = { 0 };
	int status = 0;

	aicx_err err = call_get(inv, "/readyz", &status, &body, &why);
	if (err != AICX_OK)
		return invocation_fail(&why);
	run_print_result(inv, buf_view(&body));
	buf_fini(&body);
	return status == STATUS_GOOD ? STATUS_OK : STATUS_UNAVAILABLE;
}

int
run_metrics(struct invocation *inv)
{
	struct buf body = { 0 };
	struct aicx_error why = { 0 };
	int status = 0;

	aicx_err err = call_get(inv, "/metrics", &status, &body, &why);
	if (err == AICX_OK && status != STATUS_GOOD)
		err = problem_parse(buf_view(&body), status, &why);
	if (err == AICX_OK)
		(void)fwrite(body.ptr, 1, body.len, stdout);
	buf_fini(&body);
	return err == AICX_OK ? STATUS_OK : invocation_fail(&why);
}
