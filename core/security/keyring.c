/* SPDX-License-Identifier: Apache-2.0 */
/* keyring.c - what one master key opens: seed, root, data keys. */
#include "security/keyring.h"

#include "base/arena.h"
#include "base/b64.h"
#include "base/broken.h"
#include "base/err.h"
#include "base/id.h"
#include "base/json.h"
#include "base/mem.h"
#include "base/str.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { NONCE_BYTES = 12, BOX_BYTES = KEY_BYTES + SEAL_EXTRA };
enum { SEED, ROOT, DATA }; /* places in the ring; data keys from there on */

struct keyring {
	struct aicx_id broker_id;
	struct keyring_chance chance;
	size_t n; /* keys in use */
	uint8_t keys[DATA + DATA_KEYS_MAX][KEY_BYTES];
};

/* --- rings ------------------------------------------------------------- */

static struct aicx_str
key_view(const uint8_t key[KEY_BYTES])
{
	return (struct aicx_str) { (const char *)key, KEY_BYTES };
}

static void
key_random(struct keyring *keyring)
{
	keyring->chance.random(
	    keyring->chance.arg, keyring->keys[keyring->n++], KEY_BYTES);
}

struct keyring *
keyring_adopt(const struct aicx_id *broker_id, const uint8_t seed[KEY_BYTES],
    const uint8_t root[KEY_BYTES], const struct keyring_chance *chance)
{
	struct keyring *keyring = MEM_NEW(struct keyring);

	keyring->broker_id = *broker_id;
	keyring->chance = *chance;
	memcpy(keyring->keys[SEED], seed, KEY_BYTES);
	memcpy(keyring->keys[ROOT], root, KEY_BYTES);
	keyring->n = DATA;
	key_random(keyring);
	return keyring;
}

struct keyring *
keyring_new(
    const struct aicx_id *broker_id, const struct keyring_chance *chance)
{
	uint8_t keys[2][KEY_BYTES];

	chance->random(chance->arg, keys[0], KEY_BYTES);
	chance->random(chance->arg, keys[1], KEY_BYTES);
	struct keyring *keyring =
	    keyring_adopt(broker_id, keys[0], keys[1], chance);
	mem_wipe(keys, sizeof keys);
	return keyring;
}

void
keyring_free(struct keyring *keyring)
{
	if (keyring == NULL)
		return;
	mem_wipe(keyring, sizeof *keyring);
	free(keyring);
}

aicx_err
keyring_renew(struct keyring *keyring, struct aicx_error *reterr)
{
	if (keyring->n == DATA + DATA_KEYS_MAX)
		return err_word(reterr, AICX_ELIMIT, "too_many",
		    "there are %d data keys already", DATA_KEYS_MAX);
	key_random(keyring);
	return AICX_OK;
}

void
keyring_renew_undo(struct keyring *keyring)
{
	ENSURE(keyring->n > DATA + 1);
	keyring->n--;
	mem_wipe(keyring->keys[keyring->n], KEY_BYTES);
}

size_t
keyring_len(const struct keyring *keyring)
{
	return keyring->n - DATA;
}

const struct aicx_id *
keyring_broker_id(const struct keyring *keyring)
{
	return &keyring->broker_id;
}

const uint8_t *
keyring_seed(const struct keyring *keyring)
{
	return keyring->keys[SEED];
}

const uint8_t *
keyring_root(const struct keyring *keyring)
{
	return keyring->keys[ROOT];
}

/* --- values ------------------------------------------------------------ */

/* The key of a place under data key i. */
static void
place_key(const struct keyring *keyring, size_t i, struct aicx_str place,
    uint8_t ret_key[KEY_BYTES])
{
	struct mac *mac = mac_new(keyring->keys[DATA + i], KEY_BYTES);

	mac_plain(mac, place, ret_key);
	mac_free(mac);
}

void
keyring_seal(struct keyring *keyring, struct aicx_str place,
    struct aicx_str plain, struct buf *ret_box)
{
	size_t i = keyring_len(keyring) - 1;
	const uint8_t number[] = { (uint8_t)(i >> 24), (uint8_t)(i >> 16),
		(uint8_t)(i >> 8), (uint8_t)i };
	uint8_t key[KEY_BYTES], nonce[NONCE_BYTES];

	keyring->chance.random(keyring->chance.arg, nonce, sizeof nonce);
	place_key(keyring, i, place, key);
	buf_put(ret_box, number, sizeof number);
	seal(key, nonce, place, plain,
	    (uint8_t *)buf_room(ret_box, plain.len + SEAL_EXTRA));
	ret_box->len += plain.len + SEAL_EXTRA;
	mem_wipe(key, sizeof key);
}

bool
keyring_open(const struct keyring *keyring, struct aicx_str place,
    struct aicx_str box, struct buf *ret_plain)
{
	const uint8_t *at = (const uint8_t *)box.ptr;
	uint8_t key[KEY_BYTES];

	if (box.len < SEALED_EXTRA)
		return false;
	size_t i = (size_t)at[0] << 24 | (size_t)at[1] << 16 |
	    (size_t)at[2] << 8 | at[3];
	if (i >= keyring_len(keyring))
		return false;
	place_key(keyring, i, place, key);
	bool good =
	    unseal(key, place, (struct aicx_str) { box.ptr + 4, box.len - 4 },
		(uint8_t *)buf_room(ret_plain, box.len - SEALED_EXTRA + 1));
	mem_wipe(key, sizeof key);
	if (good)
		ret_plain->len += box.len - SEALED_EXTRA;
	return good;
}

/* --- the ring on disk -------------------------------------------------- */

/* What a key's box is bound to: its place in the ring, and whose ring. */
struct bond {
	char text[128];
};

static struct bond
bond_of(
    const struct aicx_id *broker_id, struct aicx_str public_key, size_t place)
{
	struct bond bond;

	(void)snprintf(bond.text, sizeof bond.text,
	    "aiconexus key %zu of %s %.*s", place, id_text(broker_id).text,
	    B64_LEN(KEY_BYTES), public_key.ptr);
	return bond;
}

static void
put_box(struct json_writer *w, const struct keyring *keyring, size_t place,
    const uint8_t master[KEY_BYTES], struct aicx_str public_key)
{
	struct bond bond = bond_of(&keyring->broker_id, public_key, place);
	uint8_t box[BOX_BYTES], nonce[NONCE_BYTES];
	char text[B64_LEN(BOX_BYTES)];

	keyring->chance.random(keyring->chance.arg, nonce, sizeof nonce);
	seal(master, nonce, str_of(bond.text), key_view(keyring->keys[place]),
	    box);
	b64_print(box, sizeof box, text);
	json_put_str(w, (struct aicx_str) { text, sizeof text });
}

static void
public_key_of(const uint8_t seed[KEY_BYTES], char ret_text[B64_LEN(KEY_BYTES)])
{
	struct sign_key *key = sign_key_new(seed);

	b64_print(sign_key_public(key), KEY_BYTES, ret_text);
	sign_key_free(key);
}

void
keyring_print(const struct keyring *keyring, const uint8_t master[KEY_BYTES],
    struct buf *ret_text)
{
	char public_text[B64_LEN(KEY_BYTES)], tag[MASTER_TAG + 1];
	struct aicx_str public_key = { public_text, sizeof public_text };
	struct json_writer w = json_writer(ret_text);

	public_key_of(keyring->keys[SEED], public_text);
	master_tag(master, tag);
	json_open(&w, '{');
	json_key(&w, "broker_id");
	json_put_id(&w, &keyring->broker_id);
	json_key(&w, "public_key");
	json_put_str(&w, public_key);
	json_key(&w, "sealed_under");
	json_put_text(&w, tag);
	json_key(&w, "keys");
	json_open(&w, '[');
	for (size_t i = 0; i < keyring->n; i++)
		put_box(&w, keyring, i, master, public_key);
	json_close(&w);
	json_close(&w);
	buf_char(ret_text, '\n');
}

/* What a ring's file says before it is opened. */
struct sealed_ring {
	struct aicx_id broker_id;
	struct aicx_str public_key, sealed_under;
	size_t n;
	uint8_t (*boxes)[BOX_BYTES];
};

static bool
ring_scan(struct json_ref root, struct arena *mem, struct sealed_ring *ret)
{
	struct json_ref keys = json_get(root, "keys");
	uint8_t raw[KEY_BYTES];

	ret->public_key = json_str(json_get(root, "public_key"), mem);
	ret->sealed_under = json_str(json_get(root, "sealed_under"), mem);
	ret->n = json_type(keys) == JSON_ARRAY ? json_len(keys) : 0;
	if (!id_parse(
		json_str(json_get(root, "broker_id"), mem), &ret->broker_id) ||
	    !b64_parse(ret->public_key, raw, sizeof raw) ||
	    ret->sealed_under.ptr == NULL || ret->n <= DATA ||
	    ret->n > DATA + DATA_KEYS_MAX)
		return false;
	ret->boxes = arena_new(mem, ret->n * sizeof *ret->boxes);
	for (size_t i = 0; i < ret->n; i++)
		if (!b64_parse(json_str(json_at(keys, i), mem), ret->boxes[i],
			BOX_BYTES))
			return false;
	return true;
}

static bool
box_open(const struct sealed_ring *ring, size_t i,
    const uint8_t master[KEY_BYTES], uint8_t ret_key[KEY_BYTES])
{
	struct bond bond = bond_of(&ring->broker_id, ring->public_key, i);
	struct aicx_str box = { (const char *)ring->boxes[i], BOX_BYTES };

	if (unseal(master, str_of(bond.text), box, ret_key))
		return true;
	if (!broken("no_anchor"))
		return false;
	sha256(box.ptr, box.len, ret_key);
	return true;
}

static size_t
ring_master(const struct sealed_ring *ring, const struct masters *masters)
{
	uint8_t key[KEY_BYTES];
	size_t i = 0;

	while (i < masters->n && !box_open(ring, SEED, masters->keys[i], key))
		i++;
	mem_wipe(key, sizeof key);
	return i;
}

static aicx_err
ring_open(struct keyring *keyring, const struct sealed_ring *ring,
    const struct masters *masters, size_t *ret_master,
    struct aicx_error *reterr)
{
	size_t master = ring_master(ring, masters);

	if (master == masters->n)
		return err_set(reterr, AICX_EDENIED,
		    "it is sealed under the master key \"%.*s\", and that is "
		    "not the one given, or it is damaged",
		    STR_ARG(ring->sealed_under));
	keyring->broker_id = ring->broker_id;
	for (; keyring->n < ring->n; keyring->n++)
		if (!box_open(ring, keyring->n, masters->keys[master],
			keyring->keys[keyring->n]))
			return err_set(reterr, AICX_EINVAL,
			    "it is damaged: its key %zu does not open",
			    keyring->n);
	*ret_master = master;
	return AICX_OK;
}

aicx_err
keyring_parse(struct aicx_str text, const struct masters *masters,
    const struct keyring_chance *chance, struct keyring **ret,
    size_t *ret_master, struct aicx_error *reterr)
{
	struct arena mem = { NULL };
	struct sealed_ring ring = { .n = 0 };
	struct json doc;
	aicx_err err = json_parse(text, &mem, &doc, reterr);

	if (err == AICX_OK && !ring_scan(json_root(&doc), &mem, &ring))
		err = err_set(reterr, AICX_EINVAL,
		    "it lacks broker_id, public_key, sealed_under or keys");
	if (err == AICX_OK) {
		struct keyring *keyring = MEM_NEW(struct keyring);
		keyring->chance = *chance;
		err = ring_open(keyring, &ring, masters, ret_master, reterr);
		if (err == AICX_OK)
			*ret = keyring;
		else
			keyring_free(keyring);
	}
	arena_fini(&mem);
	return err;
}

/* --- master keys ------------------------------------------------------- */

void
master_tag(const uint8_t master[KEY_BYTES], char ret_tag[MASTER_TAG + 1])
{
	uint8_t tag[8];

	hkdf(key_view(master), STR(""), STR("aiconexus master tag v1"), tag,
	    sizeof tag);
	b64_print(tag, sizeof tag, ret_tag);
	ret_tag[MASTER_TAG] = '\0';
}

static struct aicx_str
line_take(struct aicx_str *text)
{
	const char *end = memchr(text->ptr, '\n', text->len);
	size_t len = end != NULL ? (size_t)(end - text->ptr) : text->len;
	struct aicx_str line = { text->ptr, len };

	text->ptr += len + (end != NULL);
	text->len -= len + (end != NULL);
	while (
	    line.len > 0 && memchr(" \t\r", line.ptr[line.len - 1], 3) != NULL)
		line.len--;
	return line;
}

aicx_err
masters_parse(
    struct aicx_str text, struct masters *ret, struct aicx_error *reterr)
{
	struct masters masters = { .n = 0 };
	aicx_err err = AICX_OK;

	for (int n = 1; err == AICX_OK && text.len > 0; n++) {
		struct aicx_str line = line_take(&text);
		if (line.len == 0 || line.ptr[0] == '#')
			continue;
		if (masters.n == MASTERS_MAX)
			err = err_set(reterr, AICX_EINVAL,
			    "there are more than %d master keys", MASTERS_MAX);
		else if (!b64_parse(line, masters.keys[masters.n], KEY_BYTES))
			err = err_set(reterr, AICX_EINVAL,
			    "line %d is no key: base64url of 32 bytes", n);
		else
			masters.n++;
	}
	if (err == AICX_OK && masters.n == 0)
		err = err_set(reterr, AICX_EINVAL, "there is no master key");
	if (err == AICX_OK)
		*ret = masters;
	mem_wipe(&masters, sizeof masters);
	return err;
}

void
masters_print(const struct masters *masters, struct buf *ret_text)
{
	char text[B64_LEN(KEY_BYTES)];

	for (size_t i = 0; i < masters->n; i++) {
		b64_print(masters->keys[i], KEY_BYTES, text);
		buf_put(ret_text, text, sizeof text);
		buf_char(ret_text, '\n');
	}
	mem_wipe(text, sizeof text);
}
