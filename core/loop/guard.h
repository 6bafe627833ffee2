/* SPDX-License-Identifier: Apache-2.0 */
/*
 * guard.h - which addresses a request may go to.
 *
 * A URL may come from somebody who would like us to ask our own neighbours
 * (server-side request forgery), and a name may resolve to them at any time.
 * So the address itself is looked at, when the socket is made.
 */
#ifndef LOOP_GUARD_H
#define LOOP_GUARD_H

#include <aiconexus/types.h>
#include <stdbool.h>
#include <sys/socket.h>

/* Reachable from everywhere: neither private, loopback, link-local, multicast,
   nor one of those inside another form (RFC 6890). */
bool guard_is_public(const struct sockaddr *address);
/* Is this host, or this address, one of the list "a.example, 127.0.0.1"? */
bool guard_is_allowed(
    struct aicx_str allow, struct aicx_str host, const struct sockaddr *addr);

#endif
