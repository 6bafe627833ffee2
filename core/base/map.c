/* SPDX-License-Identifier: Apache-2.0 */
/*
 * map.c - entries in order of insertion, and a table of slots that finds them
 * by linear probing.
 *
 * A removed entry stays as a hole that its slot still points to, so it needs
 * no tombstone; when the entries are full, holes are dropped and the table
 * grows or shrinks.  Slots are twice the entries: never more than half full.
 */
#include "base/map.h"

#include <endian.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/id.h"
#include "base/mem.h"

enum { MAP_FIRST_ENTRIES = 8 };

/* Written once, before any thread or map exists. */
static uint64_t seed[2];

void
map_seed(const uint8_t key[16])
{
	memcpy(seed, key, sizeof seed);
	seed[0] = le64toh(seed[0]);
	seed[1] = le64toh(seed[1]);
}

struct sip {
	uint64_t v0, v1, v2, v3;
};

static inline uint64_t
rotate(uint64_t x, int n)
{
	return x << n | x >> (64 - n);
}

static inline void
sip_round(struct sip *s)
{
	s->v0 += s->v1;
	s->v2 += s->v3;
	s->v1 = rotate(s->v1, 13) ^ s->v0;
	s->v3 = rotate(s->v3, 16) ^ s->v2;
	s->v0 = rotate(s->v0, 32) + s->v3;
	s->v2 += s->v1;
	s->v1 = rotate(s->v1, 17) ^ s->v2;
	s->v3 = rotate(s->v3, 21) ^ s->v0;
	s->v2 = rotate(s->v2, 32);
}

static inline void
sip_word(struct sip *s, uint64_t word)
{
	s->v3 ^= word;
	sip_round(s);
	sip_round(s);
	s->v0 ^= word;
}

/* SipHash-2-4 (Aumasson and Bernstein, 2012). */
static inline uint64_t
sip_hash(const char *at, size_t n_bytes)
{
	struct sip s = { seed[0] ^ 0x736F6D6570736575u,
		seed[1] ^ 0x646F72616E646F6Du, seed[0] ^ 0x6C7967656E657261u,
		seed[1] ^ 0x7465646279746573u };
	uint64_t word, last = (uint64_t)n_bytes << 56;

	for (; n_bytes >= 8; n_bytes -= 8, at += 8) {
		memcpy(&word, at, 8);
		sip_word(&s, le64toh(word));
	}
	for (size_t i = 0; i < n_bytes; i++)
		last |= (uint64_t)(uint8_t)at[i] << (8 * i);
	sip_word(&s, last);
	s.v2 ^= 0xFF;
	for (int i = 0; i < 4; i++)
		sip_round(&s);
	return s.v0 ^ s.v1 ^ s.v2 ^ s.v3;
}

/* The two halves of a product folded into one; strong enough under a secret
   key, and a fraction of the time. */
static inline uint64_t
fold(uint64_t a, uint64_t b)
{
	__uint128_t product = (__uint128_t)a * b;

	return (uint64_t)product ^ (uint64_t)(product >> 64);
}

/* The constants are for a key that was not set. */
static inline uint64_t
fold_in(uint64_t mixed, uint64_t first, uint64_t second)
{
	return fold(first ^ mixed ^ seed[0] ^ 0x9E3779B97F4A7C15u,
	    second ^ seed[1] ^ 0xC2B2AE3D27D4EB4Fu);
}

static inline uint64_t
fold_out(uint64_t mixed)
{
	return fold(mixed ^ seed[1], seed[0] ^ 0xD6E8FEB86659FD93u);
}

static inline uint64_t
key_hash(struct aicx_str key)
{
	uint64_t word[4] = { 0 };

	switch (key.len) {
	case 16: /* an id */
		memcpy(word, key.ptr, 16);
		return fold_out(fold_in(0, word[0], word[1]));
	case 24: /* and a currency */
		memcpy(word, key.ptr, 24);
		break;
	case 32: /* two of them, or a hash */
		memcpy(word, key.ptr, 32);
		break;
	default:
		return sip_hash(key.ptr, key.len);
	}
	return fold_out(
	    fold_in(fold_in(key.len, word[0], word[1]), word[2], word[3]));
}

static inline bool
same_key(struct aicx_str a, struct aicx_str b)
{
	uint64_t left[4] = { 0 }, right[4] = { 0 };

	if (a.len != b.len)
		return false;
	switch (a.len) {
	case 16: /* as key_hash() has them */
		memcpy(left, a.ptr, 16);
		memcpy(right, b.ptr, 16);
		break;
	case 24:
		memcpy(left, a.ptr, 24);
		memcpy(right, b.ptr, 24);
		break;
	case 32:
		memcpy(left, a.ptr, 32);
		memcpy(right, b.ptr, 32);
		break;
	default:
		return a.len == 0 || memcmp(a.ptr, b.ptr, a.len) == 0;
	}
	return ((left[0] ^ right[0]) | (left[1] ^ right[1]) |
		   (left[2] ^ right[2]) | (left[3] ^ right[3])) == 0;
}

uint64_t
map_hash(const void *bytes, size_t n_bytes)
{
	return sip_hash(bytes, n_bytes);
}

uint64_t
map_mark(const void *bytes, size_t n_bytes)
{
	const char *at = bytes;
	uint64_t mixed = n_bytes, word[2];

	for (; n_bytes >= sizeof word; n_bytes -= sizeof word) {
		memcpy(word, at, sizeof word);
		mixed = fold_in(mixed, word[0], word[1]);
		at += sizeof word;
	}
	word[0] = word[1] = 0;
	if (n_bytes > 0)
		memcpy(word, at, n_bytes);
	return fold_out(fold_in(mixed, word[0], word[1]));
}

void
map_fini(struct map *map)
{
	free(map->entries);
	free(map->slots);
	*map = (struct map) { 0 };
}

/* An index into the entries, under the upper half of the entry's hash: of most
   others one need not look at the entry. */
static inline uint64_t
slot_of(uint64_t hash, uint32_t index)
{
	return (hash & ~UINT64_C(0xFFFFFFFF)) | (index + UINT64_C(1));
}

/* The live entry with this key, or NULL. */
static inline struct map_entry *
find(const struct map *map, struct aicx_str key, uint64_t hash)
{
	if (map->n_slots == 0)
		return NULL;
	for (size_t i = hash & (map->n_slots - 1); map->slots[i] != 0;
	     i = (i + 1) & (map->n_slots - 1)) {
		uint64_t slot = map->slots[i];
		if (slot >> 32 != hash >> 32)
			continue;
		struct map_entry *entry = &map->entries[(uint32_t)slot - 1];
		if (entry->hash == hash && entry->value != NULL &&
		    same_key(entry->key, key))
			return entry;
	}
	return NULL;
}

static void
fill_slot(struct map *map, uint32_t index)
{
	uint64_t hash = map->entries[index].hash;
	size_t i = hash & (map->n_slots - 1);

	while (map->slots[i] != 0)
		i = (i + 1) & (map->n_slots - 1);
	map->slots[i] = slot_of(hash, index);
}

/* Drops the holes and makes room: at least a quarter is free afterwards. */
static void
rebuild(struct map *map)
{
	size_t cap = MAP_FIRST_ENTRIES, n = 0;

	while (cap / 4 * 3 <= map->n_live)
		cap *= 2;
	ENSURE(cap < UINT32_MAX);
	for (size_t i = 0; i < map->n_entries; i++) {
		if (map->entries[i].value != NULL)
			map->entries[n++] = map->entries[i];
	}
	map->entries = mem_grow(map->entries, cap * sizeof *map->entries);
	map->n_entries = n;
	map->cap_entries = cap;
	free(map->slots);
	map->n_slots = cap * 2;
	map->slots = mem_new(map->n_slots * sizeof *map->slots);
	for (size_t i = 0; i < n; i++)
		fill_slot(map, (uint32_t)i);
}

static void *
put(struct map *map, struct aicx_str key, uint64_t hash, void *value)
{
	ENSURE(value != NULL);
	struct map_entry *entry = find(map, key, hash);
	if (entry != NULL) {
		void *before = entry->value;
		entry->key = key;
		entry->value = value;
		return before;
	}
	if (map->n_entries == map->cap_entries)
		rebuild(map);
	map->entries[map->n_entries] = (struct map_entry) { key, value, hash };
	fill_slot(map, (uint32_t)map->n_entries++);
	map->n_live++;
	return NULL;
}

/* The hole keeps its hash and place in the chain, and no key. */
static void *
take(struct map *map, struct aicx_str key, uint64_t hash)
{
	struct map_entry *entry = find(map, key, hash);

	if (entry == NULL)
		return NULL;
	void *value = entry->value;
	entry->value = NULL;
	entry->key = (struct aicx_str) { NULL, 0 };
	map->n_live--;
	return value;
}

void *
map_find(const struct map *map, struct aicx_str key)
{
	const struct map_entry *entry = find(map, key, key_hash(key));

	return entry == NULL ? NULL : entry->value;
}

void *
map_find_id(const struct map *map, const struct aicx_id *id)
{
	return map_find(map, id_bytes(id));
}

void *
map_put(struct map *map, struct aicx_str key, void *value)
{
	return put(map, key, key_hash(key), value);
}

void *
map_put_id(struct map *map, const struct aicx_id *id, void *value)
{
	return map_put(map, id_bytes(id), value);
}

void *
map_remove(struct map *map, struct aicx_str key)
{
	return take(map, key, key_hash(key));
}

void *
map_remove_id(struct map *map, const struct aicx_id *id)
{
	return map_remove(map, id_bytes(id));
}

size_t
map_len(const struct map *map)
{
	return map->n_live;
}
