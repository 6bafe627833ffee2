/* SPDX-License-Identifier: Apache-2.0 */
/* receiver.c - bytes of a WebSocket client become messages. */
#include "receiver.h"

#include "ws.h"

#include <stdlib.h>
#include <string.h>
#include <wslay/wslay.h>

/* What only an unusual frame needs, gone with the message's end. */
struct slow {
	wslay_event_context_ptr wslay;
	const uint8_t *feed; /* what wslay may read now */
	size_t feed_len;
	struct bytes
	    message; /* grows with what came, not with what was announced */
	size_t control_len;
	uint8_t control[FRAME_CONTROL_MAX];
};

static uint64_t
max_message(const struct conn *conn)
{
	return (uint64_t)conn->server->settings->max_message;
}

/* --- wslay --- */

static ssize_t
on_wslay_recv(wslay_event_context_ptr wslay, uint8_t *buf, size_t len,
    int flags, void *arg)
{
	struct slow *slow = ((struct conn *)arg)->ws->receiver.slow;

	(void)flags;
	if (slow->feed_len == 0) {
		wslay_event_set_error(wslay, WSLAY_ERR_WOULDBLOCK);
		return -1;
	}
	if (len > slow->feed_len)
		len = slow->feed_len;
	memcpy(buf, slow->feed, len);
	slow->feed += len;
	slow->feed_len -= len;
	return (ssize_t)len;
}

/* Pongs and the echo of a close frame. */
static ssize_t
on_wslay_send(wslay_event_context_ptr wslay, const uint8_t *data, size_t len,
    int flags, void *arg)
{
	struct conn *conn = arg;

	(void)wslay, (void)flags;
	if (!conn->ws->closing)
		conn_write(conn, (struct aicx_str) { (const char *)data, len });
	return (ssize_t)len;
}

static void
on_wslay_chunk(wslay_event_context_ptr wslay,
    const struct wslay_event_on_frame_recv_chunk_arg *chunk, void *arg)
{
	struct receiver *receiver = &((struct conn *)arg)->ws->receiver;

	(void)wslay;
	if (!frame_is_control(&receiver->frame))
		bytes_put(
		    &receiver->slow->message, chunk->data, chunk->data_length);
}

static void
on_wslay_message(wslay_event_context_ptr wslay,
    const struct wslay_event_on_msg_recv_arg *message, void *arg)
{
	struct conn *conn = arg;
	struct bytes *text = &conn->ws->receiver.slow->message;

	(void)wslay;
	if (message->opcode != FRAME_TEXT)
		return;
	if (!text->failed && bytes_room(text, 1))
		ws_deliver(conn, bytes_view(text));
	else
		ws_fail(conn, FRAME_INTERNAL);
}

static bool
slow_new(struct conn *conn)
{
	static const struct wslay_event_callbacks callbacks = {
		.recv_callback = on_wslay_recv,
		.send_callback = on_wslay_send,
		.on_frame_recv_chunk_callback = on_wslay_chunk,
		.on_msg_recv_callback = on_wslay_message,
	};
	struct slow *slow = calloc(1, sizeof *slow);

	if (slow == NULL ||
	    wslay_event_context_server_init(&slow->wslay, &callbacks, conn) !=
		0) {
		free(slow);
		return false;
	}
	wslay_event_config_set_max_recv_msg_length(
	    slow->wslay, max_message(conn));
	/* Its own buffer costs a hundred bytes for each fragment of one. */
	wslay_event_config_set_no_buffering(slow->wslay, 1);
	conn->ws->receiver.slow = slow;
	return true;
}

void
receiver_fini(struct receiver *receiver)
{
	if (receiver->slow == NULL)
		return;
	wslay_event_context_free(receiver->slow->wslay);
	bytes_fini(&receiver->slow->message);
	free(receiver->slow);
	receiver->slow = NULL;
}

/* Our messages alone may fill the queue by one more than its limit; what goes
   beyond is pongs that nobody reads. */
static bool
is_choked(const struct conn *conn)
{
	const struct settings *settings = conn->server->settings;

	return conn_queued(conn) >
	    (size_t)settings->max_queue + (size_t)settings->max_message;
}

/* Gives wslay bytes of the present frame and looks what it made of them. */
static void
slow_feed(struct conn *conn, const void *bytes, size_t n_bytes)
{
	struct slow *slow = conn->ws->receiver.slow;

	slow->feed = bytes;
	slow->feed_len = n_bytes;
	if (wslay_event_recv(slow->wslay) != 0) {
		ws_fail(conn, FRAME_INTERNAL);
		return;
	}
	if (wslay_event_want_write(slow->wslay) && is_choked(conn)) {
		ws_fail(conn, FRAME_OVERLOAD);
		return;
	}
	(void)wslay_event_send(slow->wslay);
	/* A close frame came and was echoed, or wslay refused and said so. */
	if (!wslay_event_get_read_enabled(slow->wslay)) {
		conn->ws->closing = true;
		conn_linger(conn);
	}
}

/* --- frames --- */

/* A whole text message, complete in this read: one pass takes the mask off and
   sees whether it is ASCII.  Returns 0 for any other frame. */
static size_t
take_whole(struct conn *conn, struct aicx_str bytes)
{
	const struct receiver *receiver = &conn->ws->receiver;
	struct bytes *message = &conn->server->message;
	struct frame frame;
	size_t head;
	bool ascii;

	if (receiver->slow != NULL || receiver->header_len > 0 ||
	    (uint8_t)*bytes.ptr != (FRAME_FIN | FRAME_TEXT))
		return 0;
	head = frame_parse((const uint8_t *)bytes.ptr, bytes.len, &frame);
	if (head == 0 || head > bytes.len || frame.length > bytes.len - head ||
	    frame_judge(&frame, false, 0, max_message(conn)) != 0)
		return 0;
	bytes_clear(message);
	if (!bytes_room(message, (size_t)frame.length + 1))
		return 0;
	message->len = (size_t)frame.length;
	ascii = frame_unmask((const uint8_t *)bytes.ptr + head, message->len,
	    frame.mask, message->ptr);
	if (ascii || text_is_utf8(bytes_view(message)))
		ws_deliver(conn, bytes_view(message));
	else
		ws_fail(conn, FRAME_NOT_UTF8);
	return head + message->len;
}

static void
end_frame(struct receiver *receiver)
{
	const struct frame *frame = &receiver->frame;

	receiver->header_len = 0;
	if (!frame_is_control(frame)) {
		receiver->fragmented = !frame->fin;
		receiver->message_len =
		    frame->fin ? 0 : receiver->message_len + frame->length;
	}
	if (!receiver->fragmented)
		receiver_fini(receiver);
}

/* The header is complete and lawful. */
static void
begin_frame(struct conn *conn)
{
	struct receiver *receiver = &conn->ws->receiver;

	if (receiver->slow == NULL && !slow_new(conn)) {
		ws_fail(conn, FRAME_INTERNAL);
		return;
	}
	receiver->left = receiver->frame.length;
	slow_feed(conn, receiver->header, receiver->header_len);
	if (receiver->left == 0)
		end_frame(receiver);
}

/* Judged as soon as the length is known, before the mask has come. */
static size_t
take_header(struct conn *conn, struct aicx_str bytes)
{
	struct receiver *receiver = &conn->ws->receiver;
	size_t taken = 0;
	size_t needed = 0;
	int code = 0;

	while (taken < bytes.len && code == 0 &&
	    (needed == 0 || receiver->header_len < needed)) {
		receiver->header[receiver->header_len++] =
		    (uint8_t)bytes.ptr[taken++];
		needed = frame_parse(
		    receiver->header, receiver->header_len, &receiver->frame);
		if (needed > 0)
			code =
			    frame_judge(&receiver->frame, receiver->fragmented,
				receiver->message_len, max_message(conn));
	}
	if (code != 0)
		ws_fail(conn, (enum frame_code)code);
	else if (needed > 0 && receiver->header_len == needed)
		begin_frame(conn);
	return taken;
}

/* wslay takes the first two bytes of each part of a close frame for its code,
   so it gets control frames whole. */
static void
hold_control(struct conn *conn, const char *bytes, size_t n_bytes)
{
	struct receiver *receiver = &conn->ws->receiver;
	struct slow *slow = receiver->slow;
	size_t len = slow->control_len + n_bytes;

	memcpy(slow->control + slow->control_len, bytes, n_bytes);
	slow->control_len = len;
	if (receiver->left > 0)
		return;
	slow->control_len = 0;
	slow_feed(conn, slow->control, len);
}

static size_t
take_payload(struct conn *conn, struct aicx_str bytes)
{
	struct receiver *receiver = &conn->ws->receiver;
	size_t taken =
	    bytes.len < receiver->left ? bytes.len : (size_t)receiver->left;

	receiver->left -= taken;
	if (frame_is_control(&receiver->frame))
		hold_control(conn, bytes.ptr, taken);
	else
		slow_feed(conn, bytes.ptr, taken);
	if (receiver->left == 0)
		end_frame(receiver);
	return taken;
}

size_t
receiver_take(struct conn *conn, struct aicx_str bytes)
{
	size_t taken = take_whole(conn, bytes);

	if (taken > 0)
		return taken;
	return conn->ws->receiver.left > 0 ? take_payload(conn, bytes)
					   : take_header(conn, bytes);
}
