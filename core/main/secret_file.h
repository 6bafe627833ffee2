/* SPDX-License-Identifier: Apache-2.0 */
/* secret_file.h - small files that nobody but their owner may read. */
#ifndef MAIN_SECRET_FILE_H
#define MAIN_SECRET_FILE_H

#include "base/buf.h"

#include <stdbool.h>

/* Under a name of its own first, so that no half file is ever seen; mode 0600,
   on disk when it returns. */
aicx_err secret_file_write(
    const char *path, struct aicx_str text, struct aicx_error *reterr);
/* AICX_ENOTFOUND: there is none, with no text; AICX_EDENIED: it is no file of
   this user alone, unless somebody else vouches for it.  The caller wipes what
   it got, also on failure. */
aicx_err secret_file_read(
    const char *path, bool vouched, struct buf *ret, struct aicx_error *reterr);
/* What was read of a secret goes. */
void secret_wipe(struct buf *text);

#endif
