/* SPDX-License-Identifier: Apache-2.0 */
/* reply.c - the one answer of an operation, in the shape of its binding. */
#include "canon.h"
#include "op.h"
#include "stream.h"

#include <stdarg.h>
#include <stdio.h>

static struct aicx_header
header(const char *name, const char *value)
{
	return (struct aicx_header) { text_of(name), text_of(value) };
}

void
op_send(struct op *op, const struct aicx_http_response *response)
{
	const struct aicx_host *host = op->gateway->host;
	struct aicx_exchange *exchange = op->exchange;

	op_hold(op);
	op_leave(op);
	host->respond(exchange, response);
	op_release(op);
}

static void
respond(struct op *op, uint16_t status, struct aicx_str media,
    const struct bytes *body, const char *allow)
{
	struct aicx_header headers[5];
	struct aicx_http_response response = {
		.size = sizeof response,
		.status = status,
		.content_type = media,
		.body = bytes_view(body),
		.headers = headers,
	};

	if (op->extension)
		headers[response.n_headers++] =
		    header("A2A-Extensions", op->gateway->settings->extension);
	if (op->pays && op->x402 != NULL && !op->extension)
		headers[response.n_headers++] =
		    header("A2A-Extensions", op->x402);
	if (status == 401)
		headers[response.n_headers++] =
		    header("WWW-Authenticate", "Bearer realm=\"a2a\"");
	if (allow != NULL)
		headers[response.n_headers++] = header("Allow", allow);
	op_send(op, &response);
}

static void
send_json(struct op *op, uint16_t status, json_t *value)
{
	struct bytes body = { 0 };

	plain_print(value, &body);
	json_decref(value);
	respond(op, status,
	    op->a2a_json && !op->is_rpc ? TEXT("application/a2a+json")
					: TEXT("application/json"),
	    &body, NULL);
	bytes_fini(&body);
}

static json_t *
reply_of(struct op *op, const char *name, json_t *value)
{
	return json_pack("{s:s,s:o,s:o}", "jsonrpc", "2.0", "id",
	    op->id != NULL ? json_incref(op->id) : json_null(), name, value);
}

json_t *
op_wrap(struct op *op, json_t *value)
{
	return op->is_rpc ? reply_of(op, "result", value) : value;
}

void
op_close_stream(struct op *op, bool complete)
{
	const struct aicx_host *host = op->gateway->host;
	struct aicx_exchange *exchange = op->exchange;

	bool pushes = op->pushes;

	op_hold(op);
	op_leave(op);
	if (!pushes)
		host->respond_end(exchange, complete);
	op_release(op);
}

/* In a stream that has begun. */
static void
fail_stream(struct op *op, const struct fault *fault)
{
	op_hold(op);
	if (!op->pushes)
		stream_event(op, "error",
		    op->is_rpc ? reply_of(op, "error", fault_rpc(fault))
			       : fault_rest(fault));
	stream_end(op);
	op_release(op);
}

void
op_result(struct op *op, json_t *result)
{
	if (op->exchange == NULL)
		json_decref(result);
	else if (op->is_rpc)
		send_json(op, 200, reply_of(op, "result", result));
	else if (json_is_null(result)) {
		struct bytes nothing = { 0 };

		json_decref(result);
		respond(op, 204, (struct aicx_str) { NULL, 0 }, &nothing, NULL);
	} else
		send_json(op, 200, result);
}

void
op_fail(struct op *op, const struct fault *fault)
{
	if (op->exchange == NULL)
		return;
	if (op->streams)
		fail_stream(op, fault);
	else if (op->is_rpc)
		send_json(op, 200, reply_of(op, "error", fault_rpc(fault)));
	else
		send_json(op, fault_status(fault), fault_rest(fault));
}

void
op_refuse(struct op *op, enum fault_kind kind, const char *field,
    const char *format, ...)
{
	struct fault fault;
	char text[sizeof fault.text];
	va_list args;

	va_start(args, format);
	(void)vsnprintf(text, sizeof text, format, args);
	va_end(args);
	fault_set(&fault, kind, field, "%s", text);
	op_fail(op, &fault);
}

static const char *
status_name(uint16_t status)
{
	switch (status) {
	case 401:
		return "UNAUTHENTICATED";
	case 403:
		return "PERMISSION_DENIED";
	case 405:
		return "UNIMPLEMENTED";
	case 503:
		return "UNAVAILABLE";
	default:
		return "NOT_FOUND";
	}
}

void
op_status(struct op *op, uint16_t status, const char *text, const char *allow)
{
	struct bytes body = { 0 };
	json_t *value;

	if (op->exchange == NULL)
		return;
	if (op->streams) {
		op_refuse(op, FAULT_INTERNAL, "", "%s", text);
		return;
	}
	value = json_pack("{s:{s:i,s:s,s:s}}", "error", "code", (int)status,
	    "status", status_name(status), "message", text);
	if (status != 204)
		plain_print(value, &body);
	json_decref(value);
	respond(op, status, TEXT("application/json"), &body, allow);
	bytes_fini(&body);
}

void
op_problem(struct op *op, int status, const json_t *problem)
{
	const char *detail =
	    json_string_value(json_object_get(problem, "detail"));
	const char *field =
	    json_string_value(json_object_get(problem, "field"));

	if (detail == NULL)
		detail = "the broker refused it";
	if (status == 401 || status == 403 || status == 503)
		op_status(op, (uint16_t)status, detail, NULL);
	else if (status < 500)
		op_refuse(op, FAULT_PARAMS, field != NULL ? field : "message",
		    "%s", detail);
	else
		op_refuse(op, FAULT_INTERNAL, "", "%s", detail);
}
