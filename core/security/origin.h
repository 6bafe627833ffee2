/* SPDX-License-Identifier: Apache-2.0 */
/*
 * origin.h - whose address it is, for limits.
 *
 * An IPv6 customer has a /64 at least, so that much is one origin; an IPv4
 * address in IPv6 form is the IPv4 address.
 */
#ifndef SECURITY_ORIGIN_H
#define SECURITY_ORIGIN_H

#include <aiconexus/types.h>
#include <stdint.h>

/* The address of this machine, a unix socket, or none at all. */
enum { ORIGIN_LOCAL = 1 };

/* Of "192.0.2.1:4711" or "[2001:db8::1]:80", with the port or without; other
   text is an origin of its own. */
uint64_t origin_mark(struct aicx_str address);

#endif
