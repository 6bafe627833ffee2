/* SPDX-License-Identifier: Apache-2.0 */
/*
 * fuzz_security.c - what keys, limits and mandates are read from: addresses,
 * files of master keys, the ring of data keys, and a mandate's text.
 */
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/mem.h"
#include "base/str.h"
#include "loop/inside.h"
#include "negotiation/mandate.h"
#include "security/keyring.h"
#include "security/origin.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n_bytes);

enum { HOST_MAX = 60 };

/* A name without a port is the same with one. */
static void
read_address(struct aicx_str text)
{
	struct address address;
	char name[HOST_MAX + 4];
	uint64_t alone = origin_mark(text);

	if (text.len == 0 || text.len > HOST_MAX ||
	    strcspn(text.ptr, ":[") < text.len || strlen(text.ptr) != text.len)
		return;
	(void)address_parse(text.ptr, &address, NULL);
	memcpy(name, text.ptr, text.len);
	memcpy(name + text.len, ":80", 4);
	ENSURE(origin_mark(str_of(name)) == alone);
	(void)address_parse(name, &address, NULL);
}

static void
no_chance(void *arg, void *ret_bytes, size_t n_bytes)
{
	(void)arg;
	memset(ret_bytes, 1, n_bytes);
}

static void
read_keys(struct aicx_str text)
{
	static const struct keyring_chance chance = { no_chance, NULL };
	static struct masters none;
	struct masters masters;
	struct keyring *ring = NULL;
	struct aicx_error error;
	size_t master;

	(void)masters_parse(text, &masters, &error);
	if (keyring_parse(text, &none, &chance, &ring, &master, &error) ==
	    AICX_OK)
		keyring_free(ring);
}

static void
read_mandate(struct aicx_str text)
{
	AUTO(arena_fini) struct arena mem = { 0 };
	struct currencies currencies = { 0 };
	struct aicx_id broker = { .bytes = { 1 } };
	struct mandate_text mandate;
	struct aicx_error error;

	ENSURE(currencies_add(&currencies, STR("AIC"), 6, NULL) == AICX_OK);
	(void)mandate_text_parse(
	    text, &currencies, &broker, &mem, &mandate, &error);
}

/* The bytes end with a NUL for those who want one. */
int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n_bytes)
{
	struct buf copy = { 0 };

	buf_put(&copy, bytes, n_bytes);
	(void)buf_cstr(&copy);
	read_address(buf_view(&copy));
	read_keys(buf_view(&copy));
	read_mandate(buf_view(&copy));
	buf_fini(&copy);
	return 0;
}
