/* SPDX-License-Identifier: Apache-2.0 */
/*
 * field.h - the members of a JSON object, declared as data.
 *
 * One table serves to parse parameters into a struct, to print a struct, to
 * keep rows in the store and to print the JSON Schema; so they cannot drift.
 */
#ifndef PROTOCOL_FIELD_H
#define PROTOCOL_FIELD_H

#include "base/arena.h"
#include "base/json.h"
#include "base/money.h"

#include <aiconexus/types.h>
#include <stdbool.h>
#include <stddef.h>

enum field_type {
	FIELD_STR, /* struct aicx_str, unescaped, no NUL; min..max bytes */
	FIELD_ID, /* struct aicx_id; the nil UUID is refused: it means absent */
	FIELD_INT, /* int64_t in min..max; number or decimal string */
	FIELD_BOOL, /* bool */
	FIELD_MONEY, /* struct aicx_money: {"amount","currency"}; min..max minor
		      */
	FIELD_TIME, /* int64_t ms after 1970: RFC 3339 UTC */
	FIELD_ENUM, /* int: index into names */
	FIELD_JSON, /* struct aicx_str: the value's own text; null is a value */
	FIELD_STRS, /* struct field_strs: non-empty strings; min..max: how many
		     */
	FIELD_OBJECT, /* a struct inside, by `fields`; absent when all of it is
		       */
	FIELD_LIST /* struct field_list of structs of `item_size`, by `fields`
		    */
};

enum {
	FIELDF_REQUIRED = 1u << 0, /* missing is refused; always printed */
	/* Printed also when it is 0, false, empty or the fallback (else what is
	   absent is left out). */
	FIELDF_ALWAYS = 1u << 1,
	FIELDF_PARAM = 1u << 2 /* comes from the REST path or query */
};

enum { FIELDS_MAX = 64 }; /* rows of one table */

struct field_strs {
	struct aicx_str *items;
	size_t n;
};

struct field_list {
	void *items;
	size_t n;
};

/* The table ends at name == NULL. */
struct field {
	const char *name; /* plain: nothing in it is escaped in JSON */
	size_t name_len;
	enum field_type type;
	size_t offset;
	unsigned flags;
	/* Both 0: the type's own limits.  max < min: no upper one. */
	int64_t min, max;
	int64_t fallback; /* of INT, BOOL, ENUM when absent */
	const char *const *names; /* of ENUM, ended by NULL */
	const struct field *fields; /* of OBJECT and LIST */
	size_t item_size; /* of LIST; of OBJECT: the struct's size */
	const char *help;
};

#define FIELD(struct_, member_, name_, type_, ...)                             \
	{                                                                      \
		.name = (name_), .name_len = sizeof(name_) - 1,                \
		.type = (type_), .offset = offsetof(struct_, member_),         \
		__VA_ARGS__                                                    \
	}
#define FIELD_END                                                              \
	{                                                                      \
		.name = NULL                                                   \
	}

/*
 * Fills the struct at ret (`size` bytes, all of them) from a JSON object.
 * strict: an unknown member is refused (with the nearest name).  Absent and
 * null are the same, but for FIELD_JSON.  What must be copied lives in the
 * arena, the rest points into the document.  currencies may be NULL when no
 * field is money.  Errors: word "invalid_params" (of money: "invalid_amount",
 * "unknown_currency"), field "/max_price/amount".
 */
aicx_err field_parse(const struct field *fields, struct json_ref object,
    const struct currencies *currencies, bool strict, struct arena *arena,
    void *ret, size_t size, struct aicx_error *reterr);

/* Prints the members into the object that is open in the writer. */
void field_print(const struct field *fields, const void *row,
    const struct currencies *currencies, struct json_writer *w);

/* Fills the struct at ret with what parsing the printed members would give,
   without text in between; strings are copied to the arena.  Refused: what
   could not be read back (beyond its limits, no UTF-8, an unknown name). */
aicx_err field_copy(const struct field *fields, const void *row,
    const struct currencies *currencies, struct arena *arena, void *ret,
    size_t size, struct aicx_error *reterr);
/* What that takes of the arena at most. */
size_t field_copy_bytes(const struct field *fields, const void *row);

/* Would none of the members be printed, were none required? */
bool field_object_is_absent(const struct field *fields, const void *row);

/* The struct as an empty object would leave it, without its required members:
   zero, and the fallbacks. */
void field_clear(const struct field *fields, void *row, size_t size);

/* Writes a JSON Schema 2020-12 object (type, properties, required) as one
   value. */
void field_schema(const struct field *fields, struct json_writer *w);

#endif
