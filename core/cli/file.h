/* SPDX-License-Identifier: Apache-2.0 */
/* file.h - whole files in and out, and where a user's files lie. */
#ifndef CLI_FILE_H
#define CLI_FILE_H

#include "base/buf.h"

#include <aiconexus/types.h>
#include <stdbool.h>

enum { FILE_BYTES_MAX = 64 * 1024 * 1024 };

/* Appends the whole file ("-": standard input).  AICX_ENOTFOUND when there is
   none, AICX_ELIMIT above max_bytes. */
aicx_err file_read(const char *path, size_t max_bytes, struct buf *buf,
    struct aicx_error *reterr);
/* Reads line by line, whatever the size of the file; the line is borrowed and
   without its newline.  AICX_ELIMIT: a line above max_bytes. */
typedef bool file_line_fn(struct aicx_str line, void *arg); /* false: enough */
aicx_err file_lines(const char *path, size_t max_bytes, file_line_fn *on_line,
    void *arg, struct aicx_error *reterr);
/* Makes a file that was not there (AICX_EEXIST otherwise), and its folders with
   mode 0700. */
aicx_err file_create(const char *path, unsigned mode, struct aicx_str text,
    struct aicx_error *reterr);
/* Replaces the file as a whole: a new one is written beside it and renamed. */
aicx_err file_replace(const char *path, unsigned mode, struct aicx_str text,
    struct aicx_error *reterr);
/* Appends one line with one write, making the file (0600) when absent. */
aicx_err file_append(
    const char *path, struct aicx_str line, struct aicx_error *reterr);

/* $XDG_CONFIG_HOME/aiconexus/NAME, or ~/.config/aiconexus/NAME; appended. */
void file_config_path(const char *name, struct buf *buf);

#endif
