/* SPDX-License-Identifier: Apache-2.0 */
/* field_limits.h - what a field's min and max mean, said once. */
#ifndef PROTOCOL_FIELD_LIMITS_H
#define PROTOCOL_FIELD_LIMITS_H

#include "protocol/field.h"

#include <stdbool.h>
#include <stdint.h>

static inline bool
field_has_min(const struct field *field)
{
	return field->min != 0 || field->max != 0;
}

static inline bool
field_has_max(const struct field *field)
{
	return field_has_min(field) && field->max >= field->min;
}

static inline bool
field_in_limits(const struct field *field, int64_t value)
{
	return (!field_has_min(field) || value >= field->min) &&
	    (!field_has_max(field) || value <= field->max);
}

#endif
