/* SPDX-License-Identifier: Apache-2.0 */
/* catalog.c - the index's keys and values: made, read back and looked up. */
#include "broker/catalog.h"

#include "base/b64.h"
#include "base/err.h"
#include "base/id.h"
#include "base/json.h"
#include "base/mem.h"
#include "base/str.h"
#include "base/varint.h"

#include <string.h>

const char applied_key[] = "0/applied";

enum { PREFIX = 4, CHECKPOINT_KEY = PREFIX + 8 + 1 };

/* --- keys ------------------------------------------------------------ */

static void
add(struct catalog_key *key, const void *bytes, size_t n_bytes)
{
	ENSURE(key->len + n_bytes <= sizeof key->bytes);
	memcpy(key->bytes + key->len, bytes, n_bytes);
	key->len += n_bytes;
}

static struct catalog_key
key_of(const char *prefix)
{
	struct catalog_key key = { .len = 0 };

	add(&key, prefix, PREFIX);
	return key;
}

static void
add_number(struct catalog_key *key, uint64_t number)
{
	uint8_t bytes[8];

	for (int i = 0; i < 8; i++)
		bytes[i] = (uint8_t)(number >> (56 - 8 * i));
	add(key, bytes, sizeof bytes);
}

struct aicx_str
catalog_key_view(const struct catalog_key *key)
{
	return (struct aicx_str) { key->bytes, key->len };
}

struct catalog_key
catalog_applied_key(void)
{
	struct catalog_key key = { .len = 0 };

	add(&key, applied_key, strlen(applied_key));
	return key;
}

struct catalog_key
catalog_checkpoint_key(uint64_t n_records)
{
	struct catalog_key key = catalog_record_key(n_records);

	add(&key, "c", 1);
	return key;
}

bool
catalog_is_checkpoint(struct aicx_str key)
{
	return key.len == CHECKPOINT_KEY && key.ptr[CHECKPOINT_KEY - 1] == 'c';
}

struct catalog_key
catalog_tile_key(int level, uint64_t index)
{
	struct catalog_key key = key_of("0/t/");
	char place = (char)level;

	add(&key, &place, 1);
	add_number(&key, index);
	return key;
}

struct catalog_key
catalog_record_key(uint64_t seq)
{
	struct catalog_key key = key_of("0/r/");

	add_number(&key, seq);
	return key;
}

struct catalog_key
catalog_row_key(const char *table, const struct aicx_id *id, bool live)
{
	struct catalog_key key = key_of(live ? "0/w/" : "0/i/");

	add(&key, table, strlen(table));
	add(&key, "/", 1);
	add(&key, id, sizeof *id);
	return key;
}

bool
catalog_row_parse(
    struct aicx_str key, struct aicx_str *ret_table, struct aicx_id *ret_id)
{
	if (key.len < PREFIX + 1 + sizeof *ret_id)
		return false;
	size_t len = key.len - PREFIX - 1 - sizeof *ret_id;
	if (key.ptr[PREFIX + len] != '/')
		return false;
	*ret_table = (struct aicx_str) { key.ptr + PREFIX, len };
	memcpy(ret_id, key.ptr + PREFIX + len + 1, sizeof *ret_id);
	return true;
}

struct catalog_key
catalog_request_key(const struct aicx_id *sender, const struct aicx_id *id)
{
	struct catalog_key key = key_of("0/q/");

	add(&key, sender, sizeof *sender);
	add(&key, id, sizeof *id);
	return key;
}

struct catalog_key
catalog_transaction_key(const struct aicx_id *id)
{
	struct catalog_key key = key_of("0/x/");

	add(&key, id, sizeof *id);
	return key;
}

struct catalog_key
catalog_account_key(const struct aicx_id *owner, const char currency[8])
{
	struct catalog_key key = key_of("0/a/");

	add(&key, owner, sizeof *owner);
	add(&key, currency, strnlen(currency, 8));
	return key;
}

struct catalog_key
catalog_roll_key(char roll, const struct aicx_id *owner, uint64_t rank)
{
	struct catalog_key key = key_of("0/l/");

	add(&key, &roll, 1);
	add(&key, owner, sizeof *owner);
	add_number(&key, rank);
	return key;
}

/* --- reading --------------------------------------------------------- */

static int
copy_value(struct aicx_str key, struct aicx_str value, void *arg)
{
	(void)key;
	buf_str(arg, value);
	return 0;
}

const struct aicx_store_ops *
catalog_ops(const struct aicx_store_ops *ops)
{
	return AICX_HAS(ops, struct aicx_store_ops, derived) ? ops->derived
							     : ops;
}

aicx_err
catalog_get(const struct catalog *catalog, const struct catalog_key *key,
    struct buf *ret_value, struct aicx_error *reterr)
{
	if (catalog->ops == NULL)
		return err_set(reterr, AICX_ENOTFOUND, "there is no index");
	return catalog->ops->get(catalog->store, catalog_key_view(key),
	    copy_value, ret_value, reterr);
}

aicx_err
catalog_record(const struct catalog *catalog, uint64_t seq,
    struct buf *ret_record, struct aicx_error *reterr)
{
	struct catalog_key key = catalog_record_key(seq);
	aicx_err err = catalog->records->get(catalog->store,
	    catalog_key_view(&key), copy_value, ret_record, reterr);

	if (err == AICX_ENOTFOUND)
		return err_set(reterr, AICX_EIO,
		    "index names record %llu, which is not there",
		    (unsigned long long)seq);
	return err;
}

static int
on_newest(struct aicx_str key, struct aicx_str value, void *arg)
{
	if (!catalog_is_checkpoint(key))
		return 0;
	buf_str(arg, value);
	return 1;
}

aicx_err
catalog_checkpoint(const struct aicx_store_ops *ops, void *store,
    struct buf *ret_note, struct aicx_error *reterr)
{
	return ops->range(
	    store, STR("0/r/"), STR("0/r0"), 1, on_newest, ret_note, reterr);
}

/* --- values ---------------------------------------------------------- */

void
row_entry_print(struct buf *buf, const struct row_entry *entry)
{
	varint_put(buf, entry->spot.seq);
	varint_put(buf, entry->spot.offset);
	varint_put(buf, entry->spot.len);
	varint_put(buf, entry->rank[0]);
	varint_put(buf, entry->rank[1]);
}

bool
row_entry_parse(struct aicx_str text, struct row_entry *ret_entry)
{
	struct row_entry entry;

	if (!varint_take(&text, &entry.spot.seq) ||
	    !varint_take(&text, &entry.spot.offset) ||
	    !varint_take(&text, &entry.spot.len) ||
	    !varint_take(&text, &entry.rank[0]) ||
	    !varint_take(&text, &entry.rank[1]) || text.len != 0)
		return false;
	*ret_entry = entry;
	return true;
}

void
request_entry_print(struct buf *buf, const struct request_entry *entry)
{
	buf_put(buf, entry->body, sizeof entry->body);
	varint_put(buf, entry->seq);
	if (entry->seq == 0)
		buf_put(buf, &entry->deal_id, sizeof entry->deal_id);
}

bool
request_entry_parse(struct aicx_str text, struct request_entry *ret_entry)
{
	struct request_entry entry = { .seq = 0 };

	if (text.len < sizeof entry.body)
		return false;
	memcpy(entry.body, text.ptr, sizeof entry.body);
	text.ptr += sizeof entry.body;
	text.len -= sizeof entry.body;
	if (!varint_take(&text, &entry.seq) ||
	    text.len != (entry.seq == 0 ? sizeof entry.deal_id : 0))
		return false;
	if (entry.seq == 0)
		memcpy(&entry.deal_id, text.ptr, sizeof entry.deal_id);
	*ret_entry = entry;
	return true;
}

void
applied_print(struct buf *buf, const struct applied *applied)
{
	struct json_writer w = json_writer(buf);
	char hash[B64_LEN(HASH_BYTES)];

	b64_print(applied->hash, sizeof applied->hash, hash);
	json_open(&w, '{');
	json_key(&w, "form");
	json_put_int(&w, applied->form);
	json_key(&w, "seq");
	json_put_uint(&w, applied->seq);
	json_key(&w, "sha256");
	json_put_str(&w, (struct aicx_str) { hash, sizeof hash });
	json_key(&w, "time");
	json_put_int(&w, applied->time_ms);
	json_key(&w, "rows");
	json_put_int(&w, applied->n_rows);
	json_key(&w, "accounts");
	json_put_int(&w, applied->n_accounts);
	json_key(&w, "transactions");
	json_put_int(&w, applied->n_transactions);
	json_close(&w);
}

static bool
parse_members(
    struct json_ref root, struct arena *mem, struct applied *ret_applied)
{
	int64_t seq = 0;
	bool good = json_int(json_get(root, "form"), &ret_applied->form) &&
	    json_int(json_get(root, "seq"), &seq) &&
	    b64_parse(json_str(json_get(root, "sha256"), mem),
		ret_applied->hash, sizeof ret_applied->hash) &&
	    json_int(json_get(root, "time"), &ret_applied->time_ms) &&
	    json_int(json_get(root, "rows"), &ret_applied->n_rows) &&
	    json_int(json_get(root, "accounts"), &ret_applied->n_accounts) &&
	    json_int(
		json_get(root, "transactions"), &ret_applied->n_transactions) &&
	    seq > 0;

	ret_applied->seq = (uint64_t)seq;
	return good;
}

aicx_err
applied_parse(struct aicx_str text, struct applied *ret_applied,
    struct aicx_error *reterr)
{
	struct arena mem = { NULL };
	struct json doc;
	bool good = json_parse(text, &mem, &doc, NULL) == AICX_OK &&
	    parse_members(json_root(&doc), &mem, ret_applied);

	arena_fini(&mem);
	if (!good)
		return err_set(reterr, AICX_EIO,
		    "index's key \"0/applied\" cannot be read");
	return AICX_OK;
}
