/* SPDX-License-Identifier: Apache-2.0 */
/* json_names.c - which member names an object has had. */
#include "base/json_names.h"

#include "base/json.h"
#include "base/str.h"

void
names_fini(struct names *names)
{
	map_fini(&names->many);
	arena_fini(&names->arena);
	names->n = 0;
}

/* Values of the map only need to be there. */
static bool
add_to_map(struct names *names, struct aicx_str name)
{
	return map_put(&names->many, name, names) == NULL;
}

/* Different tags, different names. */
static uint32_t
tag_of(struct aicx_str name)
{
	if (name.len == 0)
		return 0;
	return (uint32_t)(uint16_t)name.len |
	    (uint32_t)(uint8_t)name.ptr[0] << 16 |
	    (uint32_t)(uint8_t)name.ptr[name.len - 1] << 24;
}

static bool
is_among_few(const struct names *names, struct aicx_str name, uint32_t tag)
{
	for (size_t i = 0; i < names->n; i++) {
		if (names->tags[i] == tag && str_eq(names->few[i], name))
			return true;
	}
	return false;
}

bool
names_add(struct names *names, struct aicx_str name, bool escaped)
{
	if (escaped)
		name = json_unescape(name, &names->arena);
	if (names->n > NAMES_FEW)
		return add_to_map(names, name);
	uint32_t tag = tag_of(name);
	if (is_among_few(names, name, tag))
		return false;
	if (names->n < NAMES_FEW) {
		names->tags[names->n] = tag;
		names->few[names->n++] = name;
		return true;
	}
	for (size_t i = 0; i < NAMES_FEW; i++)
		(void)add_to_map(names, names->few[i]);
	names->n++;
	return add_to_map(names, name);
}
