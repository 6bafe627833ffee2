/* SPDX-License-Identifier: Apache-2.0 */
/* number.h - amounts of tokens: decimal strings of up to 2^256. */
#ifndef PAYMENT_X402_NUMBER_H
#define PAYMENT_X402_NUMBER_H

#include <stdbool.h>
#include <stdint.h>

enum { ATOMIC_TEXT = 48, DIGITS_MAX = 78 };

/* So many tokens for one unit of a currency: digits without their point. */
struct rate {
	int64_t digits;
	int scale; /* how many of them stand behind the point */
};

/* "1", "0.25": above zero, at most 18 digits and 9 decimals. */
bool rate_parse(const char *text, struct rate *ret_rate);
/* A price in a token's smallest unit, rounded up: who sells never gets less
   than the price.  false: it has more digits than we compute with. */
bool atomic_print(int64_t minor, int scale, const struct rate *rate,
    int decimals, char ret_text[ATOMIC_TEXT]);
/* Digits only, 1 to DIGITS_MAX. */
bool digits_are(const char *text);
/* As numbers, leading zeros aside. */
bool digits_same(const char *a, const char *b);
/* What is larger than an int64_t becomes INT64_MAX. */
int64_t digits_number(const char *text);
/* "12.50" with `scale` decimals of a currency as minor units. */
bool minor_parse(const char *text, int scale, int64_t *ret_minor);

#endif
