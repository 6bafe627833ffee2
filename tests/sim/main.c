/* SPDX-License-Identifier: Apache-2.0 */
/*
 * main.c - runs seeds: `simulate [-s FIRST] [-n SEEDS] [-j JOBS] [-t TWICE]
 * [-l] [-v] [-q] [-m] [-h HISTORY] `; the last line is `N passed, N failed`.
 *
 * Each seed runs in one of a few processes, so that one which is stopped takes
 * no other with it.
 */
#include "audit.h"
#include "sim.h"

#include <errno.h>
#include <inttypes.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { SEED_SECONDS = 120, JOBS_MAX = 64, FAILURES_MAX = 20 };

struct board { /* shared by all processes */
	_Atomic uint64_t next; /* seed to be run */
	_Atomic uint64_t n_passed, n_failed, n_twice;
	_Atomic uint64_t first_failed; /* 0: none */
	_Atomic uint64_t events;
	uint64_t running[JOBS_MAX];
};

struct command {
	uint64_t first, n;
	int n_jobs;
	uint64_t twice; /* every so many seeds run twice; 0: none */
	bool all_needed, quiet, stop_at_first;
	struct sim_options options;
};

static struct board *board;

static void
run_seeds(const struct command *command, int job)
{
	for (;;) {
		uint64_t seed = atomic_fetch_add(&board->next, 1);
		if (seed >= command->first + command->n ||
		    (command->stop_at_first && board->n_failed > 0))
			exit(0);
		board->running[job] = seed;
		(void)alarm(SEED_SECONDS); /* it turns in circles, then */
		uint64_t digest = sim_run(seed, &command->options);
		if (command->twice > 0 && seed % command->twice == 0) {
			if (sim_run(seed, &command->options) != digest) {
				(void)fprintf(stderr,
				    "seed %" PRIu64
				    ": broken: determinism: the second run "
				    "went otherwise\n",
				    seed);
				exit(1);
			}
			atomic_fetch_add(&board->n_twice, 1);
		}
		if (command->options.verbose)
			(void)printf("digest %016" PRIx64 "\n", digest);
		atomic_fetch_add(&board->n_passed, 1);
		board->running[job] = 0;
	}
}

static pid_t
start(const struct command *command, int job)
{
	pid_t pid;

	(void)fflush(NULL);
	pid = fork();
	if (pid < 0) {
		perror("fork");
		exit(2);
	}
	if (pid == 0) {
		if (command->quiet && freopen("/dev/null", "w", stderr) == NULL)
			exit(2);
		run_seeds(command, job);
	}
	return pid;
}

static void
note_failure(const struct command *command, int job, int status)
{
	uint64_t seed = board->running[job];
	uint64_t none = 0;

	board->running[job] = 0;
	atomic_fetch_add(&board->n_failed, 1);
	(void)atomic_compare_exchange_strong(&board->first_failed, &none, seed);
	if (WIFSIGNALED(status))
		(void)printf("seed %" PRIu64 ": ended by signal %d\n", seed,
		    WTERMSIG(status));
	if (!command->quiet)
		(void)printf("not ok - seed %" PRIu64
			     "   (again: make sim SEED=%" PRIu64 ")\n",
		    seed, seed);
}

static void
run_all(const struct command *command)
{
	pid_t pids[JOBS_MAX];
	int status, n_left = command->n_jobs;

	for (int i = 0; i < command->n_jobs; i++)
		pids[i] = start(command, i);
	while (n_left > 0) {
		pid_t pid = wait(&status);
		int job = 0;
		if (pid < 0)
			break;
		while (job < command->n_jobs - 1 && pids[job] != pid)
			job++;
		n_left--;
		if (status == 0)
			continue;
		note_failure(command, job, status);
		if (board->n_failed < FAILURES_MAX && !command->stop_at_first) {
			pids[job] = start(command, job);
			n_left++;
		}
	}
}

static uint64_t
number(const char *text)
{
	char *end;
	uint64_t value = strtoull(text, &end, 10);

	if (*end != '\0') {
		(void)fprintf(stderr, "\"%s\" is no number\n", text);
		exit(2);
	}
	return value;
}

static struct command
parse(int argc, char **argv)
{
	struct command command = { .first = 1, .n = 40, .n_jobs = 1 };
	int c;

	while ((c = getopt(argc, argv, "s:n:j:t:h:lvqfm")) != -1)
		switch (c) {
		case 's':
			command.first = number(optarg);
			break;
		case 'n':
			command.n = number(optarg);
			break;
		case 'j':
			command.n_jobs = (int)number(optarg);
			break;
		case 't':
			command.twice = number(optarg);
			break;
		case 'h':
			command.options.history = optarg;
			break;
		case 'l':
			command.all_needed = true;
			break;
		case 'v':
			command.options.verbose = true;
			break;
		case 'q':
			command.quiet = true;
			break;
		case 'm':
			command.options.tight = true;
			break;
		case 'f':
			command.stop_at_first = true;
			break;
		default:
			exit(2);
		}
	if (command.n_jobs < 1 || command.n_jobs > JOBS_MAX)
		command.n_jobs = 1;
	return command;
}

int
main(int argc, char **argv)
{
	struct command command = parse(argc, argv);
	struct timespec began, ended;

	board = mmap(NULL, sizeof *board, PROT_READ | PROT_WRITE,
	    MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (board == MAP_FAILED) {
		perror("mmap");
		return 2;
	}
	atomic_store(&board->next, command.first);
	marks_open();
	for (int i = 0; i < FAULT_N; i++)
		mark_need(fault_names[i]);
	audit_need_edges();
	(void)clock_gettime(CLOCK_MONOTONIC, &began);
	run_all(&command);
	(void)clock_gettime(CLOCK_MONOTONIC, &ended);
	double seconds = (double)(ended.tv_sec - began.tv_sec) +
	    (double)(ended.tv_nsec - began.tv_nsec) / 1e9;
	if (!command.quiet)
		(void)marks_print(true);
	if (board->first_failed != 0)
		(void)printf("first failure after %" PRIu64 " seeds: %" PRIu64
			     "\n",
		    (uint64_t)(board->n_passed + board->n_failed),
		    (uint64_t)board->first_failed);
	if (command.all_needed) {
		int n_missing = marks_print(false);
		if (n_missing > 0)
			(void)printf("not ok - %d places were never reached\n",
			    n_missing);
		board->n_failed += (uint64_t)n_missing;
	}
	uint64_t n_run = board->n_passed + board->n_failed;
	(void)printf("%" PRIu64 " seeds in %.1f s, %.1f a second, %" PRIu64
		     " of them twice\n",
	    n_run, seconds, (double)n_run / seconds, (uint64_t)board->n_twice);
	(void)printf("%" PRIu64 " passed, %" PRIu64 " failed\n",
	    (uint64_t)board->n_passed, (uint64_t)board->n_failed);
	return board->n_failed == 0 ? 0 : 1;
}
