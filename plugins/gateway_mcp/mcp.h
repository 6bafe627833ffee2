/* SPDX-License-Identifier: Apache-2.0 */
/* mcp.h - the gateway itself: its host, its settings, the requests under
   way. */
#ifndef MCP_H
#define MCP_H

#include <aiconexus/host.h>
#include <aiconexus/option.h>
#include <stdbool.h>

#define MCP_NAME "aiconexus"
#define MCP_VERSION "0.1.0"
#define MCP_MODERN "2026-07-28"
#define MCP_LEGACY "2025-11-25" /* the newest one with a handshake */

enum { MCP_BUCKETS = 1024 };

struct mcp_settings {
	const char *hosts;
	const char *anonymous_key;
	const char *authorization_server;
	const char *prefix;
	const struct aicx_ref *payments; /* who sells to payers; or NULL */
	const char *payer_key;
	int64_t page;
	int64_t ttl;
	/* As a client of sellers' servers. */
	const char *allow, *ca_file, *prices;
	int64_t timeout, relist; /* ms */
	int64_t max_answer;
};

struct talk;
struct their_post;
struct their_server;
struct their_job;

struct mcp {
	const struct aicx_host *host;
	struct aicx_self *self;
	const struct mcp_settings *settings;
	struct talk *talks[MCP_BUCKETS]; /* by exchange */
	struct their_post *posts; /* under way to sellers' servers */
	struct their_server *servers;
	struct their_job *jobs;
	int64_t last_id; /* of a request of ours */
	struct aicx_timer *look; /* for changes, while somebody listens */
	bool looks;
	int64_t heard; /* version of the catalog that was told */
	int64_t comment_ms; /* when idle streams get one */
};

#endif
