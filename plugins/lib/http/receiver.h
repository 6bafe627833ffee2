/* SPDX-License-Identifier: Apache-2.0 */
/*
 * receiver.h - bytes of a WebSocket client become messages.
 *
 * wslay unmasks, joins fragments, checks the text and answers pings and closes.
 * Two things stand in front of it.  The usual frame, a whole text message in
 * one read, goes past it: wslay holds 9 KiB for each connection and looks at
 * each byte three times.  And each header is judged here first, because wslay
 * judges it only when its payload has begun, calls an announced 2^63 a protocol
 * error, answers some faults by a close frame without a code, and takes a close
 * frame of one byte.
 */
#ifndef RECEIVER_H
#define RECEIVER_H

#include "frame.h"

struct conn;

struct receiver {
	uint8_t header[FRAME_HEADER_MAX]; /* of the present frame */
	uint8_t header_len;
	bool fragmented; /* inside a message of several frames */
	struct frame frame;
	uint64_t left; /* of its payload */
	uint64_t message_len; /* payload of the message's earlier frames */
	struct slow *slow; /* NULL between messages */
};

/* Takes some of the bytes, at least one; returns how many.  Messages go to
   ws_deliver(), faults to ws_fail(). */
size_t receiver_take(struct conn *conn, struct aicx_str bytes);
void receiver_fini(struct receiver *receiver);

#endif
