/* SPDX-License-Identifier: Apache-2.0 */
/* their_ask.c - what a message to somebody's MCP server says, in header fields
   and in its body. */
#include "their_ask.h"

#include "header.h"

#include <stdio.h>

static void
add(struct their_fields *fields, struct aicx_str name, struct aicx_str value)
{
	if (fields->n < THEIR_FIELDS_MAX && value.len > 0 &&
	    value.len <= THEIR_FIELD_MAX)
		fields->list[fields->n++] =
		    (struct aicx_header) { name, value };
}

static void
add_param(const char *name, const json_t *value, void *arg)
{
	struct their_fields *fields = arg;
	struct bytes *text;
	size_t n_name;

	if (fields->n == THEIR_FIELDS_MAX)
		return;
	text = &fields->text[fields->n];
	bytes_text(text, "Mcp-Param-");
	bytes_text(text, name);
	n_name = text->len;
	if (header_encode(value, text) && !text->failed)
		add(fields, (struct aicx_str) { text->ptr, n_name },
		    (struct aicx_str) {
			text->ptr + n_name, text->len - n_name });
}

void
their_fields_fill(struct their_fields *fields, const struct their_ask *ask)
{
	const struct their_way *way = ask->way;

	add(fields, TEXT("Content-Type"), TEXT("application/json"));
	add(fields, TEXT("Accept"),
	    TEXT("application/json, text/event-stream"));
	add(fields, TEXT("MCP-Protocol-Version"), text_of(way->version));
	add(fields, TEXT("Mcp-Session-Id"), text_of(way->session));
	add(fields, TEXT("Idempotency-Key"), ask->key);
	add(fields, TEXT("traceparent"), ask->trace);
	add(fields, text_of(way->pass.name), text_of(way->pass.value));
	if (!way->modern)
		return;
	if (ask->method != NULL)
		add(fields, TEXT("Mcp-Method"), text_of(ask->method));
	if (ask->name.ptr != NULL) {
		header_put(ask->name, &fields->name);
		add(fields, TEXT("Mcp-Name"), bytes_view(&fields->name));
	}
	if (ask->schema != NULL)
		header_each_param(
		    ask->schema, ask->arguments, add_param, fields);
}

void
their_fields_fini(struct their_fields *fields)
{
	for (size_t i = 0; i < THEIR_FIELDS_MAX; i++)
		bytes_fini(&fields->text[i]);
	bytes_fini(&fields->name);
}

static void
put_meta(const struct their_ask *ask, int64_t id, const char *prefix,
    struct print *out)
{
	char key[128];

	print_key(out, "_meta");
	print_open(out, '{');
	if (ask->way->modern) {
		print_key(out, "io.modelcontextprotocol/protocolVersion");
		print_text(out, MCP_MODERN);
		print_key(out, "io.modelcontextprotocol/clientCapabilities");
		print_raw(out, TEXT("{}"));
		print_key(out, "io.modelcontextprotocol/clientInfo");
		print_raw(out,
		    TEXT("{\"name\":\"" MCP_NAME "\",\"version\":\"" MCP_VERSION
			 "\"}"));
	}
	if (ask->way->modern && ask->trace.len > 0) {
		print_key(out, "traceparent");
		print_str(out, ask->trace);
	}
	if (ask->key.len > 0) {
		print_key(out, "progressToken");
		print_number(out, id);
		(void)snprintf(key, sizeof key, "%s/idempotency_key", prefix);
		print_key(out, key);
		print_str(out, ask->key);
	}
	print_close(out, '}');
}

void
their_ask_print(const struct their_ask *ask, int64_t id, const char *prefix,
    struct print *out)
{
	print_open(out, '{');
	print_key(out, "jsonrpc");
	print_text(out, "2.0");
	if (id != 0) {
		print_key(out, "id");
		print_number(out, id);
	}
	if (ask->method != NULL) {
		print_key(out, "method");
		print_text(out, ask->method);
		print_key(out, "params");
		print_open(out, '{');
		if (ask->way->modern || ask->key.len > 0)
			put_meta(ask, id, prefix, out);
	}
	if (ask->members.len > 0) {
		if (out->comma)
			bytes_char(&out->bytes, ',');
		bytes_str(&out->bytes, ask->members);
	}
	if (ask->method != NULL)
		print_close(out, '}');
	print_close(out, '}');
}
