/* SPDX-License-Identifier: Apache-2.0 */
/* deal_maker.c - deal files for tests, made by hand as a broker makes them. */
#include "cli/deal_maker.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/b64.h"
#include "base/json.h"
#include "base/mem.h"
#include "base/str.h"
#include "cli/deal_making.h"
#include "protocol/merkle.h"
#include "protocol/object.h"

const char deal_maker_broker_id[] = BROKER;

struct deal_maker
deal_maker(void)
{
	return (struct deal_maker) {
		.need = "text.*",
		.max_each = "0.01",
		.max_total = "1.00",
		.mandate_expires = "2026-12-01T00:00:00.000Z",
		.base_cost = "0.001000",
		.other_cost = "0.002000",
		.ceiling = "0.001000",
		.held = "0.001000",
		.line_amount = "0.001000",
		.total = "0.001000",
		.latency_ms = 12,
		.fee = "0.000000",
		.listed_price = "0.001000",
		.listed_other = "0.002000",
		.origin = "aiconexus/" BROKER "/0",
		.others = "other",
		.note_signer = "broker",
		.loser = "loser",
		.n_leaves = 60,
		.seq_first = 40,
		.deal_id = DEAL,
		.custody = "own",
		.uses = "1",
		.provider_seed_of = "provider",
	};
}

struct sign_key *
deal_maker_key(const char *name)
{
	uint8_t seed[HASH_BYTES];

	sha256(name, strlen(name), seed);
	return sign_key_new(seed);
}

void
deal_maker_broker_key(uint8_t ret_public[KEY_BYTES])
{
	struct sign_key *key = deal_maker_key("broker");

	memcpy(ret_public, sign_key_public(key), KEY_BYTES);
	sign_key_free(key);
}

void
deal_hash_text(const char *text, size_t len, char ret[44])
{
	uint8_t hash[HASH_BYTES];

	sha256(text, len, hash);
	b64_print(hash, sizeof hash, ret);
	ret[43] = '\0';
}

void
deal_put_string(struct buf *buf, const char *text)
{
	buf_char(buf, '"');
	json_escape(buf, str_of(text));
	buf_char(buf, '"');
}

/* "text":...,"key_id":...,"signature":...; "fake NAME" signs badly. */
void
deal_put_signed(
    struct buf *buf, const char *signer, enum sig_kind kind, const char *text)
{
	bool fake = strncmp(signer, "fake ", 5) == 0;
	struct sign_key *key = deal_maker_key(fake ? signer + 5 : signer);
	struct signed_object object = object_sign(key, kind, str_of(text));
	char signature[B64_LEN(SIG_BYTES) + 1] = "";

	object.signature[0] ^= fake;
	b64_print(object.signature, SIG_BYTES, signature);
	buf_text(buf, "\"text\":");
	deal_put_string(buf, text);
	buf_printf(buf, ",\"key_id\":\"%s\",\"signature\":\"%s\"",
	    sign_key_id(key), signature);
	sign_key_free(key);
}

static void
make_terms(const struct deal_maker *maker, const char *cost, char *ret)
{
	char sla[1024] = "";

	if (maker->sla != NULL)
		(void)snprintf(sla, sizeof sla, ",\"sla\":%s", maker->sla);
	if (maker->pricing != NULL) {
		(void)snprintf(
		    ret, TEXT_MAX, "{\"pricing\":%s%s}", maker->pricing, sla);
		return;
	}
	int n = snprintf(ret, TEXT_MAX,
	    "{\"pricing\":{\"model\":\"%s\",\"base_cost\":{\"amount\":\"%s\","
	    "\"currency\":\"AIC\"}",
	    maker->per_unit ? "per_unit" : "per_call", cost);

	if (maker->per_unit)
		n += snprintf(ret + n, TEXT_MAX - (size_t)n,
		    ",\"unit_cost\":{\"amount\":\"0.000100\",\"currency\":"
		    "\"AIC\"},\"unit\":\"%s\"",
		    maker->claim && !maker->measured ? "words" : "bytes");
	(void)snprintf(ret + n, TEXT_MAX - (size_t)n, "}%s}", sla);
}

static void
make_offer(const char *id, const char *provider, const char *terms, char *ret)
{
	char hash[44];

	deal_hash_text(terms, strlen(terms), hash);
	(void)snprintf(ret, TEXT_MAX,
	    "{\"kind\":\"offer\",\"id\":\"%s\",\"broker_id\":\"" BROKER
	    "\",\"intent_id\":\"" DEAL "\",\"provider_id\":\"%s\","
	    "\"terms_sha256\":\"%s\",\"expires\":"
	    "\"2026-11-22T13:05:00.000Z\"}",
	    id, provider, hash);
}

static void
make_contract(struct making *m)
{
	const struct deal_maker *maker = m->maker;
	char hash[44], other[160] = "";

	deal_hash_text(m->terms, strlen(m->terms), hash);
	if (!maker->loser_unlisted)
		(void)snprintf(other, sizeof other,
		    ",{\"offer_id\":\"" OTHER
		    "\",\"price\":{\"amount\":\"%s\",\"currency\":\"AIC\"},"
		    "\"score\":800}",
		    maker->listed_other);
	(void)snprintf(m->contract, TEXT_MAX,
	    "{\"kind\":\"contract\",\"id\":\"" CONTRACT
	    "\",\"broker_id\":\"" BROKER "\",\"deal_id\":\"" DEAL
	    "\",\"intent_id\":\"" DEAL "\",\"offer_id\":\"" OFFER
	    "\",\"mandate_id\":\"" MANDATE "\",\"requester_id\":\"" BUYER
	    "\",\"provider_id\":\"" SELLER "\",\"hold_id\":\"" HOLD
	    "\",\"capability\":\"text.spellcheck\",\"terms_sha256\":\"%s\","
	    "\"ceiling\":{\"amount\":\"%s\",\"currency\":\"AIC\"},"
	    "\"max_executions\":1,\"choose\":{\"rule\":\"lowest_price\","
	    "\"offer_id\":\"" OFFER "\",\"offers\":[{\"offer_id\":\"" OFFER
	    "\",\"price\":{\"amount\":\"%s\",\"currency\":\"AIC\"},"
	    "\"score\":900}%s]},\"custody\":{\"requester\":\"own\","
	    "\"provider\":\"%s\"},\"max_units\":80,"
	    "\"created\":\"2026-11-22T13:04:06.000Z\","
	    "\"expires\":\"2026-11-22T13:14:06.000Z\"}",
	    hash, maker->ceiling, maker->listed_price, other, maker->custody);
}

/* The texts above are written for one deal; tests want two. */
static void
rename_deal(const struct making *m, char *text)
{
	for (char *at = text; (at = strstr(at, DEAL)) != NULL; at++)
		memcpy(at, m->maker->deal_id, sizeof DEAL - 1);
}

static void
make_mandate(struct making *m)
{
	const struct deal_maker *maker = m->maker;

	(void)snprintf(m->mandate, TEXT_MAX,
	    "{\"kind\":\"mandate\",\"id\":\"" MANDATE
	    "\",\"broker_id\":\"" BROKER "\",\"requester\":\"" BUYER
	    "\",\"need\":[\"%s\"],\"max_each\":{\"amount\":\"%s\","
	    "\"currency\":\"AIC\"},\"max_total\":{\"amount\":\"%s\","
	    "\"currency\":\"AIC\"},\"max_deals\":10,\"expires\":\"%s\"}",
	    maker->need, maker->max_each, maker->max_total,
	    maker->mandate_expires);
}

static void
make_intent(struct making *m)
{
	(void)snprintf(m->intent, TEXT_MAX,
	    "{\"intent_id\":\"" DEAL "\",\"requester_id\":\"" BUYER
	    "\",\"need\":\"text.spellcheck\",\"input\":" INPUT
	    ",\"max_price\":{\"amount\":\"0.010000\",\"currency\":\"AIC\"},"
	    "\"max_units\":80,\"choose\":\"lowest_price\",\"created\":"
	    "\"2026-11-22T13:04:05.000Z\"}");
	rename_deal(m, m->intent);
}

static void
make_bill(struct making *m)
{
	const struct deal_maker *maker = m->maker;
	int n;

	n = snprintf(m->bill, TEXT_MAX,
	    "{\"lines\":[{\"label\":\"base\",\"quantity\":1,\"each\":"
	    "{\"amount\":\"%s\",\"currency\":\"AIC\"},\"amount\":{\"amount\":"
	    "\"%s\",\"currency\":\"AIC\"}}",
	    maker->base_cost, maker->line_amount);
	if (maker->lines != NULL)
		n = snprintf(m->bill, TEXT_MAX, "{\"lines\":[%s", maker->lines);
	else if (maker->per_unit)
		n += snprintf(m->bill + n, TEXT_MAX - (size_t)n,
		    ",{\"label\":\"units\",\"quantity\":%d,\"each\":{"
		    "\"amount\":"
		    "\"0.000100\",\"currency\":\"AIC\"},\"amount\":{\"amount\":"
		    "\"0.%06d\",\"currency\":\"AIC\"}}",
		    maker->units, maker->units * 100);
	(void)snprintf(m->bill + n, TEXT_MAX - (size_t)n,
	    "],\"total\":{\"amount\":\"%s\",\"currency\":\"AIC\"},\"fee\":"
	    "{\"amount\":\"%s\",\"currency\":\"AIC\"}}",
	    maker->total, maker->fee);
}

static void
make_hold(struct making *m)
{
	(void)snprintf(m->hold, TEXT_MAX,
	    "{\"hold_id\":\"" HOLD "\",\"agent_id\":\"" BUYER
	    "\",\"contract_id\":\"" CONTRACT
	    "\",\"amount\":{\"amount\":\"%s\",\"currency\":\"AIC\"},"
	    "\"state\":\"posted\",\"posted\":1000}",
	    m->maker->held);
}

/* What the provider claims, signed. */
static void
make_usage(struct making *m)
{
	const struct deal_maker *maker = m->maker;
	struct buf claim = { 0 }, text = { 0 };
	char contract[44], output[44];

	deal_hash_text(m->contract, strlen(m->contract), contract);
	deal_hash_text(OUTPUT, sizeof OUTPUT - 1, output);
	buf_printf(&text,
	    "{\"kind\":\"usage\",\"broker_id\":\"" BROKER
	    "\",\"execution_id\":\"" EXECUTION
	    "\",\"units\":2,\"contract_sha256\":\"%s\","
	    "\"output_sha256\":\"%s\"}",
	    maker->claim_contract ? maker->claim_contract : contract,
	    maker->claim_output ? maker->claim_output : output);
	buf_char(&claim, '{');
	deal_put_signed(&claim, "provider", SIG_USAGE, buf_cstr(&text));
	buf_char(&claim, '}');
	buf_fini(&text);
	(void)snprintf(m->usage, TEXT_MAX, "%s", buf_cstr(&claim));
	buf_fini(&claim);
}

static void
make_texts(struct making *m)
{
	const struct deal_maker *maker = m->maker;

	make_mandate(m);
	make_terms(maker, maker->base_cost, m->terms);
	make_terms(maker, maker->other_cost, m->other_terms);
	make_offer(OFFER, SELLER,
	    maker->terms_named ? maker->terms_named : m->terms, m->offer);
	make_offer(OTHER, LOSER, m->other_terms, m->other);
	make_contract(m);
	rename_deal(m, m->offer);
	rename_deal(m, m->other);
	rename_deal(m, m->contract);
	make_intent(m);
	make_bill(m);
	make_hold(m);
	make_usage(m);
}

static void
record_add(struct making *m, int64_t seq, const char *step, const char *rest)
{
	char *text = m->record[m->n_records], prev[44];
	const char *before = m->n_records > 0 && !m->maker->chain_broken
	    ? m->record[m->n_records - 1]
	    : "before";
	uint8_t leaf[HASH_BYTES];

	merkle_leaf(before, strlen(before), leaf);
	b64_print(leaf, sizeof leaf, prev);
	prev[43] = '\0';
	(void)snprintf(text, sizeof m->record[0],
	    "{\"seq\":%lld,\"time\":\"2026-11-22T13:04:0%zu.000Z\",\"epoch\":3,"
	    "\"prev\":\"%s\",\"shard\":\"0\",\"step\":\"%s\",\"actor\":\"" BUYER
	    "\",\"deal\":\"" DEAL "\"%s}",
	    (long long)seq, m->n_records + 5, prev, step, rest);
	rename_deal(m, text);
	m->seq[m->n_records++] = seq;
}

static void
put_offer_row(struct buf *buf, const char *id, const char *signer,
    const char *text, const char *terms)
{
	buf_printf(buf,
	    ",\"put\":[{\"offer\":{\"offer_id\":\"%s\",\"intent_id\":\"" DEAL
	    "\",",
	    id);
	deal_put_signed(buf, signer, SIG_OFFER, text);
	buf_text(buf, ",\"terms\":");
	deal_put_string(buf, terms);
	buf_text(buf, "}}]");
}

const char *
deal_loser_key(const struct deal_maker *maker)
{
	return maker->loser_badly_signed ? "fake loser" : maker->loser;
}

static void
make_open_records(struct making *m)
{
	struct buf rest = { 0 };

	buf_printf(&rest,
	    ",\"put\":[{\"intent\":%s},{\"deal\":{\"deal_id\":\"" DEAL
	    "\",\"state\":\"open\"}}]",
	    m->intent);
	record_add(m, m->maker->seq_first, "deal.open", buf_cstr(&rest));
	buf_clear(&rest);
	put_offer_row(
	    &rest, OFFER, m->maker->provider_seed_of, m->offer, m->terms);
	record_add(m, m->maker->seq_first + 1, "deal.offer", buf_cstr(&rest));
	buf_clear(&rest);
	put_offer_row(
	    &rest, OTHER, deal_loser_key(m->maker), m->other, m->other_terms);
	record_add(m, m->maker->seq_first + 2, "deal.offer", buf_cstr(&rest));
	buf_fini(&rest);
}

static void
make_contract_record(struct making *m)
{
	struct buf rest = { 0 };

	if (!m->maker->no_hold)
		buf_printf(&rest,
		    ",\"entries\":[{\"id\":\"" HOLD
		    "\",\"kind\":\"reserve\",\"debit\":\"" BUYER
		    ":available\",\"credit\":\"" BUYER
		    ":reserved\",\"amount\":{\"amount\":\"%s\",\"currency\":"
		    "\"AIC\"}}]",
		    m->maker->held);
	buf_text(&rest,
	    ",\"put\":[{\"contract\":{\"contract_id\":\"" CONTRACT "\",");
	deal_put_signed(&rest, "broker", SIG_CONTRACT, m->contract);
	buf_printf(&rest,
	    "}},{\"mandate_use\":{\"mandate_id\":\"" MANDATE
	    "\",\"uses\":%s,\"held\":1000,\"posted\":0}},{\"execution\":{"
	    "\"execution_id\":\"" EXECUTION "\",\"contract_id\":\"" CONTRACT
	    "\",\"provider_id\":\"" SELLER "\",\"input\":" INPUT
	    "}},{\"deal\":{\"deal_id\":\"" DEAL "\",\"state\":\"working\"}}]",
	    m->maker->uses);
	record_add(
	    m, m->maker->seq_first + 3, "deal.contract", buf_cstr(&rest));
	buf_fini(&rest);
}

static void
put_entry(struct buf *buf, const char *kind, const char *debit,
    const char *credit, const char *amount)
{
	buf_printf(buf,
	    ",{\"id\":\"" TRANSACTION "\",\"kind\":\"%s\",\"debit\":\"%s\","
	    "\"credit\":\"%s\",\"amount\":{\"amount\":\"%s\",\"currency\":"
	    "\"AIC\"}}",
	    kind, debit, credit, amount);
}

static void
make_settle_record(struct making *m)
{
	const struct deal_maker *maker = m->maker;
	struct buf rest = { 0 }, entries = { 0 };

	if (!maker->no_hold)
		put_entry(&entries, "post", BUYER ":reserved",
		    maker->batched ? BUYER ":pending" : SELLER ":available",
		    maker->total);
	if (maker->batched) {
		entries.len--; /* one more member */
		buf_printf(&entries, ",\"payee\":\"%s\"}",
		    maker->batched_to_buyer ? BUYER : SELLER);
	}
	if (maker->released != NULL)
		put_entry(&entries, "release", BUYER ":reserved",
		    BUYER ":available", maker->released);
	if (strcmp(maker->fee, "0.000000") != 0 &&
	    (!maker->batched || maker->fee_early))
		put_entry(&entries, "fee", SELLER ":available",
		    "fees:available", maker->fee);
	buf_printf(&rest,
	    ",\"entries\":[%s],\"put\":[{\"execution_status\":{"
	    "\"execution_id\":\"" EXECUTION
	    "\",\"state\":\"COMPLETED\",\"attempts\":1,"
	    "\"started_at\":\"2026-11-22T13:04:07.000Z\","
	    "\"completed_at\":\"2026-11-22T13:04:07.%03dZ\","
	    "\"duration_ms\":%d,\"output\":" OUTPUT ",\"units\":%d%s%s,",
	    entries.len > 0 ? buf_cstr(&entries) + 1 : "", maker->latency_ms,
	    maker->latency_ms, maker->per_unit ? maker->units : 1,
	    maker->more_usage ? maker->more_usage : "",
	    maker->decision ? maker->decision : "");
	if (maker->per_unit)
		buf_printf(&rest, "\"unit\":\"%s\",",
		    maker->claim && !maker->measured ? "words" : "bytes");
	if (maker->claim)
		buf_printf(&rest, "\"usage\":%s,", m->usage);
	buf_printf(&rest,
	    "\"bill\":%s}},%s%s%s{\"deal\":{\"deal_id\":\"" DEAL
	    "\",\"state\":\"settled\"}}],\"answer\":{\"status\":200,\"body\":{"
	    "\"deal_id\":\"" DEAL "\",\"provider_id\":\"" SELLER
	    "\",\"result\":" OUTPUT
	    ",\"price\":{\"amount\":\"%s\",\"currency\":\"AIC\"}}}",
	    m->bill,
	    maker->no_hold ? "" : "{\"hold\":", maker->no_hold ? "" : m->hold,
	    maker->no_hold ? "" : "},", maker->total);
	record_add(m, m->maker->seq_first + 7, "deal.settle", buf_cstr(&rest));
	buf_fini(&rest);
	buf_fini(&entries);
}

void
deal_make(const struct deal_maker *maker, struct buf *out)
{
	struct making *m = MEM_NEW(struct making);

	m->maker = maker;
	make_texts(m);
	make_open_records(m);
	make_contract_record(m);
	make_settle_record(m);
	deal_put_file(m, out);
	free(m);
}
