/* SPDX-License-Identifier: Apache-2.0 */
/* caller.c - who sends a request. */
#include "caller.h"

#include "forwarded.h"
#include "text.h"

#include <stdlib.h>
#include <string.h>

/* --- who it is --------------------------------------------------------- */

static bool
is_trusted(struct aicx_str address, const void *arg)
{
	const struct conn *conn = arg;
	const struct server *server = conn->server;

	return server->host->address_in(server->settings->proxies, address);
}

/* An address that others read like our own: brackets around IPv6. */
static struct aicx_str
take_address(struct caller *caller, struct aicx_str address)
{
	bool bare = address.len > 0 && address.ptr[0] != '[' &&
	    memchr(address.ptr, ':', address.len) !=
		memrchr(address.ptr, ':', address.len);
	char *at = caller->text;

	if (address.len + 2 > sizeof caller->text)
		return (struct aicx_str) { NULL, 0 };
	if (bare)
		*at++ = '[';
	memcpy(at, address.ptr, address.len);
	at += address.len;
	if (bare)
		*at++ = ']';
	return (struct aicx_str) { caller->text, (size_t)(at - caller->text) };
}

void
caller_of(const struct conn *conn, const struct head *head, struct caller *ret)
{
	const struct server *server = conn->server;
	bool plain = server->names == NAMES_X_FORWARDED_FOR;
	struct aicx_str value, element, address;
	struct aicx_str proto = { NULL, 0 };

	ret->address = conn_address(conn);
	ret->secure = conn->secure;
	if (server->names < NAMES_FORWARDED ||
	    !is_trusted(ret->address, conn) ||
	    head_find(head, plain ? TEXT("X-Forwarded-For") : TEXT("Forwarded"),
		&value) == 0)
		return;
	address = forwarded_find(value, plain, is_trusted, conn, &element);
	if (address.len == 0 ||
	    !server->host->address_in("0.0.0.0/0, ::/0", address))
		return; /* "unknown", "_hidden" */
	address = take_address(ret, address);
	if (address.ptr == NULL)
		return;
	if (!plain)
		proto = forwarded_parameter(element, TEXT("proto"));
	else if (head_find(head, TEXT("X-Forwarded-Proto"), &value) > 0)
		proto = forwarded_last(value, &element);
	ret->address = address;
	ret->secure = text_alike(proto, TEXT("https")) ||
	    text_alike(proto, TEXT("wss")) || origin_is_local(address);
}

/* --- whom it speaks for ------------------------------------------------ */

/* Once for a connection; a certificate is known when bytes have come. */
static const char *
voucher(struct conn *conn)
{
	const struct server *server = conn->server;
	struct aicx_stream_facts facts = { .size = sizeof facts };
	char auth[AICX_AUTH_TEXT];

	if (conn->is_operator)
		return server->host->operator_auth(server->self);
	if (conn->auth != NULL || server->clients == AICX_TLS_NOBODY)
		return conn->auth;
	server->host->stream_facts(conn->stream, &facts);
	if (facts.known &&
	    server->host->stream_auth(server->self, conn->stream, auth) ==
		AICX_OK)
		conn->auth = strdup(auth);
	return conn->auth;
}

void
caller_speak(struct conn *conn, struct head *head)
{
	const char *auth = voucher(conn);
	struct aicx_str value;

	if (auth == NULL || head_find(head, TEXT("Authorization"), &value) > 0)
		return;
	head->fields[head->n_fields++] = (struct aicx_header) {
		.name = TEXT("Authorization"),
		.value = text_of(auth),
	};
}
