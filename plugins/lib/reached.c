/* SPDX-License-Identifier: Apache-2.0 */
/* reached.c - what a broker may call itself: a name from a stranger's Host
   field only where it leads nobody elsewhere. */
#include "reached.h"

#include "text.h"

#include <string.h>

enum { PORT_DIGITS_MAX = 5 };

/* Empty, or a colon and digits. */
static bool
is_port(const char *text, size_t len)
{
	if (len == 0)
		return true;
	if (*text != ':' || len > 1 + PORT_DIGITS_MAX)
		return false;
	for (size_t i = 1; i < len; i++)
		if (text[i] < '0' || text[i] > '9')
			return false;
	return true;
}

bool
reached_is_loopback(struct aicx_str host)
{
	static const char *const names[] = { "127.0.0.1", "localhost", "[::1]",
		NULL };

	for (const char *const *at = names; *at != NULL; at++) {
		struct aicx_str name = { host.ptr, strlen(*at) };
		if (host.len >= name.len && text_alike(name, text_of(*at)) &&
		    is_port(host.ptr + name.len, host.len - name.len))
			return true;
	}
	return false;
}

bool
reached_url(const struct aicx_host *host, struct aicx_self *self,
    struct aicx_str asked_host, struct bytes *out)
{
	const char *url = host->public_url(self);

	if (url != NULL) {
		bytes_text(out, url);
	} else if (reached_is_loopback(asked_host)) {
		bytes_text(out, "http://");
		bytes_str(out, asked_host);
	} else {
		return false;
	}
	bytes_char(out, '\0');
	if (out->failed)
		return false;
	out->len--;
	return true;
}
