/* SPDX-License-Identifier: Apache-2.0 */
/* subnet.c - lists of addresses and networks. */
#include "loop/subnet.h"

#include <arpa/inet.h>
#include <string.h>

#include "base/err.h"
#include "base/str.h"

enum { V4_IN_V6_BITS = 96 };

/* As IPv6 has it; bits: those that count. */
struct subnet {
	uint8_t bytes[16];
	int bits;
};

static bool
address_read(struct aicx_str text, struct subnet *ret)
{
	static const uint8_t mapped[12] = { [10] = 0xff, [11] = 0xff };
	char copy[INET6_ADDRSTRLEN];

	if (!str_copy(text, copy, sizeof copy))
		return false;
	ret->bits = 128;
	if (inet_pton(AF_INET6, copy, ret->bytes) == 1)
		return true;
	memcpy(ret->bytes, mapped, sizeof mapped);
	return inet_pton(AF_INET, copy, ret->bytes + sizeof mapped) == 1;
}

static bool
subnet_read(struct aicx_str word, struct subnet *ret)
{
	struct aicx_str digits = { 0 };
	struct aicx_str text = str_cut(word, '/', &digits);
	bool v4 = memchr(text.ptr, ':', text.len) == NULL;
	int64_t bits = v4 ? 32 : 128;

	if (!address_read(text, ret) ||
	    (digits.ptr != NULL &&
		(!str_int(digits, &bits) || bits < 0 ||
		    bits > (v4 ? 32 : 128))))
		return false;
	ret->bits = (int)bits + (v4 ? V4_IN_V6_BITS : 0);
	return true;
}

/* The next word of the list; absent at its end. */
static struct aicx_str
next_word(const char **at)
{
	static const char blanks[] = ", \t";
	const char *begin;

	if (*at == NULL)
		return (struct aicx_str) { NULL, 0 };
	begin = *at + strspn(*at, blanks);
	*at = begin + strcspn(begin, blanks);
	if (*at == begin)
		return (struct aicx_str) { NULL, 0 };
	return (struct aicx_str) { begin, (size_t)(*at - begin) };
}

aicx_err
subnets_check(const char *list, struct aicx_error *reterr)
{
	struct aicx_str word;
	struct subnet subnet;

	while ((word = next_word(&list)).ptr != NULL)
		if (!str_is(word, "unix") && !subnet_read(word, &subnet))
			return err_set(reterr, AICX_EINVAL,
			    "\"%.*s\" is no address or network: write it like "
			    "192.0.2.7 or 10.0.0.0/8",
			    STR_ARG(word));
	return AICX_OK;
}

static bool
has(const struct subnet *net, const struct subnet *address)
{
	int whole = net->bits / 8, rest = net->bits % 8;

	return memcmp(net->bytes, address->bytes, (size_t)whole) == 0 &&
	    (rest == 0 ||
		((net->bytes[whole] ^ address->bytes[whole]) >> (8 - rest)) ==
		    0);
}

/* Without brackets and port. */
static struct aicx_str
bare(struct aicx_str address)
{
	struct aicx_str rest = { 0 };
	const char *colon = memchr(address.ptr, ':', address.len);

	if (address.len > 0 && address.ptr[0] == '[') {
		address.ptr++, address.len--;
		return str_cut(address, ']', &rest);
	}
	/* One colon: a port; several: IPv6 as it is. */
	if (colon != NULL &&
	    memchr(colon + 1, ':',
		address.len - (size_t)(colon + 1 - address.ptr)) == NULL)
		address.len = (size_t)(colon - address.ptr);
	return address;
}

bool
subnets_have(const char *list, struct aicx_str address)
{
	struct subnet net, own;
	struct aicx_str word;
	bool local = str_starts(address, "unix:");

	if (list == NULL || *list == '\0' || address.ptr == NULL)
		return false;
	if (!local && !address_read(bare(address), &own))
		return false;
	while ((word = next_word(&list)).ptr != NULL) {
		if (str_is(word, "unix")
			? local
			: !local && subnet_read(word, &net) && has(&net, &own))
			return true;
	}
	return false;
}
