/* SPDX-License-Identifier: Apache-2.0 */
/* their_server.c - the sellers' servers that were asked something. */
#include "their_server.h"

#include <stdlib.h>

static void
server_free(struct their_server *server)
{
	pass_wipe(&server->way.pass);
	bytes_fini(&server->url);
	their_tools_fini(&server->tools);
	free(server);
}

/* The one at the end that nobody uses; the newest is at the front. */
static bool
forget_one(struct mcp *mcp)
{
	struct their_server **found = NULL, *gone;

	for (struct their_server **at = &mcp->servers; *at != NULL;
	     at = &(*at)->next)
		if ((*at)->n_jobs == 0)
			found = at;
	if (found == NULL)
		return false;
	gone = *found;
	*found = gone->next;
	server_free(gone);
	return true;
}

struct their_server *
their_server_need(struct mcp *mcp, struct aicx_str url, const struct pass *pass)
{
	struct their_server *server;
	size_t n = 0;

	for (server = mcp->servers; server != NULL; server = server->next, n++)
		if (text_same(bytes_view(&server->url), url) &&
		    pass_is(&server->way.pass, pass))
			return server;
	if (n >= THEIR_SERVERS_MAX && !forget_one(mcp))
		return NULL;
	server = calloc(1, sizeof *server);
	if (server == NULL)
		return NULL;
	bytes_str(&server->url, url);
	server->way.pass = *pass;
	if (server->url.failed) {
		server_free(server);
		return NULL;
	}
	server->next = mcp->servers;
	mcp->servers = server;
	return server;
}

void
their_servers_close(struct mcp *mcp)
{
	while (mcp->servers != NULL) {
		struct their_server *next = mcp->servers->next;
		server_free(mcp->servers);
		mcp->servers = next;
	}
}

bool
their_server_is_fresh(const struct mcp *mcp, const struct their_server *server)
{
	return server->listed &&
	    mcp->host->now_ms(mcp->self) - server->listed_ms <
	    mcp->settings->relist;
}

void
their_server_forget(struct their_server *server)
{
	server->known = false;
	server->listed = false;
	their_way_renew(&server->way, false, "");
}
