/* SPDX-License-Identifier: Apache-2.0 */
/* job.c - one run of a program, served by the loop. */
#include "cli/job.h"

#include <signal.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/str.h"
#include "cli/spawn.h"

struct job {
	struct loop *loop;
	struct spawned program;
	struct aicx_watch *watch[SPAWN_PIPES], *pid_watch;
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
	if (job->program.fd[which] >= 0)
		(void)close(job->program.fd[which]);
	job->program.fd[which] = -1;
}

void
job_free(struct job *job)
{
	if (job == NULL)
		return;
	for (int i = 0; i < SPAWN_PIPES; i++)
		loop_watch_free(job->watch[i]);
	loop_watch_free(job->pid_watch);
	spawn_end(&job->program);
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

	if (!job->exited || (job->program.fd[SPAWN_OUT] >= 0 && !job->closing))
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
	if (!spawn_has_ended(&job->program, &job->status))
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
	(void)kill(-job->program.pid, SIGKILL);
	end_if_over(job);
}

static void
on_writable(uint32_t events, void *arg)
{
	struct job *job = arg;

	(void)events;
	/* A program need not read its input: EPIPE is no error. */
	if (spawn_write(
		&job->program, buf_view(&job->input), &job->input_sent) &&
	    job->input_sent < job->input.len)
		return;
	pipe_close(job, SPAWN_IN);
}

static void
on_output(uint32_t events, void *arg)
{
	struct job *job = arg;

	(void)events;
	if (!spawn_read(&job->program, SPAWN_OUT, &job->output)) {
		pipe_close(job, SPAWN_OUT);
		end_if_over(job);
		return;
	}
	if (job->output.len <= job->output_max)
		return;
	job->too_much = true;
	job->output.len = job->output_max;
	pipe_close(job, SPAWN_OUT);
	(void)kill(-job->program.pid, SIGKILL);
	end_if_over(job);
}

static void
on_complaint(uint32_t events, void *arg)
{
	struct job *job = arg;

	(void)events;
	if (!spawn_read(&job->program, SPAWN_ERR, &job->complaint))
		pipe_close(job, SPAWN_ERR);
	else if (job->complaint.len > JOB_COMPLAINT_MAX)
		job->complaint.len = JOB_COMPLAINT_MAX;
}

static void
watch_all(struct job *job)
{
	struct loop *loop = job->loop;

	job->watch[SPAWN_IN] = loop_watch_new(
	    loop, job->program.fd[SPAWN_IN], AICX_WRITABLE, on_writable, job);
	job->watch[SPAWN_OUT] = loop_watch_new(
	    loop, job->program.fd[SPAWN_OUT], AICX_READABLE, on_output, job);
	job->watch[SPAWN_ERR] = loop_watch_new(
	    loop, job->program.fd[SPAWN_ERR], AICX_READABLE, on_complaint, job);
	job->pid_watch = loop_watch_new(
	    loop, job->program.pid_fd, AICX_READABLE, on_exit_seen, job);
}

aicx_err
job_start(struct loop *loop, const struct job_spec *spec, job_end_fn *on_end,
    void *arg, struct job **ret, struct aicx_error *reterr)
{
	struct job *job = MEM_NEW(struct job);

	*job = (struct job) { .loop = loop,
		.program = { .pid_fd = -1, .fd = { -1, -1, -1 } },
		.output_max = spec->output_max,
		.started_ms = loop_now_ms(loop),
		.on_end = on_end,
		.arg = arg };
	buf_str(&job->input, spec->input);
	aicx_err err = spawn_program(spec->argv, &job->program, reterr);
	if (err != AICX_OK) {
		job_free(job);
		return err;
	}
	job->timer = loop_timer_new(loop, on_time, job);
	loop_timer_set(job->timer, spec->timeout_ms);
	watch_all(job);
	if (job->input.len == 0)
		pipe_close(job, SPAWN_IN);
	*ret = job;
	return AICX_OK;
}
