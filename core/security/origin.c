/* SPDX-License-Identifier: Apache-2.0 */
/* origin.c - an address text to a number that names its owner. */
#include "security/origin.h"

#include "base/map.h"
#include "base/str.h"

#include <arpa/inet.h>
#include <stdbool.h>
#include <string.h>

enum { V4_BYTES = 4, V6_BYTES = 16, V6_NET_BYTES = 8 };

static uint64_t
mark_of(const void *bytes, size_t n_bytes)
{
	uint64_t mark = map_mark(bytes, n_bytes);

	return mark <= ORIGIN_LOCAL ? ORIGIN_LOCAL + 1 : mark;
}

/* Without its port, and without the brackets that an IPv6 address has then. */
static bool
host_of(struct aicx_str address, char *ret_host, size_t size)
{
	const char *end = address.ptr + address.len;
	const char *colon = memrchr(address.ptr, ':', address.len);

	if (*address.ptr == '[') {
		address.ptr++;
		end = memchr(address.ptr, ']', (size_t)(end - address.ptr));
		if (end == NULL)
			return false;
	} else if (colon != NULL &&
	    memchr(address.ptr, ':', (size_t)(colon - address.ptr)) == NULL) {
		end = colon;
	}
	address.len = (size_t)(end - address.ptr);
	return str_copy(address, ret_host, size);
}

static uint64_t
mark_v4(const uint8_t *v4)
{
	return v4[0] == 127 ? ORIGIN_LOCAL : mark_of(v4, V4_BYTES);
}

static uint64_t
mark_v6(const uint8_t *v6)
{
	static const uint8_t mapped[] = { 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff,
		0xff };
	static const uint8_t loopback[V6_BYTES] = { [V6_BYTES - 1] = 1 };

	if (memcmp(v6, mapped, sizeof mapped) == 0)
		return mark_v4(v6 + sizeof mapped);
	return memcmp(v6, loopback, sizeof loopback) == 0
	    ? ORIGIN_LOCAL
	    : mark_of(v6, V6_NET_BYTES);
}

uint64_t
origin_mark(struct aicx_str address)
{
	char host[64];
	uint8_t bytes[V6_BYTES];

	if (address.len == 0 || str_starts(address, "unix"))
		return ORIGIN_LOCAL;
	if (!host_of(address, host, sizeof host))
		return mark_of(address.ptr, address.len);
	if (inet_pton(AF_INET, host, bytes) == 1)
		return mark_v4(bytes);
	if (inet_pton(AF_INET6, host, bytes) == 1)
		return mark_v6(bytes);
	return mark_of(host, strlen(host));
}
