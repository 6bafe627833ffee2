/* SPDX-License-Identifier: Apache-2.0 */
/* answer.c - an HTTP response as text. */
#include "answer.h"

#include <http_parser.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

bool
answer_has_body(uint16_t status)
{
	return status >= 200 && status != 204 && status != 304;
}

void
answer_date(int64_t at_s, char ret_text[32])
{
	/* strftime() would follow the locale. */
	static const char days[] = "SunMonTueWedThuFriSat";
	static const char months[] = "JanFebMarAprMayJunJulAugSepOctNovDec";
	time_t at = (time_t)at_s;
	struct tm tm = { 0 };

	(void)gmtime_r(&at, &tm);
	(void)snprintf(ret_text, 32, "%.3s, %02u %.3s %04u %02u:%02u:%02u GMT",
	    days + 3 * (ptrdiff_t)tm.tm_wday, (unsigned)tm.tm_mday % 100u,
	    months + 3 * (ptrdiff_t)tm.tm_mon,
	    (unsigned)(tm.tm_year + 1900) % 10000u, (unsigned)tm.tm_hour % 100u,
	    (unsigned)tm.tm_min % 100u, (unsigned)tm.tm_sec % 100u);
}

static void
put_field(struct bytes *out, struct aicx_str name, struct aicx_str value)
{
	/* A line break here would let a value write headers of its own. */
	if (name.len == 0 || memchr(name.ptr, '\n', name.len) != NULL ||
	    (value.len > 0 &&
		(memchr(value.ptr, '\n', value.len) != NULL ||
		    memchr(value.ptr, '\r', value.len) != NULL)))
		return;
	bytes_str(out, name);
	bytes_str(out, TEXT(": "));
	bytes_str(out, value);
	bytes_str(out, TEXT("\r\n"));
}

static void
put_status_line(const struct server *server, uint16_t status, struct bytes *out)
{
	bytes_str(out, TEXT("HTTP/1.1 "));
	bytes_number(out, status);
	bytes_str(out, TEXT(" "));
	bytes_text(out, http_status_str((enum http_status)status));
	bytes_str(out, TEXT("\r\nDate: "));
	bytes_text(out, server->date);
	bytes_str(out, TEXT("\r\n"));
}

/* Node's clients reuse a connection for as long as Keep-Alive says. */
static void
put_connection(const struct server *server, bool close, struct bytes *out)
{
	if (close) {
		bytes_str(out, TEXT("Connection: close\r\n"));
		return;
	}
	bytes_str(out, TEXT("Connection: keep-alive\r\nKeep-Alive: timeout="));
	bytes_number(out, (uint64_t)server->settings->idle_timeout / 1000);
	bytes_str(out, TEXT("\r\n"));
}

static void
put_framing(enum framing framing, size_t length, struct bytes *out)
{
	switch (framing) {
	case FRAMING_LENGTH:
	case FRAMING_LENGTH_CLOSE:
		bytes_str(out, TEXT("Content-Length: "));
		bytes_number(out, length);
		bytes_str(out, TEXT("\r\n"));
		break;
	case FRAMING_CHUNKED:
	case FRAMING_CHUNKED_CLOSE:
		bytes_str(out, TEXT("Transfer-Encoding: chunked\r\n"));
		break;
	case FRAMING_CLOSE:
		break;
	}
}

void
answer_head(const struct server *server,
    const struct aicx_http_response *response, enum framing framing,
    struct aicx_str extra, struct bytes *out)
{
	put_status_line(server, response->status, out);
	put_connection(server,
	    framing != FRAMING_LENGTH && framing != FRAMING_CHUNKED, out);
	if (response->content_type.len > 0)
		put_field(out, TEXT("Content-Type"), response->content_type);
	for (size_t i = 0; i < response->n_headers; i++)
		put_field(
		    out, response->headers[i].name, response->headers[i].value);
	if (answer_has_body(response->status))
		put_framing(framing, response->body.len, out);
	if (extra.len > 0)
		bytes_str(out, extra);
	bytes_str(out, TEXT("\r\n"));
}

void
answer_chunk(struct aicx_str bytes, struct bytes *out)
{
	char size[24];

	(void)snprintf(size, sizeof size, "%zx\r\n", bytes.len);
	bytes_text(out, size);
	bytes_str(out, bytes);
	bytes_str(out, TEXT("\r\n"));
}

/* The stable word that machines act on. */
static const char *
code_of(uint16_t status)
{
	static const struct {
		uint16_t status;
		const char *code;
	} codes[] = {
		{ 400, "malformed" },
		{ 401, "unauthenticated" },
		{ 403, "denied" },
		{ 405, "method_not_allowed" },
		{ 408, "timeout" },
		{ 413, "too_large" },
		{ 414, "too_large" },
		{ 417, "not_supported" },
		{ 426, "upgrade_required" },
		{ 431, "too_large" },
		{ 501, "not_supported" },
		{ 503, "unavailable" },
		{ 505, "not_supported" },
	};

	for (size_t i = 0; i < sizeof codes / sizeof *codes; i++)
		if (codes[i].status == status)
			return codes[i].code;
	return "internal";
}

static void
print_id(const struct server *server, char ret_id[33])
{
	uint8_t random[16];

	server->host->random(server->self, random, sizeof random);
	for (size_t i = 0; i < sizeof random; i++)
		(void)snprintf(ret_id + 2 * i, 3, "%02x", random[i]);
}

void
answer_problem(const struct server *server, uint16_t status, const char *why,
    const char *extra, bool with_body, struct bytes *out)
{
	char id[33], body[512];
	int len;

	print_id(server, id);
	/* Each `why` is a constant of ASCII letters without quotes. */
	len = snprintf(body, sizeof body,
	    "{\"type\":\"about:blank\",\"title\":\"%s\",\"status\":%u,"
	    "\"detail\":\"%s\",\"code\":\"%s\",\"correlation_id\":\"%s\"}",
	    http_status_str((enum http_status)status), (unsigned)status, why,
	    code_of(status), id);
	put_status_line(server, status, out);
	bytes_text(out, "Connection: close\r\nX-Request-Id: ");
	bytes_text(out, id);
	bytes_text(out, "\r\nContent-Type: application/problem+json\r\n");
	if (extra != NULL)
		bytes_text(out, extra);
	bytes_text(out, "Content-Length: ");
	bytes_number(out, (uint64_t)len);
	bytes_text(out, "\r\n\r\n");
	if (with_body)
		bytes_put(out, body, (size_t)len);
}
