/* SPDX-License-Identifier: Apache-2.0 */
/*
 * bills_run.c - the broker's own way from terms and usage to a bill, for
 * bills.py: a question a line, an answer a line.
 *
 *     {"terms":{..},"units":n,"latency_ms":n,"quality":n?,"used_before":n?,
 *      "hold":{..},"fee_ppm":n,"max_units":n}
 *     {"ceiling":{..}|null,"bill":{..}} | {"error":"<word or code>"}
 *
 * The currencies are C0 to C9, by their scale.
 */
#include <aiconexus/plugin.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/str.h"
#include "economics/bill.h"
#include "protocol/field.h"

enum { SCALES = 10 };

struct question {
	struct aicx_str terms;
	int64_t units, latency_ms, quality, used_before;
	struct aicx_money hold;
	int64_t fee_ppm, max_units;
};

static const struct field question_fields[] = {
	FIELD(struct question, terms, "terms", FIELD_JSON,
	    .flags = FIELDF_REQUIRED),
	FIELD(struct question, units, "units", FIELD_INT, .min = INT64_MIN,
	    .max = INT64_MAX),
	FIELD(struct question, latency_ms, "latency_ms", FIELD_INT,
	    .min = INT64_MIN, .max = INT64_MAX),
	FIELD(struct question, quality, "quality", FIELD_INT, .min = INT64_MIN,
	    .max = INT64_MAX, .fallback = -1),
	FIELD(struct question, used_before, "used_before", FIELD_INT,
	    .fallback = -1),
	FIELD(struct question, hold, "hold", FIELD_MONEY,
	    .flags = FIELDF_REQUIRED),
	FIELD(struct question, fee_ppm, "fee_ppm", FIELD_INT, .max = 1000000),
	FIELD(struct question, max_units, "max_units", FIELD_INT),
	FIELD_END,
};

static struct currencies currencies;

/* A known model, as the broker asks before it prices. */
static bool
is_flat(const struct terms *terms)
{
	const char *const *models = aicx_plugin.ops.pricing->models;

	for (; *models != NULL; models++)
		if (strcmp(*models, pricing_models[terms->pricing.model]) == 0)
			return true;
	return false;
}

static aicx_err
bill_of(const struct question *question, const struct terms *terms,
    struct bill *ret, struct aicx_error *reterr)
{
	struct aicx_price_terms seen = bill_terms(terms);
	struct aicx_usage usage = {
		.size = sizeof usage,
		.calls = 1,
		.units = question->units,
		.latency_ms = question->latency_ms,
		.quality = question->quality,
		.used_before = question->used_before,
	};
	struct aicx_price price = { .n_lines = 0 };

	if (!is_flat(terms))
		return err_word(reterr, AICX_EINVAL, "no_pricing",
		    "nothing computes this model");
	aicx_err err =
	    aicx_plugin.ops.pricing->quote(NULL, &seen, &usage, &price, reterr);
	if (err == AICX_OK)
		err = bill_make(
		    &price, &question->hold, question->fee_ppm, ret, reterr);
	return err;
}

static void
put_answer(struct json_writer *w, const struct question *question,
    const struct terms *terms, const struct bill *bill)
{
	struct aicx_money ceiling;

	json_open(w, '{');
	json_key(w, "ceiling");
	if (terms_ceiling(terms, question->max_units, &ceiling, NULL) ==
	    AICX_OK)
		money_put_json(w, &ceiling, &currencies);
	else
		json_put_null(w);
	json_key(w, "bill");
	bill_put(bill, &currencies, w);
	json_close(w);
}

static void
put_error(struct json_writer *w, aicx_err err, const struct aicx_error *error)
{
	json_open(w, '{');
	json_key(w, "error");
	if (error->word[0] != '\0')
		json_put_text(w, error->word);
	else
		json_put_text(w, err == AICX_ELIMIT ? "limit" : "invalid");
	json_close(w);
}

static void
answer(struct aicx_str line, struct arena *mem, struct buf *out)
{
	struct json_writer w = json_writer(out);
	struct terms defaults = terms_shipped(), terms;
	struct aicx_error error = { 0 };
	struct question question;
	struct bill bill;
	struct json doc;
	aicx_err err = json_parse(line, mem, &doc, &error);

	if (err == AICX_OK)
		err = field_parse(question_fields, json_root(&doc), &currencies,
		    true, mem, &question, sizeof question, &error);
	if (err == AICX_OK)
		err = terms_parse(
		    question.terms, &currencies, mem, &terms, &error);
	if (err == AICX_OK) {
		terms_complete(&terms, &defaults);
		err = bill_of(&question, &terms, &bill, &error);
	}
	if (err == AICX_OK)
		put_answer(&w, &question, &terms, &bill);
	else
		put_error(&w, err, &error);
}

int
main(void)
{
	struct arena mem = { NULL };
	struct buf out = { 0 };
	char code[] = "C0", *line = NULL;
	size_t size = 0;
	ssize_t n;

	for (int scale = 0; scale < SCALES; scale++, code[1]++)
		if (currencies_add(&currencies, str_of(code), scale, NULL) !=
		    AICX_OK)
			return EXIT_FAILURE;
	while ((n = getline(&line, &size, stdin)) > 0) {
		arena_clear(&mem);
		buf_clear(&out);
		answer((struct aicx_str) { line, (size_t)n - 1 }, &mem, &out);
		buf_char(&out, '\n');
		(void)fwrite(out.ptr, 1, out.len, stdout);
	}
	free(line);
	arena_fini(&mem);
	buf_fini(&out);
	return EXIT_SUCCESS;
}
