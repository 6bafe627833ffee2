/* SPDX-License-Identifier: Apache-2.0 */
/*
 * fuzz_catalog.c - any bytes as what the index beside the records has: keys of
 * rows, entries of rows and requests, how far it has followed, and the chunks
 * of rolls.  What is taken is the same when it is printed and read again.
 *
 * The first byte says which; of a roll the second says which one, and the rest
 * is key and value of two chunks.
 */
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "base/err.h"
#include "base/str.h"
#include "broker/rolls.h"

enum { NEWEST = 8 };

struct chunks { /* what the store gives; sorted or not */
	struct aicx_str key[2], value[2];
};

static void
check_row_key(struct aicx_str text)
{
	struct aicx_str table;
	struct aicx_id id;

	if (!catalog_row_parse(text, &table, &id))
		return;
	ENSURE(table.ptr >= text.ptr &&
	    table.ptr + table.len <= text.ptr + text.len);
}

static void
check_row_entry(struct aicx_str text)
{
	struct row_entry entry, again;
	struct buf buf = { 0 };

	if (!row_entry_parse(text, &entry))
		return;
	row_entry_print(&buf, &entry);
	ENSURE(row_entry_parse(buf_view(&buf), &again));
	ENSURE(memcmp(&entry, &again, sizeof entry) == 0);
	buf_fini(&buf);
}

static void
check_request_entry(struct aicx_str text)
{
	struct request_entry entry, again;
	struct buf buf = { 0 };

	if (!request_entry_parse(text, &entry))
		return;
	request_entry_print(&buf, &entry);
	ENSURE(request_entry_parse(buf_view(&buf), &again));
	ENSURE(memcmp(entry.body, again.body, sizeof entry.body) == 0 &&
	    entry.seq == again.seq &&
	    memcmp(&entry.deal_id, &again.deal_id, sizeof entry.deal_id) == 0);
	buf_fini(&buf);
}

static void
check_applied(struct aicx_str text)
{
	struct applied applied = { 0 }, again = { 0 };
	struct aicx_error err = { 0 };
	struct buf buf = { 0 };

	if (applied_parse(text, &applied, &err) != AICX_OK) {
		ENSURE(err.text[0] != '\0');
		return;
	}
	applied_print(&buf, &applied);
	ENSURE(applied_parse(buf_view(&buf), &again, NULL) == AICX_OK);
	ENSURE(applied.seq == again.seq && applied.time_ms == again.time_ms &&
	    memcmp(applied.hash, again.hash, sizeof again.hash) == 0);
	buf_fini(&buf);
}

/* --- rolls ------------------------------------------------------------------
 */

static aicx_err
chunks_range(void *state, struct aicx_str from, struct aicx_str to, int reverse,
    aicx_pair_fn *fn, void *arg, struct aicx_error *reterr)
{
	const struct chunks *chunks = state;

	(void)reterr;
	for (int i = 0; i < 2; i++) {
		int at = reverse ? 1 - i : i;
		if (str_cmp(chunks->key[at], from) >= 0 &&
		    str_cmp(chunks->key[at], to) < 0 &&
		    fn(chunks->key[at], chunks->value[at], arg) != 0)
			break;
	}
	return AICX_OK;
}

static const struct aicx_store_ops chunks_ops = {
	.size = sizeof chunks_ops,
	.range = chunks_range,
};

/* The two chunks are of the owner that is asked for, or of any. */
static struct aicx_str
chunk_key(struct catalog_key *key, enum roll roll, struct aicx_str text)
{
	static const struct aicx_id owner;
	uint64_t rank = 0;

	memcpy(
	    &rank, text.ptr, text.len < sizeof rank ? text.len : sizeof rank);
	*key = catalog_roll_key((char)roll, &owner, rank);
	return text.len > 0 && (text.ptr[0] & 1) != 0 ? text
						      : catalog_key_view(key);
}

static struct aicx_str
cut(struct aicx_str *text, size_t n)
{
	struct aicx_str part = { text->ptr, n < text->len ? n : text->len };

	text->ptr += part.len;
	text->len -= part.len;
	return part;
}

static void
check_rolls(struct aicx_str text)
{
	static const enum roll all[] = { ROLL_TRAIL, ROLL_DEALS,
		ROLL_TRANSACTIONS };
	static const struct aicx_id owner;
	struct rolls rolls = { 0 };
	struct chunks chunks;
	struct catalog catalog = { &chunks_ops, &chunks_ops, &chunks };
	struct catalog_key keys[2];
	struct roll_entry newest[NEWEST], *oldest = NULL;
	struct arena mem = { NULL };
	struct aicx_error err = { 0 };
	size_t n = 0;

	if (text.len < 20)
		return;
	enum roll roll = all[(uint8_t)text.ptr[0] % 3];
	(void)cut(&text, 1);
	for (int i = 0; i < 2; i++) {
		chunks.key[i] = chunk_key(&keys[i], roll, cut(&text, 9));
		chunks.value[i] = i == 0 ? cut(&text, text.len / 2) : text;
	}
	if (rolls_newest(&rolls, &catalog, roll, &owner, 0, newest, NEWEST, &n,
		&err) == AICX_OK)
		ENSURE(n <= NEWEST);
	else
		ENSURE(err.text[0] != '\0');
	if (rolls_oldest(&rolls, &catalog, roll, &owner, 1000, &mem, &oldest,
		&n, &err) == AICX_OK)
		ENSURE(n <= 1000 && (n == 0 || oldest != NULL));
	arena_fini(&mem);
	rolls_fini(&rolls);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static void (*const checks[])(struct aicx_str text) = { check_row_key,
		check_row_entry, check_request_entry, check_applied,
		check_rolls };
	struct aicx_str text = { (const char *)data, size };

	if (size == 0)
		return 0;
	(void)cut(&text, 1);
	checks[data[0] % (sizeof checks / sizeof *checks)](text);
	return 0;
}
