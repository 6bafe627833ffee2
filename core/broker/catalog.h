/* SPDX-License-Identifier: Apache-2.0 */
/*
 * catalog.h - keys and values of the index that lies beside the records.
 *
 * The records are the only truth; the index says where in them a thing stands,
 * so that it need not stay in memory and a start need not read them all:
 *
 *   0/w/<table>/<id>       where the text of a live row is
 *   0/i/<table>/<id>       the same of a row that is history
 *   0/q/<sender><id>       a request: hash of what was asked, its answer's
 *                          record, or while there is none its deal
 *   0/x/<id>               a transaction: record and place among its entries
 *   0/a/<owner><currency>  an account
 *   0/l/<roll><owner><rank>  ids in order of appearance, see rolls.h
 *   0/t/<level><index>     a full tile of the tree over the records
 *   0/applied              how far the index has followed the records
 *
 * It lies among the store's derived keys, where there are any, and is written
 * in batches that follow the records they tell of.  A store keeps the order of
 * commits, so a crash may lose the newest batches: the start replays a longer
 * tail.  Without an index it replays all and makes one.
 */
#ifndef BROKER_CATALOG_H
#define BROKER_CATALOG_H

#include "base/buf.h"
#include "protocol/crypto.h"

#include <aiconexus/store.h>
#include <stdbool.h>
#include <stdint.h>

enum { CATALOG_FORM = 3, CATALOG_KEY_MAX = 96 };

struct catalog { /* ops == NULL: there is none */
	const struct aicx_store_ops *ops;
	const struct aicx_store_ops *records;
	void *store;
};

/* Where a store with these keeps an index. */
const struct aicx_store_ops *catalog_ops(const struct aicx_store_ops *ops);

struct catalog_key {
	char bytes[CATALOG_KEY_MAX];
	size_t len;
};

struct aicx_str catalog_key_view(const struct catalog_key *key);
struct catalog_key catalog_applied_key(void);
struct catalog_key catalog_record_key(uint64_t seq);
/* Checkpoints lie among the records they cover, each behind the last one: a key
   that is written again and again elsewhere would have a store of sorted tables
   rewrite all records between it and them.  The newest counts; an empty one
   says that there is none. */
struct catalog_key catalog_checkpoint_key(uint64_t n_records);
bool catalog_is_checkpoint(struct aicx_str key);
/* Leaves the note empty when there is none. */
aicx_err catalog_checkpoint(const struct aicx_store_ops *ops, void *store,
    struct buf *ret_note, struct aicx_error *reterr);
struct catalog_key catalog_tile_key(int level, uint64_t index);
struct catalog_key catalog_row_key(
    const char *table, const struct aicx_id *id, bool live);
struct catalog_key catalog_request_key(
    const struct aicx_id *sender, const struct aicx_id *id);
struct catalog_key catalog_transaction_key(const struct aicx_id *id);
struct catalog_key catalog_account_key(
    const struct aicx_id *owner, const char currency[8]);
struct catalog_key catalog_roll_key(
    char roll, const struct aicx_id *owner, uint64_t rank);
/* What follows a prefix of four letters as a table's name and an id. */
bool catalog_row_parse(
    struct aicx_str key, struct aicx_str *ret_table, struct aicx_id *ret_id);

/* AICX_ENOTFOUND: there is no such key, or no catalog. */
aicx_err catalog_get(const struct catalog *catalog,
    const struct catalog_key *key, struct buf *ret_value,
    struct aicx_error *reterr);
aicx_err catalog_record(const struct catalog *catalog, uint64_t seq,
    struct buf *ret_record, struct aicx_error *reterr);

/* Where a row's text stands, and its rank among all that ever appeared: the
   record's number and the place in it; a second rank for a second list. */
struct spot {
	uint64_t seq;
	uint64_t offset, len; /* in the record, bytes */
};
struct row_entry {
	struct spot spot;
	uint64_t rank[2];
};

enum { RANK_BITS = 12 }; /* places in one record */

void row_entry_print(struct buf *buf, const struct row_entry *entry);
bool row_entry_parse(struct aicx_str text, struct row_entry *ret_entry);

struct request_entry {
	uint8_t body[16];
	uint64_t seq; /* 0: no answer yet */
	struct aicx_id deal_id; /* when there is no answer yet */
};

void request_entry_print(struct buf *buf, const struct request_entry *entry);
bool request_entry_parse(struct aicx_str text, struct request_entry *ret_entry);

/* How far the index has followed. */
struct applied {
	int64_t form;
	uint64_t seq; /* of the last record */
	uint8_t hash[HASH_BYTES]; /* of that record */
	int64_t time_ms; /* broker time */
	int64_t n_rows, n_accounts, n_transactions;
};

extern const char applied_key[];
void applied_print(struct buf *buf, const struct applied *applied);
aicx_err applied_parse(struct aicx_str text, struct applied *ret_applied,
    struct aicx_error *reterr);

#endif
