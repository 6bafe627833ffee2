/* SPDX-License-Identifier: Apache-2.0 */
/* history_maker.c - ledgers for tests, made by hand as a broker makes them. */
#include "cli/history_maker.h"

#include <stdio.h>
#include <string.h>

#include "base/b64.h"
#include "base/json.h"
#include "base/str.h"
#include "cli/deal_maker.h"
#include "protocol/checkpoint.h"

#define BUYER "01932000-0000-7000-8000-00000000a11c"

static void
keep(int level, uint64_t index, const struct merkle_tile *tile, void *arg)
{
	struct history *history = arg;

	if (level == 0)
		history->tiles[index] = *tile;
}

static aicx_err
bring(int level, uint64_t index, struct merkle_tile *ret_tile, void *arg,
    struct aicx_error *reterr)
{
	const struct history *history = arg;

	(void)level;
	(void)reterr;
	*ret_tile = history->tiles[index];
	return AICX_OK;
}

void
history_init(struct history *history)
{
	struct merkle_ports ports = { keep, bring, history };

	*history = (struct history) { .signer = "broker",
		.origin = "aiconexus/01932000-0000-7000-8000-00000000b0b0/0" };
	history->tree = merkle_new(&ports);
}

void
history_fini(struct history *history)
{
	for (size_t i = 0; i < history->n; i++)
		buf_fini(&history->record[i]);
	merkle_free(history->tree);
}

void
history_add(struct history *history, const char *entries, const char *rows)
{
	struct buf *record = &history->record[history->n];
	uint8_t leaf[HASH_BYTES] = { 0 };

	if (history->n > 0)
		merkle_leaf(record[-1].ptr, record[-1].len, leaf);
	buf_printf(record,
	    "{\"seq\":%zu,\"time\":\"2026-11-22T13:%02zu:%02zu.000Z\","
	    "\"epoch\":1,\"prev\":\"",
	    history->n + 1, history->n / 60 % 60, history->n % 60);
	b64_put(record, leaf, sizeof leaf);
	buf_printf(record,
	    "\",\"shard\":\"0\",\"step\":\"test\",\"actor\":\"" BUYER
	    "\",\"entries\":%s,\"put\":%s}",
	    entries, rows);
	merkle_leaf(record->ptr, record->len, leaf);
	merkle_append(history->tree, leaf);
	history->n++;
}

void
history_fund(struct history *history, size_t n)
{
	char entry[512];

	for (size_t i = 0; i < n; i++) {
		(void)snprintf(entry, sizeof entry,
		    "[{\"id\":\"01932000-0000-7000-8000-%012zx\",\"kind\":"
		    "\"fund\",\"debit\":\"funding:available\",\"credit\":"
		    "\"" BUYER
		    ":available\",\"amount\":{\"amount\":\"1.000000\","
		    "\"currency\":\"AIC\"}}]",
		    history->n);
		history_add(history, entry, "[]");
	}
}

static void
put_string(struct buf *out, struct aicx_str text)
{
	buf_char(out, '"');
	json_escape(out, text);
	buf_char(out, '"');
}

static void
put_head(const struct history *history, const char *kind, struct buf *out)
{
	struct sign_key *key = deal_maker_key(history->signer);

	buf_printf(out,
	    "{\"version\":1,\"kind\":\"%s\",\"broker\":{\"id\":\"%s\","
	    "\"key_id\":\"%s\"}",
	    kind, deal_maker_broker_id, sign_key_id(key));
	sign_key_free(key);
}

static void
put_proof(const struct merkle_proof *proof, struct buf *out)
{
	buf_text(out, ",\"proof\":[");
	for (size_t i = 0; i < proof->n; i++) {
		buf_text(out, i ? ",\"" : "\"");
		b64_put(out, proof->hash[i], HASH_BYTES);
		buf_char(out, '"');
	}
	buf_char(out, ']');
}

void
history_note(const struct history *history, size_t size, struct buf *out)
{
	struct sign_key *key = deal_maker_key(history->signer);
	struct checkpoint checkpoint = { str_of(history->origin), size, { 0 } };

	(void)merkle_root(history->tree, size, checkpoint.root, NULL);
	checkpoint_print(out, &checkpoint);
	note_sign(out, checkpoint.origin, key);
	sign_key_free(key);
}

static void
put_note(const struct history *history, const char *name, size_t size,
    struct buf *out)
{
	struct buf note = { 0 };

	history_note(history, size, &note);
	buf_printf(out, "\"%s\":", name);
	put_string(out, buf_view(&note));
	buf_fini(&note);
}

void
history_ledger(const struct history *history, struct buf *out)
{
	put_head(history, "ledger", out);
	buf_text(out, "}\n");
	for (size_t i = 0; i < history->n; i++) {
		buf_str(out, buf_view(&history->record[i]));
		buf_char(out, '\n');
	}
	buf_char(out, '{');
	put_note(history, "checkpoint", history->n, out);
	buf_text(out, "}\n");
}

void
history_part(
    const struct history *history, size_t first, size_t last, struct buf *out)
{
	struct merkle_proof proof = { 0 };

	(void)merkle_inclusion(
	    history->tree, last - 1, history->n, &proof, NULL);
	put_head(history, "audit", out);
	buf_text(out, "}\n");
	for (size_t i = first - 1; i < last; i++) {
		buf_str(out, buf_view(&history->record[i]));
		buf_char(out, '\n');
	}
	buf_printf(out, "{\"index\":%zu", last - 1);
	put_proof(&proof, out);
	buf_char(out, ',');
	put_note(history, "checkpoint", history->n, out);
	buf_text(out, "}\n");
}

void
history_receipt(const struct history *history, size_t seq, size_t size,
    const char *transaction_id, struct buf *out)
{
	struct merkle_proof proof = { 0 };

	(void)merkle_inclusion(history->tree, seq - 1, size, &proof, NULL);
	put_head(history, "receipt", out);
	buf_printf(
	    out, ",\"transaction_id\":\"%s\",\"record\":", transaction_id);
	put_string(out, buf_view(&history->record[seq - 1]));
	buf_printf(out, ",\"index\":%zu", seq - 1);
	put_proof(&proof, out);
	buf_char(out, ',');
	put_note(history, "checkpoint", size, out);
	buf_char(out, '}');
}

void
history_consistency(
    const struct history *history, size_t from, size_t to, struct buf *out)
{
	struct merkle_proof proof = { 0 };

	(void)merkle_consistency(history->tree, from, to, &proof, NULL);
	put_head(history, "consistency", out);
	buf_char(out, ',');
	put_note(history, "from", from, out);
	buf_char(out, ',');
	put_note(history, "to", to, out);
	put_proof(&proof, out);
	buf_char(out, '}');
}
