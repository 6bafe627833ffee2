/* SPDX-License-Identifier: Apache-2.0 */
/* fail.c - how this folder says what went wrong. */
#include "fail.h"

#include <leveldb/c.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

aicx_err
fail(struct aicx_error *reterr, aicx_err code, const char *fmt, ...)
{
	va_list args;

	if (reterr == NULL)
		return code;
	memset(reterr, 0, sizeof *reterr);
	reterr->code = code;
	va_start(args, fmt);
	vsnprintf(reterr->text, sizeof reterr->text, fmt, args);
	va_end(args);
	return code;
}

aicx_err
fail_with(struct aicx_error *reterr, const char *what, char *why)
{
	aicx_err err = fail(reterr, AICX_EIO, "%s: %s", what, why);

	leveldb_free(why);
	return err;
}
