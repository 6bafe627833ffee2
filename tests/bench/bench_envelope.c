/* SPDX-License-Identifier: Apache-2.0 */
/*
 * bench_envelope.c - what one relayed message costs the broker.
 *
 * A message of about 600 bytes under a session key is split, verified, scanned
 * and sealed anew for its receiver.  Median of rounds, so that a busy moment of
 * the machine does not count.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/err.h"
#include "base/str.h"
#include "protocol/envelope.h"

enum { ROUNDS = 31, PER_ROUND = 20000, TEXT_BYTES = 600 };

static const char session[] = "01932000-0000-7000-8000-0000000005e5";

struct relay {
	struct mac *in, *out;
	struct buf text, forwarded;
	struct envelope env;
};

static void
relay_init(struct relay *relay)
{
	static const char start[] =
	    "{\"execution_id\":\"01932000-0000-7000-8000-000000000006\","
	    "\"input\":{\"lang\":\"en\",\"top\":3,\"text\":\"";
	struct envelope_head head = {
		.id = { "0123456789abcdef" },
		.sender_id = { "agentagentagenta" },
		.receiver_id = { "otherotherothero" },
		.type = MSG_QUERY,
		.timestamp_ms = INT64_C(1795352646000),
	};
	struct buf payload = { 0 };

	relay->in = mac_new("one session key of thirty-two b.", 32);
	relay->out = mac_new("another session key of 32 bytes.", 32);
	buf_text(&payload, start);
	while (payload.len < TEXT_BYTES - 340)
		buf_char(&payload, payload.len % 7 == 0 ? ' ' : 'x');
	buf_text(&payload, "\"}}");
	envelope_print(&relay->text, &head, buf_view(&payload));
	envelope_sign_mac(&relay->text, 0, relay->in, str_of(session));
	buf_fini(&payload);
}

static void
relay_fini(struct relay *relay)
{
	mac_free(relay->in);
	mac_free(relay->out);
	buf_fini(&relay->text);
	buf_fini(&relay->forwarded);
}

static void
split(struct relay *relay)
{
	ENSURE(envelope_split(buf_view(&relay->text), ENVELOPE_BYTES_MAX,
		   &relay->env, NULL) == AICX_OK);
}

static void
verify(struct relay *relay)
{
	ENSURE(envelope_verify_mac(&relay->env, relay->in));
}

static void
scan(struct relay *relay)
{
	ENSURE(envelope_scan(&relay->env, NULL) == AICX_OK);
}

static void
resign(struct relay *relay)
{
	buf_clear(&relay->forwarded);
	envelope_resign_mac(
	    &relay->forwarded, &relay->env, relay->out, str_of(session));
}

static void
whole(struct relay *relay)
{
	split(relay);
	verify(relay);
	scan(relay);
	resign(relay);
}

static double
now_us(void)
{
	struct timespec at;

	(void)clock_gettime(CLOCK_THREAD_CPUTIME_ID, &at);
	return (double)at.tv_sec * 1e6 + (double)at.tv_nsec / 1e3;
}

static int
by_value(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

static double
median_us(struct relay *relay, void (*step)(struct relay *))
{
	double us[ROUNDS];

	for (int round = 0; round < ROUNDS; round++) {
		double start = now_us();
		for (int i = 0; i < PER_ROUND; i++)
			step(relay);
		us[round] = (now_us() - start) / PER_ROUND;
	}
	qsort(us, ROUNDS, sizeof *us, by_value);
	return us[ROUNDS / 2];
}

int
main(void)
{
	static const struct {
		const char *name;
		void (*step)(struct relay *);
	} rows[] = {
		{ "envelope_verify_resign_us", whole },
		{ "envelope_split_us", split },
		{ "envelope_verify_us", verify },
		{ "envelope_scan_us", scan },
		{ "envelope_resign_us", resign },
	};
	struct relay relay = { 0 };

	relay_init(&relay);
	(void)printf("# message of %zu bytes\n", relay.text.len);
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
		(void)printf("bench %s %.3f us\n", rows[i].name,
		    median_us(&relay, rows[i].step));
	relay_fini(&relay);
	return 0;
}
