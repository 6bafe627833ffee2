/* SPDX-License-Identifier: Apache-2.0 */
/* schema.h - a seller's JSON Schemas, which pass as they are written. */
#ifndef SCHEMA_H
#define SCHEMA_H

#include "print.h"

/* The argument that holds an input which is no object. */
#define SCHEMA_INPUT "input"

/* Its "type" is "object", as a tool's has to be. */
bool schema_is_object(struct aicx_str schema);
/* The schema itself, or of one that is none for objects (or absent) an object
   whose one member SCHEMA_INPUT it describes. */
void schema_put_input(struct print *out, struct aicx_str schema);

#endif
