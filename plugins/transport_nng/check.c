/* SPDX-License-Identifier: Apache-2.0 */
/*
 * check.c - nothing listens where others can reach it unless the operator wrote
 * that it shall: NNG speaks TLS 1.2 at best, so here there is none.
 */
#include "check.h"

#include "door.h"
#include "text.h"

#include <stdio.h>
#include <string.h>

/* The host and port of a URL that goes over a network; false: it does not. */
static bool
network_address(struct aicx_str url, char *ret_address, size_t n_bytes)
{
	static const char mark[] = "://";
	const char *at = memmem(url.ptr, url.len, mark, sizeof mark - 1);
	struct aicx_str scheme, rest;

	if (at == NULL)
		return false; /* NNG says what it is not */
	scheme = (struct aicx_str) { url.ptr, (size_t)(at - url.ptr) };
	if (text_same(scheme, TEXT("ipc")) ||
	    text_same(scheme, TEXT("inproc")) ||
	    text_same(scheme, TEXT("unix")) ||
	    text_same(scheme, TEXT("abstract")))
		return false;
	at += sizeof mark - 1;
	rest = (struct aicx_str) { at, url.len - (size_t)(at - url.ptr) };
	rest = text_cut(rest, '/', &scheme);
	(void)snprintf(ret_address, n_bytes, "%.*s", (int)rest.len, rest.ptr);
	return true;
}

aicx_err
check_urls(
    const struct aicx_host *host, const char *urls, struct aicx_error *reterr)
{
	char address[URL_MAX];

	for (urls += strspn(urls, ", "); *urls != '\0';
	     urls += strspn(urls, ", ")) {
		struct aicx_str url = { urls, strcspn(urls, ", ") };

		urls += url.len;
		if (!network_address(url, address, sizeof address) ||
		    !host->address_is_open(address))
			continue;
		if (reterr != NULL) {
			*reterr = (struct aicx_error) { .code = AICX_EINVAL };
			(void)snprintf(reterr->text, sizeof reterr->text,
			    "\"%.*s\" is open to others, and there is no TLS: "
			    "set insecure = yes, or use 127.0.0.1 or ipc://",
			    (int)(url.len < 60 ? url.len : 60), url.ptr);
		}
		return AICX_EINVAL;
	}
	return AICX_OK;
}

aicx_err
nng_check(const struct aicx_host *host, const void *settings,
    const char **ret_option, struct aicx_error *reterr)
{
	const struct settings *wish = settings;
	const struct {
		const char *option, *urls;
	} lists[] = {
		{ "listen", wish->listen },
		{ "publish", wish->publish },
		{ "survey", wish->survey },
	};

	for (size_t i = 0; i < sizeof lists / sizeof *lists; i++) {
		*ret_option = lists[i].option;
		if (!wish->insecure &&
		    check_urls(host, lists[i].urls, reterr) != AICX_OK)
			return AICX_EINVAL;
	}
	return AICX_OK;
}
