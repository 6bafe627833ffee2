/* SPDX-License-Identifier: Apache-2.0 */
/* test_frames.c - WebSocket frames as a client writes and reads them. */
#include "test_frames.h"

#include <string.h>

void
put_bytes(struct text *text, const void *bytes, size_t n_bytes)
{
	memcpy(text->bytes + text->len, bytes, n_bytes);
	text->len += n_bytes;
}

void
put_frame(
    struct text *text, unsigned first, const char *payload, size_t n_bytes)
{
	static const unsigned char mask[4] = { 0x37, 0xfa, 0x21, 0x3d };
	unsigned char header[10] = { (unsigned char)first };
	size_t extra = n_bytes < 126 ? 0 : n_bytes < 0x10000 ? 2 : 8;

	header[1] = (unsigned char)(0x80 |
	    (extra == 0          ? n_bytes
		    : extra == 2 ? 126
				 : 127));
	for (size_t i = 0; i < extra; i++)
		header[2 + i] =
		    (unsigned char)((uint64_t)n_bytes >> 8 * (extra - 1 - i));
	put_bytes(text, header, 2 + extra);
	put_bytes(text, mask, sizeof mask);
	for (size_t i = 0; i < n_bytes; i++) {
		char c = (char)(payload[i] ^ mask[i % 4]);

		put_bytes(text, &c, 1);
	}
}

void
send_frame(struct site *site, struct fake_client *client, unsigned first,
    const char *payload, size_t n_bytes)
{
	static struct text text;

	text.len = 0;
	put_frame(&text, first, payload, n_bytes);
	fake_send(site->fake, client, text.bytes, text.len);
}

void
say(struct site *site, struct fake_client *client, const char *message)
{
	send_frame(site, client, 0x81, message, strlen(message));
}

bool
next_frame(const struct fake_client *client, size_t *at, struct seen *ret_seen)
{
	const unsigned char *bytes =
	    (const unsigned char *)client->got.ptr + *at;
	size_t left = client->got.len - *at;
	size_t extra;
	size_t len;

	if (left < 2)
		return false;
	ck_assert_uint_eq(bytes[1] & 0x80, 0); /* never masked */
	len = bytes[1];
	extra = len == 126 ? 2 : len == 127 ? 8 : 0;
	if (extra > 0)
		len = 0;
	for (size_t i = 0; i < extra; i++)
		len = len << 8 | bytes[2 + i];
	ck_assert_uint_ge(left, 2 + extra + len);
	*ret_seen =
	    (struct seen) { bytes[0], (const char *)bytes + 2 + extra, len };
	*at += 2 + extra + len;
	return true;
}

bool
is_frame(const struct seen *seen, unsigned first, const char *payload)
{
	return seen->first == first && seen->len == strlen(payload) &&
	    memcmp(seen->payload, payload, seen->len) == 0;
}

bool
got_only(const struct fake_client *client, unsigned first, const char *payload)
{
	struct seen seen;
	size_t at = 0;

	return next_frame(client, &at, &seen) &&
	    is_frame(&seen, first, payload) && at == client->got.len;
}

unsigned
close_code(const struct fake_client *client)
{
	struct seen seen;
	size_t at = 0;
	unsigned code = 0;

	while (next_frame(client, &at, &seen)) {
		ck_assert_uint_eq(code, 0);
		if (seen.first == 0x88)
			code = seen.len == 0
			    ? 1
			    : (unsigned)((unsigned char)seen.payload[0] << 8 |
				  (unsigned char)seen.payload[1]);
	}
	return code;
}

struct fake_client *
upgraded(struct site *site)
{
	struct fake_client *client = connect_to(site);

	fake_text(site->fake, client, HELLO_WS "\r\n");
	ck_assert(has(client, "HTTP/1.1 101 "));
	client->got.len = 0;
	return client;
}
