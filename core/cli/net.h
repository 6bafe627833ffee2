/* SPDX-License-Identifier: Apache-2.0 */
/* net.h - one TCP or unix connection with deadlines, with TLS for https, for
   the blocking client. */
#ifndef CLI_NET_H
#define CLI_NET_H

#include "base/buf.h"
#include "cli/url.h"

#include <aiconexus/types.h>
#include <stdbool.h>

enum { NET_CONNECT_MS = 10000 };

struct tls;

struct net {
	int fd; /* non-blocking, with TCP_NODELAY */
	struct tls *tls; /* NULL: plain */
};

/* AICX_EAGAIN "unavailable" when nobody answers there; a connection that is
   lost later gives AICX_EIO "unavailable".  AICX_EDENIED "untrusted": its
   certificate is not good. */
aicx_err net_connect(
    const struct url *url, struct net *ret, struct aicx_error *reterr);
void net_close(struct net *net); /* legal when fd is -1 */
/* Waits until all is written.  deadline_ms is in outside_now_ms() time. */
aicx_err net_write(struct net *net, struct aicx_str bytes, int64_t deadline_ms,
    struct aicx_error *reterr);
/* Waits for bytes and appends them; *ret_eof when the other side is done. */
aicx_err net_read(struct net *net, struct buf *buf, int64_t deadline_ms,
    bool *ret_eof, struct aicx_error *reterr);
/* All that there is without waiting; AICX_EAGAIN when there is nothing now. */
aicx_err net_read_ready(
    struct net *net, struct buf *buf, bool *ret_eof, struct aicx_error *reterr);
/* Writes what fits now and drops it from the front. */
aicx_err net_write_ready(
    struct net *net, struct buf *buf, struct aicx_error *reterr);
/* AICX_ETIMEDOUT when the descriptor is not ready by then. */
aicx_err net_wait(
    int fd, short poll_events, int64_t deadline_ms, struct aicx_error *reterr);

#endif
