/* SPDX-License-Identifier: Apache-2.0 */
/*
 * sample.h - a value that a JSON Schema describes, for examples.
 *
 * It is made from the schema alone, so it cannot drift from it: the required
 * members, or the first few where none is.
 */
#ifndef SAMPLE_H
#define SAMPLE_H

#include <jansson.h>

/* name: of the member that the value is for, or "". */
json_t *sample_of(const json_t *schema, const char *name);

#endif
