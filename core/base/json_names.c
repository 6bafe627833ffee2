/* SPDX-License-Identifier: Apache-2.0 */
/* json_names.c - which member names an object has had. */
#include "base/json_names.h"

#include <string.h>

#include "base/json.h"

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

static bool
is_among_few(const struct names *names, struct aicx_str name)
{
	for (size_t i = 0; i < names->n; i++) {
		const struct aicx_str *few = &names->few[i];
		if (few->len == name.len &&
		    (name.len == 0 ||
			(few->ptr[0] == name.ptr[0] &&
			    memcmp(few->ptr, name.ptr, name.len) == 0)))
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
	if (is_among_few(names, name))
		return false;
	if (names->n < NAMES_FEW) {
		names->few[names->n++] = name;
		return true;
	}
	for (size_t i = 0; i < NAMES_FEW; i++)
		(void)add_to_map(names, names->few[i]);
	names->n++;
	return add_to_map(names, name);
}
