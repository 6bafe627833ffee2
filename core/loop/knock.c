/* SPDX-License-Identifier: Apache-2.0 */
/*
 * knock.c - connections of a trusted proxy that have not yet said whose they
 * are.
 *
 * The header is read to its last byte and no further, so that what follows is
 * the client's alone.
 */
#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/err.h"
#include "base/mem.h"
#include "loop/knock.h"

enum {
	KNOCKS_MAX = 1024, /* at a listener */
	KNOCK_MS = 10000 /* for a header */
};

struct knock {
	struct list link;
	struct knocks *knocks;
	struct event event;
	struct aicx_timer *patience;
	int fd;
	struct address proxy;
	size_t len, wanted;
	uint8_t bytes[PROXY_BYTES_MAX];
};

static void
knock_free(struct knock *knock)
{
	(void)event_del(&knock->event);
	loop_timer_free(knock->patience);
	list_remove(&knock->link);
	knock->knocks->n--;
	if (knock->fd >= 0)
		(void)close(knock->fd);
	free(knock);
}

static void
on_impatient(void *arg)
{
	struct knock *knock = arg;

	knocks_refuse(knock->knocks, &knock->proxy, "proxy_header_missing");
	knock_free(knock);
}

/* The whole header is there. */
static void
answer(struct knock *knock)
{
	struct knocks *knocks = knock->knocks;
	struct proxy_client client;
	struct aicx_error why;
	int fd = knock->fd;

	if (proxy_parse(
		(struct aicx_str) { (const char *)knock->bytes, knock->len },
		&client, &why) != AICX_OK) {
		knocks_refuse(knocks, &knock->proxy, "proxy_header_malformed");
		knock_free(knock);
		return;
	}
	if (client.address.len == 0)
		client.address = knock->proxy;
	knock->fd = -1;
	knock_free(knock);
	knocks->on_client(fd, &client, knocks->arg);
}

static void
on_bytes(evutil_socket_t fd, short what, void *arg)
{
	struct knock *knock = arg;
	ssize_t n =
	    recv(fd, knock->bytes + knock->len, knock->wanted - knock->len, 0);

	(void)what;
	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (n <= 0) { /* a check of health, mostly */
		knock_free(knock);
		return;
	}
	knock->len += (size_t)n;
	if (knock->len < knock->wanted)
		return;
	if (knock->wanted == PROXY_HEAD_BYTES) {
		knock->wanted = proxy_bytes(knock->bytes);
		if (knock->wanted == 0) {
			knocks_refuse(knock->knocks, &knock->proxy,
			    "proxy_header_missing");
			knock_free(knock);
			return;
		}
	}
	if (knock->len == knock->wanted)
		answer(knock);
}

void
knocks_init(struct knocks *knocks, struct loop *loop,
    void (*on_client)(int fd, const struct proxy_client *client, void *arg),
    void *arg)
{
	list_init(&knocks->list);
	knocks->loop = loop;
	knocks->on_client = on_client;
	knocks->arg = arg;
}

void
knocks_fini(struct knocks *knocks)
{
	LIST_EACH (node, &knocks->list)
		knock_free(LIST_ITEM(node, struct knock, link));
}

void
knocks_refuse(
    const struct knocks *knocks, const struct address *who, const char *reason)
{
	char text[LOOP_ADDRESS_TEXT];

	if (knocks->loop->on_refused == NULL)
		return;
	address_print(who, text);
	knocks->loop->on_refused(text, reason, knocks->loop->on_refused_arg);
}

void
knocks_add(struct knocks *knocks, int fd, const struct address *proxy)
{
	struct knock *knock;

	if (knocks->n >= KNOCKS_MAX) {
		knocks_refuse(knocks, proxy, "too_many");
		(void)close(fd);
		return;
	}
	knock = MEM_NEW(struct knock);
	knock->knocks = knocks;
	knock->fd = fd;
	knock->proxy = *proxy;
	knock->wanted = PROXY_HEAD_BYTES;
	knocks->n++;
	list_push(&knocks->list, &knock->link);
	knock->patience = loop_timer_new(knocks->loop, on_impatient, knock);
	loop_timer_set(knock->patience, KNOCK_MS);
	(void)event_assign(&knock->event, knocks->loop->base, fd,
	    EV_READ | EV_PERSIST, on_bytes, knock);
	ENSURE(event_add(&knock->event, NULL) == 0);
}
