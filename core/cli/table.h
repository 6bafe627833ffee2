/* SPDX-License-Identifier: Apache-2.0 */
/* table.h - a JSON result for people: lists as tables, objects as lines. */
#ifndef CLI_TABLE_H
#define CLI_TABLE_H

#include "base/buf.h"

#include <aiconexus/types.h>
#include <stdbool.h>

/*
 * Appends the result for people: with columns its first array of objects as a
 * table, otherwise "name  value" lines.  Columns are paths with blanks between,
 * such as "price" or, with another heading, "model=pricing.model".  Money is
 * written "0.001 AIC".  bold: heads in bold.
 */
void table_print(
    struct buf *buf, struct aicx_str json, const char *columns, bool bold);

#endif
