/* SPDX-License-Identifier: Apache-2.0 */
/* stream.c - an answer as a stream of server-sent events. */
#include "stream.h"

static bool
begin(struct talk *talk)
{
	static const struct aicx_header fields[] = {
		{ { "Cache-Control", 13 }, { "no-cache", 8 } },
		{ { "X-Accel-Buffering", 17 }, { "no", 2 } },
	};
	const struct aicx_http_response response = {
		.size = sizeof response,
		.status = 200,
		.content_type = TEXT("text/event-stream"),
		.body = TEXT(""),
		.headers = fields,
		.n_headers = 2,
	};

	if (!talk->streaming)
		talk->streaming = talk->mcp->host->respond_begin(
				      talk->exchange, &response) == AICX_OK;
	return talk->streaming;
}

/* One event.  Line breaks stand between tokens only: strings escape theirs. */
static void
put_event(struct bytes *out, struct aicx_str message)
{
	size_t from;

	bytes_clear(out);
	bytes_text(out, "event: message\ndata: ");
	from = out->len;
	bytes_str(out, message);
	for (size_t i = from; i < out->len; i++)
		if (out->ptr[i] == '\n' || out->ptr[i] == '\r')
			out->ptr[i] = ' ';
	bytes_text(out, "\n\n");
}

void
stream_notify(struct talk *talk, const char *method, struct aicx_str params)
{
	struct print message = { 0 };

	if (talk->closing || talk->exchange == NULL || !begin(talk))
		return;
	print_open(&message, '{');
	print_key(&message, "jsonrpc");
	print_text(&message, "2.0");
	print_key(&message, "method");
	print_text(&message, method);
	print_key(&message, "params");
	print_raw(&message, params);
	print_close(&message, '}');
	put_event(&talk->event, bytes_view(&message.bytes));
	if (!talk->event.failed)
		(void)talk->mcp->host->respond_part(
		    talk->exchange, bytes_view(&talk->event));
	print_fini(&message);
}

void
stream_comment(struct talk *talk)
{
	if (talk->streaming && !talk->closing)
		(void)talk->mcp->host->respond_part(
		    talk->exchange, TEXT(": keep-alive\n\n"));
}

/* AICX_EIO: the client is lost, and cancel() comes. */
static void
send_last(struct talk *talk)
{
	const struct aicx_host *host = talk->mcp->host;
	struct aicx_exchange *exchange = talk->exchange;
	aicx_err err = AICX_OK;

	if (talk->event.len > 0)
		err = host->respond_part(exchange, bytes_view(&talk->event));
	if (err == AICX_EAGAIN || err == AICX_EIO)
		return;
	talk_forget(talk);
	host->respond_end(exchange, err == AICX_OK && !talk->event.failed);
}

void
stream_finish(struct talk *talk, struct aicx_str message)
{
	talk->closing = true;
	bytes_clear(&talk->event);
	if (message.len > 0)
		put_event(&talk->event, message);
	send_last(talk);
}

void
stream_drained(struct talk *talk)
{
	talk->depth++;
	if (talk->closing)
		send_last(talk);
	talk_release(talk);
}
