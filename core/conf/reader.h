/* SPDX-License-Identifier: Apache-2.0 */
/* reader.h - from one file's text to sections and entries. */
#ifndef CONF_READER_H
#define CONF_READER_H

#include "conf/conf.h"

/* Appends the sections of text to conf; `file` is borrowed for the life of
   conf, text until return. */
aicx_err reader_read(struct conf *conf, const char *file, struct aicx_str text,
    struct aicx_error *reterr);

#endif
