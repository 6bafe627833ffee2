/* SPDX-License-Identifier: Apache-2.0 */
/* knock.h - connections of a trusted proxy that have not yet said whose they
   are; this folder only. */
#ifndef LOOP_KNOCK_H
#define LOOP_KNOCK_H

#include "loop/proxy.h"

struct knocks {
	struct loop *loop;
	struct list list;
	size_t n;
	/* Gets the descriptor. */
	void (*on_client)(int fd, const struct proxy_client *client, void *arg);
	void *arg;
};

void knocks_init(struct knocks *knocks, struct loop *loop,
    void (*on_client)(int fd, const struct proxy_client *client, void *arg),
    void *arg);
void knocks_fini(struct knocks *knocks);
/* Takes the descriptor. */
void knocks_add(struct knocks *knocks, int fd, const struct address *proxy);
void knocks_refuse(
    const struct knocks *knocks, const struct address *who, const char *reason);

#endif
