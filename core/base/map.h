/* SPDX-License-Identifier: Apache-2.0 */
/*
 * map.h - a hash map from bytes to pointers.
 *
 * Keys are borrowed: keep them inside the value.  Hashing is SipHash-2-4, and
 * of ids and pairs of them folded products, both under a key given
 * by map_seed(), so strangers cannot aim at one bucket; walking goes in order
 * of insertion, so no result depends on that key.
 */
#ifndef BASE_MAP_H
#define BASE_MAP_H

#include <aiconexus/types.h>
#include <stdbool.h>
#include <stdint.h>

struct map_entry {
	struct aicx_str key;
	void *value; /* NULL: removed */
	uint64_t hash;
};

struct map { /* a zeroed struct is an empty map */
	struct map_entry *entries; /* in order of insertion, holes included */
	uint64_t *slots; /* index into entries + 1, below half of the hash */
	size_t n_entries, cap_entries, n_slots, n_live;
};

/* Once at start, before any map is filled; without it the key is zero. */
void map_seed(const uint8_t key[16]);
uint64_t map_hash(const void *bytes, size_t n_bytes);
/* By folded products, as ids have it: a fraction of the time. */
uint64_t map_mark(const void *bytes, size_t n_bytes);

void map_fini(struct map *map); /* values are the caller's */
void *map_find(const struct map *map, struct aicx_str key); /* or NULL */
void *map_find_id(const struct map *map, const struct aicx_id *id);
/* Replaces key and value; returns the value that was there, or NULL. */
void *map_put(struct map *map, struct aicx_str key, void *value);
void *map_put_id(struct map *map, const struct aicx_id *id, void *value);
void *map_remove(struct map *map, struct aicx_str key); /* what was there */
void *map_remove_id(struct map *map, const struct aicx_id *id);
size_t map_len(const struct map *map);

/* The body may remove the present entry, and may not insert. */
#define MAP_EACH(entry, map)                                                   \
	for (struct map_entry *entry = (map)->entries;                         \
	     entry != NULL && entry < (map)->entries + (map)->n_entries;       \
	     entry++)                                                          \
		if (entry->value != NULL)

#endif
