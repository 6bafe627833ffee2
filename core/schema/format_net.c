/* SPDX-License-Identifier: Apache-2.0 */
/* format_net.c - hosts, addresses and mailboxes; see format.h. */
#define _GNU_SOURCE 1 /* memmem, memrchr */
#include "schema/format.h"

#include <ctype.h>
#include <string.h>
#include <strings.h>

#include "base/str.h"

enum { LABEL_MAX = 63, HOST_MAX = 253, LOCAL_MAX = 64 };

static bool
is_label(struct aicx_str label, bool unicode)
{
	if (label.len == 0 || label.len > LABEL_MAX || label.ptr[0] == '-' ||
	    label.ptr[label.len - 1] == '-')
		return false;
	for (size_t i = 0; i < label.len; i++) {
		unsigned char c = (unsigned char)label.ptr[i];
		if (!isalnum(c) && c != '-' && !(unicode && c >= 0x80))
			return false;
	}
	/* "--" in third place is kept for A-labels (RFC 5891, 4.2.3.1) */
	return label.len < 4 || memcmp(label.ptr + 2, "--", 2) != 0 ||
	    strncasecmp(label.ptr, "xn", 2) == 0;
}

static bool
is_host(struct aicx_str text, bool unicode)
{
	struct aicx_str rest = text;

	if (text.len == 0 || text.len > HOST_MAX)
		return false;
	while (rest.ptr != NULL)
		if (!is_label(str_cut(rest, '.', &rest), unicode))
			return false;
	return true;
}

bool
format_hostname(struct aicx_str text)
{
	return is_host(text, false);
}

bool
format_ipv4(struct aicx_str text)
{
	struct aicx_str rest = text;
	int n = 0;

	while (rest.ptr != NULL) {
		struct aicx_str part = str_cut(rest, '.', &rest);
		int value = 0;
		if (part.len == 0 || part.len > 3 ||
		    (part.len > 1 && part.ptr[0] == '0'))
			return false;
		for (size_t i = 0; i < part.len; i++) {
			if (part.ptr[i] < '0' || part.ptr[i] > '9')
				return false;
			value = value * 10 + (part.ptr[i] - '0');
		}
		if (value > 255)
			return false;
		n++;
	}
	return n == 4;
}

/* Groups between colons: how many of 16 bits they are; -1 when wrong.
   An IPv4 address may end the address. */
static int
count_groups(struct aicx_str text, bool ends)
{
	struct aicx_str rest = text;
	int n = 0;

	if (text.len == 0)
		return 0;
	while (rest.ptr != NULL) {
		struct aicx_str group = str_cut(rest, ':', &rest);
		if (ends && rest.ptr == NULL && format_ipv4(group)) {
			n += 2;
			continue;
		}
		if (group.len == 0 || group.len > 4)
			return -1;
		for (size_t i = 0; i < group.len; i++)
			if (!isxdigit((unsigned char)group.ptr[i]))
				return -1;
		n++;
	}
	return n;
}

bool
format_ipv6(struct aicx_str text)
{
	const char *gap = memmem(text.ptr, text.len, "::", 2);

	if (gap == NULL)
		return count_groups(text, true) == 8;
	struct aicx_str before = { text.ptr, (size_t)(gap - text.ptr) };
	struct aicx_str after = { gap + 2, text.len - before.len - 2 };
	int left = count_groups(before, false);
	int right = count_groups(after, true);
	return left >= 0 && right >= 0 && left + right <= 7;
}

/* Quoted string of RFC 5321, its quotes already seen at both ends. */
static bool
is_quoted(struct aicx_str text, bool unicode)
{
	for (size_t i = 1; i + 1 < text.len; i++) {
		unsigned char c = (unsigned char)text.ptr[i];
		if (c == '\\' && ++i + 1 == text.len)
			return false;
		c = (unsigned char)text.ptr[i];
		if ((c < 0x20 || c == 0x7f || (c >= 0x80 && !unicode)) ||
		    (c == '"' && text.ptr[i - 1] != '\\'))
			return false;
	}
	return true;
}

static bool
is_atoms(struct aicx_str text, bool unicode)
{
	struct aicx_str rest = text;

	while (rest.ptr != NULL) {
		struct aicx_str atom = str_cut(rest, '.', &rest);
		if (atom.len == 0)
			return false;
		for (size_t i = 0; i < atom.len; i++) {
			unsigned char c = (unsigned char)atom.ptr[i];
			if (c == '\0' ||
			    (!isalnum(c) && !(unicode && c >= 0x80) &&
				strchr("!#$%&'*+-/=?^_`{|}~", c) == NULL))
				return false;
		}
	}
	return true;
}

static bool
is_literal(struct aicx_str text)
{
	struct aicx_str inside = { text.ptr + 1, text.len - 2 };

	if (inside.len > 5 && strncasecmp(inside.ptr, "IPv6:", 5) == 0)
		return format_ipv6(
		    (struct aicx_str) { inside.ptr + 5, inside.len - 5 });
	return format_ipv4(inside);
}

static bool
is_mailbox(struct aicx_str text, bool unicode)
{
	const char *at = text.len > 0 ? memrchr(text.ptr, '@', text.len) : NULL;

	if (at == NULL)
		return false;
	struct aicx_str local = { text.ptr, (size_t)(at - text.ptr) };
	struct aicx_str host = { at + 1, text.len - local.len - 1 };
	if (local.len == 0 || local.len > LOCAL_MAX || host.len == 0)
		return false;
	bool quoted = local.len > 1 && local.ptr[0] == '"' &&
	    local.ptr[local.len - 1] == '"';
	if (quoted ? !is_quoted(local, unicode) : !is_atoms(local, unicode))
		return false;
	if (host.len > 2 && host.ptr[0] == '[' && host.ptr[host.len - 1] == ']')
		return is_literal(host);
	return is_host(host, unicode);
}

bool
format_email(struct aicx_str text)
{
	return is_mailbox(text, false);
}

bool
format_idn_email(struct aicx_str text)
{
	return is_mailbox(text, true);
}
