/* SPDX-License-Identifier: Apache-2.0 */
/*
 * part_file.h - writes an audit file (a part of a ledger), verifying each line
 * on its way; only a whole and good one gets its name.
 */
#ifndef CLI_PART_FILE_H
#define CLI_PART_FILE_H

#include "base/json.h"
#include "cli/verify.h"

struct part_file;

/* path NULL: standard output; with ".gz" at its end it is packed.  trusted is
   borrowed. */
aicx_err part_file_open(const char *path, const struct trusted *trusted,
    struct part_file **ret, struct aicx_error *reterr);
/* A page as security.export_audit answers it.  AICX_EIO: it does not verify, or
   cannot be written. */
aicx_err part_file_take(
    struct part_file *file, struct json_ref page, struct aicx_error *reterr);
/* Ends with the proof of the last page, and frees; to_path NULL: under the path
   it was opened with. */
aicx_err part_file_close(
    struct part_file *file, const char *to_path, struct aicx_error *reterr);
void part_file_drop(struct part_file *file); /* NULL is legal */

#endif
