/* SPDX-License-Identifier: Apache-2.0 */
/* reply.c - what a client gets back. */
#include "reply.h"

#include <stdio.h>
#include <string.h>

enum { FIELDS_MAX = 4, ID_CHARS = 32 };

struct fields {
	struct aicx_header list[FIELDS_MAX];
	size_t n;
	char id[ID_CHARS + 1];
	char seconds[24];
};

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
		for (size_t i = 0; i < sizeof random; i++)
			(void)snprintf(
			    fields->id + 2 * i, 3, "%02x", random[i]);
		given = (struct aicx_str) { fields->id, ID_CHARS };
	}
	add(fields, TEXT("X-Request-Id"), given);
	return given;
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

void
reply_answer(const struct aicx_host *host, struct aicx_self *self,
    const struct client *client, const struct aicx_answer *answer)
{
	struct fields fields = { .n = 0 };
	struct aicx_str media = answer->content_type;
	struct aicx_http_response response = { .size = sizeof response };

	(void)add_id(host, self, client, answer->correlation, &fields);
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
	response.headers = fields.list;
	response.n_headers = fields.n;
	host->respond(client->exchange, &response);
}

static const struct kind {
	uint16_t status;
	const char *title, *code;
} kinds[] = {
	{ 400, "Bad Request", "malformed" },
	{ 401, "Unauthorized", "unauthenticated" },
	{ 404, "Not Found", "not_found" },
	{ 405, "Method Not Allowed", "method_not_allowed" },
	{ 415, "Unsupported Media Type", "unsupported_media_type" },
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
	struct aicx_str id =
	    add_id(host, self, client, (struct aicx_str) { NULL, 0 }, &fields);

	add_challenge(status, &fields);
	if (allow != NULL)
		add(&fields, TEXT("Allow"), bytes_view(allow));
	print_problem(status, subject, why, id, &body);
	response.status = status;
	response.content_type = client->plain_json
	    ? TEXT("application/json")
	    : TEXT("application/problem+json");
	response.body = bytes_view(&body);
	response.headers = fields.list;
	response.n_headers = fields.n;
	host->respond(client->exchange, &response);
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
