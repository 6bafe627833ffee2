/* SPDX-License-Identifier: Apache-2.0 */
/* fake_keys.c - a plugin's own keys, in memory, and secrets that are none. */
#include "fake_keys.h"

#include <stdlib.h>
#include <string.h>

struct fake_key {
	struct fake_key *next;
	struct fake_bytes key, value;
};

/* fake_self() gives the fake itself. */
static struct fake *
fake_of(struct aicx_self *self)
{
	return (struct fake *)(void *)self;
}

static struct fake_key **
find(struct fake *fake, struct aicx_str key)
{
	struct fake_key **at = &fake->keys;

	while (*at != NULL &&
	    ((*at)->key.len != key.len ||
		memcmp((*at)->key.ptr, key.ptr, key.len) != 0))
		at = &(*at)->next;
	return at;
}

static void
drop(struct fake_key **at)
{
	struct fake_key *key = *at;

	*at = key->next;
	free(key->key.ptr);
	free(key->value.ptr);
	free(key);
}

void
fake_keys_free(struct fake_key *keys)
{
	while (keys != NULL)
		drop(&keys);
}

static aicx_err
host_put(struct aicx_self *self, struct aicx_str key, struct aicx_str value,
    struct aicx_error *reterr)
{
	struct fake_key **at = find(fake_of(self), key);
	struct fake_key *made;

	(void)reterr;
	if (*at != NULL)
		drop(at);
	if (value.ptr == NULL)
		return AICX_OK;
	made = calloc(1, sizeof *made);
	if (made == NULL)
		abort();
	fake_put(&made->key, key.ptr, key.len);
	fake_put(&made->value, value.ptr, value.len);
	made->next = fake_of(self)->keys;
	fake_of(self)->keys = made;
	return AICX_OK;
}

static aicx_err
host_get(struct aicx_self *self, struct aicx_str key,
    struct aicx_str *ret_value, struct aicx_error *reterr)
{
	const struct fake_key *found = *find(fake_of(self), key);

	(void)reterr;
	if (found == NULL)
		return AICX_ENOTFOUND;
	*ret_value = (struct aicx_str) { found->value.ptr, found->value.len };
	return AICX_OK;
}

/* FNV-1a. */
static uint64_t
mix(uint64_t hash, struct aicx_str text)
{
	for (size_t i = 0; i < text.len; i++)
		hash = (hash ^ (uint8_t)text.ptr[i]) * 0x100000001b3u;
	return hash;
}

static void
spread(uint64_t hash, uint8_t *ret_bytes, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		hash = (hash ^ i) * 0x100000001b3u;
		ret_bytes[i] = (uint8_t)(hash >> 32);
	}
}

static void
host_hmac_sha256(struct aicx_self *self, struct aicx_str key,
    struct aicx_str message, uint8_t ret_mac[32])
{
	(void)self;
	spread(mix(mix(0xcbf29ce484222325u, key), message), ret_mac, 32);
}

static void
host_sign_jws(struct aicx_self *self, struct aicx_str header,
    struct aicx_str payload, uint8_t ret_signature[64])
{
	(void)self;
	spread(
	    mix(mix(0x84222325cbf29ce4u, header), payload), ret_signature, 64);
}

void
fake_keys(struct fake *fake)
{
	fake->table.put = host_put;
	fake->table.get = host_get;
	fake->table.hmac_sha256 = host_hmac_sha256;
	fake->table.sign_jws = host_sign_jws;
}
