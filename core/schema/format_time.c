/* SPDX-License-Identifier: Apache-2.0 */
/* format_time.c - dates, times and durations; see format.h. */
#include "schema/format.h"

#include <ctype.h>
#include <string.h>

#include "base/str.h"

struct reader {
	const char *at, *end;
};

static struct reader
reader_of(struct aicx_str text)
{
	return (struct reader) { text.ptr, text.ptr + text.len };
}

static bool
take(struct reader *in, const char *any_of)
{
	if (in->at == in->end || *in->at == '\0' ||
	    strchr(any_of, *in->at) == NULL)
		return false;
	in->at++;
	return true;
}

/* So many digits, between low and high; -1 when it is not so. */
static int
number(struct reader *in, int n_digits, int low, int high)
{
	int value = 0;

	for (; n_digits > 0; n_digits--) {
		if (in->at == in->end || *in->at < '0' || *in->at > '9')
			return -1;
		value = value * 10 + (*in->at++ - '0');
	}
	return value >= low && value <= high ? value : -1;
}

static int
days_of(int year, int month)
{
	static const int days[] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30,
		31 };
	bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;

	return days[month - 1] + (month == 2 && leap);
}

static bool
read_date(struct reader *in)
{
	int year = number(in, 4, 0, 9999);

	if (year < 0 || !take(in, "-"))
		return false;
	int month = number(in, 2, 1, 12);
	if (month < 0 || !take(in, "-"))
		return false;
	return number(in, 2, 1, days_of(year, month)) > 0;
}

/* Z, or hours and minutes east of UTC into *ret_offset. */
static bool
read_zone(struct reader *in, int *ret_offset)
{
	int sign = in->at < in->end && *in->at == '-' ? -1 : 1;

	*ret_offset = 0;
	if (take(in, "Zz"))
		return true;
	if (!take(in, "+-"))
		return false;
	int hours = number(in, 2, 0, 23);
	if (hours < 0 || !take(in, ":"))
		return false;
	int minutes = number(in, 2, 0, 59);
	*ret_offset = sign * (hours * 60 + minutes);
	return minutes >= 0;
}

static bool
read_time(struct reader *in)
{
	int offset = 0;
	int hours = number(in, 2, 0, 23);

	if (hours < 0 || !take(in, ":"))
		return false;
	int minutes = number(in, 2, 0, 59);
	if (minutes < 0 || !take(in, ":"))
		return false;
	int seconds = number(in, 2, 0, 60);
	if (seconds < 0)
		return false;
	if (take(in, ".")) {
		if (number(in, 1, 0, 9) < 0)
			return false;
		while (number(in, 1, 0, 9) >= 0)
			;
	}
	if (!read_zone(in, &offset))
		return false;
	int utc = (hours * 60 + minutes - offset + 2 * 1440) % 1440;
	return seconds < 60 || utc == 1439; /* a leap second ends the UTC day */
}

bool
format_date(struct aicx_str text)
{
	struct reader in = reader_of(text);

	return read_date(&in) && in.at == in.end;
}

bool
format_time(struct aicx_str text)
{
	struct reader in = reader_of(text);

	return read_time(&in) && in.at == in.end;
}

bool
format_date_time(struct aicx_str text)
{
	struct reader in = reader_of(text);

	return read_date(&in) && take(&in, "Tt") && read_time(&in) &&
	    in.at == in.end;
}

/* Units in their order, each once, none left out between two (appendix A);
   how many were there, -1 when they are wrong. */
static int
read_units(struct reader *in, const char *units)
{
	const char *next = NULL;
	int n = 0;

	while (in->at < in->end && isdigit((unsigned char)*in->at)) {
		while (in->at < in->end && isdigit((unsigned char)*in->at))
			in->at++;
		if (in->at == in->end || *in->at == '\0')
			return -1;
		const char *unit = strchr(units, *in->at++);
		if (unit == NULL || (next != NULL && unit != next))
			return -1;
		next = unit + 1;
		n++;
	}
	return n;
}

bool
format_duration(struct aicx_str text)
{
	struct reader in = reader_of(text);

	if (!take(&in, "P"))
		return false;
	struct reader weeks = in;
	if (read_units(&weeks, "W") == 1)
		return weeks.at == weeks.end;
	int n = read_units(&in, "YMD");
	if (n < 0)
		return false;
	if (!take(&in, "T"))
		return n > 0 && in.at == in.end;
	return read_units(&in, "HMS") > 0 && in.at == in.end;
}
