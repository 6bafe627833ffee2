/* SPDX-License-Identifier: Apache-2.0 */
/*
 * fuzz_ws.c - a WebSocket client of transport_http that sends anything.
 *
 * The same frames go in whole and in pieces: the short way of complete frames
 * and the long way through wslay must say the same.
 */
/* fuzz: -Itests/lib tests/lib/fake_host.c -lhttp_parser -lwslay -ldl */
/* fuzz: -Iplugins/lib -Iplugins/lib/http plugins/lib/[a-z]*.c */
/* fuzz: plugins/lib/http/[a-z]*.c plugins/transport_http/transport_http.c */
#include <aiconexus/transport.h>
#include <stdlib.h>
#include <string.h>

#include "fake_host.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const char hello[] =
    "GET /ws HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\n"
    "Connection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
    "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n";

static struct fake_client *
send_in_pieces(struct fake *fake, const uint8_t *data, size_t size, size_t step)
{
	struct fake_client *client = fake_connect(fake, "127.0.0.1:1");

	fake_text(fake, client, hello);
	for (size_t at = 0; at < size; at += step)
		fake_send(fake, client, data + at,
		    at + step < size ? step : size - at);
	return client;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct fake *fake = fake_new();
	void *settings = fake_settings(&aicx_plugin);
	size_t step = size > 0 ? 1 + data[0] % 16 : 1;
	struct fake_client *whole;
	struct fake_client *cut;
	void *state;

	fake->quiet = true;
	fake->echo = true;
	fake_set(settings, &aicx_plugin, "max_message", 500, NULL);
	if (aicx_plugin.open(&fake->table, fake_self(fake), settings, &state,
		NULL) != AICX_OK ||
	    aicx_plugin.ops.transport->start(state, NULL, NULL) != AICX_OK)
		abort();
	whole = send_in_pieces(fake, data, size, size + 1);
	cut = send_in_pieces(fake, data, size, step);
	if (whole->got.len != cut->got.len || whole->eof != cut->eof ||
	    memcmp(whole->got.ptr, cut->got.ptr, cut->got.len) != 0)
		abort();
	fake_advance(fake, 40000);
	fake_eof(fake, whole);
	aicx_plugin.close(state);
	if (fake->timers != NULL || fake->n_peers != 0)
		abort();
	fake_free(fake);
	free(settings);
	return 0;
}
