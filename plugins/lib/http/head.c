/* SPDX-License-Identifier: Apache-2.0 */
/* head.c - the head of one request: gathered to its end, then judged whole. */
#include "head.h"

#include "target.h"

#include <http_parser.h>
#include <stdlib.h>
#include <string.h>

enum { BLANK_LINES_MAX = 8 };

static enum head_step
refuse(struct head *head, uint16_t status, const char *why)
{
	head->status = status;
	head->why = why;
	return HEAD_REFUSED;
}

static void
clear(struct head *head)
{
	bytes_clear(&head->text);
	head->line = 0;
	head->n_blank = 0;
	head->n_fields = 0;
	head->has_fields = false;
}

struct head *
head_take(struct head **spare)
{
	struct head *head = *spare;

	*spare = NULL;
	if (head == NULL)
		head = calloc(1, sizeof *head);
	if (head != NULL)
		clear(head);
	return head;
}

void
head_give(struct head **spare, struct head *head)
{
	if (head == NULL)
		return;
	if (*spare == NULL)
		*spare = head;
	else
		head_free(head);
}

void
head_free(struct head *head)
{
	if (head == NULL)
		return;
	bytes_fini(&head->text);
	free(head);
}

size_t
head_find(
    const struct head *head, struct aicx_str name, struct aicx_str *ret_value)
{
	size_t n = 0;

	for (size_t i = 0; i < head->n_fields; i++) {
		if (!text_alike(head->fields[i].name, name))
			continue;
		*ret_value = head->fields[i].value;
		n++;
	}
	return n;
}

bool
head_lists(const struct head *head, struct aicx_str name, struct aicx_str item)
{
	for (size_t i = 0; i < head->n_fields; i++)
		if (text_alike(head->fields[i].name, name) &&
		    text_lists(head->fields[i].value, item))
			return true;
	return false;
}

/* The characters of a method or a field name (RFC 9110 section 5.6.2). */
static bool
is_token(struct aicx_str text)
{
	static const char others[] = "!#$%&'*+-.^_`|~";

	for (size_t i = 0; i < text.len; i++) {
		char c = text.ptr[i];

		if (!((c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') ||
			(c >= 'A' && c <= 'Z') ||
			(c != '\0' && strchr(others, c) != NULL)))
			return false;
	}
	return text.len > 0;
}

/* METHOD SP target SP version (RFC 9112 section 3), each blank exactly one. */
static enum head_step
read_request_line(struct head *head)
{
	struct aicx_str rest;
	struct aicx_str version;

	rest = text_cut(bytes_view(&head->text), '\r', &version);
	head->method = text_cut(rest, ' ', &rest);
	head->path = text_cut(rest, ' ', &version);
	if (head->method.len > HEAD_METHOD_MAX || !is_token(head->method))
		return refuse(head, 400, "the method is not a token");
	if (head->path.len == 0 || version.len == 0)
		return refuse(
		    head, 400, "the request line is not METHOD TARGET VERSION");
	head->http10 = text_same(version, TEXT("HTTP/1.0"));
	if (head->http10 || text_same(version, TEXT("HTTP/1.1")))
		return HEAD_DONE;
	if (version.len == 8 && memcmp(version.ptr, "HTTP/", 5) == 0)
		return refuse(
		    head, 505, "only HTTP/1.1 and HTTP/1.0 are spoken");
	return refuse(head, 400, "the version is malformed");
}

/* host [":" port]; nothing that could pass for another part of a URL. */
static bool
is_host(struct aicx_str host)
{
	static const char others[] = "-._~:[]%!$&'()*+,;=";

	for (size_t i = 0; i < host.len; i++) {
		char c = host.ptr[i];

		if (!((c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') ||
			(c >= 'A' && c <= 'Z') ||
			(c != '\0' && strchr(others, c) != NULL)))
			return false;
	}
	return host.len > 0;
}

static enum head_step
check_host(struct head *head)
{
	struct aicx_str host = { NULL, 0 };
	size_t n = head_find(head, TEXT("Host"), &host);

	if (n > 1)
		return refuse(head, 400, "Host is given twice");
	if (n == 0 && !head->http10)
		return refuse(head, 400, "Host is missing");
	if (n == 1 && !is_host(host))
		return refuse(head, 400, "Host is malformed");
	return HEAD_DONE;
}

/* Where the body ends must be beyond doubt (RFC 9112 section 6.3). */
static enum head_step
check_framing(struct head *head)
{
	struct aicx_str value = { NULL, 0 };
	size_t n = head_find(head, TEXT("Transfer-Encoding"), &value);

	if (n > 0 && (head->has_length || head->http10))
		return refuse(head, 400,
		    head->has_length ? "Content-Length beside Transfer-Encoding"
				     : "HTTP/1.0 has no Transfer-Encoding");
	if (n > 1 || (n == 1 && !text_alike(value, TEXT("chunked"))))
		return refuse(
		    head, 501, "only Transfer-Encoding: chunked is known");
	head->chunked = n == 1;
	n = head_find(head, TEXT("Expect"), &value);
	if (n > 1 || (n == 1 && !text_alike(value, TEXT("100-continue"))))
		return refuse(head, 417, "only Expect: 100-continue is known");
	head->expects = n == 1 && !head->http10;
	return HEAD_DONE;
}

static int
on_name(http_parser *parser, const char *at, size_t len)
{
	struct head *head = parser->data;

	if (head->n_fields == HEAD_FIELDS_MAX)
		return (int)refuse(head, 431, "more than 100 header fields");
	/* The parser lets exactly this one character through. */
	if (memchr(at, ' ', len) != NULL)
		return (int)refuse(
		    head, 400, "a blank in or after a field name");
	head->fields[head->n_fields++].name = (struct aicx_str) { at, len };
	return 0;
}

static int
on_value(http_parser *parser, const char *at, size_t len)
{
	struct head *head = parser->data;

	head->fields[head->n_fields - 1].value =
	    text_trim((struct aicx_str) { at, len });
	return 0;
}

static int
on_end(http_parser *parser)
{
	struct head *head = parser->data;

	head->keep_alive = http_should_keep_alive(parser) != 0;
	head->upgrade = parser->upgrade != 0;
	head->has_length = (parser->flags & F_CONTENTLENGTH) != 0;
	head->length = head->has_length ? parser->content_length : 0;
	parser->upgrade = 0;
	return 0;
}

static const http_parser_settings head_settings = {
	.on_header_field = on_name,
	.on_header_value = on_value,
	.on_headers_complete = on_end,
};

static const char *
parser_complaint(const http_parser *parser)
{
	switch (HTTP_PARSER_ERRNO(parser)) {
	case HPE_UNEXPECTED_CONTENT_LENGTH:
		return "Content-Length twice or beside Transfer-Encoding";
	case HPE_INVALID_CONTENT_LENGTH:
		return "Content-Length is not a number";
	case HPE_INVALID_TRANSFER_ENCODING:
		return "only Transfer-Encoding: chunked is known";
	default:
		return http_errno_description(HTTP_PARSER_ERRNO(parser));
	}
}

/*
 * The parser knows a fixed list of methods and we leave judging them to the
 * gateways (an unknown one is 405, not 400), so it sees GET in every request.
 */
static enum head_step
read_fields(struct head *head)
{
	size_t after_method = head->method.len + 1;
	http_parser parser;

	http_parser_init(&parser, HTTP_REQUEST);
	parser.data = head;
	head->status = 0;
	(void)http_parser_execute(&parser, &head_settings, "GET ", 4);
	(void)http_parser_execute(&parser, &head_settings,
	    head->text.ptr + after_method, head->text.len - after_method);
	if (head->status != 0)
		return HEAD_REFUSED;
	if (HTTP_PARSER_ERRNO(&parser) != HPE_OK)
		return refuse(head, 400, parser_complaint(&parser));
	return HEAD_DONE;
}

static enum head_step
judge(struct head *head)
{
	enum head_step step = read_request_line(head);

	if (step == HEAD_DONE)
		step = read_fields(head);
	head->has_fields = step == HEAD_DONE;
	if (step == HEAD_DONE)
		step = check_host(head);
	if (step == HEAD_DONE)
		step = check_framing(head);
	/* Last, because it decodes the path where it stands. */
	if (step == HEAD_DONE &&
	    !target_parse(head->path, &head->path, &head->query))
		step = refuse(head, 400, "the request target is malformed");
	return step;
}

/* Of a line that ended: its bytes without CR LF, or a refusal. */
static enum head_step
end_line(struct head *head)
{
	struct bytes *text = &head->text;
	size_t end = text->len - 1;

	if (end == head->line || text->ptr[end - 1] != '\r')
		return refuse(head, 400, "a line ends in LF without CR");
	if (end - 1 > head->line) {
		if (head->line > 0 &&
		    (text->ptr[head->line] == ' ' ||
			text->ptr[head->line] == '\t'))
			return refuse(head, 400, "a folded header field");
		head->line = text->len;
		return HEAD_MORE;
	}
	if (head->line > 0)
		return judge(head);
	/* RFC 9112 section 2.2: an empty line before the request is skipped. */
	text->len = 0;
	return ++head->n_blank <= BLANK_LINES_MAX
	    ? HEAD_MORE
	    : refuse(head, 400, "empty lines instead of a request");
}

/* Garbage is told from a request line before any line has ended. */
static bool
may_be_request_line(struct aicx_str part)
{
	for (size_t i = 0; i < part.len; i++) {
		uint8_t c = (uint8_t)part.ptr[i];

		if ((c < ' ' && c != '\r' && c != '\n') || c == 0x7f)
			return false;
	}
	return true;
}

enum head_step
head_feed(struct head *head, struct aicx_str bytes, size_t max_bytes,
    size_t *ret_taken)
{
	enum head_step step = HEAD_MORE;
	size_t taken = 0;

	while (step == HEAD_MORE && taken < bytes.len) {
		const char *from = bytes.ptr + taken;
		size_t room = max_bytes - head->text.len;
		size_t n = bytes.len - taken < room ? bytes.len - taken : room;
		const char *lf = n > 0 ? memchr(from, '\n', n) : NULL;

		if (lf != NULL)
			n = (size_t)(lf - from) + 1;
		taken += n;
		bytes_put(&head->text, from, n);
		if (n == 0)
			step = head->line == 0
			    ? refuse(head, 414, "the request line is too long")
			    : refuse(
				  head, 431, "the header block is too large");
		else if (head->text.failed)
			step = refuse(head, 503, "out of memory");
		else if (head->line == 0 &&
		    !may_be_request_line((struct aicx_str) { from, n }))
			step = refuse(head, 400,
			    "a control character in the request line");
		else if (lf != NULL)
			step = end_line(head);
	}
	*ret_taken = taken;
	return step;
}
