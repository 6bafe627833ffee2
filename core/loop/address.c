/* SPDX-License-Identifier: Apache-2.0 */
/*
 * address.c - socket addresses from and to text.
 *
 * Numeric only: a look-up of names blocks, and an operator should see what is
 * bound.  "localhost" is the exception; it names loopback (RFC 6761
 * section 6.3).
 */
#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>

#include "base/err.h"
#include "base/str.h"
#include "loop/inside.h"

static aicx_err
refuse(const char *text, const char *why, struct aicx_error *reterr)
{
	return err_set(
	    reterr, AICX_EINVAL, "cannot use address \"%s\": %s", text, why);
}

static bool
port_parse(struct aicx_str digits, in_port_t *ret_port)
{
	int64_t port;

	if (digits.len == 0 || digits.len > 5 || !str_int(digits, &port) ||
	    port < 0 || port > 65535)
		return false;
	*ret_port = htons((uint16_t)port);
	return true;
}

static aicx_err
parse_local(const char *text, struct address *ret, struct aicx_error *reterr)
{
	const char *path = text + strlen("unix:");
	size_t len = strlen(path);

	if (len == 0)
		return refuse(text, "the path is missing", reterr);
	if (len >= sizeof ret->sock.local.sun_path)
		return refuse(
		    text, "the path is longer than 107 bytes", reterr);
	ret->sock.local.sun_family = AF_UNIX;
	memcpy(ret->sock.local.sun_path, path, len + 1);
	ret->len =
	    (socklen_t)(offsetof(struct sockaddr_un, sun_path) + len + 1);
	return AICX_OK;
}

/* host without brackets, digits after the last colon. */
static bool
parse_inet(
    struct aicx_str host, struct aicx_str digits, bool v6, struct address *ret)
{
	char name[INET6_ADDRSTRLEN];

	if (!v6 && str_is(host, "localhost"))
		host = STR("127.0.0.1");
	if (!str_copy(host, name, sizeof name))
		return false;
	if (v6) {
		ret->sock.v6.sin6_family = AF_INET6;
		ret->len = sizeof ret->sock.v6;
		return inet_pton(AF_INET6, name, &ret->sock.v6.sin6_addr) ==
		    1 &&
		    port_parse(digits, &ret->sock.v6.sin6_port);
	}
	ret->sock.v4.sin_family = AF_INET;
	ret->len = sizeof ret->sock.v4;
	return inet_pton(AF_INET, name, &ret->sock.v4.sin_addr) == 1 &&
	    port_parse(digits, &ret->sock.v4.sin_port);
}

aicx_err
address_parse(
    const char *text, struct address *ret_address, struct aicx_error *reterr)
{
	struct address address = { .len = 0 };

	if (strncmp(text, "unix:", strlen("unix:")) == 0) {
		aicx_err err = parse_local(text, &address, reterr);
		if (err == AICX_OK)
			*ret_address = address;
		return err;
	}
	const char *colon = strrchr(text, ':');
	struct aicx_str host = { text, colon ? (size_t)(colon - text) : 0 };
	bool v6 = host.len >= 2 && text[0] == '[' && colon[-1] == ']';
	if (v6)
		host = (struct aicx_str) { text + 1, host.len - 2 };
	if (colon == NULL || !parse_inet(host, str_of(colon + 1), v6, &address))
		return refuse(text,
		    "expected \"1.2.3.4:PORT\", \"[::1]:PORT\" or "
		    "\"unix:/PATH\"",
		    reterr);
	*ret_address = address;
	return AICX_OK;
}

void
address_print(const struct address *address, char *ret_text)
{
	char host[INET6_ADDRSTRLEN] = "?";
	const struct sockaddr_in6 *v6 = &address->sock.v6;
	const struct sockaddr_in *v4 = &address->sock.v4;

	if (address->sock.any.sa_family == AF_INET6) {
		(void)inet_ntop(AF_INET6, &v6->sin6_addr, host, sizeof host);
		(void)snprintf(ret_text, LOOP_ADDRESS_TEXT, "[%s]:%u", host,
		    ntohs(v6->sin6_port));
	} else if (address->sock.any.sa_family == AF_INET) {
		(void)inet_ntop(AF_INET, &v4->sin_addr, host, sizeof host);
		(void)snprintf(ret_text, LOOP_ADDRESS_TEXT, "%s:%u", host,
		    ntohs(v4->sin_port));
	} else {
		(void)snprintf(ret_text, LOOP_ADDRESS_TEXT, "unix:%s",
		    address->sock.local.sun_path);
	}
}
