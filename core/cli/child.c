/* SPDX-License-Identifier: Apache-2.0 */
/* child.c - a program that stays, line by line. */
#include "cli/child.h"

#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/str.h"
#include "cli/spawn.h"

struct child {
	struct spawned program;
	struct aicx_watch *watch[SPAWN_PIPES], *pid_watch;
	struct buf input, output, word;
	size_t input_sent, scanned, line_max;
	const struct child_ops *ops;
	void *arg;
	bool busy; /* inside a callback */
	bool freed; /* there */
	bool over; /* on_end was called */
	bool word_cut; /* the rest of the line is dropped */
};

static void
pipe_close(struct child *child, int which)
{
	loop_watch_free(child->watch[which]);
	child->watch[which] = NULL;
	if (child->program.fd[which] >= 0)
		(void)close(child->program.fd[which]);
	child->program.fd[which] = -1;
}

void
child_free(struct child *child)
{
	if (child == NULL)
		return;
	if (child->busy) {
		child->freed = true;
		return;
	}
	for (int i = 0; i < SPAWN_PIPES; i++)
		loop_watch_free(child->watch[i]);
	loop_watch_free(child->pid_watch);
	spawn_end(&child->program);
	buf_fini(&child->input);
	buf_fini(&child->output);
	buf_fini(&child->word);
	free(child);
}

static bool
waits_for_end(const struct child *child)
{
	struct pollfd fd = { .fd = child->program.pid_fd, .events = POLLIN };

	return poll(&fd, 1, CHILD_LEAVE_MS) == 1;
}

void
child_leave(struct child *child)
{
	if (child == NULL)
		return;
	pipe_close(child, SPAWN_IN);
	if (!waits_for_end(child)) {
		(void)kill(-child->program.pid, SIGTERM);
		(void)waits_for_end(child);
	}
	child_free(child);
}

/* --- its end ---------------------------------------------------------- */

static void
end(struct child *child, const char *why)
{
	bool was_busy = child->busy;

	if (child->over || child->freed)
		return;
	child->over = true;
	child->busy = true;
	child->ops->on_end(why, child->arg);
	child->busy = was_busy;
}

/* After a callback: frees what was freed inside it; true: it is gone. */
static bool
is_gone(struct child *child)
{
	if (!child->freed || child->busy)
		return false;
	child_free(child);
	return true;
}

/* --- lines ------------------------------------------------------------ */

static struct aicx_str
without_cr(struct aicx_str line)
{
	if (line.len > 0 && line.ptr[line.len - 1] == '\r')
		line.len--;
	return line;
}

/* Tells all whole lines; what is left moves to the front. */
static void
tell_lines(struct child *child)
{
	size_t at = 0;
	char *end_of_line;

	while (!child->freed && !child->over &&
	    (end_of_line = memchr(child->output.ptr + child->scanned, '\n',
		 child->output.len - child->scanned)) != NULL) {
		struct aicx_str line = { child->output.ptr + at,
			(size_t)(end_of_line - child->output.ptr) - at };
		at += line.len + 1;
		child->scanned = at;
		child->ops->on_line(without_cr(line), child->arg);
	}
	if (child->freed || child->over)
		return;
	buf_shift(&child->output, at);
	child->scanned = child->output.len;
	if (child->output.len > child->line_max)
		end(child, "its line is too long");
}

static void
on_output(uint32_t events, void *arg)
{
	struct child *child = arg;

	(void)events;
	bool open = spawn_read(&child->program, SPAWN_OUT, &child->output);
	child->busy = true;
	if (child->output.len > 0)
		tell_lines(child);
	if (!open && !child->freed)
		pipe_close(child, SPAWN_OUT);
	child->busy = false;
	(void)is_gone(child);
}

static void
tell_word(struct child *child, struct aicx_str line)
{
	if (!child->word_cut && line.len > 0 && str_is_utf8(line))
		child->ops->on_word(without_cr(line), child->arg);
	child->word_cut = false;
}

static void
on_words(uint32_t events, void *arg)
{
	struct child *child = arg;
	struct aicx_str rest, line;
	size_t used = 0;

	(void)events;
	if (!spawn_read(&child->program, SPAWN_ERR, &child->word))
		pipe_close(child, SPAWN_ERR);
	child->busy = true;
	rest = buf_view(&child->word);
	while (!child->freed && memchr(rest.ptr, '\n', rest.len) != NULL) {
		line = str_cut(rest, '\n', &rest);
		used += line.len + 1;
		if (line.len > CHILD_WORD_MAX)
			line.len = CHILD_WORD_MAX;
		tell_word(child, line);
	}
	child->busy = false;
	if (is_gone(child))
		return;
	buf_shift(&child->word, used);
	if (child->word.len > CHILD_WORD_MAX) { /* cut, and told once */
		child->busy = true;
		tell_word(child,
		    (struct aicx_str) { child->word.ptr, CHILD_WORD_MAX });
		child->word_cut = true;
		buf_clear(&child->word);
		child->busy = false;
		(void)is_gone(child);
	}
}

/* --- its process ------------------------------------------------------ */

static void
say_why(const siginfo_t *status, char *text, size_t size)
{
	(void)snprintf(text, size,
	    status->si_code == CLD_EXITED ? "it ended with status %d"
					  : "it was ended by signal %d",
	    status->si_status);
}

static void
on_exit_seen(uint32_t events, void *arg)
{
	struct child *child = arg;
	siginfo_t status = { 0 };
	char why[64];

	(void)events;
	if (!spawn_has_ended(&child->program, &status))
		return;
	loop_watch_free(child->pid_watch);
	child->pid_watch = NULL;
	say_why(&status, why, sizeof why);
	child->busy = true;
	/* What it wrote before is told; what its children write is not. */
	if (child->program.fd[SPAWN_OUT] >= 0) {
		size_t before;
		do {
			before = child->output.len;
			(void)spawn_read(
			    &child->program, SPAWN_OUT, &child->output);
		} while (child->output.len > before &&
		    child->output.len <= child->line_max);
		if (child->output.len > 0)
			tell_lines(child);
	}
	end(child, why);
	child->busy = false;
	(void)is_gone(child);
}

/* --- writing ---------------------------------------------------------- */

static void
on_writable(uint32_t events, void *arg)
{
	struct child *child = arg;

	(void)events;
	if (!spawn_write(&child->program, buf_view(&child->input),
		&child->input_sent)) { /* its end is seen elsewhere */
		pipe_close(child, SPAWN_IN);
		return;
	}
	if (child->input_sent < child->input.len)
		return;
	buf_clear(&child->input);
	child->input_sent = 0;
	loop_watch_set(child->watch[SPAWN_IN], 0);
}

bool
child_write(struct child *child, struct aicx_str line)
{
	if (child->input.len - child->input_sent + line.len > CHILD_QUEUE_MAX)
		return false;
	if (child->program.fd[SPAWN_IN] < 0)
		return true;
	buf_shift(&child->input, child->input_sent);
	child->input_sent = 0;
	buf_str(&child->input, line);
	buf_char(&child->input, '\n');
	loop_watch_set(child->watch[SPAWN_IN], AICX_WRITABLE);
	return true;
}

aicx_err
child_start(struct loop *loop, char *const *argv, size_t line_max,
    const struct child_ops *ops, void *arg, struct child **ret,
    struct aicx_error *reterr)
{
	struct spawned program;
	aicx_err err = spawn_program(argv, &program, reterr);

	if (err != AICX_OK)
		return err;
	struct child *child = MEM_NEW(struct child);
	*child = (struct child) {
		.program = program, .line_max = line_max, .ops = ops, .arg = arg
	};
	child->watch[SPAWN_IN] =
	    loop_watch_new(loop, program.fd[SPAWN_IN], 0, on_writable, child);
	child->watch[SPAWN_OUT] = loop_watch_new(
	    loop, program.fd[SPAWN_OUT], AICX_READABLE, on_output, child);
	child->watch[SPAWN_ERR] = loop_watch_new(
	    loop, program.fd[SPAWN_ERR], AICX_READABLE, on_words, child);
	child->pid_watch = loop_watch_new(
	    loop, program.pid_fd, AICX_READABLE, on_exit_seen, child);
	*ret = child;
	return AICX_OK;
}
