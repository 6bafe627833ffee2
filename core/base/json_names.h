/* SPDX-License-Identifier: Apache-2.0 */
/*
 * json_names.h - the member names of one object, to refuse repeats; for json.c
 * alone.
 *
 * Usual objects are small: their names are compared one by one and nothing is
 * allocated.  Beyond NAMES_FEW a map takes over, so that a hostile object
 * costs no more than its bytes.
 */
#ifndef BASE_JSON_NAMES_H
#define BASE_JSON_NAMES_H

#include "base/arena.h"
#include "base/map.h"

#include <aiconexus/types.h>
#include <stdbool.h>
#include <stdint.h>

enum { NAMES_FEW = 64 };

struct names {
	size_t n;
	struct map many;
	struct arena arena; /* names without their escapes */
	uint32_t
	    tags[NAMES_FEW]; /* length, first and last byte; not initialised */
	struct aicx_str few[NAMES_FEW]; /* not initialised */
};

static inline void
names_init(struct names *names)
{
	names->n = 0;
	names->many = (struct map) { 0 };
	names->arena = (struct arena) { 0 };
}

void names_fini(struct names *names); /* empty and usable again */
/* Inside of the quotes; escaped: it holds backslashes.  false: it was there,
   compared by value.  The bytes are borrowed until names_fini(). */
bool names_add(struct names *names, struct aicx_str name, bool escaped);

#endif
