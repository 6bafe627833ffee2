/* SPDX-License-Identifier: Apache-2.0 */
/* held.c - one sum for all and one for each address, kept as bytes come and go.
 */
#include "held.h"

#include "conn.h"
#include "http.h"

/* So little anybody may hold while others have taken all there is. */
enum { HELD_FAIR = 65536 };

static void
set(struct conn *conn, size_t held)
{
	conn->server->held += held - conn->held;
	conn->origin->held += held - conn->held;
	conn->held = held;
}

bool
held_look(struct conn *conn)
{
	const struct settings *settings = conn->server->settings;
	size_t body = conn->http == NULL ? 0 : conn->http->body.len;

	set(conn, conn_queued(conn) + body);
	if (conn->held <= HELD_FAIR)
		return true;
	return conn->server->held <= (size_t)settings->max_held &&
	    (!conn->origin->counted ||
		conn->origin->held <= (size_t)settings->max_held_per_address);
}

void
held_none(struct conn *conn)
{
	set(conn, 0);
}
