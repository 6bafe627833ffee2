/* SPDX-License-Identifier: Apache-2.0 */
/* upgrade.h - from HTTP to WebSocket (RFC 6455 section 4.2). */
#ifndef UPGRADE_H
#define UPGRADE_H

#include "conn.h"
#include "head.h"

/* Judges a request for ws_path: the connection becomes a peer of the host
   behind a 101, or is refused.  busy: earlier answers have not left. */
void upgrade(struct conn *conn, const struct head *head, bool busy);

#endif
