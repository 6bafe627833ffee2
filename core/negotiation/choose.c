/* SPDX-License-Identifier: Apache-2.0 */
/* choose.c - part scores, a weighted mean, and the rules over them. */
#include "negotiation/choose.h"

#include "base/err.h"
#include "base/id.h"
#include "base/str.h"

#include <string.h>

static int64_t
ratio(int64_t best, int64_t mine)
{
	if (mine <= 0 || best >= mine)
		return 1000;
	return (int64_t)((__int128)best * 1000 / mine);
}

void
choose_score(struct candidate *list, size_t n)
{
	int64_t cheapest = INT64_MAX, fastest = INT64_MAX;

	for (size_t i = 0; i < n; i++) {
		if (list[i].price_minor < cheapest)
			cheapest = list[i].price_minor;
		if (list[i].latency_ms > 0 && list[i].latency_ms < fastest)
			fastest = list[i].latency_ms;
	}
	for (size_t i = 0; i < n; i++) {
		struct candidate *c = &list[i];
		c->part_price = ratio(cheapest, c->price_minor);
		c->part_reputation = c->reputation / 5;
		c->part_latency =
		    c->latency_ms > 0 ? ratio(fastest, c->latency_ms) : 500;
		c->score = (c->part_price * WEIGHT_PRICE +
			       c->part_reputation * WEIGHT_REPUTATION +
			       c->part_latency * WEIGHT_LATENCY) /
		    100;
	}
}

static bool
beats(
    const struct candidate *a, const struct candidate *b, enum choose_rule rule)
{
	if (rule == CHOOSE_LOWEST_PRICE && a->price_minor != b->price_minor)
		return a->price_minor < b->price_minor;
	if (a->score != b->score)
		return a->score > b->score;
	return memcmp(a->offer_id, b->offer_id, sizeof *a->offer_id) < 0;
}

size_t
choose_winner(const struct candidate *list, size_t n, enum choose_rule rule)
{
	size_t best = 0;

	ENSURE(n > 0);
	if (rule == CHOOSE_FIRST_GOOD)
		return 0;
	for (size_t i = 1; i < n; i++)
		if (beats(&list[i], &list[best], rule))
			best = i;
	return best;
}

static void
put_parts(struct json_writer *w, const struct candidate *c)
{
	json_key(w, "score");
	json_put_int(w, c->score);
	json_key(w, "parts");
	json_open(w, '{');
	json_key(w, "price");
	json_put_int(w, c->part_price);
	json_key(w, "reputation");
	json_put_int(w, c->part_reputation);
	json_key(w, "latency");
	json_put_int(w, c->part_latency);
	json_close(w);
}

static void
put_price(struct json_writer *w, int64_t minor, const char *currency,
    const struct currencies *currencies)
{
	struct aicx_money money = { .minor = minor };
	static const struct field price_field[] = {
		{ .name = "price",
		    .name_len = 5,
		    .type = FIELD_MONEY,
		    .flags = FIELDF_ALWAYS },
		FIELD_END,
	};

	(void)str_copy(str_of(currency), money.currency, sizeof money.currency);
	field_print(price_field, &money, currencies, w);
}

void
choose_put_why(struct json_writer *w, const struct candidate *list, size_t n,
    size_t winner, const char *rule, struct aicx_str reason,
    const char *currency, const struct currencies *currencies)
{
	json_open(w, '{');
	json_key(w, "rule");
	json_put_text(w, rule);
	json_key(w, "offer_id");
	json_put_id(w, list[winner].offer_id);
	put_parts(w, &list[winner]);
	if (reason.len > 0) {
		json_key(w, "reason");
		json_put_str(w, reason);
	}
	json_key(w, "offers");
	json_open(w, '[');
	for (size_t i = 0; i < n; i++) {
		json_open(w, '{');
		json_key(w, "offer_id");
		json_put_id(w, list[i].offer_id);
		json_key(w, "provider_id");
		json_put_id(w, list[i].provider_id);
		put_price(w, list[i].price_minor, currency, currencies);
		put_parts(w, &list[i]);
		json_close(w);
	}
	json_close(w);
	json_close(w);
}
