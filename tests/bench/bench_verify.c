/* SPDX-License-Identifier: Apache-2.0 */
/*
 * bench_verify.c - what checking a deal file costs beside its signatures:
 * parsing, hashes, proofs, bill and choice.
 *
 *   bench_verify FILE BROKER_KEY
 *
 * Every Ed25519 signature counts as good here (the linker wraps the two
 * functions), so that the figure is the rest.  Median of rounds.
 */
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "base/b64.h"
#include "base/err.h"
#include "base/str.h"
#include "cli/verify.h"

enum { ROUNDS = 101 };

bool __wrap_verify_bytes(const uint8_t raw[KEY_BYTES], enum sig_kind kind,
    struct aicx_str a, struct aicx_str b, const uint8_t sig[SIG_BYTES]);
bool __wrap_ed25519_verify(
    const uint8_t raw[KEY_BYTES], struct aicx_str message, struct aicx_str sig);

bool
__wrap_verify_bytes(const uint8_t raw[KEY_BYTES], enum sig_kind kind,
    struct aicx_str a, struct aicx_str b, const uint8_t sig[SIG_BYTES])
{
	(void)raw, (void)kind, (void)a, (void)b, (void)sig;
	return true;
}

bool
__wrap_ed25519_verify(
    const uint8_t raw[KEY_BYTES], struct aicx_str message, struct aicx_str sig)
{
	(void)raw, (void)message, (void)sig;
	return true;
}

static double
now_us(void)
{
	struct timespec at;

	ENSURE(clock_gettime(CLOCK_MONOTONIC, &at) == 0);
	return (double)at.tv_sec * 1e6 + (double)at.tv_nsec / 1e3;
}

static int
by_value(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

static bool
read_all(const char *path, struct buf *buf)
{
	FILE *file = fopen(path, "rb");
	char part[65536];
	size_t n;

	if (file == NULL)
		return false;
	while ((n = fread(part, 1, sizeof part, file)) > 0)
		buf_str(buf, (struct aicx_str) { part, n });
	(void)fclose(file);
	return buf->len > 0;
}

int
main(int argc, char **argv)
{
	struct buf text = { 0 }, report = { 0 };
	struct trusted key = { .source = STR("the command line") };
	struct trust trust = { &key, 1, true };
	double took_us[ROUNDS];

	if (argc != 3 || !read_all(argv[1], &text) ||
	    !b64_parse(str_of(argv[2]), key.key, KEY_BYTES)) {
		(void)fprintf(stderr, "usage: bench_verify FILE BROKER_KEY\n");
		return 64;
	}
	for (int i = 0; i < ROUNDS; i++) {
		buf_clear(&report);
		double began_us = now_us();
		enum verdict verdict =
		    verify_text(buf_view(&text), &trust, &report);
		took_us[i] = now_us() - began_us;
		if (verdict != VERDICT_GOOD) {
			(void)fprintf(stderr, "%s", buf_cstr(&report));
			return 1;
		}
	}
	qsort(took_us, ROUNDS, sizeof took_us[0], by_value);
	(void)printf("bench verify_us %.0f us\n", took_us[ROUNDS / 2]);
	(void)printf("bench verify_bytes %zu B\n", text.len);
	buf_fini(&text);
	buf_fini(&report);
	return 0;
}
