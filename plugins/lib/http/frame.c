/* SPDX-License-Identifier: Apache-2.0 */
/* frame.c - the header of a WebSocket frame (RFC 6455 section 5.2). */
#include "frame.h"

#include <string.h>

static uint64_t
read_length(const uint8_t *bytes, size_t n_bytes)
{
	uint64_t length = 0;

	for (size_t i = 0; i < n_bytes; i++)
		length = length << 8 | bytes[i];
	return length;
}

size_t
frame_parse(const uint8_t *bytes, size_t n_bytes, struct frame *ret_frame)
{
	struct frame *frame = ret_frame;
	size_t extra;
	size_t header;

	if (n_bytes < 2)
		return 0;
	frame->fin = (bytes[0] & FRAME_FIN) != 0;
	frame->rsv = bytes[0] >> 4 & 7;
	frame->opcode = bytes[0] & 15;
	frame->masked = (bytes[1] & 0x80) != 0;
	frame->length = bytes[1] & 0x7f;
	extra = frame->length == 126 ? 2 : frame->length == 127 ? 8 : 0;
	header = 2 + extra + (frame->masked ? 4 : 0);
	if (n_bytes < 2 + extra)
		return 0;
	if (extra > 0)
		frame->length = read_length(bytes + 2, extra);
	frame->minimal =
	    extra == 0 || frame->length > (extra == 2 ? 125 : 0xffff);
	if (frame->masked && n_bytes >= header)
		memcpy(frame->mask, bytes + 2 + extra, sizeof frame->mask);
	return header;
}

bool
frame_is_control(const struct frame *frame)
{
	return (frame->opcode & 8) != 0;
}

static bool
is_lawful(const struct frame *frame, bool fragmented)
{
	if (!frame->masked || frame->rsv != 0 || !frame->minimal)
		return false;
	switch (frame->opcode) {
	case FRAME_CONTINUATION:
		return fragmented;
	case FRAME_TEXT:
	case FRAME_BINARY:
		return !fragmented;
	case FRAME_CLOSE: /* a code has two bytes */
		return frame->fin && frame->length <= FRAME_CONTROL_MAX &&
		    frame->length != 1;
	case FRAME_PING:
	case FRAME_PONG:
		return frame->fin && frame->length <= FRAME_CONTROL_MAX;
	default:
		return false;
	}
}

int
frame_judge(const struct frame *frame, bool fragmented, uint64_t message_len,
    uint64_t max)
{
	if (!is_lawful(frame, fragmented))
		return FRAME_PROTOCOL_ERROR;
	if (frame_is_control(frame))
		return 0;
	if (frame->opcode == FRAME_BINARY)
		return FRAME_UNSUPPORTED;
	return frame->length > max - message_len ? FRAME_TOO_BIG : 0;
}

const char *
frame_complaint(enum frame_code code)
{
	switch (code) {
	case FRAME_GOING_AWAY:
		return "the broker is shutting down";
	case FRAME_PROTOCOL_ERROR:
		return "the frame breaks RFC 6455";
	case FRAME_UNSUPPORTED:
		return "only text messages are understood";
	case FRAME_NOT_UTF8:
		return "the text is not UTF-8";
	case FRAME_TOO_BIG:
		return "the message is larger than max_message";
	case FRAME_INTERNAL:
		return "the message could not be read";
	case FRAME_OVERLOAD:
		return "pings faster than pongs are read";
	}
	return "";
}

size_t
frame_print(uint8_t opcode, size_t length, uint8_t ret_header[FRAME_HEADER_MAX])
{
	size_t extra = length < 126 ? 0 : length < 0x10000 ? 2 : 8;

	ret_header[0] = (uint8_t)(FRAME_FIN | opcode);
	ret_header[1] = (uint8_t)(extra == 0 ? length : extra == 2 ? 126 : 127);
	for (size_t i = 0; i < extra; i++)
		ret_header[2 + i] =
		    (uint8_t)((uint64_t)length >> 8 * (extra - 1 - i));
	return 2 + extra;
}

bool
frame_unmask(const uint8_t *payload, size_t n_bytes, const uint8_t mask[4],
    char *ret_text)
{
	uint64_t seen = 0;
	uint64_t key;
	size_t at = 0;
	uint32_t key32;

	memcpy(&key32, mask, sizeof key32);
	key = (uint64_t)key32 << 32 | key32;
	for (; at + sizeof key <= n_bytes; at += sizeof key) {
		uint64_t word;

		memcpy(&word, payload + at, sizeof word);
		word ^= key;
		seen |= word;
		memcpy(ret_text + at, &word, sizeof word);
	}
	for (; at < n_bytes; at++) {
		ret_text[at] = (char)(payload[at] ^ mask[at % 4]);
		seen |= (uint8_t)ret_text[at];
	}
	return (seen & 0x8080808080808080u) == 0;
}
