/* SPDX-License-Identifier: Apache-2.0 */
/* format.c - the names of formats, and the short ones; see format.h. */
#include "schema/format.h"

#include <ctype.h>

#include "base/str.h"
#include "schema/regex.h"

/* RFC 4122, section 3, any version and variant. */
static bool
format_uuid(struct aicx_str text)
{
	if (text.len != 36)
		return false;
	for (size_t i = 0; i < text.len; i++) {
		bool dash = i == 8 || i == 13 || i == 18 || i == 23;
		if (dash ? text.ptr[i] != '-'
			 : !isxdigit((unsigned char)text.ptr[i]))
			return false;
	}
	return true;
}

/* RFC 6901, section 3. */
static bool
format_json_pointer(struct aicx_str text)
{
	if (text.len > 0 && text.ptr[0] != '/')
		return false;
	for (size_t i = 0; i < text.len; i++)
		if (text.ptr[i] == '~' &&
		    (i + 1 == text.len ||
			(text.ptr[i + 1] != '0' && text.ptr[i + 1] != '1')))
			return false;
	return true;
}

/* A number without leading zeros, then a pointer or "#". */
static bool
format_relative_pointer(struct aicx_str text)
{
	size_t n = 0;

	while (n < text.len && text.ptr[n] >= '0' && text.ptr[n] <= '9')
		n++;
	if (n == 0 || (n > 1 && text.ptr[0] == '0'))
		return false;
	struct aicx_str rest = { text.ptr + n, text.len - n };
	return str_is(rest, "#") || format_json_pointer(rest);
}

static bool
format_regex(struct aicx_str text)
{
	struct regex *regex = regex_new(text, NULL);

	regex_free(regex);
	return regex != NULL;
}

static const struct {
	const char *name;
	format_fn *check;
} formats[] = { { "date-time", format_date_time }, { "date", format_date },
	{ "time", format_time }, { "duration", format_duration },
	{ "email", format_email }, { "idn-email", format_idn_email },
	{ "hostname", format_hostname }, { "ipv4", format_ipv4 },
	{ "ipv6", format_ipv6 }, { "uri", format_uri },
	{ "uri-reference", format_uri_reference }, { "iri", format_iri },
	{ "iri-reference", format_iri_reference }, { "uuid", format_uuid },
	{ "uri-template", format_uri_template },
	{ "json-pointer", format_json_pointer },
	{ "relative-json-pointer", format_relative_pointer },
	{ "regex", format_regex } };

format_fn *
format_find(struct aicx_str name)
{
	for (size_t i = 0; i < sizeof formats / sizeof *formats; i++)
		if (str_is(name, formats[i].name))
			return formats[i].check;
	return NULL;
}
