/* SPDX-License-Identifier: Apache-2.0 */
/*
 * bench_forge.c - what it costs to refuse a message whose signature is
 * nobody's, from the whole message to the ERROR that is sent: without sockets.
 *
 * A forgery under HMAC comes over a session and is refused on the loop; one
 * under Ed25519 by POST, and its verification is the pool's (a job here).
 */
#include "base/err.h"
#include "base/id.h"
#include "base/str.h"
#include "broker/peer.h"
#include "broker/testdata/stage_inside.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { ROUNDS = 31, MACS = 2000, KEYS = 40, TEXT_BYTES = 600 };

struct forgery {
	struct stage stage;
	struct actor *eve;
	struct buf text, body;
};

static int64_t
cpu_ns(void)
{
	struct timespec now;

	ENSURE(clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now) == 0);
	return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

/* 600 bytes to the broker, signed, and one character of the signature changed.
 */
static void
forge(struct forgery *forgery, bool by_key)
{
	struct envelope_head head = {
		.id = broker_new_id(forgery->stage.broker),
		.sender_id = forgery->eve->id,
		.receiver_id = *broker_id(forgery->stage.broker),
		.type = MSG_QUERY,
		.timestamp_ms = forgery->stage.wall_ms,
	};
	struct buf payload = { 0 };
	char *at;

	buf_text(&payload, "{\"method\":\"discovery.search\",\"q\":\"");
	while (payload.len < TEXT_BYTES - 340)
		buf_char(&payload, 'x');
	buf_text(&payload, "\"}");
	buf_clear(&forgery->text);
	envelope_print(&forgery->text, &head, buf_view(&payload));
	if (by_key)
		envelope_sign_key(&forgery->text, 0, forgery->eve->key);
	else
		envelope_sign_mac(&forgery->text, 0, forgery->eve->out,
		    str_of(id_text(&forgery->eve->session_id).text));
	at = forgery->text.ptr + forgery->text.len - 30;
	*at = *at == 'A' ? 'B' : 'A';
	buf_fini(&payload);
}

static void
refused_mac(struct forgery *forgery)
{
	peer_deliver(forgery->eve->peer, buf_view(&forgery->text));
	ENSURE(forgery->eve->n_in == 1);
	forgery->eve->n_in = 0;
}

static void
refused_key(struct forgery *forgery)
{
	ENSURE(stage_call(&forgery->stage, NULL, "session.message",
		   buf_cstr(&forgery->text), NULL, &forgery->body) == 401);
}

static int
by_value(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

static void
measure(struct forgery *forgery, const char *name,
    void (*refused)(struct forgery *), int n)
{
	double us[ROUNDS];

	for (int i = 0; i < ROUNDS; i++) {
		int64_t began_ns = cpu_ns();
		for (int k = 0; k < n; k++)
			refused(forgery);
		us[i] = (double)(cpu_ns() - began_ns) / n / 1000;
	}
	qsort(us, ROUNDS, sizeof us[0], by_value);
	(void)printf("bench %s %.2f us\n", name, us[ROUNDS / 2]);
}

int
main(void)
{
	static struct forgery forgery;

	stage_open(&forgery.stage);
	forgery.stage.unchecked = true;
	forgery.eve = actor_new(&forgery.stage, "eve");
	actor_open(forgery.eve);
	forgery.eve->n_in = forgery.eve->n_read = 0;
	forge(&forgery, false);
	measure(&forgery, "forged_us", refused_mac, MACS);
	forge(&forgery, true);
	measure(&forgery, "forged_ed25519_us", refused_key, KEYS);
	buf_fini(&forgery.text);
	buf_fini(&forgery.body);
	stage_close(&forgery.stage);
	return EXIT_SUCCESS;
}
