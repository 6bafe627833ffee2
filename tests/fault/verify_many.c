/* SPDX-License-Identifier: Apache-2.0 */
/*
 * verify_many.c - aicx's verifier over many files in one process.
 *
 *     verify_many PUBLIC_KEY
 *
 * Standard input: a number of bytes and a newline, then so many bytes of a
 * file; again and again.  Standard output: a line each, the verdict's number
 * and the last line of the report but one.
 */
#include <stdio.h>
#include <string.h>

#include "base/b64.h"
#include "base/buf.h"
#include "base/mem.h"
#include "base/str.h"
#include "cli/verify.h"

#include <stdlib.h>

/* The verdict, and the link that does not hold or else the report's end. */
static void
print_verdict(enum verdict verdict, struct aicx_str report)
{
	const char *line = report.ptr, *end = report.ptr + report.len;

	for (const char *at = line; at != NULL && at < end;
	     at = memchr(at, '\n', (size_t)(end - at))) {
		at += *at == '\n';
		if (at == end)
			break;
		line = at;
		if (end - at > 3 && memcmp(at, "BAD", 3) == 0)
			break;
	}
	const char *stop =
	    line == end ? NULL : memchr(line, '\n', (size_t)(end - line));
	(void)printf("%d %.*s\n", (int)verdict,
	    (int)((stop != NULL ? stop : end) - line), line);
	(void)fflush(stdout);
}

int
main(int argc, char **argv)
{
	struct trusted one = { .source = STR("the argument") };
	struct trust trust = { &one, 1, true };
	struct buf report = { 0 };
	size_t n_bytes;

	if (argc != 2 || !b64_parse(str_of(argv[1]), one.key, KEY_BYTES)) {
		(void)fputs("usage: verify_many PUBLIC_KEY\n", stderr);
		return 2;
	}
	while (scanf("%zu", &n_bytes) == 1 && getchar() == '\n') {
		char *text = mem_new(n_bytes + 1);
		if (fread(text, 1, n_bytes, stdin) != n_bytes)
			return 1;
		buf_clear(&report);
		enum verdict verdict = verify_text(
		    (struct aicx_str) { text, n_bytes }, &trust, &report);
		print_verdict(verdict, buf_view(&report));
		free(text);
	}
	buf_fini(&report);
	return 0;
}
