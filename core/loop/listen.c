/* SPDX-License-Identifier: Apache-2.0 */
/*
 * listen.c - listeners: accepted sockets become streams.
 *
 * A full descriptor table does not spin the loop: accepting rests for a moment,
 * and those who knock wait in the system's backlog.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/err.h"
#include "base/mem.h"
#include "base/str.h"
#include "loop/door.h"
#include "loop/knock.h"
#include "loop/stream_state.h"
#include "loop/subnet.h"

enum {
	ACCEPTS_PER_TURN = 64, /* then others have their turn */
	ACCEPT_REST_MS = 100
};

struct aicx_listener {
	struct list link; /* first: see bury_dead() */
	struct loop *loop;
	struct event event;
	struct aicx_timer *rested;
	aicx_accept_fn *on_accept;
	void *arg;
	int fd; /* -1: closed */
	struct address bound;
	ino_t inode; /* of a unix socket's file */
	struct tls_door *door; /* NULL: plain */
	char *proxies; /* NULL: none */
	struct knocks knocks; /* of theirs */
	char text[LOOP_ADDRESS_TEXT];
};

static void
on_rested(void *arg)
{
	struct aicx_listener *listener = arg;

	if (event_add(&listener->event, NULL) != 0)
		loop_timer_set(listener->rested, ACCEPT_REST_MS);
}

static void
rest(struct aicx_listener *listener)
{
	(void)event_del(&listener->event);
	loop_timer_set(listener->rested, ACCEPT_REST_MS);
}

/* true: there may be more. */
static bool
after_failure(struct aicx_listener *listener, int cause)
{
	if (cause == EMFILE || cause == ENFILE || cause == ENOBUFS ||
	    cause == ENOMEM) {
		rest(listener);
		return false;
	}
	/* Others mean this one peer: it went away, or its network did. */
	return cause != EAGAIN;
}

/* client: as a proxy says, or NULL. */
static void
let_in(struct aicx_listener *listener, int fd, const char *address,
    const struct proxy_client *client)
{
	struct aicx_stream *stream = stream_new(listener->loop, fd);

	stream->proxied = client != NULL;
	stream->proxied_tls = client != NULL && client->secret;
	if (listener->door != NULL)
		secrecy_begin(
		    stream, tls_door_rules(listener->door), NULL, address);
	listener->on_accept(stream, str_of(address), listener->arg);
	stream_drop_unclaimed(stream);
}

static void
on_client(int fd, const struct proxy_client *client, void *arg)
{
	char text[LOOP_ADDRESS_TEXT];

	address_print(&client->address, text);
	let_in(arg, fd, text, client);
}

static bool
accept_one(struct aicx_listener *listener)
{
	struct address peer = { .len = sizeof peer.sock };
	char text[LOOP_ADDRESS_TEXT];
	int fd = accept4(listener->fd, &peer.sock.any, &peer.len,
	    SOCK_CLOEXEC | SOCK_NONBLOCK);

	if (fd < 0)
		return after_failure(listener, errno);
	/* Unix peers have no name; the door they came in by is theirs. */
	if (peer.sock.any.sa_family == AF_UNIX)
		peer = listener->bound;
	address_print(&peer, text);
	if (subnets_have(listener->proxies, str_of(text)))
		knocks_add(&listener->knocks, fd, &peer);
	else
		let_in(listener, fd, text, NULL);
	return listener->fd >= 0;
}

static void
on_acceptable(evutil_socket_t fd, short what, void *arg)
{
	(void)fd;
	(void)what;
	for (int i = 0; i < ACCEPTS_PER_TURN; i++)
		if (!accept_one(arg))
			return;
}

/* The port that was picked; the file, so that only our own is removed. */
static void
learn_bound(struct aicx_listener *listener, const struct address *asked)
{
	struct stat at;

	listener->bound = *asked;
	if (asked->sock.any.sa_family == AF_UNIX) {
		if (stat(asked->sock.local.sun_path, &at) == 0)
			listener->inode = at.st_ino;
	} else {
		listener->bound.len = sizeof listener->bound.sock;
		ENSURE(getsockname(listener->fd, &listener->bound.sock.any,
			   &listener->bound.len) == 0);
	}
	address_print(&listener->bound, listener->text);
}

aicx_err
loop_listen(struct loop *loop, const char *address, aicx_accept_fn *on_accept,
    void *arg, struct aicx_listener **ret_listener, struct aicx_error *reterr)
{
	const struct loop_listen plain = { .mode = LOCAL_MODE };

	return loop_listen_as(
	    loop, address, &plain, on_accept, arg, ret_listener, reterr);
}

aicx_err
loop_listen_as(struct loop *loop, const char *address,
    const struct loop_listen *how, aicx_accept_fn *on_accept, void *arg,
    struct aicx_listener **ret_listener, struct aicx_error *reterr)
{
	unsigned mode = how->mode != 0 ? how->mode : LOCAL_MODE;
	struct tls_door *door = NULL;
	struct address asked;
	int fd;
	aicx_err err = address_parse(address, &asked, reterr);

	if (err == AICX_OK)
		err = subnets_check(how->proxies, reterr);
	if (err == AICX_OK && how->tls != NULL)
		err = tls_door_new(loop, how->tls, &door, reterr);
	if (err == AICX_OK)
		err = socket_listen(&asked, mode, address, &fd, reterr);
	if (err != AICX_OK) {
		tls_door_free(door);
		return err;
	}
	struct aicx_listener *listener = MEM_NEW(struct aicx_listener);
	list_init(&listener->link);
	listener->loop = loop;
	listener->on_accept = on_accept;
	listener->arg = arg;
	listener->fd = fd;
	listener->door = door;
	listener->proxies =
	    how->proxies != NULL ? mem_strdup(how->proxies) : NULL;
	knocks_init(&listener->knocks, loop, on_client, listener);
	listener->rested = loop_timer_new(loop, on_rested, listener);
	learn_bound(listener, &asked);
	(void)event_assign(&listener->event, loop->base, fd,
	    EV_READ | EV_PERSIST, on_acceptable, listener);
	ENSURE(event_add(&listener->event, NULL) == 0);
	*ret_listener = listener;
	return AICX_OK;
}

const char *
loop_listener_address(const struct aicx_listener *listener)
{
	return listener->text;
}

static void
remove_file(const struct aicx_listener *listener)
{
	const char *path = listener->bound.sock.local.sun_path;
	struct stat at;

	if (lstat(path, &at) == 0 && S_ISSOCK(at.st_mode) &&
	    at.st_ino == listener->inode)
		(void)unlink(path);
}

void
loop_listener_close(struct aicx_listener *listener)
{
	if (listener == NULL)
		return;
	ENSURE(listener->fd >= 0);
	(void)event_del(&listener->event);
	loop_timer_free(listener->rested);
	knocks_fini(&listener->knocks);
	tls_door_free(listener->door);
	free(listener->proxies);
	listener->proxies = NULL;
	if (listener->bound.sock.any.sa_family == AF_UNIX)
		remove_file(listener);
	(void)close(listener->fd);
	listener->fd = -1;
	list_push(&listener->loop->dead, &listener->link);
}
