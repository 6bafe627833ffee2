/* SPDX-License-Identifier: Apache-2.0 */
/* http.c - one HTTP/1.1 request and its answer (RFC 9112), blocking. */
#include "cli/http.h"

#include <string.h>

#include "base/err.h"
#include "base/mem.h"
#include "cli/net.h"
#include "cli/outside.h"

static void
request_print(
    const struct url *url, const struct http_request *request, struct buf *out)
{
	buf_printf(out, "%s %s", request->method, url->prefix);
	buf_str(out, request->target);
	buf_printf(out,
	    " HTTP/1.1\r\nHost: %s\r\nUser-Agent: aicx/" AICX_VERSION
	    "\r\nAccept: application/json\r\nConnection: close\r\n",
	    url->authority);
	if (request->bearer != NULL)
		buf_printf(
		    out, "Authorization: Bearer %s\r\n", request->bearer);
	if (request->idempotency_key != NULL)
		buf_printf(
		    out, "Idempotency-Key: %s\r\n", request->idempotency_key);
	if (request->body.ptr != NULL)
		buf_printf(out,
		    "Content-Type: application/json\r\n"
		    "Content-Length: %zu\r\n",
		    request->body.len);
	buf_text(out, "\r\n");
	buf_str(out, request->body);
}

/* One look at what came so far; AICX_EAGAIN: more is needed. */
static aicx_err
answer_parse(const struct buf *bytes, bool eof, struct http_answer *ret,
    struct aicx_error *reterr)
{
	struct http_head head;

	aicx_err err = http_head_parse(buf_view(bytes), &head, reterr);
	if (err != AICX_OK)
		return err;
	err = http_body_parse(&head, buf_view(bytes), eof, &ret->body, reterr);
	ret->status = head.status;
	return err;
}

static aicx_err
answer_read(struct net *net, int64_t deadline_ms, struct http_answer *ret,
    struct aicx_error *reterr)
{
	struct buf bytes = { 0 };
	bool eof = false;
	aicx_err err = AICX_EAGAIN;

	while (err == AICX_EAGAIN && !eof) {
		err = net_read(net, &bytes, deadline_ms, &eof, reterr);
		if (err == AICX_OK)
			err = answer_parse(&bytes, eof, ret, reterr);
	}
	if (err == AICX_EAGAIN)
		err = err_word(reterr, AICX_EIO, "unavailable",
		    "the broker closed the connection before it answered");
	buf_fini(&bytes);
	return err;
}

aicx_err
http_ask(const struct url *url, const struct http_request *request,
    struct http_answer *ret, struct aicx_error *reterr)
{
	struct http_answer answer = { 0 };
	struct buf out = { 0 };
	int64_t deadline_ms = outside_now_ms() + request->timeout_ms;
	struct net net;

	aicx_err err = net_connect(url, &net, reterr);
	if (err != AICX_OK)
		return err;
	request_print(url, request, &out);
	err = net_write(&net, buf_view(&out), deadline_ms, reterr);
	/* A server may answer (413) and close before it read everything. */
	if (err == AICX_OK || err == AICX_EIO)
		err = answer_read(&net, deadline_ms, &answer, reterr);
	net_close(&net);
	mem_wipe(out.ptr, out.len); /* the API key */
	buf_fini(&out);
	if (err != AICX_OK)
		http_answer_fini(&answer);
	else
		*ret = answer;
	return err;
}

void
http_answer_fini(struct http_answer *answer)
{
	buf_fini(&answer->body);
}

void
http_put_escaped(struct buf *buf, struct aicx_str text)
{
	for (size_t i = 0; i < text.len; i++) {
		unsigned char c = (unsigned char)text.ptr[i];
		if ((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
		    (c >= '0' && c <= '9') || c == '-' || c == '.' ||
		    c == '_' || c == '~')
			buf_char(buf, (char)c);
		else
			buf_printf(buf, "%%%02X", c);
	}
}
