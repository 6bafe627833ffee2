/* SPDX-License-Identifier: Apache-2.0 */
/* print.c - JSON as it is written. */
#include "print.h"

void
print_fini(struct print *print)
{
	bytes_fini(&print->bytes);
	print->comma = false;
}

static void
before(struct print *print)
{
	if (print->comma)
		bytes_char(&print->bytes, ',');
	print->comma = true;
}

void
print_open(struct print *print, char bracket)
{
	before(print);
	bytes_char(&print->bytes, bracket);
	print->comma = false;
}

void
print_close(struct print *print, char bracket)
{
	bytes_char(&print->bytes, bracket);
	print->comma = true;
}

void
print_key(struct print *print, const char *name)
{
	before(print);
	bytes_json(&print->bytes, text_of(name));
	bytes_char(&print->bytes, ':');
	print->comma = false;
}

void
print_str(struct print *print, struct aicx_str value)
{
	before(print);
	bytes_json(&print->bytes, value);
}

void
print_text(struct print *print, const char *value)
{
	print_str(print, text_of(value));
}

void
print_raw(struct print *print, struct aicx_str json)
{
	before(print);
	bytes_str(&print->bytes, json);
}

void
print_number(struct print *print, int64_t number)
{
	before(print);
	if (number < 0)
		bytes_char(&print->bytes, '-');
	bytes_number(&print->bytes,
	    number < 0 ? 0 - (uint64_t)number : (uint64_t)number);
}

void
print_bool(struct print *print, bool value)
{
	before(print);
	bytes_text(&print->bytes, value ? "true" : "false");
}

void
print_member(struct print *print, const char *name, struct aicx_str json)
{
	if (json.ptr == NULL)
		return;
	print_key(print, name);
	print_raw(print, json);
}
