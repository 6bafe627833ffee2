/* SPDX-License-Identifier: Apache-2.0 */
/* toolbox_test.c - MCP servers that hang, flood, talk nonsense or end; each is
   a few lines of shell.  What they should do is looked at by
   tests/scenario/scene_mcp_sell.py. */
#include "cli/toolbox.h"

#include <check.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/str.h"

/* A server's answers; each reads a line first. */
#define SAY(text) "read l; echo '{\"jsonrpc\":\"2.0\"," text "}'; "
#define NO_PROBE SAY("\"id\":1,\"error\":{\"code\":-32601,\"message\":\"\"}")
#define GREET                                                                  \
	SAY("\"id\":2,\"result\":{\"protocolVersion\":\"2025-06-18\","         \
	    "\"serverInfo\":{\"name\":\"sh\"}}")                               \
	"read l; "
#define TOOLS(id)                                                              \
	SAY("\"id\":" #id ",\"result\":{\"tools\":[{\"name\":\"up\","          \
	    "\"inputSchema\":{\"type\":\"object\"}}]}")
#define START NO_PROBE GREET TOOLS(3)

enum { PATIENCE_MS = 30000 };

struct seen {
	struct loop *loop;
	struct toolbox *box;
	struct buf words;
	char code[32], output[64];
	int n_tools, n_failed, n_ends, n_progress;
};

static void
on_tools(void *arg)
{
	((struct seen *)arg)->n_tools++;
}

static void
on_failed(const char *why, void *arg)
{
	struct seen *seen = arg;

	seen->n_failed++;
	buf_printf(&seen->words, "failed: %s\n", why);
}

static void
on_word(const char *event, struct aicx_str text, void *arg)
{
	struct seen *seen = arg;

	buf_printf(&seen->words, "%s: %.*s\n", event, STR_ARG(text));
}

static void
on_end(const struct tool_end *end, void *arg)
{
	struct seen *seen = arg;

	seen->n_ends++;
	(void)str_copy(str_of(end->code ? end->code : "good"), seen->code,
	    sizeof seen->code);
	(void)str_copy(end->output, seen->output, sizeof seen->output);
}

static void
on_progress(struct aicx_str progress, void *arg)
{
	struct seen *seen = arg;

	seen->n_progress++;
	(void)str_copy(progress, seen->output, sizeof seen->output);
}

static void
start(struct seen *seen, const char *script)
{
	static const struct toolbox_ops ops = { on_tools, on_failed, on_word };
	static char *argv[] = { (char *)"sh", (char *)"-c", NULL, NULL };
	const struct toolbox_spec spec = { .argv = argv,
		.probe_ms = 20000,
		.start_ms = 20000,
		.hang_ms = 50 };

	argv[2] = (char *)script;
	*seen = (struct seen) { .loop = loop_new(0) };
	seen->box = toolbox_new(seen->loop, &spec, &ops, seen);
}

static void
stop(struct seen *seen)
{
	toolbox_free(seen->box);
	loop_free(seen->loop);
	buf_fini(&seen->words);
}

/* Turns the loop until *n is that many. */
static void
wait_for(struct seen *seen, const int *n, int wanted)
{
	int64_t end_ms = loop_now_ms(seen->loop) + PATIENCE_MS;

	while (*n < wanted && loop_now_ms(seen->loop) < end_ms)
		loop_once(seen->loop, 100);
	ck_assert_msg(*n >= wanted, "%s", buf_cstr(&seen->words));
}

static struct tool_call *
call(struct seen *seen, int64_t timeout_ms)
{
	static const struct tool_call_ops ops = { on_end, on_progress };
	const struct tool_call_spec spec = {
		.tool = tools_find(toolbox_tools(seen->box), STR("up")),
		.arguments = STR("{}"),
		.key = "k",
		.timeout_ms = timeout_ms,
	};

	ck_assert_ptr_nonnull(spec.tool);
	return toolbox_call(seen->box, &spec, &ops, seen);
}

static void
expect_word(struct seen *seen, const char *word)
{
	int64_t end_ms = loop_now_ms(seen->loop) + PATIENCE_MS;

	while (strstr(buf_cstr(&seen->words), word) == NULL &&
	    loop_now_ms(seen->loop) < end_ms)
		loop_once(seen->loop, 100);
	ck_assert_msg(strstr(buf_cstr(&seen->words), word) != NULL, "%s",
	    buf_cstr(&seen->words));
}

START_TEST(a_call_has_progress_and_one_end)
{
	struct seen seen;

	start(&seen,
	    START
	    "read l; echo '{\"jsonrpc\":\"2.0\",\"id\":\"x\",\"method\":"
	    "\"ping\"}'; " SAY("\"method\":\"notifications/"
			       "progress\",\"params\":{"
			       "\"progressToken\":4,\"progress\":1,\"total\":2,"
			       "\"x\":3}") "echo"
					   " '{\"jsonrpc\":\"2.0\",\"id\":4,"
					   "\"result\":{\"structuredContent\":"
					   "{\"l\":1}}}'; echo \"$l\" >&2; cat "
					   ">/dev/null");
	wait_for(&seen, &seen.n_tools, 1);
	ck_assert_str_eq(toolbox_name(seen.box), "sh");
	(void)call(&seen, 20000);
	wait_for(&seen, &seen.n_progress, 1);
	wait_for(&seen, &seen.n_ends, 1);
	ck_assert_str_eq(seen.code, "good");
	ck_assert_str_eq(seen.output, "{\"l\":1}");
	expect_word(
	    &seen, "stderr: {\"jsonrpc\":\"2.0\",\"id\":\"x\",\"result\":{}}");
	stop(&seen);
}
END_TEST

START_TEST(a_server_that_ends_fails_its_calls_and_is_there_again)
{
	struct seen seen;

	start(&seen, START "read l; exit 7");
	wait_for(&seen, &seen.n_tools, 1);
	(void)call(&seen, 20000);
	wait_for(&seen, &seen.n_ends, 1);
	ck_assert_str_eq(seen.code, "program_failed");
	ck_assert(!toolbox_is_ready(seen.box));
	expect_word(&seen, "server: it ended with status 7");
	wait_for(&seen, &seen.n_tools, 2);
	stop(&seen);
}
END_TEST

START_TEST(a_server_that_hangs_is_ended)
{
	struct seen seen;

	start(&seen, START "sleep 60");
	wait_for(&seen, &seen.n_tools, 1);
	(void)call(&seen, 50);
	wait_for(&seen, &seen.n_ends, 1);
	ck_assert_str_eq(seen.code, "timeout");
	expect_word(&seen, "server: it hangs");
	stop(&seen);
}
END_TEST

START_TEST(a_server_that_answers_a_ping_only_is_slow_and_stays)
{
	struct seen seen;

	/* the call, its cancellation, the ping; the call again */
	start(&seen,
	    START "read l; read l; " SAY("\"id\":5,\"result\":{}")
		SAY("\"id\":6,\"result\":{\"content\":[]}") "cat >/dev/null");
	wait_for(&seen, &seen.n_tools, 1);
	(void)call(&seen, 50);
	wait_for(&seen, &seen.n_ends, 1);
	(void)call(&seen, 20000);
	wait_for(&seen, &seen.n_ends, 2);
	ck_assert_str_eq(seen.output, "{\"content\":[]}");
	stop(&seen);
}
END_TEST

START_TEST(a_call_that_is_given_up_is_cancelled_and_says_nothing)
{
	struct seen seen;

	start(&seen, START "read l; read l; echo \"$l\" >&2; cat >/dev/null");
	wait_for(&seen, &seen.n_tools, 1);
	tool_call_free(call(&seen, 20000));
	expect_word(&seen,
	    "\"notifications/cancelled\",\"params\":{"
	    "\"requestId\":4}");
	ck_assert_int_eq(seen.n_ends, 0);
	stop(&seen);
}
END_TEST

static void
expect_no_start(const char *script, const char *why)
{
	struct seen seen;

	start(&seen, script);
	wait_for(&seen, &seen.n_failed, 1);
	expect_word(&seen, why);
	ck_assert_int_eq(seen.n_tools, 0);
	stop(&seen);
}

START_TEST(what_is_no_server_is_refused)
{
	expect_no_start("exec /no/such/program", "it ended with status 127");
	expect_no_start("exit 0", "it ended with status 0");
	expect_no_start("kill -9 $$", "it was ended by signal 9");
	expect_no_start("yes", "its output is no MCP");
	expect_no_start("tr '\\0' x </dev/zero", "its line is too long");
	expect_no_start(NO_PROBE SAY("\"id\":2,\"error\":{\"code\":1,"
				     "\"message\":\"go away\"}") "cat",
	    "it refuses the handshake: go away");
	expect_no_start(
	    NO_PROBE SAY("\"id\":2,\"result\":{\"protocolVersion\":\"1\"}") "ca"
									    "t",
	    "another version");
	expect_no_start(
	    NO_PROBE GREET SAY("\"id\":3,\"result\":{}") "cat", "no tools");
}
END_TEST

START_TEST(a_list_that_never_ends_is_refused)
{
	expect_no_start(NO_PROBE GREET
	    "i=3; while read l; do echo "
	    "'{\"jsonrpc\":\"2.0\",\"id\":'$i',\"result\":{\"tools\":[],"
	    "\"nextCursor\":\"x\"}}'; i=$((i+1)); done",
	    "does not end");
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("toolbox");
	TCase *tcase = tcase_create("toolbox");

	(void)signal(SIGPIPE, SIG_IGN);
	tcase_set_timeout(tcase, 120);
	tcase_add_test(tcase, a_call_has_progress_and_one_end);
	tcase_add_test(
	    tcase, a_server_that_ends_fails_its_calls_and_is_there_again);
	tcase_add_test(tcase, a_server_that_hangs_is_ended);
	tcase_add_test(
	    tcase, a_server_that_answers_a_ping_only_is_slow_and_stays);
	tcase_add_test(
	    tcase, a_call_that_is_given_up_is_cancelled_and_says_nothing);
	tcase_add_test(tcase, what_is_no_server_is_refused);
	tcase_add_test(tcase, a_list_that_never_ends_is_refused);
	suite_add_tcase(suite, tcase);
	SRunner *runner = srunner_create(suite);
	srunner_run_all(runner, CK_NORMAL);
	int failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
