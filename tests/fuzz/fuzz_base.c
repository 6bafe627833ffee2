/* SPDX-License-Identifier: Apache-2.0 */
/*
 * fuzz_base.c - the small readers of core/base on any bytes: what is accepted
 * prints back to the same value, what is refused changes nothing.
 */
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "base/b64.h"
#include "base/clock.h"
#include "base/err.h"
#include "base/id.h"
#include "base/money.h"
#include "base/str.h"

static void
try_money(struct aicx_str text)
{
	static const struct currencies all = { .n = 3,
		.list = { { "AIC", 6 }, { "JPY", 0 }, { "NANO", 9 } } };
	struct aicx_money money = { -7, "X" }, back;
	struct aicx_error err = { 0 };

	if (money_parse_text(&all, text, &money, &err) != AICX_OK) {
		ENSURE(money.minor == -7 && strcmp(money.currency, "X") == 0);
		ENSURE(strcmp(err.word, "invalid_amount") == 0);
		ENSURE(str_is_utf8(str_of(err.text)));
		return;
	}
	ENSURE(money.minor >= 0);
	struct money_text printed = money_text(&all, &money);
	ENSURE(money_parse_text(&all, str_of(printed.text), &back, NULL) ==
	    AICX_OK);
	ENSURE(back.minor == money.minor && money_same_currency(&back, &money));
}

static void
try_time(struct aicx_str text)
{
	int64_t at_ms = 0, back;

	if (!time_parse(text, &at_ms))
		return;
	struct time_text printed = time_text(at_ms);
	ENSURE(time_parse(str_of(printed.text), &back) && back == at_ms);
	ENSURE(time_next_day(at_ms) > at_ms);
	ENSURE(time_next_month(at_ms) >= time_next_day(at_ms));
	ENSURE(time_next_year(at_ms) >= time_next_month(at_ms));
}

static void
try_id(struct aicx_str text)
{
	struct aicx_id id;

	if (id_parse(text, &id))
		ENSURE(str_is(text, id_text(&id).text));
}

static void
try_b64(struct aicx_str text)
{
	uint8_t bytes[4096];
	char back[B64_LEN(sizeof bytes)];
	size_t n;

	if (!b64_parse_any(text, bytes, sizeof bytes, &n))
		return;
	ENSURE(B64_LEN(n) == text.len);
	b64_print(bytes, n, back);
	ENSURE(memcmp(back, text.ptr, text.len) == 0);
}

/* Character by character agrees with the whole. */
static void
try_text(struct aicx_str text)
{
	static const char *const names[] = { "timeout_ms", "port", NULL };
	struct aicx_str rest = text;
	int64_t value;
	size_t n;

	while ((n = str_char_bytes(rest)) > 0) {
		rest.ptr += n;
		rest.len -= n;
	}
	ENSURE(str_is_utf8(text) == (rest.len == 0));
	(void)str_nearest(text, names);
	(void)str_int(text, &value);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct aicx_str text = { (const char *)data, size };

	try_money(text);
	try_time(text);
	try_id(text);
	try_b64(text);
	try_text(text);
	return 0;
}
