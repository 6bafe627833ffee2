/* SPDX-License-Identifier: Apache-2.0 */
/* path.h - dotted paths into entries, and filters that use them. */
#ifndef PATH_H
#define PATH_H

#include "ard.h"

/* A member that entries may have. */
bool path_is_known(const char *path);
/* Adds the texts of all values there to `texts`, an array; every element of an
   array on the way, the longest literal key first. */
void path_texts(const json_t *entry, const char *path, json_t *texts);
/* {"path": "value" | ["value", ..]}: a reason why it is none, or NULL. */
const char *path_filter_check(const json_t *filter);
/* Values of one path are alternatives, paths must all fit.  NULL fits. */
bool path_filter_fits(const json_t *filter, const json_t *entry);

#endif
