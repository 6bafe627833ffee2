/* SPDX-License-Identifier: Apache-2.0 */
/* ws.h - the client's half of a WebSocket (RFC 6455), bytes to bytes. */
#ifndef CLI_WS_H
#define CLI_WS_H

#include "base/buf.h"
#include "cli/url.h"

#include <aiconexus/types.h>
#include <stdint.h>

enum { WS_MESSAGE_MAX = 2 * 1024 * 1024 };

enum ws_opcode {
	WS_CONTINUE = 0,
	WS_TEXT = 1,
	WS_BINARY = 2,
	WS_CLOSE = 8,
	WS_PING = 9,
	WS_PONG = 10
};

/* The upgrade request; nonce: 16 random bytes. */
void ws_put_handshake(struct buf *buf, const struct url *url, const char *path,
    const char *bearer, const uint8_t nonce[16]);
/* The Sec-WebSocket-Accept that answers a key (section 4.2.2). */
void ws_put_accept(struct buf *buf, struct aicx_str key);
/* Is it the answer to that nonce (section 4.1)? */
bool ws_accept_ok(struct aicx_str accept, const uint8_t nonce[16]);

/* One whole frame, masked as a client's must be (section 5.3). */
void ws_put_frame(struct buf *buf, enum ws_opcode opcode,
    struct aicx_str payload, const uint8_t mask[4]);

/* Gathers fragments into messages.  A zeroed struct begins. */
struct ws_reader {
	struct buf message;
	bool in_message;
};

struct ws_event {
	enum ws_opcode opcode; /* WS_TEXT, or a control frame */
	struct aicx_str payload; /* until the next ws_take() */
};

/* Takes the next event from the front of bytes; *ret_used of them are done
   with, also when AICX_EAGAIN says that more must come.  Anything the server
   may not send is "malformed". */
aicx_err ws_take(struct ws_reader *reader, struct aicx_str bytes,
    size_t *ret_used, struct ws_event *ret, struct aicx_error *reterr);
void ws_reader_fini(struct ws_reader *reader);

#endif
