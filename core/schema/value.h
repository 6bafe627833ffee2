/* SPDX-License-Identifier: Apache-2.0 */
/* value.h - when JSON values are the same: numbers by their size, strings by
   their characters, objects whatever their order (JSON Schema Core 2020-12,
   section 4.2.2). */
#ifndef SCHEMA_VALUE_H
#define SCHEMA_VALUE_H

#include "base/json.h"

bool value_same(struct json_ref a, struct json_ref b, struct arena *arena);
/* Equal values have equal hashes. */
uint64_t value_hash(struct json_ref value, struct arena *arena);
/* The member of that name, or an absent ref. */
struct json_ref value_member(
    struct json_ref object, struct aicx_str name, struct arena *arena);
size_t value_chars(struct aicx_str text); /* code points */

#endif
