/* SPDX-License-Identifier: Apache-2.0 */
/* job.c - one run of a program, served by the loop. */
#include "cli/job.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdlib.h>
#include <string.h>
#include <sys/pidfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/err.h"
#include "base/mem.h"
#include "base/str.h"

enum { IN, OUT, ERR, N_PIPES };

struct job {
	struct loop *loop;
	pid_t pid;
	int fd[N_PIPES], pid_fd; /* our ends; -1: closed */
	struct aicx_watch *watch[N_PIPES], *pid_watch;
	struct aicx_timer *timer;
	struct buf input, output, complaint;
	size_t input_sent, output_max;
	int64_t started_ms;
	job_end_fn *on_end;
	void *arg;
	siginfo_t status; /* once it exited */
	bool exited, timed_out, too_much, closing;
};

static void
pipe_close(struct job *job, int which)
{
	loop_watch_free(job->watch[which]);
	job->watch[which] = NULL;
	if (job->fd[which] >= 0)
		(void)close(job->fd[which]);
	job->fd[which] = -1;
}

void
job_free(struct job *job)
{
	if (job == NULL)
		return;
	/* It is reaped only here, so its number is nobody else's until now. */
	if (job->pid > 0) {
		(void)kill(-job->pid, SIGKILL);
		(void)waitpid(job->pid, NULL, 0);
	}
	for (int i = 0; i < N_PIPES; i++)
		pipe_close(job, i);
	loop_watch_free(job->pid_watch);
	if (job->pid_fd >= 0)
		(void)close(job->pid_fd);
	loop_timer_free(job->timer);
	buf_fini(&job->input);
	buf_fini(&job->output);
	buf_fini(&job->complaint);
	free(job);
}

static void
judge(const struct job *job, struct job_end *end)
{
	end->number = job->status.si_status; /* exit status or signal */
	if (job->too_much)
		end->how = JOB_TOO_MUCH;
	else if (job->timed_out)
		end->how = JOB_TIMED_OUT;
	else if (job->status.si_code != CLD_EXITED)
		end->how = JOB_KILLED;
	else
		end->how = end->number == 0 ? JOB_DONE : JOB_FAILED;
}

/* Ends the job when the process is gone and its output is all here (or we do
   not wait for it any longer). */
static void
end_if_over(struct job *job)
{
	struct aicx_str rest;
	struct job_end end = { 0 };

	if (!job->exited || (job->fd[OUT] >= 0 && !job->closing))
		return;
	judge(job, &end);
	end.output = buf_view(&job->output);
	end.complaint =
	    str_trim(str_cut(buf_view(&job->complaint), '\n', &rest));
	end.elapsed_ms = loop_now_ms(job->loop) - job->started_ms;
	job->on_end(&end, job->arg);
	job_free(job);
}

static void
on_exit_seen(uint32_t events, void *arg)
{
	struct job *job = arg;

	(void)events;
	if (waitid(P_PID, (id_t)job->pid, &job->status,
		WEXITED | WNOHANG | WNOWAIT) != 0 ||
	    job->status.si_pid != job->pid)
		return;
	job->exited = true;
	loop_watch_free(job->pid_watch);
	job->pid_watch = NULL;
	/* Something it started may keep the pipe open: it gets a moment. */
	loop_timer_set(job->timer, JOB_LINGER_MS);
	end_if_over(job);
}

static void
on_time(void *arg)
{
	struct job *job = arg;

	if (!job->exited)
		job->timed_out = true;
	else
		job->closing = true;
	(void)kill(-job->pid, SIGKILL);
	end_if_over(job);
}

static void
on_writable(uint32_t events, void *arg)
{
	struct job *job = arg;

	(void)events;
	while (job->input_sent < job->input.len) {
		ssize_t n = write(job->fd[IN], job->input.ptr + job->input_sent,
		    job->input.len - job->input_sent);
		if (n < 0 && (errno == EAGAIN || errno == EINTR))
			return;
		/* A program need not read its input: EPIPE is no error. */
		if (n < 0)
			break;
		job->input_sent += (size_t)n;
	}
	pipe_close(job, IN);
}

/* false when the pipe is at its end. */
static bool
pipe_read(int fd, struct buf *buf)
{
	enum { CHUNK = 65536 };
	ssize_t n = read(fd, buf_room(buf, CHUNK), CHUNK);

	if (n > 0)
		buf->len += (size_t)n;
	return n > 0 || (n < 0 && (errno == EAGAIN || errno == EINTR));
}

static void
on_output(uint32_t events, void *arg)
{
	struct job *job = arg;

	(void)events;
	if (!pipe_read(job->fd[OUT], &job->output)) {
		pipe_close(job, OUT);
		end_if_over(job);
		return;
	}
	if (job->output.len <= job->output_max)
		return;
	job->too_much = true;
	job->output.len = job->output_max;
	pipe_close(job, OUT);
	(void)kill(-job->pid, SIGKILL);
	end_if_over(job);
}

static void
on_complaint(uint32_t events, void *arg)
{
	struct job *job = arg;

	(void)events;
	if (!pipe_read(job->fd[ERR], &job->complaint))
		pipe_close(job, ERR);
	else if (job->complaint.len > JOB_COMPLAINT_MAX)
		job->complaint.len = JOB_COMPLAINT_MAX;
}

static aicx_err
pipes_open(struct job *job, int theirs[N_PIPES], struct aicx_error *reterr)
{
	for (int i = 0; i < N_PIPES; i++) {
		int ends[2];
		if (pipe2(ends, O_CLOEXEC) != 0)
			return err_set(reterr, AICX_EIO,
			    "cannot make a pipe: %s", strerror(errno));
		job->fd[i] = ends[i == IN];
		theirs[i] = ends[i != IN];
		(void)fcntl(job->fd[i], F_SETFL, O_NONBLOCK);
	}
	return AICX_OK;
}

/* All signals as a fresh shell would give them. */
static int
spawn(struct job *job, char *const *argv, const int theirs[N_PIPES])
{
	posix_spawn_file_actions_t actions;
	posix_spawnattr_t attr;
	sigset_t none, all;

	(void)posix_spawn_file_actions_init(&actions);
	(void)posix_spawnattr_init(&attr);
	for (int i = 0; i < N_PIPES; i++)
		(void)posix_spawn_file_actions_adddup2(&actions, theirs[i], i);
	(void)sigemptyset(&none);
	(void)sigfillset(&all);
	(void)posix_spawnattr_setsigmask(&attr, &none);
	(void)posix_spawnattr_setsigdefault(&attr, &all);
	(void)posix_spawnattr_setpgroup(&attr, 0);
	(void)posix_spawnattr_setflags(&attr,
	    POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK |
		POSIX_SPAWN_SETSIGDEF);
	int problem =
	    posix_spawnp(&job->pid, argv[0], &actions, &attr, argv, environ);
	(void)posix_spawn_file_actions_destroy(&actions);
	(void)posix_spawnattr_destroy(&attr);
	if (problem != 0)
		job->pid = 0;
	return problem;
}

static void
watch_all(struct job *job)
{
	struct loop *loop = job->loop;

	job->watch[IN] =
	    loop_watch_new(loop, job->fd[IN], AICX_WRITABLE, on_writable, job);
	job->watch[OUT] =
	    loop_watch_new(loop, job->fd[OUT], AICX_READABLE, on_output, job);
	job->watch[ERR] = loop_watch_new(
	    loop, job->fd[ERR], AICX_READABLE, on_complaint, job);
	job->pid_watch =
	    loop_watch_new(loop, job->pid_fd, AICX_READABLE, on_exit_seen, job);
}

aicx_err
job_start(struct loop *loop, const struct job_spec *spec, job_end_fn *on_end,
    void *arg, struct job **ret, struct aicx_error *reterr)
{
	struct job *job = MEM_NEW(struct job);
	int theirs[N_PIPES] = { -1, -1, -1 };

	*job = (struct job) { .loop = loop,
		.fd = { -1, -1, -1 },
		.pid_fd = -1,
		.output_max = spec->output_max,
		.started_ms = loop_now_ms(loop),
		.on_end = on_end,
		.arg = arg };
	buf_str(&job->input, spec->input);
	aicx_err err = pipes_open(job, theirs, reterr);
	int problem = err == AICX_OK ? spawn(job, spec->argv, theirs) : 0;
	for (int i = 0; i < N_PIPES; i++)
		if (theirs[i] >= 0)
			(void)close(theirs[i]);
	if (problem != 0)
		err = err_word(reterr, AICX_ENOTFOUND, "no_program",
		    "cannot start \"%s\": %s", spec->argv[0],
		    strerror(problem));
	if (err == AICX_OK)
		job->pid_fd = pidfd_open(job->pid, 0);
	if (err == AICX_OK && job->pid_fd < 0)
		err = err_set(reterr, AICX_EIO, "cannot watch \"%s\": %s",
		    spec->argv[0], strerror(errno));
	if (err != AICX_OK) {
		job_free(job);
		return err;
	}
	job->timer = loop_timer_new(loop, on_time, job);
	loop_timer_set(job->timer, spec->timeout_ms);
	watch_all(job);
	if (job->input.len == 0)
		pipe_close(job, IN);
	*ret = job;
	return AICX_OK;
}
