/* SPDX-License-Identifier: Apache-2.0 */
/* reached.h - under which URL the broker is reached by who asks. */
#ifndef REACHED_H
#define REACHED_H

#include "bytes.h"

#include <aiconexus/plugin.h>

/* "127.0.0.1:8700", "localhost", "[::1]:1": names that mean the client's own
   machine wherever they are read. */
bool reached_is_loopback(struct aicx_str host);
/*
 * Appends the URL that the operator has said, or else the loopback name in the
 * request's Host field; terminated, the end not counted.  false: nobody has
 * said one that others could use, or out of memory.
 */
bool reached_url(const struct aicx_host *host, struct aicx_self *self,
    struct aicx_str asked_host, struct bytes *out);

#endif
