/* SPDX-License-Identifier: Apache-2.0 */
/* openapi_parts.c - what the operations of an OpenAPI description share. */
#include "openapi_parts.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define UUID "01938f3a-7c11-7d52-9a64-3f1e5b7c2a90"

static json_t *
parse(const char *text)
{
	return json_loads(text, JSON_REJECT_DUPLICATES, NULL);
}

json_t *
parts_reference(const char *kind, const char *name)
{
	return json_pack(
	    "{s:o}", "$ref", json_sprintf("#/components/%s/%s", kind, name));
}

void
parts_number(unsigned number, char ret_text[8])
{
	(void)snprintf(ret_text, 8, "%u", number % 1000);
}

/* --- about the whole ------------------------------------------------- */

json_t *
parts_info(void)
{
	return parse(
	    "{\"title\":\"AIConexus broker\",\"version\":\"1.0\","
	    "\"summary\":\"Find, bargain, contract, run and pay between "
	    "agents.\","
	    "\"description\":\"Every wire method that has a path, as the "
	    "broker serves it. Money is a decimal string with its currency, "
	    "never a float; ids are UUIDs; times are RFC 3339 in UTC. "
	    "Failures are problem documents (RFC 9457), whose `code` is "
	    "stable. Whole numbers may be given as decimal strings.\","
	    "\"license\":{\"name\":\"Apache-2.0\",\"identifier\":\"Apache-"
	    "2.0\"},"
	    "\"contact\":{\"name\":\"The operator of this broker\","
	    "\"url\":\"http://127.0.0.1:8700/docs\"}}");
}

json_t *
parts_description(const struct aicx_method *method)
{
	bool open = method->permission == NULL || method->permission[0] == '\0';

	return json_sprintf("%s. Wire method `%s`; %s%s%s.", method->summary,
	    method->name, open ? "anybody may call it" : "permission `",
	    open ? "" : method->permission, open ? "" : "`");
}

static const char *const shared[] = {
	"securitySchemes",
	"{\"apiKey\":{\"type\":\"http\",\"scheme\":\"bearer\",\"description\":"
	"\"An API key, `aicx_...`, over TLS or loopback.\"}}",
	"parameters",
	"{\"IdempotencyKey\":{\"name\":\"Idempotency-Key\",\"in\":\"header\","
	"\"description\":\"The same key with the same request brings the "
	"answer that was given before; with another one 409.\","
	"\"schema\":{\"type\":\"string\",\"minLength\":1,\"maxLength\":255,"
	"\"pattern\":\"^[!-~]+$\"},\"example\":\"order-77\"}}",
	"headers",
	"{\"RequestId\":{\"description\":\"The request in the broker's log; "
	"the client's own, or a new one.\","
	"\"schema\":{\"type\":\"string\"},\"example\":\"order-77\"},"
	"\"Entity\":{\"description\":\"For If-None-Match.\","
	"\"schema\":{\"type\":\"string\"},\"example\":\"\\\"5f2c\\\"\"},"
	"\"Replayed\":{\"description\":\"`true` when this answer was given "
	"before, to the same key.\",\"schema\":{\"type\":\"string\","
	"\"enum\":[\"true\"]},\"example\":\"true\"},"
	"\"RateLimit\":{\"description\":\"What is left, and for how long, "
	"where the operator sets a limit.\","
	"\"schema\":{\"type\":\"string\"},"
	"\"example\":\"\\\"default\\\";r=99;t=42\"},"
	"\"RateLimitPolicy\":{\"description\":\"How many requests in how many "
	"seconds, where the operator sets a limit.\","
	"\"schema\":{\"type\":\"string\"},"
	"\"example\":\"\\\"default\\\";q=100;w=60\"},"
	"\"RetryAfter\":{\"description\":\"Seconds to wait.\","
	"\"schema\":{\"type\":\"integer\"},\"example\":1},"
	"\"Challenge\":{\"description\":\"What kind of credential is "
	"wanted.\",\"schema\":{\"type\":\"string\"},"
	"\"example\":\"Bearer realm=\\\"aiconexus\\\"\"}}",
	"schemas",
	"{\"Money\":{\"type\":\"object\",\"description\":\"An amount with at "
	"most the currency's decimals.\",\"properties\":{\"amount\":{\"type\":"
	"\"string\",\"pattern\":\"^-?[0-9]+([.][0-9]+)?$\"},\"currency\":{"
	"\"type\":\"string\",\"pattern\":\"^[A-Z][A-Z0-9]{1,6}$\"}},"
	"\"required\":[\"amount\",\"currency\"],\"additionalProperties\":"
	"false,\"examples\":[{\"amount\":\"0.002500\",\"currency\":\"AIC\"}]},"
	"\"Problem\":{\"type\":\"object\",\"description\":\"RFC 9457.\","
	"\"properties\":{\"type\":{\"type\":\"string\"},"
	"\"title\":{\"type\":\"string\"},\"status\":{\"type\":\"integer\"},"
	"\"detail\":{\"type\":\"string\",\"description\":\"What failed, and "
	"why.\"},\"code\":{\"type\":\"string\",\"description\":\"A stable "
	"word for machines.\"},\"correlation_id\":{\"type\":\"string\"},"
	"\"retry_after_ms\":{\"type\":\"integer\"},"
	"\"field\":{\"type\":\"string\",\"description\":\"JSON Pointer to the "
	"culprit.\"}},\"required\":[\"type\",\"title\",\"status\",\"code\"]},"
	"\"Envelope\":{\"type\":\"object\",\"description\":\"A signed message, "
	"exactly as its signature covers it.\",\"properties\":{"
	"\"id\":{\"type\":\"string\",\"format\":\"uuid\"},"
	"\"version\":{\"type\":\"string\"},"
	"\"timestamp\":{\"type\":\"string\",\"format\":\"date-time\"},"
	"\"sender_id\":{\"type\":\"string\",\"format\":\"uuid\"},"
	"\"receiver_id\":{\"type\":\"string\",\"format\":\"uuid\"},"
	"\"type\":{\"enum\":[\"QUERY\",\"OFFER\",\"EXECUTE\",\"RESULT\","
	"\"ERROR\",\"ACK\",\"HEARTBEAT\"]},"
	"\"correlation_id\":{\"type\":\"string\",\"format\":\"uuid\"},"
	"\"traceparent\":{\"type\":\"string\"},"
	"\"expires_at\":{\"type\":\"string\",\"format\":\"date-time\"},"
	"\"payload\":{\"type\":\"object\"},"
	"\"signature\":{\"type\":\"string\",\"description\":\"Always the last "
	"member.\"}},\"required\":[\"id\",\"version\",\"timestamp\","
	"\"sender_id\",\"receiver_id\",\"type\",\"payload\","
	"\"signature\"]}}",
};

json_t *
parts_envelope_example(void)
{
	return parse("{\"id\":\"" UUID "\",\"version\":\"1.0\","
		     "\"timestamp\":\"2026-11-22T13:04:05.678Z\","
		     "\"sender_id\":\"" UUID "\",\"receiver_id\":\"" UUID "\","
		     "\"type\":\"QUERY\",\"payload\":{\"method\":"
		     "\"session.about\"},\"signature\":"
		     "\"ed25519:kid:value\"}");
}

/* --- answers --------------------------------------------------------- */

json_t *
parts_headers(bool cacheable)
{
	json_t *headers = json_pack("{s:o,s:o,s:o}", "X-Request-Id",
	    parts_reference("headers", "RequestId"), "RateLimit",
	    parts_reference("headers", "RateLimit"), "RateLimit-Policy",
	    parts_reference("headers", "RateLimitPolicy"));

	(void)json_object_set_new(headers,
	    cacheable ? "ETag" : "Idempotency-Replayed",
	    parts_reference("headers", cacheable ? "Entity" : "Replayed"));
	return headers;
}

static const struct refusal {
	const char *status, *name, *why, *code;
	unsigned when; /* 0: always */
} refusals[] = {
	{ "400", "Malformed", "It is no JSON, or a parameter is wrong.",
	    "invalid_params", 0 },
	{ "401", "Unauthenticated", "No credential, or a wrong one.",
	    "unauthenticated", PART_CREDENTIAL },
	{ "403", "Denied", "The credential does not allow it.", "denied",
	    PART_CREDENTIAL },
	{ "404", "NotFound", "It does not exist, for this caller.", "not_found",
	    PART_NAMED },
	{ "406", "NotAcceptable", "The answer has no such media type.",
	    "not_acceptable", 0 },
	{ "409", "Conflict",
	    "Not possible in this state, or another request had this key.",
	    "wrong_state", PART_CHANGES },
	{ "413", "TooLarge", "The body is too large.", "too_large", PART_BODY },
	{ "415", "WrongMediaType", "The body is not application/json.",
	    "unsupported_media_type", PART_BODY },
	{ "422", "InvalidInput",
	    "The input does not fit the capability's schema.", "invalid_input",
	    PART_BODY },
	{ "429", "TooMany", "Too many requests.", "rate_limited", 0 },
	{ "503", "Unavailable", "Not now.", "unavailable", 0 },
	{ "default", "Failed", "Any other failure; `code` says which.",
	    "internal", 0 },
};

enum { N_REFUSALS = sizeof refusals / sizeof refusals[0] };

void
parts_put_refusals(json_t *responses, unsigned why)
{
	for (size_t i = 0; i < N_REFUSALS; i++)
		if (refusals[i].when == 0 || (refusals[i].when & why) != 0)
			(void)json_object_set_new(responses, refusals[i].status,
			    parts_reference("responses", refusals[i].name));
}

static json_t *
refusal_response(const struct refusal *refusal)
{
	long status = strtol(refusal->status, NULL, 10);
	json_t *headers = json_pack(
	    "{s:o}", "X-Request-Id", parts_reference("headers", "RequestId"));

	if (status == 0)
		status = 500;
	if (status == 401)
		(void)json_object_set_new(headers, "WWW-Authenticate",
		    parts_reference("headers", "Challenge"));
	if (status == 429 || status == 503)
		(void)json_object_set_new(headers, "Retry-After",
		    parts_reference("headers", "RetryAfter"));
	return json_pack("{s:s,s:o,s:{s:{s:o,s:o}}}", "description",
	    refusal->why, "headers", headers, "content",
	    "application/problem+json", "schema",
	    parts_reference("schemas", "Problem"), "example",
	    json_pack("{s:s,s:s,s:i,s:s,s:s,s:s}", "type", "about:blank",
		"title", refusal->name, "status", (int)status, "detail",
		refusal->why, "code", refusal->code, "correlation_id",
		"order-77"));
}

/* To a message: an envelope in return, or a problem where none was readable. */
static json_t *
message_refused(void)
{
	json_t *response = refusal_response(&refusals[0]);

	(void)json_object_set_new(response, "description",
	    json_string("The message was refused: an ERROR in return, or a "
			"problem where it could not be read."));
	(void)json_object_set_new(json_object_get(response, "content"),
	    "application/json",
	    json_pack(
		"{s:o}", "schema", parts_reference("schemas", "Envelope")));
	return response;
}

/* Of work that waits for its buyer. */
static json_t *
asks(void)
{
	json_t *response = parse(
	    "{\"description\":\"The seller asks something back; "
	    "execution.answer brings the answer.\","
	    "\"content\":{\"application/json\":{\"schema\":{"
	    "\"type\":\"object\",\"required\":[\"deal_id\",\"contract_id\","
	    "\"execution_id\",\"state\",\"asks\"],\"properties\":{"
	    "\"deal_id\":{\"type\":\"string\",\"format\":\"uuid\"},"
	    "\"contract_id\":{\"type\":\"string\",\"format\":\"uuid\"},"
	    "\"execution_id\":{\"type\":\"string\",\"format\":\"uuid\"},"
	    "\"state\":{\"type\":\"string\"},"
	    "\"asks\":{\"type\":\"object\",\"properties\":{"
	    "\"message\":{\"type\":\"string\"},"
	    "\"auth\":{\"type\":\"boolean\"},"
	    "\"data\":{}}}}}}}}");

	(void)json_object_set_new(response, "headers", parts_headers(false));
	return response;
}

json_t *
parts_components(void)
{
	json_t *out = json_object();
	json_t *responses = json_object();

	for (size_t i = 0; i < sizeof shared / sizeof shared[0]; i += 2)
		(void)json_object_set_new(out, shared[i], parse(shared[i + 1]));
	for (size_t i = 0; i < N_REFUSALS; i++)
		(void)json_object_set_new(responses, refusals[i].name,
		    refusal_response(&refusals[i]));
	(void)json_object_set_new(
	    responses, "MessageRefused", message_refused());
	(void)json_object_set_new(responses, "Asks", asks());
	(void)json_object_set_new(out, "responses", responses);
	return out;
}

/* --- schemas --------------------------------------------------------- */

static bool
is_money(const json_t *schema)
{
	const json_t *properties = json_object_get(schema, "properties");

	return json_object_size(properties) == 2 &&
	    json_object_get(properties, "amount") != NULL &&
	    json_object_get(properties, "currency") != NULL;
}

void
parts_share_money(json_t *schema)
{
	json_t *properties = json_object_get(schema, "properties");
	json_t *items = json_object_get(schema, "items");
	const char *name;
	json_t *member;

	if (is_money(schema)) {
		json_t *help =
		    json_incref(json_object_get(schema, "description"));
		(void)json_object_clear(schema);
		(void)json_object_set_new(
		    schema, "$ref", json_string("#/components/schemas/Money"));
		if (help != NULL)
			(void)json_object_set_new(schema, "description", help);
		return;
	}
	json_object_foreach(properties, name, member)
	{
		parts_share_money(member);
	}
	if (items != NULL)
		parts_share_money(items);
}

json_t *
parts_in_query(const json_t *schema)
{
	json_t *out = json_deep_copy(schema);
	bool money = json_object_get(out, "$ref") != NULL;

	if (!money &&
	    (json_object_get(out, "type") != NULL ||
		json_object_get(out, "enum") != NULL))
		return out;
	(void)json_object_del(out, "$ref");
	(void)json_object_set_new(out, "type", json_string("string"));
	return out;
}

bool
parts_requires(const json_t *schema, const char *name)
{
	const json_t *required = json_object_get(schema, "required");

	for (size_t i = 0; i < json_array_size(required); i++)
		if (strcmp(json_string_value(json_array_get(required, i)),
			name) == 0)
			return true;
	return false;
}

void
parts_drop(json_t *schema, const char *name)
{
	json_t *required = json_object_get(schema, "required");

	(void)json_object_del(json_object_get(schema, "properties"), name);
	for (size_t i = json_array_size(required); i-- > 0;)
		if (strcmp(json_string_value(json_array_get(required, i)),
			name) == 0)
			(void)json_array_remove(required, i);
	if (required != NULL && json_array_size(required) == 0)
		(void)json_object_del(schema, "required");
}

bool
parts_left(const json_t *schema)
{
	return json_object_size(json_object_get(schema, "properties")) > 0;
}
