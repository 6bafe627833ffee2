/* SPDX-License-Identifier: Apache-2.0 */
/*
 * header.h - values of MCP's own header fields (revision 2026-07-28), which
 * repeat what the body says.
 */
#ifndef HEADER_H
#define HEADER_H

#include "bytes.h"

#include <aiconexus/msg.h>
#include <jansson.h>

/* Text as it is, or =?base64?...?= around its UTF-8; false: badly encoded. */
bool header_decode(struct aicx_str value, struct bytes *ret_text);
/* The field is there and says this. */
bool header_says(const struct aicx_http_request *request, const char *name,
    struct aicx_str wanted);
/* Mcp-Param-X of each property with "x-mcp-header": the field is there just
   when the argument is, and says the same.  false: *ret_name (borrowed of the
   schema) does not. */
bool header_params_fit(const struct aicx_http_request *request,
    const json_t *schema, const json_t *arguments, const char **ret_name);

/* The other way: what Mcp-Name says of a text. */
void header_put(struct aicx_str text, struct bytes *out);
/* What Mcp-Param-X says of an argument; false: it cannot be said. */
bool header_encode(const json_t *value, struct bytes *out);
/* Each argument that goes along as a field, with the name after Mcp-Param-. */
typedef void header_param_fn(const char *name, const json_t *value, void *arg);
void header_each_param(const json_t *schema, const json_t *arguments,
    header_param_fn *fn, void *arg);

#endif
