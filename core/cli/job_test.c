/* SPDX-License-Identifier: Apache-2.0 */
/* job_test.c - programs that behave, crash, hang, flood, or leave children. */
#include "cli/job.h"

#include <check.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include "base/str.h"

enum { TIMEOUT_MS = 5000, OUTPUT_MAX = 100000 };

struct ended {
	struct loop *loop;
	struct job_end end;
	struct buf output, complaint;
	int n;
};

static void
on_end(const struct job_end *end, void *arg)
{
	struct ended *ended = arg;

	ended->end = *end;
	ended->n++;
	buf_str(&ended->output, end->output);
	buf_str(&ended->complaint, end->complaint);
	loop_stop(ended->loop);
}

static void
run(const char *script, struct aicx_str input, int64_t timeout_ms,
    struct ended *ended)
{
	char *argv[] = { (char *)"sh", (char *)"-c", (char *)script, NULL };
	struct job_spec spec = { argv, input, timeout_ms, OUTPUT_MAX };
	struct job *job;

	*ended = (struct ended) { .loop = loop_new(0) };
	ck_assert_int_eq(
	    job_start(ended->loop, &spec, on_end, ended, &job, NULL), AICX_OK);
	loop_run(ended->loop);
	ck_assert_int_eq(ended->n, 1);
	loop_free(ended->loop);
}

static void
forget(struct ended *ended)
{
	buf_fini(&ended->output);
	buf_fini(&ended->complaint);
}

START_TEST(input_goes_in_and_output_comes_out)
{
	struct ended ended;

	run("tr a-z A-Z", STR("hello\n"), TIMEOUT_MS, &ended);
	ck_assert_int_eq(ended.end.how, JOB_DONE);
	ck_assert_str_eq(buf_cstr(&ended.output), "HELLO\n");
	forget(&ended);
}
END_TEST

START_TEST(a_large_input_is_passed_whole)
{
	struct ended ended;
	char *text = malloc(3000000);

	memset(text, 'x', 3000000);
	run("wc -c", (struct aicx_str) { text, 3000000 }, TIMEOUT_MS, &ended);
	ck_assert_int_eq(ended.end.how, JOB_DONE);
	ck_assert_int_eq(atoi(buf_cstr(&ended.output)), 3000000);
	free(text);
	forget(&ended);
}
END_TEST

START_TEST(a_program_need_not_read_its_input)
{
	struct ended ended;
	char *text = calloc(1, 3000000);

	run("echo done", (struct aicx_str) { text, 3000000 }, TIMEOUT_MS,
	    &ended);
	ck_assert_int_eq(ended.end.how, JOB_DONE);
	ck_assert_str_eq(buf_cstr(&ended.output), "done\n");
	free(text);
	forget(&ended);
}
END_TEST

START_TEST(a_status_other_than_0_is_a_failure_with_its_first_words)
{
	struct ended ended;

	run("echo no dictionary >&2; echo more >&2; exit 3", STR(""),
	    TIMEOUT_MS, &ended);
	ck_assert_int_eq(ended.end.how, JOB_FAILED);
	ck_assert_int_eq(ended.end.number, 3);
	ck_assert_str_eq(buf_cstr(&ended.complaint), "no dictionary");
	forget(&ended);
}
END_TEST

START_TEST(a_crash_is_told_from_an_exit)
{
	struct ended ended;

	run("kill -SEGV $$", STR(""), TIMEOUT_MS, &ended);
	ck_assert_int_eq(ended.end.how, JOB_KILLED);
	ck_assert_int_eq(ended.end.number, SIGSEGV);
	forget(&ended);
}
END_TEST

START_TEST(what_hangs_is_killed_with_its_children)
{
	struct ended ended;

	run("trap '' TERM; sleep 1000 & wait", STR(""), 100, &ended);
	ck_assert_int_eq(ended.end.how, JOB_TIMED_OUT);
	ck_assert_int_ge(ended.end.elapsed_ms, 100);
	ck_assert_int_lt(ended.end.elapsed_ms, TIMEOUT_MS);
	forget(&ended);
}
END_TEST

START_TEST(a_flood_is_cut_off)
{
	struct ended ended;

	run("yes", STR(""), TIMEOUT_MS, &ended);
	ck_assert_int_eq(ended.end.how, JOB_TOO_MUCH);
	ck_assert_uint_eq(ended.output.len, OUTPUT_MAX);
	forget(&ended);
	/* On the other pipe it is only dropped. */
	run("head -c 300000 /dev/zero >&2; echo ok", STR(""), TIMEOUT_MS,
	    &ended);
	ck_assert_int_eq(ended.end.how, JOB_DONE);
	ck_assert_str_eq(buf_cstr(&ended.output), "ok\n");
	forget(&ended);
}
END_TEST

START_TEST(a_child_that_keeps_the_pipe_does_not_hold_the_result)
{
	struct ended ended;

	run("echo first; sleep 1000 & exit 0", STR(""), TIMEOUT_MS, &ended);
	ck_assert_int_eq(ended.end.how, JOB_DONE);
	ck_assert_str_eq(buf_cstr(&ended.output), "first\n");
	ck_assert_int_lt(ended.end.elapsed_ms, TIMEOUT_MS);
	forget(&ended);
}
END_TEST

START_TEST(output_may_be_garbage_and_hold_zeros)
{
	struct ended ended;

	run("printf 'a\\000\\377b'", STR(""), TIMEOUT_MS, &ended);
	ck_assert_int_eq(ended.end.how, JOB_DONE);
	ck_assert_uint_eq(ended.output.len, 4);
	ck_assert(!str_is_utf8(buf_view(&ended.output)));
	forget(&ended);
}
END_TEST

START_TEST(a_program_that_is_not_there_is_an_error_at_once)
{
	char *argv[] = { (char *)"no-such-program-here", NULL };
	struct job_spec spec = { argv, STR(""), TIMEOUT_MS, OUTPUT_MAX };
	struct loop *loop = loop_new(0);
	struct aicx_error why;
	struct job *job;

	ck_assert_int_eq(
	    job_start(loop, &spec, on_end, NULL, &job, &why), AICX_ENOTFOUND);
	ck_assert_ptr_nonnull(strstr(why.text, "no-such-program-here"));
	loop_free(loop);
}
END_TEST

START_TEST(a_job_that_is_dropped_says_nothing)
{
	char *argv[] = { (char *)"sleep", (char *)"1000", NULL };
	struct job_spec spec = { argv, STR(""), TIMEOUT_MS, OUTPUT_MAX };
	struct ended ended = { .loop = loop_new(0) };
	struct job *job;

	ck_assert_int_eq(
	    job_start(ended.loop, &spec, on_end, &ended, &job, NULL), AICX_OK);
	job_free(job);
	loop_once(ended.loop, 0);
	ck_assert_int_eq(ended.n, 0);
	loop_free(ended.loop);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("job");
	TCase *tcase = tcase_create("job");

	(void)signal(SIGPIPE, SIG_IGN);
	tcase_set_timeout(tcase, 30);
	tcase_add_test(tcase, input_goes_in_and_output_comes_out);
	tcase_add_test(tcase, a_large_input_is_passed_whole);
	tcase_add_test(tcase, a_program_need_not_read_its_input);
	tcase_add_test(
	    tcase, a_status_other_than_0_is_a_failure_with_its_first_words);
	tcase_add_test(tcase, a_crash_is_told_from_an_exit);
	tcase_add_test(tcase, what_hangs_is_killed_with_its_children);
	tcase_add_test(tcase, a_flood_is_cut_off);
	tcase_add_test(
	    tcase, a_child_that_keeps_the_pipe_does_not_hold_the_result);
	tcase_add_test(tcase, output_may_be_garbage_and_hold_zeros);
	tcase_add_test(tcase, a_program_that_is_not_there_is_an_error_at_once);
	tcase_add_test(tcase, a_job_that_is_dropped_says_nothing);
	suite_add_tcase(suite, tcase);
	SRunner *runner = srunner_create(suite);
	srunner_run_all(runner, CK_NORMAL);
	int failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
