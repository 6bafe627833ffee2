/* SPDX-License-Identifier: Apache-2.0 */
/*
 * fuzz_http.c - a client of transport_http that sends anything.
 *
 * The same bytes go in whole and in pieces; every answer must be the same, so
 * that where a packet ends never decides what a request is.  The host answers
 * once at a time, and once in parts.
 */
/* fuzz: -Itests/lib tests/lib/fake_host.c -lhttp_parser -lwslay -ldl */
/* fuzz: -Iplugins/lib -Iplugins/lib/http plugins/lib/[a-z]*.c */
/* fuzz: plugins/lib/http/[a-z]*.c plugins/transport_http/transport_http.c */
#include <aiconexus/transport.h>
#include <stdlib.h>
#include <string.h>

#include "fake_host.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct fake_client *
send_in_pieces(struct fake *fake, const uint8_t *data, size_t size, size_t step)
{
	struct fake_client *client = fake_connect(fake, "127.0.0.1:1");

	for (size_t at = 0; at < size; at += step)
		fake_send(fake, client, data + at,
		    at + step < size ? step : size - at);
	return client;
}

static void
run(const uint8_t *data, size_t size, bool in_parts)
{
	struct fake *fake = fake_new();
	void *settings = fake_settings(&aicx_plugin);
	struct fake_client *whole;
	struct fake_client *cut;
	void *state;

	fake->quiet = true;
	fake->echo = true;
	fake->in_parts = in_parts;
	fake_set(settings, &aicx_plugin, "origins", 0, "https://a.test");
	fake_set(settings, &aicx_plugin, "max_body", 2000, NULL);
	fake_set(settings, &aicx_plugin, "max_header", 2000, NULL);
	fake_set(settings, &aicx_plugin, "max_pipeline", 3, NULL);
	if (aicx_plugin.open(&fake->table, fake_self(fake), settings, &state,
		NULL) != AICX_OK ||
	    aicx_plugin.ops.transport->start(state, NULL, NULL) != AICX_OK)
		abort();
	whole = send_in_pieces(fake, data, size, size + 1);
	cut = send_in_pieces(fake, data, size, 1);
	if (whole->got.len != cut->got.len || whole->eof != cut->eof ||
	    memcmp(whole->got.ptr, cut->got.ptr, cut->got.len) != 0)
		abort();
	fake_eof(fake, whole);
	fake_advance(fake, 20000);
	aicx_plugin.close(state);
	if (fake->timers != NULL || fake->n_peers != 0)
		abort();
	fake_free(fake);
	free(settings);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	run(data, size, false);
	run(data, size, true);
	return 0;
}
