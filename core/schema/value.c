/* SPDX-License-Identifier: Apache-2.0 */
/* value.c - see value.h. */
#include "schema/value.h"

#include "base/map.h"
#include "base/str.h"
#include "schema/decimal.h"

struct json_ref
value_member(struct json_ref object, struct aicx_str name, struct arena *arena)
{
	struct json_iter iter = json_iter(object);

	if (json_type(object) != JSON_OBJECT)
		return (struct json_ref) { 0 };
	while (json_next(&iter))
		if (str_eq(json_str(iter.name, arena), name))
			return iter.value;
	return (struct json_ref) { 0 };
}

static bool
same_numbers(struct json_ref a, struct json_ref b, struct arena *arena)
{
	struct decimal x = decimal_of(json_raw(a), arena);
	struct decimal y = decimal_of(json_raw(b), arena);

	return decimal_cmp(&x, &y) == 0;
}

static bool
same_items(struct json_ref a, struct json_ref b, struct arena *arena)
{
	struct json_iter left = json_iter(a), right = json_iter(b);

	while (json_next(&left) && json_next(&right))
		if (!value_same(left.value, right.value, arena))
			return false;
	return true;
}

static bool
same_members(struct json_ref a, struct json_ref b, struct arena *arena)
{
	struct json_iter iter = json_iter(a);

	while (json_next(&iter)) {
		struct json_ref other =
		    value_member(b, json_str(iter.name, arena), arena);
		if (!json_has(other) || !value_same(iter.value, other, arena))
			return false;
	}
	return true;
}

bool
value_same(struct json_ref a, struct json_ref b, struct arena *arena)
{
	if (json_type(a) != json_type(b))
		return false;
	switch (json_type(a)) {
	case JSON_NUMBER:
		return same_numbers(a, b, arena);
	case JSON_STRING:
		return str_eq(json_str(a, arena), json_str(b, arena));
	case JSON_ARRAY:
		return json_len(a) == json_len(b) && same_items(a, b, arena);
	case JSON_OBJECT:
		return json_len(a) == json_len(b) && same_members(a, b, arena);
	default:
		return true;
	}
}

static uint64_t
hash_number(struct json_ref value, struct arena *arena)
{
	struct decimal d = decimal_of(json_raw(value), arena);

	return map_hash(d.digits.ptr, d.digits.len) + (uint64_t)d.exponent * 2 +
	    d.negative;
}

uint64_t
value_hash(struct json_ref value, struct arena *arena)
{
	struct json_iter iter = json_iter(value);
	uint64_t hash = (uint64_t)json_type(value) + 1;
	struct aicx_str text;

	switch (json_type(value)) {
	case JSON_NUMBER:
		return hash_number(value, arena);
	case JSON_STRING:
		text = json_str(value, arena);
		return map_hash(text.ptr, text.len);
	case JSON_ARRAY:
		while (json_next(&iter))
			hash = hash * 31 + value_hash(iter.value, arena);
		return hash;
	case JSON_OBJECT: /* a sum, for their order says nothing */
		while (json_next(&iter))
			hash += value_hash(iter.name, arena) *
			    (value_hash(iter.value, arena) | 1);
		return hash;
	default:
		return hash;
	}
}

size_t
value_chars(struct aicx_str text)
{
	size_t n = 0;

	for (size_t i = 0; i < text.len; i++)
		n += ((unsigned char)text.ptr[i] & 0xc0) != 0x80;
	return n;
}
