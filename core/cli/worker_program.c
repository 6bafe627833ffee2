/* SPDX-License-Identifier: Apache-2.0 */
/* worker_program.c - a program does the work: it is run once for each. */
#include <stdlib.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/json.h"
#include "base/mem.h"
#include "base/str.h"
#include "cli/job.h"
#include "cli/worker.h"

struct program {
	struct worker worker;
	char *const *argv;
	bool json_output;
};

struct run {
	struct program *program;
	struct work work;
	struct job *job;
};

static void
run_end(const struct run *run, const struct job_end *end)
{
	const struct worker *worker = &run->program->worker;
	const struct work *work = &run->work;

	switch (end->how) {
	case JOB_DONE:
		if (run->program->json_output)
			work_deliver_json(worker, work, end->output);
		else
			work_deliver_text(worker, work, end->output);
		break;
	case JOB_FAILED:
		work_fail(work, "program_failed", false,
		    "%s ended with status %d%s%.*s", worker->name, end->number,
		    end->complaint.len ? ": " : "", STR_ARG(end->complaint));
		break;
	case JOB_KILLED:
		work_fail(work, "program_failed", false,
		    "%s was ended by signal %d", worker->name, end->number);
		break;
	case JOB_TIMED_OUT:
		work_fail(work, "timeout", false,
		    "%s did not end within %lld ms", worker->name,
		    (long long)work->timeout_ms);
		break;
	case JOB_TOO_MUCH:
		work_fail(work, "output_too_large", false,
		    "%s wrote more than %d bytes", worker->name,
		    JOB_OUTPUT_MAX);
		break;
	}
}

static void
on_job_end(const struct job_end *end, void *arg)
{
	struct run *run = arg;

	run_end(run, end);
	free(run); /* its job frees itself */
}

/* A text as it is, everything else as JSON. */
static aicx_err
program_start(struct worker *worker, const struct work *work, void **ret_run,
    struct aicx_error *reterr)
{
	struct program *program = (struct program *)worker;
	struct run *run = MEM_NEW(struct run);
	struct arena arena = { 0 };
	struct aicx_error why;
	struct json doc;
	struct job_spec spec = {
		.argv = program->argv,
		.input = work->input,
		.timeout_ms = work->timeout_ms,
		.output_max = JOB_OUTPUT_MAX,
	};

	*run = (struct run) { program, *work, NULL };
	aicx_err err = json_parse(work->input, &arena, &doc, &why);
	if (err == AICX_OK && json_type(json_root(&doc)) == JSON_STRING)
		spec.input = json_str(json_root(&doc), &arena);
	if (err == AICX_OK)
		err = job_start(
		    worker->loop, &spec, on_job_end, run, &run->job, &why);
	arena_fini(&arena);
	if (err == AICX_OK) {
		*ret_run = run;
		return AICX_OK;
	}
	free(run);
	return err_word(reterr, err, "program_failed", "%s", why.text);
}

static void
program_cancel(struct worker *worker, void *arg)
{
	struct run *run = arg;

	(void)worker;
	job_free(run->job);
	free(run);
}

static void
program_free(struct worker *worker)
{
	free(worker);
}

static const struct worker_ops program_ops = {
	.start = program_start,
	.cancel = program_cancel,
	.free = program_free,
};

struct worker *
worker_program_new(char *const *argv, bool json_output)
{
	struct program *program = MEM_NEW(struct program);

	program->worker.ops = &program_ops;
	program->worker.name = argv[0];
	program->argv = argv;
	program->json_output = json_output;
	return &program->worker;
}
