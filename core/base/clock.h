/* SPDX-License-Identifier: Apache-2.0 */
/* clock.h - times as text; what time it is comes from elsewhere. */
#ifndef BASE_CLOCK_H
#define BASE_CLOCK_H

#include <aiconexus/types.h>
#include <stdbool.h>
#include <stdint.h>

enum { TIME_TEXT = 24 }; /* "2026-11-22T13:04:05.678Z" */

struct time_text {
	char text[TIME_TEXT + 1];
};

/* Milliseconds since 1970 UTC; years 0000..9999, else the text is clamped. */
void time_print(int64_t at_ms, char ret_text[TIME_TEXT]); /* no NUL */
struct time_text time_text(int64_t at_ms);
/* RFC 3339 in UTC ("Z"), 0 to 9 decimals of a second (cut to ms).  Checks the
   calendar; a leap second is taken as the next second. */
bool time_parse(struct aicx_str text, int64_t *ret_at_ms);
/* Start of the UTC day, month or year that at_ms is in. */
int64_t time_this_day(int64_t at_ms);
int64_t time_this_month(int64_t at_ms);
int64_t time_this_year(int64_t at_ms);
/* Start of the UTC day, month or year after at_ms. */
int64_t time_next_day(int64_t at_ms);
int64_t time_next_month(int64_t at_ms);
int64_t time_next_year(int64_t at_ms);

#endif
