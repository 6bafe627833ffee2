/* SPDX-License-Identifier: Apache-2.0 */
/* subnet.h - lists of addresses and networks: "127.0.0.1, 10.0.0.0/8, ::1". */
#ifndef LOOP_SUBNET_H
#define LOOP_SUBNET_H

#include <aiconexus/types.h>
#include <stdbool.h>

/* AICX_EINVAL: names the word that is neither.  NULL and "" are no networks. */
aicx_err subnets_check(const char *list, struct aicx_error *reterr);
/* Does "192.0.2.7", "[::1]" or the same with ":PORT" lie in one of them?  IPv4
   inside IPv6 counts as what it is; a unix socket lies in "unix". */
bool subnets_have(const char *list, struct aicx_str address);

#endif
