/* SPDX-License-Identifier: Apache-2.0 */
/* deal_file.c - the records of a made deal in their tree, and the file of it
 * all. */
#include <stdio.h>
#include <string.h>

#include "base/b64.h"
#include "base/json.h"
#include "base/str.h"
#include "cli/deal_making.h"
#include "protocol/checkpoint.h"
#include "protocol/merkle.h"

static void
put_registration(struct buf *buf, const char *id, const char *name)
{
	struct sign_key *key = deal_maker_key(name);

	buf_printf(buf, "{\"agent_id\":\"%s\",\"public_key\":\"", id);
	b64_put(buf, sign_key_public(key), KEY_BYTES);
	buf_text(buf, "\",\"custody\":\"own\"}");
	sign_key_free(key);
}

/* The tree that the records stand in; all others are not of this deal. */
static struct merkle *
make_tree(const struct making *m)
{
	struct merkle *tree = merkle_new(NULL);
	uint8_t leaf[HASH_BYTES];
	char other[128];
	int n;

	for (int i = 0; i < m->maker->n_leaves; i++) {
		n = snprintf(
		    other, sizeof other, "%.80s %d", m->maker->others, i);
		merkle_leaf(other, (size_t)n, leaf);
		for (size_t k = 0; k < m->n_records; k++)
			if (m->seq[k] == i + 1)
				merkle_leaf(
				    m->record[k], strlen(m->record[k]), leaf);
		merkle_append(tree, leaf);
	}
	return tree;
}

static void
put_entries(const struct making *m, const struct merkle *tree, struct buf *out)
{
	buf_text(out, "\"entries\":[");
	for (size_t i = 0; i < m->n_records; i++) {
		struct merkle_proof proof = { 0 };
		(void)merkle_inclusion(tree, (uint64_t)m->seq[i] - 1,
		    merkle_size(tree), &proof, NULL);
		if (m->maker->proof_broken && proof.n > 0)
			proof.hash[0][0] ^= 1;
		buf_text(out, i ? ",{\"record\":" : "{\"record\":");
		deal_put_string(out, m->record[i]);
		buf_printf(out, ",\"index\":%lld,\"proof\":[",
		    (long long)m->seq[i] - 1);
		for (size_t k = 0; k < proof.n; k++) {
			buf_text(out, k ? ",\"" : "\"");
			b64_put(out, proof.hash[k], HASH_BYTES);
			buf_char(out, '"');
		}
		buf_text(out, "]}");
	}
	buf_text(out, "],");
}

/* The note, signed by the broker or by whom the maker says. */
static void
make_note(const struct making *m, const struct merkle *tree, struct buf *out)
{
	struct sign_key *key = deal_maker_key(m->maker->note_signer);
	struct checkpoint checkpoint = { str_of(m->maker->origin),
		merkle_size(tree), { 0 } };

	(void)merkle_root(tree, merkle_size(tree), checkpoint.root, NULL);
	checkpoint_print(out, &checkpoint);
	note_sign(out, checkpoint.origin, key);
	sign_key_free(key);
}

static void
put_note(const struct making *m, const struct merkle *tree, struct buf *out)
{
	struct buf note = { 0 };

	make_note(m, tree, &note);
	buf_text(out, "\"checkpoint\":");
	deal_put_string(out, buf_cstr(&note));
	buf_fini(&note);
}

static void
put_offers(const struct making *m, struct buf *out)
{
	buf_text(out, "\"offers\":[{\"offer\":{");
	deal_put_signed(out, m->maker->provider_seed_of, SIG_OFFER, m->offer);
	buf_text(out, "},\"terms\":");
	deal_put_string(out, m->terms);
	buf_text(out, "},{\"offer\":{");
	deal_put_signed(out, deal_loser_key(m->maker), SIG_OFFER, m->other);
	buf_text(out, "},\"terms\":");
	deal_put_string(out, m->other_terms);
	buf_text(out, "}],\"rounds\":[],");
}

static void
put_work(const struct making *m, struct buf *out)
{
	const struct deal_maker *maker = m->maker;
	char input[44], output[44];

	deal_hash_text(INPUT, sizeof INPUT - 1, input);
	deal_hash_text(OUTPUT, sizeof OUTPUT - 1, output);
	buf_printf(out,
	    "\"policy\":%s,\"hold\":%s,\"executions\":[{\"execution_id\":"
	    "\"" EXECUTION "\",\"state\":\"COMPLETED\",\"input_sha256\":\"%s\","
	    "\"output_sha256\":\"%s\",\"latency_ms\":%d,\"attempts\":1}],"
	    "\"usage\":[{\"execution_id\":\"" EXECUTION
	    "\",\"calls\":1,\"latency_ms\":%d,\"units\":%d%s,"
	    "\"unit\":\"%s\"",
	    maker->policy ? maker->policy : "null",
	    maker->no_hold ? "null" : m->hold, input, output, maker->latency_ms,
	    maker->latency_ms, maker->per_unit ? maker->units : 1,
	    maker->more_usage ? maker->more_usage : "",
	    !maker->per_unit                       ? "calls"
		: maker->claim && !maker->measured ? "words"
						   : "bytes");
	if (maker->claim)
		buf_printf(out, ",\"object\":%s", m->usage);
	buf_printf(out, "}],\"bill\":%s,", m->bill);
}

void
deal_put_file(const struct making *m, struct buf *out)
{
	struct sign_key *broker = deal_maker_key("broker");

	buf_printf(out,
	    "{\"version\":1,\"deal_id\":\"%s"
	    "\",\"broker\":{\"id\":\"" BROKER
	    "\",\"key_id\":\"%s\"},\"registrations\":[",
	    m->maker->deal_id, sign_key_id(broker));
	sign_key_free(broker);
	put_registration(out, BUYER, "buyer");
	buf_char(out, ',');
	put_registration(out, SELLER, "provider");
	buf_char(out, ',');
	put_registration(out, LOSER, m->maker->loser);
	buf_printf(out, "],\"intent\":%s,\"mandate\":", m->intent);
	buf_text(out, m->maker->no_mandate ? "null," : "{");
	if (!m->maker->no_mandate) {
		deal_put_signed(out, "buyer", SIG_MANDATE, m->mandate);
		buf_text(out, "},");
	}
	put_offers(m, out);
	buf_text(out, "\"contract\":{");
	deal_put_signed(out, "broker", SIG_CONTRACT, m->contract);
	buf_text(out, ",\"terms\":");
	deal_put_string(out, m->terms);
	buf_text(out, ",\"signatures\":[]},");
	put_work(m, out);
	struct merkle *tree = make_tree(m);
	put_entries(m, tree, out);
	put_note(m, tree, out);
	merkle_free(tree);
	buf_char(out, '}');
}
