/* SPDX-License-Identifier: Apache-2.0 */
/* http_head.c - reading an HTTP/1.1 answer's head and body from bytes. */
#include "cli/http.h"

#include <string.h>
#include <strings.h>

#include "base/err.h"
#include "base/str.h"

static aicx_err
malformed(struct aicx_error *reterr, const char *why)
{
	return err_word(reterr, AICX_EINVAL, "malformed",
	    "cannot read the broker's answer: %s; is another service on this "
	    "port?",
	    why);
}

static struct aicx_str
line_take(struct aicx_str *rest)
{
	struct aicx_str line = str_cut(*rest, '\n', rest);

	if (line.len > 0 && line.ptr[line.len - 1] == '\r')
		line.len--;
	return line;
}

static bool
name_is(struct aicx_str name, const char *wanted)
{
	return name.len == strlen(wanted) &&
	    strncasecmp(name.ptr, wanted, name.len) == 0;
}

/* "HTTP/1.1 200 OK" (section 4). */
static bool
status_parse(struct aicx_str line, int *ret_status)
{
	int64_t status;

	if (!str_starts(line, "HTTP/1.") || line.len < 12 || line.ptr[8] != ' ')
		return false;
	if (!str_int((struct aicx_str) { line.ptr + 9, 3 }, &status) ||
	    status < 100 || status > 599)
		return false;
	*ret_status = (int)status;
	return true;
}

static aicx_err
field_take(
    struct aicx_str line, struct http_head *head, struct aicx_error *reterr)
{
	struct aicx_str value = { 0 };
	struct aicx_str name = str_cut(line, ':', &value);

	value = str_trim(value);
	if (value.ptr == NULL || name.len == 0)
		return malformed(reterr, "a header line has no colon");
	if (name_is(name, "content-length")) {
		int64_t length;
		if (!str_int(value, &length) || length < 0 ||
		    (head->content_length >= 0 &&
			head->content_length != length))
			return malformed(reterr, "its Content-Length is wrong");
		if (length > HTTP_BODY_MAX)
			return err_word(reterr, AICX_ELIMIT, "too_large",
			    "the broker's answer is larger than %d bytes",
			    HTTP_BODY_MAX);
		head->content_length = length;
	} else if (name_is(name, "transfer-encoding")) {
		if (!name_is(value, "chunked"))
			return malformed(
			    reterr, "its Transfer-Encoding is unknown");
		head->chunked = true;
	} else if (name_is(name, "upgrade")) {
		head->upgrade = value;
	} else if (name_is(name, "sec-websocket-accept")) {
		head->accept = value;
	}
	return AICX_OK;
}

aicx_err
http_head_parse(
    struct aicx_str bytes, struct http_head *ret, struct aicx_error *reterr)
{
	struct http_head head = { .content_length = -1 };
	const char *end =
	    bytes.len ? memmem(bytes.ptr, bytes.len, "\r\n\r\n", 4) : NULL;

	if (bytes.len > 0 && bytes.ptr[0] != 'H')
		return malformed(reterr, "it is no HTTP");
	if (end == NULL && bytes.len > HTTP_HEAD_MAX)
		return malformed(reterr, "its head is too large");
	if (end == NULL)
		return AICX_EAGAIN;
	head.head_bytes = (size_t)(end - bytes.ptr) + 4;
	struct aicx_str rest = { bytes.ptr, head.head_bytes - 2 };
	if (!status_parse(line_take(&rest), &head.status))
		return malformed(reterr, "its first line is no HTTP status");
	while (rest.len > 0) {
		aicx_err err = field_take(line_take(&rest), &head, reterr);
		if (err != AICX_OK)
			return err;
	}
	*ret = head;
	return AICX_OK;
}

/* A chunk's size in hexadecimal, extensions ignored (section 7.1). */
static bool
chunk_size(struct aicx_str line, size_t *ret_size)
{
	struct aicx_str rest;
	struct aicx_str digits = str_trim(str_cut(line, ';', &rest));
	size_t size = 0;

	if (digits.len == 0 || digits.len > 7)
		return false;
	for (size_t i = 0; i < digits.len; i++) {
		const char *all = "0123456789abcdefABCDEF";
		const char *at =
		    digits.ptr[i] ? strchr(all, digits.ptr[i]) : NULL;
		if (at == NULL)
			return false;
		size_t digit = (size_t)(at - all);
		size = size * 16 + (digit < 16 ? digit : digit - 6);
	}
	*ret_size = size;
	return true;
}

static aicx_err
chunks_parse(struct aicx_str rest, struct buf *body, struct aicx_error *reterr)
{
	for (;;) {
		size_t size;
		if (rest.len == 0 || memchr(rest.ptr, '\n', rest.len) == NULL)
			return AICX_EAGAIN;
		if (!chunk_size(line_take(&rest), &size) ||
		    body->len + size > HTTP_BODY_MAX)
			return malformed(reterr, "a chunk's size is wrong");
		if (size == 0)
			return AICX_OK; /* trailers do not matter here */
		if (rest.len < size + 2)
			return AICX_EAGAIN;
		buf_put(body, rest.ptr, size);
		if (memcmp(rest.ptr + size, "\r\n", 2) != 0)
			return malformed(reterr, "a chunk does not end");
		rest.ptr += size + 2, rest.len -= size + 2;
	}
}

aicx_err
http_body_parse(const struct http_head *head, struct aicx_str bytes, bool eof,
    struct buf *body, struct aicx_error *reterr)
{
	struct aicx_str rest = { bytes.ptr + head->head_bytes,
		bytes.len - head->head_bytes };

	buf_clear(body);
	if (head->status == 204 || head->status == 304)
		return AICX_OK;
	if (head->chunked)
		return chunks_parse(rest, body, reterr);
	if (head->content_length < 0 && !eof) {
		if (rest.len > HTTP_BODY_MAX)
			return malformed(reterr, "it does not end");
		return AICX_EAGAIN;
	}
	size_t wanted =
	    head->content_length < 0 ? rest.len : (size_t)head->content_length;
	if (rest.len < wanted)
		return AICX_EAGAIN;
	buf_put(body, rest.ptr, wanted);
	return AICX_OK;
}
