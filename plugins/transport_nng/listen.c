/* SPDX-License-Identifier: Apache-2.0 */
/*
 * listen.c - sockets opened, set up, and listening.
 *
 * Without buffers a raw socket makes a round trip wait for NNG's timers; with
 * too large ones a crowd fills our memory: `buffer` counts messages.
 */
#include "listen.h"

#include <arpa/inet.h>
#include <nng/protocol/pubsub0/pub.h>
#include <nng/protocol/reqrep0/rep.h>
#include <nng/protocol/survey0/survey.h>
#include <stdio.h>
#include <string.h>

static aicx_err
fail(struct aicx_error *reterr, const char *what, const char *subject,
    int problem)
{
	aicx_err code = AICX_EIO;

	if (problem == NNG_EADDRINUSE)
		code = AICX_EEXIST;
	else if (problem == NNG_EINVAL || problem == NNG_EADDRINVAL ||
	    problem == NNG_ENOTSUP)
		code = AICX_EINVAL;
	else if (problem == NNG_EPERM)
		code = AICX_EDENIED;
	if (reterr != NULL) {
		*reterr = (struct aicx_error) { .code = code };
		(void)snprintf(reterr->text, sizeof reterr->text,
		    "cannot %s \"%.120s\": %s", what, subject,
		    nng_strerror(problem));
	}
	return code;
}

int
line_mode(const char *text)
{
	static const struct {
		const char *text;
		int mode;
	} modes[] = { { "0600", 0600 }, { "0660", 0660 }, { "0666", 0666 } };

	for (size_t i = 0; i < sizeof modes / sizeof *modes; i++)
		if (strcmp(text, modes[i].text) == 0)
			return modes[i].mode;
	return -1;
}

static int
open_raw(enum pipe_kind kind, nng_socket *ret_socket)
{
	switch (kind) {
	case PIPE_REQUESTS:
		return nng_rep0_open_raw(ret_socket);
	case PIPE_NEWS:
		return nng_pub0_open(ret_socket);
	case PIPE_INTENTS:
		return nng_surveyor0_open_raw(ret_socket);
	case PIPE_KINDS:
		break;
	}
	return NNG_EINVAL;
}

static int
set_up(const struct door *door, enum pipe_kind kind, nng_socket socket)
{
	const struct settings *settings = door->settings;
	int problem = nng_socket_set_size(
	    socket, NNG_OPT_RECVMAXSZ, (size_t)settings->max_message);

	if (problem == 0)
		problem = nng_socket_set_int(
		    socket, NNG_OPT_SENDBUF, (int)settings->buffer);
	if (problem == 0 && kind != PIPE_NEWS)
		problem = nng_socket_set_int(
		    socket, NNG_OPT_RECVBUF, (int)settings->buffer);
	return problem;
}

/* NNG's descriptor says that something came; it is never read itself. */
static aicx_err
watch(struct door *door, enum pipe_kind kind, struct aicx_error *reterr)
{
	struct line *line = &door->lines[kind];
	int fd = -1;
	int problem = nng_socket_get_int(line->socket, NNG_OPT_RECVFD, &fd);

	if (problem != 0)
		return fail(reterr, "watch", "socket", problem);
	return door->host->watch_fd(door->self, fd, AICX_READABLE,
	    kind == PIPE_REQUESTS ? door_on_requests : door_on_votes, door,
	    &line->watch);
}

/* With the port that was picked for 0. */
static void
print_bound(nng_listener listener, const char *url, char *ret_text)
{
	nng_sockaddr at;
	char host[INET6_ADDRSTRLEN] = "";
	const char *rest = strstr(url, "://");
	int port = 0;

	(void)snprintf(ret_text, URL_MAX, "%s", url);
	if (rest == NULL ||
	    nng_listener_get_addr(listener, NNG_OPT_LOCADDR, &at) != 0)
		return;
	if (at.s_family == NNG_AF_INET) {
		(void)inet_ntop(AF_INET, &at.s_in.sa_addr, host, sizeof host);
		port = ntohs(at.s_in.sa_port);
	} else if (at.s_family == NNG_AF_INET6) {
		(void)inet_ntop(AF_INET6, at.s_in6.sa_addr, host, sizeof host);
		port = ntohs(at.s_in6.sa_port);
	} else
		return;
	rest = strchr(rest + 3, '/');
	(void)snprintf(ret_text, URL_MAX, "%.*s://%s%s%s:%d%s",
	    (int)(strstr(url, "://") - url), url,
	    at.s_family == NNG_AF_INET6 ? "[" : "", host,
	    at.s_family == NNG_AF_INET6 ? "]" : "", port,
	    rest != NULL ? rest : "");
}

static aicx_err
listen_at(struct door *door, enum pipe_kind kind, const char *url,
    char *ret_bound, struct aicx_error *reterr)
{
	nng_listener listener;
	int problem =
	    nng_listener_create(&listener, door->lines[kind].socket, url);

	if (problem == 0 && strncmp(url, "ipc:", 4) == 0)
		problem = nng_listener_set_int(
		    listener, NNG_OPT_IPC_PERMISSIONS, door->mode);
	if (problem == 0)
		problem = nng_listener_start(listener, 0);
	if (problem != 0)
		return fail(reterr, "listen on", url, problem);
	print_bound(listener, url, ret_bound);
	return AICX_OK;
}

static aicx_err
listen_all(struct door *door, enum pipe_kind kind, const char *urls,
    char *ret_first, struct aicx_error *reterr)
{
	char url[URL_MAX];
	char bound[URL_MAX];
	size_t len;

	for (urls += strspn(urls, ", "); *urls != '\0';
	     urls += strspn(urls, ", ")) {
		len = strcspn(urls, ", ");
		if (len >= sizeof url)
			return fail(reterr, "listen on", urls, NNG_EADDRINVAL);
		memcpy(url, urls, len);
		url[len] = '\0';
		urls += len;
		aicx_err err = listen_at(door, kind, url, bound, reterr);
		if (err != AICX_OK)
			return err;
		door->host->log(door->self, AICX_INFO, "nng.listening", bound);
		if (ret_first[0] == '\0')
			memcpy(ret_first, bound, sizeof bound);
	}
	return AICX_OK;
}

aicx_err
line_open(struct door *door, enum pipe_kind kind, const char *urls,
    char *ret_first, struct aicx_error *reterr)
{
	struct line *line = &door->lines[kind];
	aicx_err err = AICX_OK;
	int problem;

	if (urls[strspn(urls, ", ")] == '\0')
		return AICX_OK;
	problem = open_raw(kind, &line->socket);
	if (problem != 0)
		return fail(reterr, "open", "socket", problem);
	line->is_open = true;
	problem = nng_aio_alloc(&line->aio, NULL, NULL);
	if (problem != 0)
		return fail(reterr, "open", "socket", problem);
	nng_aio_set_timeout(line->aio, NNG_DURATION_ZERO);
	problem = set_up(door, kind, line->socket);
	if (problem == 0)
		problem = pipes_attach(&door->pipes, kind, line->socket);
	if (problem != 0)
		return fail(reterr, "set up", "socket", problem);
	if (kind != PIPE_NEWS)
		err = watch(door, kind, reterr);
	if (err == AICX_OK)
		err = listen_all(door, kind, urls, ret_first, reterr);
	return err;
}

void
line_close(struct door *door, enum pipe_kind kind)
{
	struct line *line = &door->lines[kind];

	if (line->watch != NULL)
		door->host->watch_free(line->watch);
	if (line->is_open)
		(void)nng_close(line->socket);
	if (line->aio != NULL)
		nng_aio_free(line->aio);
	*line = (struct line) { .is_open = false };
}
