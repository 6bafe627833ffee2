/* SPDX-License-Identifier: Apache-2.0 */
/*
 * regex.h - regular expressions of a schema, by PCRE2 with limits.
 *
 * As ECMA-262 with its u flag means them: \d and \w are ASCII, $ is the very
 * end, \uXXXX and \u{X} are characters, \p{Letter} has its long names.  What
 * PCRE2 has beyond it is accepted, but \C never.
 */
#ifndef SCHEMA_REGEX_H
#define SCHEMA_REGEX_H

#include "base/arena.h"

#include <aiconexus/types.h>

struct regex;

/* NULL and "invalid_params" when it does not compile.  Free with regex_free. */
struct regex *regex_new(struct aicx_str pattern, struct aicx_error *reterr);
void regex_free(struct regex *regex);
/* 1: found somewhere in the text; 0: not; -1: given up at the limit. */
int regex_find(const struct regex *regex, struct aicx_str text);

#endif
