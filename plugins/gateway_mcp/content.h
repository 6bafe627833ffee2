/* SPDX-License-Identifier: Apache-2.0 */
/* content.h - what a tool gives back. */
#ifndef CONTENT_H
#define CONTENT_H

#include "talk.h"

/* A JSON object as text and as structure. */
void content_object(struct print *out, struct aicx_str object);
/* What a seller delivered: content items of MCP pass unchanged. */
void content_result(
    struct print *out, struct aicx_str result, bool has_output_schema);
/* {"content":[text],"isError":true}; more: structuredContent, or absent. */
void content_error(
    struct talk *talk, struct aicx_str text, struct aicx_str structure);
/* The same of a problem that the broker answered. */
void content_problem(struct talk *talk, struct aicx_str problem);

#endif
