/* SPDX-License-Identifier: Apache-2.0 */
/* spawn.c - starting a program with pipes, and ending all of its group. */
#include "cli/spawn.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <string.h>
#include <sys/pidfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/err.h"

static void
close_one(int *fd)
{
	if (*fd >= 0)
		(void)close(*fd);
	*fd = -1;
}

static aicx_err
pipes_open(
    struct spawned *spawned, int theirs[SPAWN_PIPES], struct aicx_error *reterr)
{
	for (int i = 0; i < SPAWN_PIPES; i++) {
		int ends[2];
		if (pipe2(ends, O_CLOEXEC) != 0)
			return err_set(reterr, AICX_EIO,
			    "cannot make a pipe: %s", strerror(errno));
		spawned->fd[i] = ends[i == SPAWN_IN];
		theirs[i] = ends[i != SPAWN_IN];
		(void)fcntl(spawned->fd[i], F_SETFL, O_NONBLOCK);
	}
	return AICX_OK;
}

/* All signals as a fresh shell would give them. */
static int
start(struct spawned *spawned, char *const *argv, const int theirs[SPAWN_PIPES])
{
	posix_spawn_file_actions_t actions;
	posix_spawnattr_t attr;
	sigset_t none, all;

	(void)posix_spawn_file_actions_init(&actions);
	(void)posix_spawnattr_init(&attr);
	for (int i = 0; i < SPAWN_PIPES; i++)
		(void)posix_spawn_file_actions_adddup2(&actions, theirs[i], i);
	(void)sigemptyset(&none);
	(void)sigfillset(&all);
	(void)posix_spawnattr_setsigmask(&attr, &none);
	(void)posix_spawnattr_setsigdefault(&attr, &all);
	(void)posix_spawnattr_setpgroup(&attr, 0);
	(void)posix_spawnattr_setflags(&attr,
	    POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK |
		POSIX_SPAWN_SETSIGDEF);
	int problem = posix_spawnp(
	    &spawned->pid, argv[0], &actions, &attr, argv, environ);
	(void)posix_spawn_file_actions_destroy(&actions);
	(void)posix_spawnattr_destroy(&attr);
	if (problem != 0)
		spawned->pid = 0;
	return problem;
}

bool
spawn_read(const struct spawned *spawned, int pipe, struct buf *buf)
{
	enum { CHUNK = 65536 };
	ssize_t n = read(spawned->fd[pipe], buf_room(buf, CHUNK), CHUNK);

	if (n > 0)
		buf->len += (size_t)n;
	return n > 0 || (n < 0 && (errno == EAGAIN || errno == EINTR));
}

bool
spawn_write(const struct spawned *spawned, struct aicx_str bytes, size_t *sent)
{
	while (*sent < bytes.len) {
		ssize_t n = write(spawned->fd[SPAWN_IN], bytes.ptr + *sent,
		    bytes.len - *sent);
		if (n < 0)
			return errno == EAGAIN || errno == EINTR;
		*sent += (size_t)n;
	}
	return true;
}

bool
spawn_has_ended(const struct spawned *spawned, siginfo_t *ret_status)
{
	return waitid(P_PID, (id_t)spawned->pid, ret_status,
		   WEXITED | WNOHANG | WNOWAIT) == 0 &&
	    ret_status->si_pid == spawned->pid;
}

void
spawn_end(struct spawned *spawned)
{
	/* It is reaped only here, so its number is nobody else's until now. */
	if (spawned->pid > 0) {
		(void)kill(-spawned->pid, SIGKILL);
		(void)waitpid(spawned->pid, NULL, 0);
	}
	spawned->pid = 0;
	for (int i = 0; i < SPAWN_PIPES; i++)
		close_one(&spawned->fd[i]);
	close_one(&spawned->pid_fd);
}

aicx_err
spawn_program(char *const *argv, struct spawned *ret, struct aicx_error *reterr)
{
	struct spawned spawned = { .pid_fd = -1, .fd = { -1, -1, -1 } };
	int theirs[SPAWN_PIPES] = { -1, -1, -1 };
	aicx_err err = pipes_open(&spawned, theirs, reterr);
	int problem = err == AICX_OK ? start(&spawned, argv, theirs) : 0;

	for (int i = 0; i < SPAWN_PIPES; i++)
		close_one(&theirs[i]);
	if (problem != 0)
		err = err_word(reterr, AICX_ENOTFOUND, "no_program",
		    "cannot start \"%s\": %s", argv[0], strerror(problem));
	if (err == AICX_OK)
		spawned.pid_fd = pidfd_open(spawned.pid, 0);
	if (err == AICX_OK && spawned.pid_fd < 0)
		err = err_set(reterr, AICX_EIO, "cannot watch \"%s\": %s",
		    argv[0], strerror(errno));
	if (err != AICX_OK)
		spawn_end(&spawned);
	else
		*ret = spawned;
	return err;
}
