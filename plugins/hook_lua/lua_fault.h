/* SPDX-License-Identifier: Apache-2.0 */
/* lua_fault.h - what a policy did wrong, as an error for logs and authors. */
#ifndef HOOK_LUA_LUA_FAULT_H
#define HOOK_LUA_LUA_FAULT_H

#include <aiconexus/types.h>

/* Fills *reterr (which may be NULL) and returns code.  The text may hold what
   a policy wrote: it is made valid UTF-8 without control characters. */
aicx_err luafault_set(struct aicx_error *reterr, aicx_err code,
    const char *word, const char *fmt, ...)
    __attribute__((format(printf, 4, 5)));

#endif
