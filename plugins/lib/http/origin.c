/* SPDX-License-Identifier: Apache-2.0 */
/* origin.c - how many connections each client address has. */
#include "origin.h"

#include "bytes.h"

#include <stdlib.h>
#include <string.h>

struct aicx_str
origin_name(struct aicx_str address)
{
	size_t len = address.len;

	while (len > 0 && address.ptr[len - 1] >= '0' &&
	    address.ptr[len - 1] <= '9')
		len--;
	if (len > 1 && len < address.len && address.ptr[len - 1] == ':')
		address.len = len - 1;
	return address;
}

bool
origin_is_local(struct aicx_str address)
{
	struct aicx_str name = origin_name(address);

	return name.len == 0 || text_same(name, TEXT("[::1]")) ||
	    (name.len > 4 && memcmp(name.ptr, "127.", 4) == 0) ||
	    (name.len >= 4 && memcmp(name.ptr, "unix", 4) == 0);
}

/* FNV-1a.  An attacker who owns many addresses can lengthen a chain, by no more
   than the connections that the listener allows. */
static uint32_t
hash_of(struct aicx_str name)
{
	uint32_t hash = 2166136261u;

	for (size_t i = 0; i < name.len; i++)
		hash = (hash ^ (uint8_t)name.ptr[i]) * 16777619u;
	return hash;
}

struct origin *
origin_take(struct origins *origins, struct aicx_str address, size_t max)
{
	struct aicx_str name = origin_name(address);
	uint32_t hash = hash_of(name);
	struct origin **bucket = &origins->buckets[hash % ORIGIN_BUCKETS];
	struct origin *origin = *bucket;

	while (origin != NULL &&
	    !text_same((struct aicx_str) { origin->name, origin->len }, name))
		origin = origin->next;
	if (origin == NULL) {
		origin = calloc(1, sizeof *origin + name.len);
		if (origin == NULL)
			return NULL;
		origin->hash = hash;
		origin->len = name.len;
		if (name.len > 0)
			memcpy(origin->name, name.ptr, name.len);
		origin->next = *bucket;
		*bucket = origin;
	} else if (origin->n_conns >= max) {
		return NULL;
	}
	origin->n_conns++;
	return origin;
}

void
origin_release(struct origins *origins, struct origin *origin)
{
	struct origin **at = &origins->buckets[origin->hash % ORIGIN_BUCKETS];

	if (--origin->n_conns > 0)
		return;
	while (*at != origin)
		at = &(*at)->next;
	*at = origin->next;
	free(origin);
}
