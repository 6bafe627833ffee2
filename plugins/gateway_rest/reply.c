/* SPDX-License-Identifier: Apache-2.0 */
/* reply.c - what a client gets back. */
#include "reply.h"

#include <stdio.h>
#include <string.h>

enum { FIELDS_MAX = 16, ID_CHARS = 32, ENTITY_BYTES = 12, LIMIT_CHARS = 64 };

struct fields {
	struct aicx_header list[FIELDS_MAX];
	size_t n;
	char id[ID_CHARS + 1];
	char seconds[24];
	char entity[2 * ENTITY_BYTES + 8]; /* with its quotes */
	char policy[LIMIT_CHARS], limit[LIMIT_CHARS];
};

static void
print_hex(const uint8_t *bytes, size_t n_bytes, char *out)
{
	for (size_t i = 0; i < n_bytes; i++)
		(void)snprintf(out + 2 * i, 3, "%02x", bytes[i]);
}

/* Our own part of the client's trace (W3C Trace Context section 3.2); a trace
   that cannot be read is replaced by a new one. */
static void
print_trace(const struct aicx_host *host, struct aicx_self *self,
    struct aicx_str given, char out[TRACE_CHARS + 1])
{
	uint8_t random[24];

	host->random(self, random, sizeof random);
	random[0] |= 1; /* neither id may be zero */
	random[16] |= 1;
	memcpy(out, "00-", 3);
	if (given.ptr != NULL)
		memcpy(out + 3, given.ptr + 3, 32);
	else
		print_hex(random, 16, out + 3);
	out[35] = '-';
	print_hex(random + 16, 8, out + 36);
	memcpy(out + 52, "-00", 4);
	if (given.ptr != NULL)
		memcpy(out + 53, given.ptr + 53, 2);
}

struct client
client_of(const struct aicx_host *host, struct aicx_self *self,
    struct aicx_exchange *exchange, const struct ask *ask,
    const struct aicx_http_request *request)
{
	struct client client = { .exchange = exchange,
		.plain_json = ask->plain_json };

	client.gets = text_same(request->method, TEXT("GET")) ||
	    text_same(request->method, TEXT("HEAD"));
	client.id_len = ask->id.len;
	if (ask->id.len > 0)
		memcpy(client.id, ask->id.ptr, ask->id.len);
	client.match_len = ask->match.len;
	if (ask->match.len > 0)
		memcpy(client.match, ask->match.ptr, ask->match.len);
	if (ask->traced)
		print_trace(host, self, ask->trace, client.trace);
	return client;
}

static void
add(struct fields *fields, struct aicx_str name, struct aicx_str value)
{
	fields->list[fields->n++] = (struct aicx_header) { name, value };
}

/* X-Request-Id is on every answer: the client's own, or the given, or a new
   one. */
static struct aicx_str
add_id(const struct aicx_host *host, struct aicx_self *self,
    const struct client *client, struct aicx_str given, struct fields *fields)
{
	uint8_t random[ID_CHARS / 2];

	if (client->id_len > 0)
		given = (struct aicx_str) { client->id, client->id_len };
	if (given.len == 0) {
		host->random(self, random, sizeof random);
		print_hex(random, sizeof random, fields->id);
		given = (struct aicx_str) { fields->id, ID_CHARS };
	}
	add(fields, TEXT("X-Request-Id"), given);
	return given;
}

/* RateLimit fields (draft-ietf-httpapi-ratelimit-headers). */
static void
add_quota(const struct client *client, struct fields *fields)
{
	const struct quota_state *quota = &client->quota;

	if (!client->limited)
		return;
	(void)snprintf(fields->policy, sizeof fields->policy,
	    "\"default\";q=%lld;w=%lld", (long long)quota->limit,
	    (long long)quota->window_ms / 1000);
	(void)snprintf(fields->limit, sizeof fields->limit,
	    "\"default\";r=%lld;t=%lld", (long long)quota->left,
	    ((long long)quota->reset_ms + 999) / 1000);
	add(fields, TEXT("RateLimit-Policy"), text_of(fields->policy));
	add(fields, TEXT("RateLimit"), text_of(fields->limit));
}

static struct aicx_str
add_common(const struct aicx_host *host, struct aicx_self *self,
    const struct client *client, struct aicx_str given, struct fields *fields)
{
	struct aicx_str id = add_id(host, self, client, given, fields);

	if (client->trace[0] != '\0')
		add(fields, TEXT("traceparent"), text_of(client->trace));
	add_quota(client, fields);
	return id;
}

static void
add_challenge(uint16_t status, struct fields *fields)
{
	if (status == 401)
		add(fields, TEXT("WWW-Authenticate"),
		    TEXT("Bearer realm=\"aiconexus\""));
}

static bool
is_problem(struct aicx_str media)
{
	static const char name[] = "application/problem+json";

	return media.len >= sizeof name - 1 &&
	    memcmp(media.ptr, name, sizeof name - 1) == 0;
}

/* --- bodies ---------------------------------------------------------- */

/* A strong validator (RFC 9110 section 8.8): the same bytes, the same coding.
 */
static void
print_entity(const struct aicx_host *host, struct aicx_self *self,
    struct aicx_str body, bool packed, struct fields *fields)
{
	uint8_t mac[32];
	char *at = fields->entity;

	host->hmac_sha256(self, TEXT("ETag"), body, mac);
	*at++ = '"';
	print_hex(mac, ENTITY_BYTES, at);
	(void)snprintf(at + 2 * ENTITY_BYTES, 6, packed ? "-gz\"" : "\"");
}

/* Weak comparison, as If-None-Match wants it (RFC 9110 section 13.1.2). */
static bool
has_entity(const struct client *client, const char *entity)
{
	struct aicx_str list = { client->match, client->match_len };

	while (list.len > 0) {
		struct aicx_str one = text_trim(text_cut(list, ',', &list));

		if (one.len > 2 && memcmp(one.ptr, "W/", 2) == 0)
			one = (struct aicx_str) { one.ptr + 2, one.len - 2 };
		if (text_same(one, text_of(entity)) ||
		    text_same(one, TEXT("*")))
			return true;
	}
	return false;
}

static void
finish(const struct aicx_host *host, struct aicx_self *self,
    const struct client *client, struct fields *fields,
    struct aicx_http_response *response)
{
	bool entity = client->gets && response->status == 200;
	struct aicx_str packed = { NULL, 0 };

	if (client->packer != NULL)
		packed = packer_pack(client->packer, response->body);
	if (response->body.len >= PACKER_MIN_BYTES)
		add(fields, TEXT("Vary"), TEXT("Accept-Encoding"));
	if (entity) {
		print_entity(
		    host, self, response->body, packed.ptr != NULL, fields);
		add(fields, TEXT("ETag"), text_of(fields->entity));
		add(fields, TEXT("Cache-Control"), TEXT("private, no-cache"));
	}
	if (entity && has_entity(client, fields->entity)) {
		response->status = 304;
		response->body = (struct aicx_str) { NULL, 0 };
		response->content_type = (struct aicx_str) { NULL, 0 };
	} else if (packed.ptr != NULL) {
		add(fields, TEXT("Content-Encoding"), TEXT("gzip"));
		response->body = packed;
	}
	response->headers = fields->list;
	response->n_headers = fields->n;
	host->respond(client->exchange, response);
}

void
reply_answer(const struct aicx_host *host, struct aicx_self *self,
    const struct client *client, const struct aicx_answer *answer)
{
	struct fields fields = { .n = 0 };
	struct aicx_str media = answer->content_type;
	struct aicx_http_response response = { .size = sizeof response };

	(void)add_common(host, self, client, answer->correlation, &fields);
	add_challenge(answer->status, &fields);
	if (answer->replayed)
		add(&fields, TEXT("Idempotency-Replayed"), TEXT("true"));
	if (answer->retry_after_ms >= 0) {
		(void)snprintf(fields.seconds, sizeof fields.seconds, "%lld",
		    ((long long)answer->retry_after_ms + 999) / 1000);
		add(&fields, TEXT("Retry-After"), text_of(fields.seconds));
	}
	if (client->plain_json && is_problem(media))
		media = TEXT("application/json");
	response.status = answer->status;
	response.content_type = media;
	response.body = answer->body;
	finish(host, self, client, &fields, &response);
}

static const struct kind {
	uint16_t status;
	const char *title, *code;
} kinds[] = {
	{ 400, "Bad Request", "malformed" },
	{ 401, "Unauthorized", "unauthenticated" },
	{ 404, "Not Found", "not_found" },
	{ 405, "Method Not Allowed", "method_not_allowed" },
	{ 406, "Not Acceptable", "not_acceptable" },
	{ 415, "Unsupported Media Type", "unsupported_media_type" },
	{ 429, "Too Many Requests", "rate_limited" },
	{ 503, "Service Unavailable", "unavailable" },
};

static void
print_problem(uint16_t status, struct aicx_str subject, const char *why,
    struct aicx_str id, struct bytes *out)
{
	const struct kind *kind = kinds;
	struct bytes detail = { 0 };

	while (kind->status != status)
		kind++;
	if (subject.ptr != NULL) {
		bytes_char(&detail, '"');
		bytes_str(&detail, subject);
		bytes_str(&detail, TEXT("\" "));
	}
	bytes_text(&detail, why);
	bytes_str(out, TEXT("{\"type\":\"about:blank\",\"title\":"));
	bytes_json(out, text_of(kind->title));
	bytes_str(out, TEXT(",\"status\":"));
	bytes_number(out, (uint64_t)status);
	bytes_str(out, TEXT(",\"detail\":"));
	bytes_json(out, bytes_view(&detail));
	bytes_str(out, TEXT(",\"code\":"));
	bytes_json(out, text_of(kind->code));
	bytes_str(out, TEXT(",\"correlation_id\":"));
	bytes_json(out, id);
	bytes_char(out, '}');
	bytes_fini(&detail);
}

void
reply_problem(const struct aicx_host *host, struct aicx_self *self,
    const struct client *client, uint16_t status, struct aicx_str subject,
    const char *why, const struct bytes *allow)
{
	struct fields fields = { .n = 0 };
	struct bytes body = { 0 };
	struct aicx_http_response response = { .size = sizeof response };
	struct aicx_str id = add_common(
	    host, self, client, (struct aicx_str) { NULL, 0 }, &fields);

	add_challenge(status, &fields);
	if (status == 429) {
		(void)snprintf(fields.seconds, sizeof fields.seconds, "%lld",
		    ((long long)client->quota.reset_ms + 999) / 1000);
		add(&fields, TEXT("Retry-After"), text_of(fields.seconds));
	}
	if (allow != NULL)
		add(&fields, TEXT("Allow"), bytes_view(allow));
	print_problem(status, subject, why, id, &body);
	response.status = status;
	response.content_type = client->plain_json
	    ? TEXT("application/json")
	    : TEXT("application/problem+json");
	response.body = bytes_view(&body);
	finish(host, self, client, &fields, &response);
	bytes_fini(&body);
}

void
reply_options(const struct aicx_host *host, struct aicx_self *self,
    const struct client *client, const struct bytes *allow)
{
	struct fields fields = { .n = 0 };
	struct aicx_http_response response = { .size = sizeof response,
		.status = 204 };

	(void)add_id(
	    host, self, client, (struct aicx_str) { NULL, 0 }, &fields);
	add(&fields, TEXT("Allow"), bytes_view(allow));
	response.headers = fields.list;
	response.n_headers = fields.n;
	host->respond(client->exchange, &response);
}

void
reply_page(const struct aicx_host *host, struct aicx_self *self,
    const struct client *client, struct aicx_str media, struct aicx_str body,
    struct aicx_str policy)
{
	struct fields fields = { .n = 0 };
	struct aicx_http_response response = {
		.size = sizeof response,
		.status = 200,
		.content_type = media,
		.body = body,
	};

	(void)add_common(
	    host, self, client, (struct aicx_str) { NULL, 0 }, &fields);
	add(&fields, TEXT("X-Content-Type-Options"), TEXT("nosniff"));
	if (policy.ptr != NULL)
		add(&fields, TEXT("Content-Security-Policy"), policy);
	finish(host, self, client, &fields, &response);
}
