/* SPDX-License-Identifier: Apache-2.0 */
/* entry.h - catalog entries: an agent, the MCP door, the registry, a part. */
#ifndef ENTRY_H
#define ENTRY_H

#include "ard.h"

/* origin: "https://broker.example.org". */
json_t *entry_of_agent(
    const struct ard *ard, const char *origin, const json_t *agent);
/* entries: of the agents, whose capabilities are its tools. */
json_t *entry_of_mcp(
    const struct ard *ard, const char *origin, const json_t *entries);
json_t *entry_of_registry(const struct ard *ard, const char *origin);
json_t *entry_of_part(const struct ard *ard, const char *origin, size_t part);
/* "urn:air:PUBLISHER:agent:ID" names PUBLISHER. */
struct aicx_str entry_publisher(const json_t *entry);
/* A key that metadata of ours may have. */
bool entry_is_metadata(const char *key);
/* "urn:air:PUBLISHER:NAME[:NAME]...". */
bool entry_is_identifier(struct aicx_str text);

#endif
