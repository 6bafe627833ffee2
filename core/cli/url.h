/* SPDX-License-Identifier: Apache-2.0 */
/* url.h - where a broker is: http[s]://HOST[:PORT][/PREFIX], or unix:PATH. */
#ifndef CLI_URL_H
#define CLI_URL_H

#include <aiconexus/types.h>
#include <stdbool.h>

struct url {
	char path[108]; /* of a unix socket, absolute; else "" */
	char host[256]; /* without the brackets of an IPv6 address */
	char port[6];
	char prefix[256]; /* "" or "/prefix", no slash at the end */
	char origin[280]; /* "http://host:port", lower case, port always there;
			     "unix:/path" */
	char authority[272]; /* for Host: "host:port", "[::1]:8700" */
	bool secure; /* https */
	/* Of https; borrowed, NULL: the system's authorities, no certificate.
	   The second one holds its key too. */
	const char *ca_file, *certificate_file;
};

aicx_err url_parse(
    struct aicx_str text, struct url *ret, struct aicx_error *reterr);
/* 127.0.0.0/8, ::1, localhost or a unix socket: no stranger is on the way. */
bool url_is_loopback(const struct url *url);

#endif
