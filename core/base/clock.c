/* SPDX-License-Identifier: Apache-2.0 */
/* clock.c - the Gregorian calendar and RFC 3339, in UTC and milliseconds. */
#include "base/clock.h"

#include <string.h>

#define DAY_MS INT64_C(86400000)
#define TIME_MIN_MS INT64_C(-62167219200000) /* 0000-01-01T00:00:00.000Z */
#define TIME_MAX_MS INT64_C(253402300799999) /* 9999-12-31T23:59:59.999Z */

struct date {
	int year, month, day; /* from 1 */
};

static int64_t
clamp(int64_t at_ms)
{
	if (at_ms < TIME_MIN_MS)
		return TIME_MIN_MS;
	return at_ms > TIME_MAX_MS ? TIME_MAX_MS : at_ms;
}

/* Days since 1970, downwards before it. */
static int64_t
day_of(int64_t at_ms)
{
	return (at_ms - ((at_ms % DAY_MS) + DAY_MS) % DAY_MS) / DAY_MS;
}

/* Years are taken to begin in March, so that the leap day ends one; 400 of
   them have 146097 days, and day 719468 after 0000-03-01 is 1970-01-01. */
static int64_t
day_of_date(struct date date)
{
	int64_t year = date.month <= 2 ? date.year - 1 : date.year;
	int64_t era = (year >= 0 ? year : year - 399) / 400;
	int64_t of_era = year - era * 400;
	int64_t month = (date.month + 9) % 12;
	int64_t of_year = (153 * month + 2) / 5 + date.day - 1;

	return era * 146097 + of_era * 365 + of_era / 4 - of_era / 100 +
	    of_year - 719468;
}

static struct date
date_of_day(int64_t day)
{
	day += 719468;
	int64_t era = (day >= 0 ? day : day - 146096) / 146097;
	int64_t of_era = day - era * 146097;
	int64_t year =
	    (of_era - of_era / 1460 + of_era / 36524 - of_era / 146096) / 365;
	int64_t of_year = of_era - (365 * year + year / 4 - year / 100);
	int64_t month = (5 * of_year + 2) / 153;
	struct date date = { .day = (int)(of_year - (153 * month + 2) / 5 + 1),
		.month = (int)(month < 10 ? month + 3 : month - 9) };

	date.year = (int)(year + era * 400 + (date.month <= 2));
	return date;
}

static int
days_in_month(int year, int month)
{
	static const int days[] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30,
		31 };
	bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;

	return days[month - 1] + (month == 2 && leap);
}

/* value, below 100, as two digits. */
static inline void
put_two(char *out, unsigned value)
{
	unsigned tens = value * 205 >> 11; /* value / 10 of such */

	out[0] = (char)('0' + tens);
	out[1] = (char)('0' + (value - tens * 10));
}

/* A day as printed: mostly it is the day of the time printed before. */
struct day_text {
	int64_t day;
	char text[10];
};

static void
day_print(struct day_text *text, int64_t day)
{
	struct date date = date_of_day(day);
	unsigned year = (unsigned)date.year;

	text->day = day;
	put_two(text->text, year / 100);
	put_two(text->text + 2, year % 100);
	put_two(text->text + 5, (unsigned)date.month);
	put_two(text->text + 8, (unsigned)date.day);
}

void
time_print(int64_t at_ms, char ret_text[TIME_TEXT])
{
	static _Thread_local struct day_text today = { 0, "1970-01-01" };

	at_ms = clamp(at_ms);
	int64_t day = day_of(at_ms);
	unsigned ms = (unsigned)(at_ms - day * DAY_MS);
	unsigned second = ms / 1000, minute = second / 60;

	if (day != today.day)
		day_print(&today, day);
	memcpy(ret_text, today.text, sizeof today.text);
	memcpy(ret_text + sizeof today.text, "T00:00:00.000Z",
	    TIME_TEXT - sizeof today.text);
	put_two(ret_text + 11, minute / 60);
	put_two(ret_text + 14, minute % 60);
	put_two(ret_text + 17, second % 60);
	put_two(ret_text + 20, ms % 1000 / 10);
	ret_text[22] = (char)('0' + ms % 10);
}

struct time_text
time_text(int64_t at_ms)
{
	struct time_text text;

	time_print(at_ms, text.text);
	text.text[TIME_TEXT] = '\0';
	return text;
}

/* Two or four digits; -1 when they are none. */
static int
get_digits(const char *in, int n)
{
	int value = 0;

	for (int i = 0; i < n; i++) {
		if (in[i] < '0' || in[i] > '9')
			return -1;
		value = value * 10 + (in[i] - '0');
	}
	return value;
}

/* ".678": up to 9 decimals, cut to milliseconds; -1 when it is none. */
static int
get_fraction(struct aicx_str text)
{
	int ms = 0;

	if (text.len == 0)
		return 0;
	if (text.len < 2 || text.len > 10 || text.ptr[0] != '.')
		return -1;
	for (size_t i = 1; i < text.len; i++) {
		if (text.ptr[i] < '0' || text.ptr[i] > '9')
			return -1;
		if (i <= 3)
			ms = ms * 10 + (text.ptr[i] - '0');
	}
	for (size_t i = text.len; i <= 3; i++)
		ms *= 10;
	return ms;
}

bool
time_parse(struct aicx_str text, int64_t *ret_at_ms)
{
	const char *in = text.ptr;

	if (text.len < 20 || in[4] != '-' || in[7] != '-' || in[10] != 'T' ||
	    in[13] != ':' || in[16] != ':' || in[text.len - 1] != 'Z')
		return false;
	struct date date = { get_digits(in, 4), get_digits(in + 5, 2),
		get_digits(in + 8, 2) };
	int hour = get_digits(in + 11, 2), minute = get_digits(in + 14, 2);
	int second = get_digits(in + 17, 2);
	int ms = get_fraction((struct aicx_str) { in + 19, text.len - 20 });
	if (date.year < 0 || date.month < 1 || date.month > 12 ||
	    date.day < 1 || date.day > days_in_month(date.year, date.month) ||
	    hour < 0 || hour > 23 || minute < 0 || minute > 59 || second < 0 ||
	    ms < 0)
		return false;
	/* A leap second ends a month (RFC 3339 section 5.7). */
	if (second > 60 ||
	    (second == 60 &&
		(hour != 23 || minute != 59 ||
		    date.day != days_in_month(date.year, date.month))))
		return false;
	int64_t at_ms = day_of_date(date) * DAY_MS +
	    ((hour * 60 + minute) * 60 + second) * INT64_C(1000) + ms;
	if (at_ms > TIME_MAX_MS)
		return false;
	*ret_at_ms = at_ms;
	return true;
}

int64_t
time_this_day(int64_t at_ms)
{
	return day_of(clamp(at_ms)) * DAY_MS;
}

int64_t
time_this_month(int64_t at_ms)
{
	struct date date = date_of_day(day_of(clamp(at_ms)));

	date.day = 1;
	return day_of_date(date) * DAY_MS;
}

int64_t
time_this_year(int64_t at_ms)
{
	struct date date = date_of_day(day_of(clamp(at_ms)));

	return day_of_date((struct date) { date.year, 1, 1 }) * DAY_MS;
}

int64_t
time_next_day(int64_t at_ms)
{
	return (day_of(clamp(at_ms)) + 1) * DAY_MS;
}

int64_t
time_next_month(int64_t at_ms)
{
	struct date date = date_of_day(day_of(clamp(at_ms)));

	date.day = 1;
	date.year += date.month == 12;
	date.month = date.month % 12 + 1;
	return day_of_date(date) * DAY_MS;
}

int64_t
time_next_year(int64_t at_ms)
{
	struct date date = date_of_day(day_of(clamp(at_ms)));

	return day_of_date((struct date) { date.year + 1, 1, 1 }) * DAY_MS;
}
