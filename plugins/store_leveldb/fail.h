/* SPDX-License-Identifier: Apache-2.0 */
/* fail.h - how this folder says what went wrong. */
#ifndef STORE_LEVELDB_FAIL_H
#define STORE_LEVELDB_FAIL_H

#include <aiconexus/types.h>

/* Fills reterr unless it is NULL; returns code. */
aicx_err fail(struct aicx_error *reterr, aicx_err code, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));
/* LevelDB's own words come as a malloc()ed text; takes it.  AICX_EIO. */
aicx_err fail_with(struct aicx_error *reterr, const char *what, char *why);

#endif
