/* SPDX-License-Identifier: Apache-2.0 */
/* ws.c - the client's half of a WebSocket (RFC 6455), bytes to bytes. */
#include "cli/ws.h"

#include <string.h>

#include "base/err.h"
#include "base/str.h"
#include "protocol/crypto.h"
#include "protocol/note.h"

enum { NONCE_BYTES = 16 };

void
ws_put_handshake(struct buf *buf, const struct url *url, const char *path,
    const char *bearer, const uint8_t nonce[16])
{
	buf_printf(buf,
	    "GET %s%s HTTP/1.1\r\nHost: %s\r\nUpgrade: websocket\r\n"
	    "Connection: Upgrade\r\nSec-WebSocket-Key: ",
	    url->prefix, path, url->authority);
	base64_put(buf, nonce, NONCE_BYTES);
	buf_text(buf,
	    "\r\nSec-WebSocket-Version: 13\r\n"
	    "User-Agent: aicx/" AICX_VERSION "\r\n");
	if (bearer != NULL)
		buf_printf(buf, "Authorization: Bearer %s\r\n", bearer);
	buf_text(buf, "\r\n");
}

void
ws_put_accept(struct buf *buf, struct aicx_str key)
{
	struct buf input = { 0 };
	uint8_t hash[SHA1_BYTES];

	buf_str(&input, key);
	buf_text(&input, "258EAFA5-E914-47DA-95CA-C5AB0DC85B11");
	sha1(input.ptr, input.len, hash);
	buf_fini(&input);
	base64_put(buf, hash, sizeof hash);
}

bool
ws_accept_ok(struct aicx_str accept, const uint8_t nonce[16])
{
	struct buf key = { 0 }, wanted = { 0 };
	bool same;

	base64_put(&key, nonce, NONCE_BYTES);
	ws_put_accept(&wanted, buf_view(&key));
	same = str_eq(accept, buf_view(&wanted));
	buf_fini(&key);
	buf_fini(&wanted);
	return same;
}

void
ws_put_frame(struct buf *buf, enum ws_opcode opcode, struct aicx_str payload,
    const uint8_t mask[4])
{
	uint64_t n_bytes = payload.len;

	buf_char(buf, (char)(0x80 | opcode));
	if (n_bytes < 126) {
		buf_char(buf, (char)(0x80 | n_bytes));
	} else {
		int wide = n_bytes > 0xFFFF;
		buf_char(buf, (char)(0x80 | (wide ? 127 : 126)));
		for (int shift = wide ? 56 : 8; shift >= 0; shift -= 8)
			buf_char(buf, (char)(n_bytes >> shift));
	}
	buf_put(buf, mask, 4);
	char *at = buf_room(buf, payload.len);
	for (size_t i = 0; i < payload.len; i++)
		at[i] = (char)(payload.ptr[i] ^ mask[i % 4]);
	buf->len += payload.len;
}

struct frame {
	bool last;
	enum ws_opcode opcode;
	size_t head_bytes;
	uint64_t n_bytes;
};

static aicx_err
broken(struct aicx_error *reterr, const char *why)
{
	return err_word(reterr, AICX_EINVAL, "malformed",
	    "the broker sent a broken WebSocket frame: %s", why);
}

/* Section 5.2; the server's frames carry no mask. */
static aicx_err
frame_parse(struct aicx_str bytes, struct frame *ret, struct aicx_error *reterr)
{
	const uint8_t *at = (const uint8_t *)bytes.ptr;
	struct frame frame = { .head_bytes = 2 };

	if (bytes.len < 2)
		return AICX_EAGAIN;
	frame.last = at[0] & 0x80;
	frame.opcode = (enum ws_opcode)(at[0] & 15);
	frame.n_bytes = at[1] & 0x7F;
	if (at[0] & 0x70)
		return broken(reterr, "reserved bits");
	if (at[1] & 0x80)
		return broken(reterr, "a mask");
	if (frame.n_bytes >= 126)
		frame.head_bytes += frame.n_bytes == 126 ? 2 : 8;
	if (bytes.len < frame.head_bytes)
		return AICX_EAGAIN;
	if (frame.head_bytes > 2)
		frame.n_bytes = 0;
	for (size_t i = 2; i < frame.head_bytes; i++)
		frame.n_bytes = frame.n_bytes << 8 | at[i];
	if (frame.opcode >= WS_CLOSE && (frame.n_bytes > 125 || !frame.last))
		return broken(reterr, "a large control frame");
	if (frame.n_bytes > WS_MESSAGE_MAX)
		return broken(reterr, "it is too large");
	*ret = frame;
	return AICX_OK;
}

/* Which frames may follow which (section 5.4). */
static aicx_err
frame_check(const struct ws_reader *reader, const struct frame *frame,
    struct aicx_error *reterr)
{
	switch (frame->opcode) {
	case WS_CLOSE:
	case WS_PING:
	case WS_PONG:
		return AICX_OK;
	case WS_CONTINUE:
		if (!reader->in_message)
			return broken(reterr, "a continuation of nothing");
		if (reader->message.len + frame->n_bytes > WS_MESSAGE_MAX)
			return broken(reterr, "its message is too large");
		return AICX_OK;
	case WS_TEXT:
		if (reader->in_message)
			return broken(reterr, "a message inside a message");
		return AICX_OK;
	case WS_BINARY:
		return broken(reterr, "binary data");
	}
	return broken(reterr, "an unknown opcode");
}

/* A data frame; true when the message is whole. */
static bool
data_take(struct ws_reader *reader, const struct frame *frame,
    struct aicx_str payload, struct ws_event *ret)
{
	if (frame->opcode == WS_TEXT)
		buf_clear(&reader->message);
	buf_str(&reader->message, payload);
	reader->in_message = !frame->last;
	*ret = (struct ws_event) { WS_TEXT, buf_view(&reader->message) };
	return frame->last;
}

aicx_err
ws_take(struct ws_reader *reader, struct aicx_str bytes, size_t *ret_used,
    struct ws_event *ret, struct aicx_error *reterr)
{
	size_t used = 0;

	for (;;) {
		struct aicx_str rest = { bytes.ptr + used, bytes.len - used };
		struct frame frame = { 0 };
		aicx_err err = frame_parse(rest, &frame, reterr);
		if (err == AICX_OK)
			err = frame_check(reader, &frame, reterr);
		if (err == AICX_OK &&
		    rest.len < frame.head_bytes + frame.n_bytes)
			err = AICX_EAGAIN;
		*ret_used = used;
		if (err != AICX_OK)
			return err;
		struct aicx_str payload = { rest.ptr + frame.head_bytes,
			(size_t)frame.n_bytes };
		used += frame.head_bytes + payload.len;
		*ret_used = used;
		if (frame.opcode >= WS_CLOSE) {
			*ret = (struct ws_event) { frame.opcode, payload };
			return AICX_OK;
		}
		if (data_take(reader, &frame, payload, ret))
			return AICX_OK;
	}
}

void
ws_reader_fini(struct ws_reader *reader)
{
	buf_fini(&reader->message);
}
