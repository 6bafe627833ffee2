/* SPDX-License-Identifier: Apache-2.0 */
/* params.h - from words to a method's parameters. */
#ifndef CLI_PARAMS_H
#define CLI_PARAMS_H

#include "base/json.h"
#include "cli/invocation.h"

#include <aiconexus/types.h>

enum { INPUT_BYTES_MAX = 700 * 1024 }; /* what fits into one envelope */

/* Appends the JSON object of all arguments that have a member.  Members of
   --body (an object) come first, unless an option says the same. */
aicx_err params_print(
    struct invocation *inv, struct buf *buf, struct aicx_error *reterr);
/* Writes the members into the object that is open. */
aicx_err params_put(
    struct invocation *inv, struct json_writer *w, struct aicx_error *reterr);
/* One value as its type says. */
aicx_err params_put_value(struct json_writer *w, const struct arg *arg,
    const char *text, struct aicx_error *reterr);

/* "250ms", "30s", "2m", "1h", "7d". */
aicx_err duration_parse(
    const char *text, int64_t *ret_ms, struct aicx_error *reterr);
/* RFC 3339, or "+30d" after now_ms. */
aicx_err moment_parse(const char *text, int64_t now_ms, int64_t *ret_ms,
    struct aicx_error *reterr);
/* A file's text ("-": standard input) as JSON: what is JSON stays, anything
   else in UTF-8 becomes a string.  as_text: a string always. */
aicx_err input_print(
    const char *path, bool as_text, struct buf *buf, struct aicx_error *reterr);

#endif
