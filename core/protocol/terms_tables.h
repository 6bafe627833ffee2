/* SPDX-License-Identifier: Apache-2.0 */
/* terms_tables.h - rows that the tables of terms are made of, and what passes
   between their files. */
#ifndef PROTOCOL_TERMS_TABLES_H
#define PROTOCOL_TERMS_TABLES_H

#include "protocol/terms.h"

#include <aiconexus/types.h>

enum { NAME_MAX_BYTES = 64, UNITS_MAX = 1000000000 };

#define NAME(struct_, field, ...)                                              \
	FIELD(struct struct_, field, #field, FIELD_STR, .min = 1,              \
	    .max = NAME_MAX_BYTES, __VA_ARGS__)
#define MONEY(struct_, field, ...)                                             \
	FIELD(struct struct_, field, #field, FIELD_MONEY, __VA_ARGS__)
#define NUMBER(struct_, field, min_, max_, ...)                                \
	FIELD(struct struct_, field, #field, FIELD_INT, .min = (min_),         \
	    .max = (max_), .fallback = -1, __VA_ARGS__)

/* Absent money is in every currency.  "invalid_params" at the field. */
aicx_err pricing_check_currency(const char *currency,
    const struct aicx_money *money, const char *field,
    struct aicx_error *reterr);

#endif
