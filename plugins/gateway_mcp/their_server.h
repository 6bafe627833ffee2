/* SPDX-License-Identifier: Apache-2.0 */
/* their_server.h - what is known of a seller's server: how one talks to it, and
   its tools.  It is found out anew after a restart. */
#ifndef THEIR_SERVER_H
#define THEIR_SERVER_H

#include "their_post.h"
#include "their_tool.h"

enum { THEIR_SERVERS_MAX = 256 };

struct their_server {
	struct their_server *next;
	struct bytes url;
	int n_jobs; /* that use it */
	bool known; /* its way */
	struct their_way way;
	bool listed;
	int64_t listed_ms; /* of now_ms() */
	struct their_tools tools;
};

/* One for each URL and pass, as its session is theirs.  Made when it is not
   there; another that nobody uses is forgotten for it.
   NULL: too many are in use, or there is no memory. */
struct their_server *their_server_need(
    struct mcp *mcp, struct aicx_str url, const struct pass *pass);
void their_servers_close(struct mcp *mcp);
/* Whether the list may still be used. */
bool their_server_is_fresh(const struct mcp *mcp, const struct their_server *);
/* Its session is over, or it was another than we thought. */
void their_server_forget(struct their_server *server);

#endif
