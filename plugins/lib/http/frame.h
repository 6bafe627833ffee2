/* SPDX-License-Identifier: Apache-2.0 */
/* frame.h - the header of a WebSocket frame (RFC 6455 section 5.2). */
#ifndef FRAME_H
#define FRAME_H

#include <aiconexus/types.h>
#include <stdbool.h>

enum { FRAME_HEADER_MAX = 14, FRAME_CONTROL_MAX = 125, FRAME_FIN = 0x80 };

enum frame_opcode {
	FRAME_CONTINUATION = 0,
	FRAME_TEXT = 1,
	FRAME_BINARY = 2,
	FRAME_CLOSE = 8,
	FRAME_PING = 9,
	FRAME_PONG = 10
};

/* Status codes of a close frame (RFC 6455 section 7.4.1). */
enum frame_code {
	FRAME_GOING_AWAY = 1001,
	FRAME_PROTOCOL_ERROR = 1002,
	FRAME_UNSUPPORTED = 1003,
	FRAME_NOT_UTF8 = 1007,
	FRAME_TOO_BIG = 1009,
	FRAME_INTERNAL = 1011,
	FRAME_OVERLOAD = 1013
};

struct frame {
	bool fin;
	uint8_t rsv; /* three bits that no extension of ours uses */
	uint8_t opcode;
	bool masked;
	bool minimal; /* the length has its shortest form */
	uint8_t mask[4];
	uint64_t length; /* of the payload, as announced */
};

/* How long the header is, or 0 while the payload's length is not known.  The
   mask is valid when n_bytes reaches that. */
size_t frame_parse(
    const uint8_t *bytes, size_t n_bytes, struct frame *ret_frame);
/*
 * 0, or the code to close with.  fragmented: a message has begun; its frames
 * brought message_len bytes so far.  max: of a message.
 */
int frame_judge(const struct frame *frame, bool fragmented,
    uint64_t message_len, uint64_t max);
const char *frame_complaint(enum frame_code code);
bool frame_is_control(const struct frame *frame);
/* A final, unmasked header; returns its length (2..10). */
size_t frame_print(
    uint8_t opcode, size_t length, uint8_t ret_header[FRAME_HEADER_MAX]);
/* Copies the payload without its mask; true when all of it is ASCII. */
bool frame_unmask(const uint8_t *payload, size_t n_bytes, const uint8_t mask[4],
    char *ret_text);

#endif
