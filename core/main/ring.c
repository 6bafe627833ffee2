/* SPDX-License-Identifier: Apache-2.0 */
/* ring.c - broker.identity: made, opened, sealed under another master key. */
#include "main/ring.h"

#include "base/b64.h"
#include "base/err.h"
#include "base/id.h"
#include "base/json.h"
#include "base/mem.h"
#include "main/secret_file.h"

#include <string.h>

static const char ring_file[] = "broker.identity";

static void
port_random(void *arg, void *ret_bytes, size_t n_bytes)
{
	loop_random(arg, ret_bytes, n_bytes);
}

static struct keyring_chance
ring_chance(const struct ring *ring)
{
	return (struct keyring_chance) { port_random, ring->loop };
}

static aicx_err
ring_write(
    struct ring *ring, const struct masters *masters, struct aicx_error *reterr)
{
	struct buf text = { 0 };

	keyring_print(ring->keys, masters->keys[0], &text);
	aicx_err err = secret_file_write(ring_file, buf_view(&text), reterr);
	buf_fini(&text);
	if (err == AICX_OK)
		master_tag(masters->keys[0], ring->under);
	return err;
}

/* With a master key of its own where there is none yet. */
static aicx_err
ring_write_first(
    struct ring *ring, struct masters *masters, struct aicx_error *reterr)
{
	struct keyring_chance chance = ring_chance(ring);
	aicx_err err = AICX_OK;

	if (masters->n == 0 && ring->source.kind != MASTER_FILE)
		return master_missing(&ring->source, reterr);
	if (masters->n == 0)
		err = master_make(&ring->source, &chance, masters, reterr);
	return err == AICX_OK ? ring_write(ring, masters, reterr) : err;
}

static aicx_err
ring_make(struct ring *ring, struct masters *masters, struct aicx_error *reterr)
{
	struct keyring_chance chance = ring_chance(ring);
	uint8_t random[10];

	loop_random(ring->loop, random, sizeof random);
	struct aicx_id broker_id = id_v7(loop_wall_ms(ring->loop), random);
	ring->keys = keyring_new(&broker_id, &chance);
	return ring_write_first(ring, masters, reterr);
}

/* false: the file is none of a broker whose keys lay open in it. */
static bool
ring_adopt(struct ring *ring, struct aicx_str text)
{
	struct keyring_chance chance = ring_chance(ring);
	struct arena mem = { NULL };
	struct json doc;
	struct aicx_id broker_id;
	uint8_t seed[KEY_BYTES], root[KEY_BYTES];
	bool open = json_parse(text, &mem, &doc, NULL) == AICX_OK &&
	    id_parse(json_str(json_get(json_root(&doc), "broker_id"), &mem),
		&broker_id) &&
	    b64_parse(json_str(json_get(json_root(&doc), "private_key"), &mem),
		seed, sizeof seed) &&
	    b64_parse(json_str(json_get(json_root(&doc), "master_key"), &mem),
		root, sizeof root);

	if (open)
		ring->keys = keyring_adopt(&broker_id, seed, root, &chance);
	mem_wipe(seed, sizeof seed);
	mem_wipe(root, sizeof root);
	arena_fini(&mem);
	return open;
}

/* What is sealed from now on is under a data key of its own. */
static aicx_err
ring_reseal(
    struct ring *ring, const struct masters *masters, struct aicx_error *reterr)
{
	aicx_err err = keyring_renew(ring->keys, reterr);

	if (err == AICX_OK) {
		err = ring_write(ring, masters, reterr);
		if (err != AICX_OK)
			keyring_renew_undo(ring->keys);
	}
	return err;
}

static aicx_err
ring_unseal(struct ring *ring, struct aicx_str text,
    const struct masters *masters, struct aicx_error *reterr)
{
	struct keyring_chance chance = ring_chance(ring);
	struct aicx_error why = { 0 };
	size_t which = 0;

	if (masters->n == 0)
		return master_missing(&ring->source, reterr);
	aicx_err err =
	    keyring_parse(text, masters, &chance, &ring->keys, &which, &why);
	if (err != AICX_OK)
		return err_set(
		    reterr, err, "cannot use \"%s\": %s", ring_file, why.text);
	if (which > 0)
		return ring_reseal(ring, masters, reterr);
	master_tag(masters->keys[0], ring->under);
	return AICX_OK;
}

aicx_err
ring_open(struct ring *ring, struct loop *loop, const char *master_key,
    struct aicx_error *reterr)
{
	struct masters masters = { .n = 0 };
	struct buf text = { 0 };

	ring->loop = loop;
	aicx_err err = master_source_parse(master_key, &ring->source, reterr);
	if (err == AICX_OK)
		err = master_read(&ring->source, &masters, reterr);
	if (err != AICX_OK)
		return err;
	err = secret_file_read(ring_file, false, &text, reterr);
	if (err == AICX_ENOTFOUND)
		err = ring_make(ring, &masters, reterr);
	else if (err == AICX_OK && ring_adopt(ring, buf_view(&text)))
		err = ring_write_first(ring, &masters, reterr);
	else if (err == AICX_OK)
		err = ring_unseal(ring, buf_view(&text), &masters, reterr);
	secret_wipe(&text);
	mem_wipe(&masters, sizeof masters);
	return err;
}

void
ring_fini(struct ring *ring)
{
	keyring_free(ring->keys);
	ring->keys = NULL;
}

static aicx_err
masters_again(struct ring *ring, struct masters *ret, struct aicx_error *reterr)
{
	aicx_err err = master_read(&ring->source, ret, reterr);

	if (err == AICX_OK && ret->n == 0)
		err = master_missing(&ring->source, reterr);
	return err;
}

aicx_err
ring_reload(struct ring *ring, bool *ret_changed, struct aicx_error *reterr)
{
	struct masters masters = { .n = 0 };
	char tag[MASTER_TAG + 1];

	*ret_changed = false;
	if (ring->source.kind == MASTER_ENV)
		return AICX_OK; /* it is the one the process began with */
	aicx_err err = masters_again(ring, &masters, reterr);
	if (err == AICX_OK) {
		master_tag(masters.keys[0], tag);
		if (strcmp(tag, ring->under) != 0) {
			err = ring_reseal(ring, &masters, reterr);
			*ret_changed = err == AICX_OK;
		}
	}
	mem_wipe(&masters, sizeof masters);
	return err;
}

aicx_err
ring_rotate(struct ring *ring, struct aicx_error *reterr)
{
	struct keyring_chance chance = ring_chance(ring);
	struct masters masters = { .n = 0 };
	aicx_err err = ring->source.kind == MASTER_FILE
	    ? masters_again(ring, &masters, reterr)
	    : AICX_OK;

	if (err == AICX_OK)
		err = master_make(&ring->source, &chance, &masters, reterr);
	if (err == AICX_OK)
		err = ring_reseal(ring, &masters, reterr);
	if (err == AICX_OK)
		err = master_drop_old(&ring->source, &masters, reterr);
	mem_wipe(&masters, sizeof masters);
	return err;
}
