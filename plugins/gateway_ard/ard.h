/* SPDX-License-Identifier: Apache-2.0 */
/* ard.h - an open instance, and what its files share. */
#ifndef ARD_H
#define ARD_H

#include "bytes.h"

#include <aiconexus/gateway.h>
#include <aiconexus/plugin.h>
#include <jansson.h>

#define ARD_BASE "/ard/v1"

#define TYPE_AGENT "application/a2a-agent-card+json"
#define TYPE_MCP "application/mcp-server-card+json"
#define TYPE_REGISTRY "application/ai-registry+json"
#define TYPE_CATALOG "application/ai-catalog+json"

enum {
	ARD_PAGE_MAX = 100,
	ARD_STOCK_MS = 1000, /* how long what is listed may be old */
	ARD_FETCH = 500 /* agents asked of the wire at once */
};

struct settings {
	const char *name, *description;
	const char *publisher; /* domain in identifiers; "": of public_url */
	uint8_t open; /* 0: a bearer credential is needed */
	uint8_t a2a, mcp; /* these doors are there */
	int64_t max_age_ms, agents_max, per_catalog;
};

struct talk;

struct ard {
	const struct aicx_host *host;
	struct aicx_self *self;
	const struct settings *settings;
	struct talk *talks; /* not answered */
	json_t *stock; /* entries, as they were at stock_ms; or NULL */
	struct bytes stock_origin;
	int64_t stock_ms;
};

/* A string member's text, or "". */
static inline const char *
member_text(const json_t *object, const char *name)
{
	const char *text = json_string_value(json_object_get(object, name));

	return text != NULL ? text : "";
}

#endif
