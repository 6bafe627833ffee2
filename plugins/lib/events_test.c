/* SPDX-License-Identifier: Apache-2.0 */
/* events_test.c - server-sent events, whole and in pieces. */
#include "events.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Each event as "name|id|data;", with the text given in pieces of `n`. */
static void
read_all(const char *text, size_t n, char *ret, size_t size)
{
	struct events events = { 0 };
	struct aicx_str data;
	size_t len = strlen(text), used = 0;

	ret[0] = '\0';
	for (size_t at = 0; at < len; at += n) {
		events_put(&events,
		    (struct aicx_str) {
			text + at, len - at < n ? len - at : n });
		while (events_next(&events, &data))
			used += (size_t)snprintf(ret + used, size - used,
			    "%.*s|%.*s|%.*s;", (int)events.name.len,
			    events.name.len > 0 ? events.name.ptr : "",
			    (int)events.id.len,
			    events.id.len > 0 ? events.id.ptr : "",
			    (int)data.len, data.ptr != NULL ? data.ptr : "");
	}
	events_fini(&events);
}

static const struct {
	const char *text, *wanted;
} rows[] = {
	{ "data: 1\n\ndata:2\n\n", "||1;||2;" },
	{ "data: 1\r\n\r\ndata: 2\r\n\r\n", "||1;||2;" },
	{ "data: 1\r\rdata: 2\r\r:", "||1;||2;" },
	{ "data: a\ndata: b\n\n", "||a\nb;" },
	{ "data\n\n", "||;" },
	{ "\xef\xbb\xbf"
	  "data: 1\n\n",
	    "||1;" },
	{ ": keep-alive\n\nevent: error\nid: 7\nretry: 5\ndata:  x\n\n"
	  "data: y\n\n",
	    "error|7| x;|7|y;" },
	{ "event: lonely\n\ndata: 1\n\n", "||1;" },
	{ "data: unfinished\n", "" },
	{ "data: unfinished", "" },
	{ "datas: 1\nDATA: 2\n\n", "" },
};

START_TEST(events_are_read_in_any_pieces)
{
	char got[256];

	for (size_t n = 1; n < 40; n++) {
		read_all(rows[_i].text, n, got, sizeof got);
		ck_assert_msg(strcmp(got, rows[_i].wanted) == 0,
		    "pieces of %zu: %s is not %s", n, got, rows[_i].wanted);
	}
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("events");
	TCase *tcase = tcase_create("events");
	SRunner *runner = srunner_create(suite);
	int n_failed;

	tcase_add_loop_test(tcase, events_are_read_in_any_pieces, 0,
	    (int)(sizeof rows / sizeof rows[0]));
	suite_add_tcase(suite, tcase);
	srunner_run_all(runner, CK_NORMAL);
	n_failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return n_failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
