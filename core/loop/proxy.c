/* SPDX-License-Identifier: Apache-2.0 */
/* proxy.c - version 2 of the PROXY protocol: a header before the first byte. */
#include "loop/proxy.h"

#include <string.h>

#include "base/err.h"

enum {
	VERSION_2 = 0x20,
	COMMAND_LOCAL = 0,
	COMMAND_PROXY = 1,
	TCP_OVER_V4 = 0x11,
	TCP_OVER_V6 = 0x21,
	V4_BYTES = 12, /* two addresses, two ports */
	V6_BYTES = 36,
	TLV_HEAD = 3, /* a type, two bytes of length */
	TLV_SSL = 0x20,
	CLIENT_SSL = 0x01 /* a bit of the first byte of TLV_SSL */
};

static const char signature[12] = { '\r', '\n', '\r', '\n', '\0', '\r', '\n',
	'Q', 'U', 'I', 'T', '\n' };

static size_t
be16(const uint8_t *at)
{
	return (size_t)at[0] << 8 | at[1];
}

size_t
proxy_bytes(const uint8_t head[PROXY_HEAD_BYTES])
{
	size_t n = PROXY_HEAD_BYTES + be16(head + 14);

	if (memcmp(head, signature, sizeof signature) != 0 ||
	    (head[12] & 0xf0) != VERSION_2 || n > PROXY_BYTES_MAX)
		return 0;
	return n;
}

static aicx_err
refuse(struct aicx_error *reterr, const char *why)
{
	return err_set(reterr, AICX_EINVAL, "cannot use PROXY header: %s", why);
}

static void
take_v4(const uint8_t *at, struct address *ret)
{
	ret->sock.v4.sin_family = AF_INET;
	memcpy(&ret->sock.v4.sin_addr, at, 4);
	memcpy(&ret->sock.v4.sin_port, at + 8, 2);
	ret->len = sizeof ret->sock.v4;
}

static void
take_v6(const uint8_t *at, struct address *ret)
{
	ret->sock.v6.sin6_family = AF_INET6;
	memcpy(&ret->sock.v6.sin6_addr, at, 16);
	memcpy(&ret->sock.v6.sin6_port, at + 32, 2);
	ret->len = sizeof ret->sock.v6;
}

static aicx_err
take_extras(const uint8_t *at, size_t left, struct proxy_client *client,
    struct aicx_error *reterr)
{
	while (left > 0) {
		if (left < TLV_HEAD || be16(at + 1) > left - TLV_HEAD)
			return refuse(reterr, "its extras are cut off");
		size_t n = be16(at + 1);
		if (at[0] == TLV_SSL && n >= 5)
			client->secret = (at[TLV_HEAD] & CLIENT_SSL) != 0;
		at += TLV_HEAD + n;
		left -= TLV_HEAD + n;
	}
	return AICX_OK;
}

aicx_err
proxy_parse(
    struct aicx_str header, struct proxy_client *ret, struct aicx_error *reterr)
{
	const uint8_t *at = (const uint8_t *)header.ptr;
	struct proxy_client client = { .secret = false };
	size_t left, n_address;
	aicx_err err;

	if (header.len < PROXY_HEAD_BYTES || proxy_bytes(at) != header.len)
		return refuse(reterr, "it is none of version 2");
	left = header.len - PROXY_HEAD_BYTES;
	if ((at[12] & 0x0f) == COMMAND_LOCAL) {
		*ret = client;
		return AICX_OK;
	}
	if ((at[12] & 0x0f) != COMMAND_PROXY)
		return refuse(reterr, "its command is unknown");
	if (at[13] != TCP_OVER_V4 && at[13] != TCP_OVER_V6)
		return refuse(
		    reterr, "its client came by other means than TCP");
	n_address = at[13] == TCP_OVER_V4 ? V4_BYTES : V6_BYTES;
	if (left < n_address)
		return refuse(reterr, "its addresses are cut off");
	at += PROXY_HEAD_BYTES;
	if (n_address == V4_BYTES)
		take_v4(at, &client.address);
	else
		take_v6(at, &client.address);
	err = take_extras(at + n_address, left - n_address, &client, reterr);
	if (err == AICX_OK)
		*ret = client;
	return err;
}
