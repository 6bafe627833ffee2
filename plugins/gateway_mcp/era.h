/* SPDX-License-Identifier: Apache-2.0 */
/*
 * era.h - which of MCP's two eras a request belongs to, and what each asks of
 * its head.  Decided anew for each request; nothing is remembered.
 */
#ifndef ERA_H
#define ERA_H

#include "talk.h"

/* What server/discover names, and a refusal of a version. */
#define ERA_VERSIONS                                                           \
	"[\"" MCP_MODERN "\",\"2025-11-25\",\"2025-06-18\",\"2025-03-26\"]"

/* One of the revisions with a handshake. */
bool era_is_legacy(struct aicx_str version);
enum era era_of(const struct talk *talk);
/* The checks of the era, in their order; false: the talk has been answered. */
bool era_check(struct talk *talk);

#endif
