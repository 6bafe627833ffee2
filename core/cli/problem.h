/* SPDX-License-Identifier: Apache-2.0 */
/* problem.h - a refusal by the broker (RFC 9457) as an error of ours. */
#ifndef CLI_PROBLEM_H
#define CLI_PROBLEM_H

#include <aiconexus/types.h>

/* Fills *reterr from the JSON text: code into word, detail (or title) into
   text, field into field.  Returns AICX_EDENIED always: the broker refused. */
aicx_err problem_parse(
    struct aicx_str json, int status, struct aicx_error *reterr);
/* What a person can do about a refusal with this word, or NULL. */
const char *problem_hint(const char *word);

#endif
