/* SPDX-License-Identifier: Apache-2.0 */
/* fault.c - the table of errors, and their two shapes. */
#include "fault.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

static const struct row {
	int code;
	uint16_t status;
	const char *reason, *name;
} rows[FAULT_N] = {
	[FAULT_PARSE] = { -32700, 400, NULL, "INVALID_ARGUMENT" },
	[FAULT_REQUEST] = { -32600, 400, NULL, "INVALID_ARGUMENT" },
	[FAULT_METHOD] = { -32601, 404, NULL, "NOT_FOUND" },
	[FAULT_PARAMS] = { -32602, 400, NULL, "INVALID_ARGUMENT" },
	[FAULT_INTERNAL] = { -32603, 500, NULL, "INTERNAL" },
	[FAULT_TASK_NOT_FOUND] = { -32001, 404, "TASK_NOT_FOUND", "NOT_FOUND" },
	[FAULT_TASK_NOT_CANCELABLE] = { -32002, 400, "TASK_NOT_CANCELABLE",
	    "FAILED_PRECONDITION" },
	[FAULT_PUSH] = { -32003, 400, "PUSH_NOTIFICATION_NOT_SUPPORTED",
	    "FAILED_PRECONDITION" },
	[FAULT_UNSUPPORTED] = { -32004, 400, "UNSUPPORTED_OPERATION",
	    "FAILED_PRECONDITION" },
	[FAULT_CONTENT_TYPE] = { -32005, 400, "CONTENT_TYPE_NOT_SUPPORTED",
	    "INVALID_ARGUMENT" },
	[FAULT_AGENT_ANSWER] = { -32006, 500, "INVALID_AGENT_RESPONSE",
	    "INTERNAL" },
	[FAULT_NO_EXTENDED_CARD] = { -32007, 400,
	    "EXTENDED_AGENT_CARD_NOT_CONFIGURED", "FAILED_PRECONDITION" },
	[FAULT_EXTENSION] = { -32008, 400, "EXTENSION_SUPPORT_REQUIRED",
	    "FAILED_PRECONDITION" },
	[FAULT_VERSION] = { -32009, 400, "VERSION_NOT_SUPPORTED",
	    "FAILED_PRECONDITION" },
};

void
fault_set(struct fault *fault, enum fault_kind kind, const char *field,
    const char *format, ...)
{
	va_list args;

	fault->kind = kind;
	(void)snprintf(fault->field, sizeof fault->field, "%s", field);
	va_start(args, format);
	(void)vsnprintf(fault->text, sizeof fault->text, format, args);
	va_end(args);
}

uint16_t
fault_status(const struct fault *fault)
{
	return rows[fault->kind].status;
}

/* The text may have been cut inside a character. */
static json_t *
text_json(const char *text)
{
	json_t *value = json_string(text);
	size_t len = strlen(text);

	while (value == NULL && len > 0)
		value = json_stringn(text, --len);
	return value;
}

static json_t *
details(const struct fault *fault)
{
	const struct row *row = &rows[fault->kind];
	json_t *list = json_array();

	if (row->reason != NULL)
		(void)json_array_append_new(list,
		    json_pack("{s:s,s:s,s:s,s:{}}", "@type",
			"type.googleapis.com/google.rpc.ErrorInfo", "reason",
			row->reason, "domain", "a2a-protocol.org", "metadata"));
	if (fault->field[0] != '\0')
		(void)json_array_append_new(list,
		    json_pack("{s:s,s:[{s:s,s:o}]}", "@type",
			"type.googleapis.com/google.rpc.BadRequest",
			"fieldViolations", "field", fault->field, "description",
			text_json(fault->text)));
	return list;
}

json_t *
fault_rpc(const struct fault *fault)
{
	return json_pack("{s:i,s:o,s:o}", "code", rows[fault->kind].code,
	    "message", text_json(fault->text), "data", details(fault));
}

json_t *
fault_rest(const struct fault *fault)
{
	const struct row *row = &rows[fault->kind];

	return json_pack("{s:{s:i,s:s,s:o,s:o}}", "error", "code",
	    (int)row->status, "status", row->name, "message",
	    text_json(fault->text), "details", details(fault));
}
