/* SPDX-License-Identifier: Apache-2.0 */
/* caller.c - POSTs over connections that are kept. */
#include "caller.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/str.h"
#include "cli/http.h"
#include "cli/net.h"
#include "cli/outside.h"

enum { WAIT_MS = 10000 };

static void
caller_send(struct caller *caller)
{
	if (caller->renew != NULL)
		caller->renew(caller);
	caller->begun_us = gauge_now_us();
	ENSURE(net_write(&caller->net, buf_view(&caller->request),
		   outside_now_ms() + WAIT_MS, NULL) == AICX_OK);
}

/* Answers have a length; AICX_EAGAIN: it is not all there. */
static aicx_err
answer_take(struct caller *caller)
{
	struct http_head head;

	aicx_err err = http_head_parse(buf_view(&caller->bytes), &head, NULL);
	if (err == AICX_OK)
		err = http_body_parse(&head, buf_view(&caller->bytes), false,
		    &caller->body, NULL);
	if (err == AICX_OK &&
	    (head.status != 200 ||
		memmem(caller->body.ptr, caller->body.len, "\"isError\":true",
		    14) != NULL ||
		(caller->mac != NULL &&
		    memmem(caller->body.ptr, caller->body.len,
			"\"type\":\"RESULT\"", 15) == NULL))) {
		(void)fprintf(stderr, "load: %s\n", buf_cstr(&caller->bytes));
		exit(1);
	}
	return err;
}

static bool
caller_turn(void *arg)
{
	struct caller *caller = arg;
	bool eof = false;

	aicx_err err = net_read_ready(&caller->net, &caller->bytes, &eof, NULL);
	if (err == AICX_EAGAIN)
		return true;
	if (err != AICX_OK || eof) {
		(void)fprintf(stderr, "load: the connection was closed\n");
		return false;
	}
	err = answer_take(caller);
	if (err == AICX_EAGAIN)
		return true;
	if (err != AICX_OK)
		return false;
	crowd_note(caller->crowd, caller->begun_us);
	buf_clear(&caller->bytes);
	buf_clear(&caller->body);
	if (!caller->crowd->ended)
		caller_send(caller);
	return true;
}

void
caller_put(struct caller *caller, struct aicx_str body)
{
	buf_clear(&caller->request);
	buf_printf(&caller->request,
	    "POST %s HTTP/1.1\r\nHost: %s\r\nContent-Type: application/json\r\n"
	    "Accept: application/json, text/event-stream\r\n",
	    caller->path, caller->url->authority);
	if (caller->bearer != NULL)
		buf_printf(&caller->request, "Authorization: Bearer %s\r\n",
		    caller->bearer);
	buf_printf(&caller->request, "Content-Length: %zu\r\n\r\n", body.len);
	buf_str(&caller->request, body);
}

void
caller_start(struct caller *caller, const struct load *load)
{
	caller->crowd = &load->town->crowd;
	ENSURE(net_connect(caller->url, &caller->net, NULL) == AICX_OK);
	caller->watched = (struct watched) { caller_turn, caller };
	crowd_add(caller->crowd, caller->net.fd, &caller->watched);
	caller_send(caller);
}
