/* SPDX-License-Identifier: Apache-2.0 */
/* loop_test.c - turns, timers, late callbacks, watches, signals, clocks. */
#include "loop/loop.h"

#include <check.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

/* What happened, in order: each callback adds its letter. */
struct story {
	struct loop *loop;
	char text[64];
	size_t n;
};

struct note {
	struct story *story;
	char letter;
	struct aicx_timer *timer, *victim;
	struct aicx_watch *watch;
	struct loop_late late, *next;
};

static void
tell(struct story *story, char letter)
{
	ck_assert_uint_lt(story->n, sizeof story->text - 1);
	story->text[story->n++] = letter;
}

static void
on_note(void *arg)
{
	struct note *note = arg;

	tell(note->story, note->letter);
}

static void
run_until(struct story *story, const char *text)
{
	for (int i = 0; i < 200 && strcmp(story->text, text) != 0; i++)
		loop_once(story->loop, 1000);
	ck_assert_str_eq(story->text, text);
}

START_TEST(timers_fire_in_order_of_time_then_of_call)
{
	struct story story = { .loop = loop_new(0) };
	struct note notes[5];
	const int delays[5] = { 20, 5, 20, 0, 10 };

	for (int i = 0; i < 5; i++) {
		notes[i] = (struct note) { &story, (char)('a' + i) };
		notes[i].timer = loop_timer_new(story.loop, on_note, &notes[i]);
		loop_timer_set(notes[i].timer, delays[i]);
	}
	run_until(&story, "dbeac");
	for (int i = 0; i < 5; i++)
		loop_timer_free(notes[i].timer);
	loop_timer_free(NULL);
	loop_free(story.loop);
}
END_TEST

START_TEST(a_timer_never_fires_before_its_time)
{
	struct story story = { .loop = loop_new(0) };
	struct note note = { &story, 'a' };

	note.timer = loop_timer_new(story.loop, on_note, &note);
	for (int delay = 1; delay < 8; delay++) {
		int64_t due_ms = loop_now_ms(story.loop) + delay;
		loop_timer_set(note.timer, delay);
		size_t before = story.n;
		while (story.n == before)
			loop_once(story.loop, 1000);
		ck_assert_int_ge(loop_now_ms(story.loop), due_ms);
	}
	loop_timer_free(note.timer);
	loop_free(story.loop);
}
END_TEST

START_TEST(a_cancelled_timer_does_not_fire)
{
	struct story story = { .loop = loop_new(0) };
	struct note a = { &story, 'a' }, b = { &story, 'b' };

	a.timer = loop_timer_new(story.loop, on_note, &a);
	b.timer = loop_timer_new(story.loop, on_note, &b);
	loop_timer_set(a.timer, 1);
	loop_timer_set(b.timer, 3);
	loop_timer_set(a.timer, -1);
	loop_timer_set(a.timer, -1);
	run_until(&story, "b");
	loop_timer_free(a.timer);
	loop_timer_free(b.timer);
	loop_free(story.loop);
}
END_TEST

START_TEST(a_timer_put_off_fires_at_its_new_time_only)
{
	struct story story = { .loop = loop_new(0) };
	struct note a = { &story, 'a' }, b = { &story, 'b' };

	a.timer = loop_timer_new(story.loop, on_note, &a);
	b.timer = loop_timer_new(story.loop, on_note, &b);
	loop_timer_set(a.timer, 2);
	loop_timer_set(b.timer, 6);
	loop_timer_set(a.timer, 12); /* put off */
	run_until(&story, "ba");
	loop_timer_set(a.timer, 1000000);
	loop_timer_set(b.timer, 5);
	loop_timer_set(a.timer, 1); /* and brought forward */
	run_until(&story, "baab");
	loop_timer_free(a.timer);
	loop_timer_free(b.timer);
	loop_free(story.loop);
}
END_TEST

START_TEST(many_timers_keep_their_order)
{
	enum { N = 500 };
	struct loop *loop = loop_new(0);
	struct story *stories = calloc(N, sizeof *stories);
	struct note *notes = calloc(N, sizeof *notes);
	unsigned seed = 7;

	for (int i = 0; i < N; i++) {
		notes[i] = (struct note) { &stories[i], 'x' };
		notes[i].timer = loop_timer_new(loop, on_note, &notes[i]);
		loop_timer_set(notes[i].timer, (int)(rand_r(&seed) % 20));
	}
	for (int i = 0; i < N; i++) { /* a third moves, a third goes */
		if (i % 3 == 0)
			loop_timer_set(notes[i].timer, 20 + i % 7);
		if (i % 3 == 1)
			loop_timer_set(notes[i].timer, -1);
	}
	int64_t end_ms = loop_now_ms(loop) + 40;
	while (loop_now_ms(loop) < end_ms)
		loop_once(loop, 5);
	for (int i = 0; i < N; i++) {
		ck_assert_str_eq(stories[i].text, i % 3 == 1 ? "" : "x");
		loop_timer_free(notes[i].timer);
	}
	free(notes);
	free(stories);
	loop_free(loop);
}
END_TEST

static void
on_free_both(void *arg)
{
	struct note *note = arg;

	tell(note->story, note->letter);
	loop_timer_free(note->timer);
	loop_timer_free(note->victim);
}

START_TEST(a_timer_may_free_itself_and_another_that_is_due)
{
	struct story story = { .loop = loop_new(0) };
	struct note a = { &story, 'a' }, b = { &story, 'b' },
		    c = { &story, 'c' };

	a.timer = loop_timer_new(story.loop, on_free_both, &a);
	a.victim = loop_timer_new(story.loop, on_note, &b);
	c.timer = loop_timer_new(story.loop, on_note, &c);
	loop_timer_set(a.timer, 1);
	loop_timer_set(a.victim, 1);
	loop_timer_set(c.timer, 1);
	run_until(&story, "ac");
	loop_timer_free(c.timer);
	loop_free(story.loop);
}
END_TEST

static void
on_again(void *arg)
{
	struct note *note = arg;

	tell(note->story, note->letter);
	if (note->story->n < 4)
		loop_timer_set(note->timer, 0);
}

START_TEST(a_timer_set_again_at_once_waits_for_the_next_turn)
{
	struct story story = { .loop = loop_new(0) };
	struct note a = { &story, 'a' };

	a.timer = loop_timer_new(story.loop, on_again, &a);
	loop_timer_set(a.timer, 0);
	loop_once(story.loop, 1000);
	ck_assert_str_eq(story.text, "a");
	run_until(&story, "aaaa");
	loop_timer_free(a.timer);
	loop_free(story.loop);
}
END_TEST

static void
on_late(void *arg)
{
	struct note *note = arg;

	tell(note->story, note->letter);
	if (note->next != NULL)
		loop_late(note->story->loop, note->next);
}

static void
on_queue_late(void *arg)
{
	struct note *note = arg;

	loop_late(note->story->loop, &note->late);
	loop_late(note->story->loop, &note->late);
	tell(note->story, '+');
}

START_TEST(late_callbacks_run_once_after_all_that_was_ready)
{
	struct story story = { .loop = loop_new(0) };
	struct note a = { &story, 'a' }, b = { &story, 'b' };

	a.late = (struct loop_late) { on_late, &a };
	b.late = (struct loop_late) { on_late, &b };
	a.next = &b.late; /* the late may call the late, in the same turn */
	ck_assert_int_eq(loop_post(story.loop, on_queue_late, &a), AICX_OK);
	ck_assert_int_eq(loop_post(story.loop, on_queue_late, &a), AICX_OK);
	loop_once(story.loop, 1000);
	ck_assert_str_eq(story.text, "++ab");
	loop_once(story.loop, 0);
	ck_assert_str_eq(story.text, "++ab");
	loop_free(story.loop);
}
END_TEST

START_TEST(a_cancelled_late_callback_does_not_run)
{
	struct story story = { .loop = loop_new(0) };
	struct note a = { &story, 'a' }, b = { &story, 'b' },
		    c = { &story, 'c' };

	a.late = (struct loop_late) { on_late, &a };
	b.late = (struct loop_late) { on_late, &b };
	c.late = (struct loop_late) { on_late, &c };
	loop_late(story.loop, &a.late);
	loop_late(story.loop, &b.late);
	loop_late(story.loop, &c.late);
	loop_late_cancel(story.loop, &b.late);
	loop_late_cancel(story.loop, &b.late);
	loop_once(story.loop, 1000); /* does not wait: the late want to run */
	ck_assert_str_eq(story.text, "ac");
	ck_assert(!b.late.queued);
	loop_free(story.loop);
}
END_TEST

START_TEST(late_callbacks_that_never_end_do_not_starve_the_loop)
{
	struct story story = { .loop = loop_new(0) };
	struct note a = { &story, 'a' };

	a.late = (struct loop_late) { on_late, &a };
	a.next = &a.late;
	loop_late(story.loop, &a.late);
	loop_once(story.loop, 1000);
	size_t first = story.n;
	ck_assert_uint_gt(first, 0);
	loop_once(story.loop, 1000);
	ck_assert_uint_eq(story.n, 2 * first);
	loop_late_cancel(story.loop, &a.late);
	loop_free(story.loop);
}
END_TEST

static void
on_eventfd(uint32_t events, void *arg)
{
	struct note *note = arg;

	if (events & AICX_READABLE)
		tell(note->story, 'r');
	if (events & AICX_WRITABLE)
		tell(note->story, 'w');
	loop_watch_set(note->watch, 0);
}

START_TEST(a_watch_tells_what_is_ready_and_can_be_turned_off)
{
	struct story story = { .loop = loop_new(0) };
	struct note note = { &story, 'a' };
	int fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
	uint64_t one = 1;

	note.watch =
	    loop_watch_new(story.loop, fd, AICX_READABLE, on_eventfd, &note);
	ck_assert_ptr_nonnull(note.watch);
	loop_once(story.loop, 0);
	ck_assert_str_eq(story.text, "");
	ck_assert_int_eq(write(fd, &one, sizeof one), sizeof one);
	loop_once(story.loop, 1000);
	loop_once(story.loop, 0);
	ck_assert_str_eq(story.text, "r");
	loop_watch_set(note.watch, AICX_READABLE | AICX_WRITABLE);
	loop_once(story.loop, 1000);
	ck_assert_str_eq(story.text, "rrw");
	loop_watch_free(note.watch);
	loop_watch_free(NULL);
	(void)close(fd);
	loop_free(story.loop);
}
END_TEST

START_TEST(a_descriptor_that_cannot_be_watched_is_refused)
{
	struct loop *loop = loop_new(0);
	int fd = open("/proc/self/exe", O_RDONLY | O_CLOEXEC);

	ck_assert_int_ge(fd, 0);
	ck_assert_ptr_null(
	    loop_watch_new(loop, fd, AICX_READABLE, on_eventfd, NULL));
	ck_assert_ptr_null(
	    loop_watch_new(loop, -1, AICX_READABLE, on_eventfd, NULL));
	(void)close(fd);
	loop_free(loop);
}
END_TEST

static void
on_free_watch(uint32_t events, void *arg)
{
	struct note *note = arg;

	(void)events;
	tell(note->story, note->letter);
	loop_watch_free(note->watch);
	loop_watch_free(note[1].watch);
}

START_TEST(a_watch_may_free_itself_and_another_that_is_ready)
{
	struct story story = { .loop = loop_new(0) };
	struct note notes[2] = { { &story, 'a' }, { &story, 'b' } };
	int fds[2] = { eventfd(1, EFD_CLOEXEC), eventfd(1, EFD_CLOEXEC) };

	for (int i = 0; i < 2; i++)
		notes[i].watch = loop_watch_new(story.loop, fds[i],
		    AICX_READABLE, on_free_watch, &notes[i]);
	/* Whichever comes first frees the second, which is then silent. */
	if (notes[1].watch != NULL)
		loop_watch_set(notes[1].watch, 0);
	loop_once(story.loop, 1000);
	loop_once(story.loop, 0);
	ck_assert_str_eq(story.text, "a");
	(void)close(fds[0]);
	(void)close(fds[1]);
	loop_free(story.loop);
}
END_TEST

START_TEST(a_signal_arrives_on_the_loop)
{
	struct story story = { .loop = loop_new(0) };
	struct note note = { &story, 'h' };
	struct loop_signal *hup =
	    loop_signal_new(story.loop, SIGHUP, on_note, &note);

	ck_assert_int_eq(raise(SIGHUP), 0);
	ck_assert_str_eq(story.text, "");
	run_until(&story, "h");
	ck_assert_int_eq(raise(SIGHUP), 0);
	run_until(&story, "hh");
	loop_signal_free(hup);
	loop_signal_free(NULL);
	loop_free(story.loop);
}
END_TEST

START_TEST(clocks_go_forward_and_stand_still_within_a_turn)
{
	struct loop *loop = loop_new(0);
	int64_t a_us = loop_now_us(loop), a_ms = loop_now_ms(loop);

	loop_once(loop, 3);
	ck_assert_int_ge(loop_now_ms(loop), a_ms + 3);
	ck_assert_int_ge(loop_now_us(loop), a_us + 2000);
	ck_assert_int_gt(loop_wall_ms(loop), INT64_C(1600000000000));
	loop_free(loop);
}
END_TEST

START_TEST(random_bytes_differ_each_time)
{
	struct loop *loop = loop_new(0);
	uint8_t seen[200][16], large[2][5000];

	for (int i = 0; i < 200; i++) {
		loop_random(loop, seen[i], sizeof seen[i]);
		for (int k = 0; k < i; k++)
			ck_assert_mem_ne(seen[i], seen[k], sizeof seen[i]);
	}
	loop_random(loop, large[0], sizeof large[0]);
	loop_random(loop, large[1], sizeof large[1]);
	ck_assert_mem_ne(large[0], large[1], sizeof large[0]);
	loop_random(loop, large[0], 0);
	loop_free(loop);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("loop");
	TCase *tcase = tcase_create("loop");

	tcase_add_test(tcase, timers_fire_in_order_of_time_then_of_call);
	tcase_add_test(tcase, a_timer_never_fires_before_its_time);
	tcase_add_test(tcase, a_cancelled_timer_does_not_fire);
	tcase_add_test(tcase, a_timer_put_off_fires_at_its_new_time_only);
	tcase_add_test(tcase, many_timers_keep_their_order);
	tcase_add_test(tcase, a_timer_may_free_itself_and_another_that_is_due);
	tcase_add_test(
	    tcase, a_timer_set_again_at_once_waits_for_the_next_turn);
	tcase_add_test(tcase, late_callbacks_run_once_after_all_that_was_ready);
	tcase_add_test(tcase, a_cancelled_late_callback_does_not_run);
	tcase_add_test(
	    tcase, late_callbacks_that_never_end_do_not_starve_the_loop);
	tcase_add_test(
	    tcase, a_watch_tells_what_is_ready_and_can_be_turned_off);
	tcase_add_test(tcase, a_descriptor_that_cannot_be_watched_is_refused);
	tcase_add_test(
	    tcase, a_watch_may_free_itself_and_another_that_is_ready);
	tcase_add_test(tcase, a_signal_arrives_on_the_loop);
	tcase_add_test(tcase, clocks_go_forward_and_stand_still_within_a_turn);
	tcase_add_test(tcase, random_bytes_differ_each_time);
	suite_add_tcase(suite, tcase);
	SRunner *runner = srunner_create(suite);
	srunner_run_all(runner, CK_NORMAL);
	int n_failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return n_failed == 0 ? 0 : 1;
}
