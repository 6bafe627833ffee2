/* SPDX-License-Identifier: Apache-2.0 */
/* test_frames.h - WebSocket frames as a client writes and reads them. */
#ifndef TEST_FRAMES_H
#define TEST_FRAMES_H

#include "test_site.h"

/* The example of RFC 6455 section 1.3. */
#define KEY "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
#define ACCEPT "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n"
#define GET_WS "GET /ws HTTP/1.1\r\nHost: localhost\r\n"
#define UPGRADE "Upgrade: websocket\r\nConnection: Upgrade\r\n"
#define VERSION "Sec-WebSocket-Version: 13\r\n"
#define HELLO_WS GET_WS UPGRADE VERSION KEY

struct text {
	char bytes[200000];
	size_t len;
};

void put_bytes(struct text *text, const void *bytes, size_t n_bytes);
/* Appends a masked frame; first is the byte with FIN, RSV and opcode. */
void put_frame(
    struct text *text, unsigned first, const char *payload, size_t n_bytes);
void send_frame(struct site *site, struct fake_client *client, unsigned first,
    const char *payload, size_t n_bytes);
void say(struct site *site, struct fake_client *client, const char *message);

/* A frame the server sent; the next one begins at *at. */
struct seen {
	unsigned first;
	const char *payload;
	size_t len;
};

bool next_frame(
    const struct fake_client *client, size_t *at, struct seen *ret_seen);
bool is_frame(const struct seen *seen, unsigned first, const char *payload);
/* What came after the upgrade is exactly this frame. */
bool got_only(
    const struct fake_client *client, unsigned first, const char *payload);
/* The code of a close frame that ends what came; 0: none, 1: without code. */
unsigned close_code(const struct fake_client *client);

/* A client behind its upgrade. */
struct fake_client *upgraded(struct site *site);

#endif
