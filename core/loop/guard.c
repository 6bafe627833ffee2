/* SPDX-License-Identifier: Apache-2.0 */
/* guard.c - public addresses and others: IANA's special-purpose registries. */
#include "loop/guard.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <string.h>
#include <strings.h>

#include "base/str.h"

struct block {
	uint32_t net;
	int bits;
};

static const struct block not_public[] = {
	{ 0x00000000, 8 }, /* this network */
	{ 0x0a000000, 8 }, /* private */
	{ 0x64400000, 10 }, /* carriers' shared */
	{ 0x7f000000, 8 }, /* loopback */
	{ 0xa9fe0000, 16 }, /* link-local */
	{ 0xac100000, 12 }, /* private */
	{ 0xc0000000, 24 }, /* protocol assignments */
	{ 0xc0000200, 24 }, /* documentation */
	{ 0xc0586300, 24 }, /* 6to4 relays */
	{ 0xc0a80000, 16 }, /* private */
	{ 0xc6120000, 15 }, /* benchmarks */
	{ 0xc6336400, 24 }, /* documentation */
	{ 0xcb007100, 24 }, /* documentation */
	{ 0xe0000000, 3 }, /* multicast, reserved, broadcast */
};

static bool
v4_is_public(uint32_t address)
{
	for (size_t i = 0; i < sizeof not_public / sizeof *not_public; i++)
		if ((address ^ not_public[i].net) >>
			(32 - not_public[i].bits) ==
		    0)
			return false;
	return true;
}

static uint32_t
last_four(const uint8_t *bytes)
{
	return (uint32_t)bytes[12] << 24 | (uint32_t)bytes[13] << 16 |
	    (uint32_t)bytes[14] << 8 | bytes[15];
}

/* Of IPv6 only global unicast, and forms of IPv4 by what is inside. */
static bool
v6_is_public(const uint8_t bytes[16])
{
	static const uint8_t mapped[12] = { [10] = 0xff, [11] = 0xff };
	static const uint8_t nat64[12] = { 0x00, 0x64, 0xff, 0x9b };
	static const uint8_t teredo[4] = { 0x20, 0x01 };
	static const uint8_t sixto4[2] = { 0x20, 0x02 };
	static const uint8_t paper[4] = { 0x20, 0x01, 0x0d, 0xb8 };

	if (memcmp(bytes, mapped, sizeof mapped) == 0 ||
	    memcmp(bytes, nat64, sizeof nat64) == 0)
		return v4_is_public(last_four(bytes));
	if (memcmp(bytes, teredo, sizeof teredo) == 0 ||
	    memcmp(bytes, sixto4, sizeof sixto4) == 0 ||
	    memcmp(bytes, paper, sizeof paper) == 0)
		return false;
	return bytes[0] >> 5 == 1; /* 2000::/3 */
}

bool
guard_is_public(const struct sockaddr *address)
{
	struct sockaddr_in v4;
	struct sockaddr_in6 v6;

	switch (address->sa_family) {
	case AF_INET:
		memcpy(&v4, address, sizeof v4);
		return v4_is_public(ntohl(v4.sin_addr.s_addr));
	case AF_INET6:
		memcpy(&v6, address, sizeof v6);
		return v6_is_public(v6.sin6_addr.s6_addr);
	default:
		return false;
	}
}

static void
print_address(const struct sockaddr *address, char ret_text[INET6_ADDRSTRLEN])
{
	struct sockaddr_in v4;
	struct sockaddr_in6 v6;

	ret_text[0] = '\0';
	if (address->sa_family == AF_INET) {
		memcpy(&v4, address, sizeof v4);
		(void)inet_ntop(
		    AF_INET, &v4.sin_addr, ret_text, INET6_ADDRSTRLEN);
	} else if (address->sa_family == AF_INET6) {
		memcpy(&v6, address, sizeof v6);
		(void)inet_ntop(
		    AF_INET6, &v6.sin6_addr, ret_text, INET6_ADDRSTRLEN);
	}
}

static bool
same_name(struct aicx_str a, struct aicx_str b)
{
	return a.len == b.len && a.len > 0 &&
	    strncasecmp(a.ptr, b.ptr, a.len) == 0;
}

bool
guard_is_allowed(
    struct aicx_str allow, struct aicx_str host, const struct sockaddr *addr)
{
	char text[INET6_ADDRSTRLEN];
	size_t at = 0;

	print_address(addr, text);
	while (at < allow.len) {
		size_t end = at;
		while (end < allow.len && allow.ptr[end] != ',' &&
		    allow.ptr[end] != ' ')
			end++;
		struct aicx_str word = { allow.ptr + at, end - at };
		if (same_name(word, host) || same_name(word, str_of(text)))
			return true;
		at = end + 1;
	}
	return false;
}
