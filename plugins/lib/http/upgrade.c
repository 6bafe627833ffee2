/* SPDX-License-Identifier: Apache-2.0 */
/* upgrade.c - from HTTP to WebSocket (RFC 6455 section 4.2). */
#include "upgrade.h"

#include "base64.h"
#include "caller.h"
#include "cors.h"
#include "http.h"
#include "ws.h"

#include <openssl/evp.h>
#include <string.h>

#define SUBPROTOCOL TEXT("aiconexus.v1")
#define WANT_VERSION "Sec-WebSocket-Version: 13\r\n"
#define WANT_UPGRADE                                                           \
	"Upgrade: websocket\r\nConnection: Upgrade\r\n" WANT_VERSION
#define WANT_BEARER "WWW-Authenticate: Bearer realm=\"aiconexus\"\r\n"

enum { KEY_CHARS = 24 };

/* 16 bytes in base64. */
static bool
is_key(struct aicx_str key)
{
	struct bytes nonce = { 0 };
	bool good = key.len == KEY_CHARS && bytes_from_base64(key, &nonce) &&
	    nonce.len == 16;

	bytes_fini(&nonce);
	return good;
}

/* SHA-1 secures nothing here: it shows that we speak WebSocket. */
static void
put_accept(struct bytes *out, struct aicx_str key)
{
	static const char guid[] = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
	char text[KEY_CHARS + sizeof guid];
	uint8_t digest[EVP_MAX_MD_SIZE];
	unsigned n_bytes = 0;

	memcpy(text, key.ptr, KEY_CHARS);
	memcpy(text + KEY_CHARS, guid, sizeof guid);
	if (EVP_Digest(
		text, sizeof text - 1, digest, &n_bytes, EVP_sha1(), NULL) != 1)
		out->failed = true;
	bytes_base64(out, digest, n_bytes);
}

/* Browsers send Origin: our own page, or one of the configured list. */
static bool
origin_is_allowed(const struct settings *settings, const struct head *head)
{
	struct aicx_str origin;
	struct aicx_str host;
	struct aicx_str scheme;

	if (head_find(head, TEXT("Origin"), &origin) == 0)
		return true;
	if (cors_lists(settings, origin))
		return true;
	if (head_find(head, TEXT("Host"), &host) != 1)
		return false;
	scheme = text_cut(origin, '/', &origin);
	return (text_alike(scheme, TEXT("http:")) ||
		   text_alike(scheme, TEXT("https:"))) &&
	    origin.len > 1 && *origin.ptr == '/' &&
	    text_alike(
		(struct aicx_str) { origin.ptr + 1, origin.len - 1 }, host);
}

/* Absent is legal and stays absent. */
static bool
read_credential(const struct head *head, struct aicx_str *ret_credential)
{
	struct aicx_str value;
	size_t n = head_find(head, TEXT("Authorization"), &value);

	return n == 0 || (n == 1 && text_bearer(value, ret_credential));
}

static void
send_accept(struct conn *conn, const struct head *head, struct aicx_str key)
{
	struct bytes *out = &conn->server->out;

	bytes_clear(out);
	bytes_text(out,
	    "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n"
	    "Connection: Upgrade\r\nSec-WebSocket-Accept: ");
	put_accept(out, key);
	if (head_lists(head, TEXT("Sec-WebSocket-Protocol"), SUBPROTOCOL)) {
		bytes_text(out, "\r\nSec-WebSocket-Protocol: ");
		bytes_str(out, SUBPROTOCOL);
	}
	bytes_text(out, "\r\n\r\n");
	conn_write(conn, bytes_view(out));
}

/* 401 and 503 come before any 101. */
static void
refuse_peer(struct conn *conn, aicx_err err)
{
	if (err == AICX_EDENIED)
		http_refuse(
		    conn, 401, "the credential is not valid", WANT_BEARER);
	else if (err == AICX_ELIMIT || err == AICX_EAGAIN)
		http_refuse(conn, 503, "no room for another session",
		    "Retry-After: 1\r\n");
	else
		http_refuse(conn, 500, "the session could not be opened", NULL);
}

/* How the request line and the plain fields fall short, or NULL. */
static bool
refuse_request(struct conn *conn, const struct head *head, bool busy)
{
	if (!text_same(head->method, TEXT("GET")))
		http_refuse(conn, 405, "a WebSocket is opened by GET",
		    "Allow: GET\r\n");
	else if (head->chunked || head->length > 0)
		http_refuse(conn, 400, "an upgrade has no body", NULL);
	else if (head->http10 || !head->upgrade ||
	    !head_lists(head, TEXT("Upgrade"), TEXT("websocket")))
		http_refuse(conn, 426, "this path is a WebSocket endpoint",
		    WANT_UPGRADE);
	else if (busy)
		http_refuse(
		    conn, 400, "an upgrade behind unanswered requests", NULL);
	else if (!origin_is_allowed(conn->server->settings, head))
		http_refuse(conn, 403, "this Origin is not allowed", NULL);
	else
		return false;
	return true;
}

void
upgrade(struct conn *conn, const struct head *head, bool busy)
{
	struct aicx_str version = { NULL, 0 };
	struct aicx_str key = { NULL, 0 };
	struct aicx_str credential = { NULL, 0 };
	struct caller caller;
	aicx_err err;

	if (refuse_request(conn, head, busy))
		return;
	if (head_find(head, TEXT("Sec-WebSocket-Version"), &version) != 1 ||
	    !text_same(version, TEXT("13"))) {
		http_refuse(conn, 426, "only WebSocket version 13 is spoken",
		    WANT_VERSION);
		return;
	}
	if (head_find(head, TEXT("Sec-WebSocket-Key"), &key) != 1 ||
	    !is_key(key)) {
		http_refuse(conn, 400,
		    "Sec-WebSocket-Key is not 16 bytes in base64", NULL);
		return;
	}
	if (!read_credential(head, &credential)) {
		http_refuse(conn, 401,
		    "Authorization is not a bearer credential", WANT_BEARER);
		return;
	}
	caller_of(conn, head, &caller);
	err = ws_open(conn, &caller, credential);
	if (err != AICX_OK) {
		refuse_peer(conn, err);
		return;
	}
	send_accept(conn, head, key);
	ws_start(conn);
}
