/* SPDX-License-Identifier: Apache-2.0 */
/* cors.c - which pages of others may read answers. */
#include "cors.h"

#include <string.h>

enum { ASKED_MAX = 1024 }; /* bytes of a list of header fields */

/* What a page sees beside the few fields that every page sees. */
#define EXPOSED                                                                \
	"Access-Control-Expose-Headers: PAYMENT-REQUIRED, PAYMENT-RESPONSE, "  \
	"X-Request-Id, A2A-Extensions, A2A-Version, ETag, "                    \
	"Idempotency-Replayed, RateLimit, RateLimit-Policy, Retry-After, "     \
	"traceparent, WWW-Authenticate, Mcp-Session-Id\r\n"

static struct aicx_str
list_of(const struct settings *settings)
{
	/* transport_unix has no such option: no page gets there. */
	return text_of(settings->origins != NULL ? settings->origins : "");
}

bool
cors_lists(const struct settings *settings, struct aicx_str origin)
{
	return text_lists(list_of(settings), origin) ||
	    text_lists(list_of(settings), TEXT("*"));
}

/* Tokens and what stands between them: safe to say back. */
static bool
is_list(struct aicx_str text)
{
	for (size_t i = 0; i < text.len; i++) {
		char c = text.ptr[i];
		bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
		    (c >= '0' && c <= '9');
		if (!plain && (c == '\0' || strchr("-_., ", c) == NULL))
			return false;
	}
	return text.len > 0 && text.len <= ASKED_MAX;
}

static bool
is_allowed(const struct settings *settings, const struct head *head,
    struct aicx_str *ret_origin)
{
	return list_of(settings).len > 0 &&
	    head_find(head, TEXT("Origin"), ret_origin) == 1 &&
	    ret_origin->len > 0 && cors_lists(settings, *ret_origin);
}

bool
cors_is_preflight(const struct settings *settings, const struct head *head)
{
	struct aicx_str value;

	return text_same(head->method, TEXT("OPTIONS")) &&
	    is_allowed(settings, head, &value) &&
	    head_find(head, TEXT("Access-Control-Request-Method"), &value) ==
	    1 &&
	    is_list(value);
}

static void
put_line(struct bytes *out, const char *name, struct aicx_str value)
{
	bytes_text(out, name);
	bytes_str(out, TEXT(": "));
	bytes_str(out, value);
	bytes_str(out, TEXT("\r\n"));
}

static void
put_preflight(const struct head *head, struct bytes *out)
{
	struct aicx_str value;

	(void)head_find(head, TEXT("Access-Control-Request-Method"), &value);
	put_line(out, "Access-Control-Allow-Methods", value);
	if (head_find(head, TEXT("Access-Control-Request-Headers"), &value) ==
		1 &&
	    is_list(value))
		put_line(out, "Access-Control-Allow-Headers", value);
	put_line(out, "Access-Control-Max-Age", TEXT("600"));
	put_line(out, "Vary",
	    TEXT("Access-Control-Request-Method, "
		 "Access-Control-Request-Headers"));
}

void
cors_put(
    const struct settings *settings, const struct head *head, struct bytes *out)
{
	bool all = text_lists(list_of(settings), TEXT("*"));
	struct aicx_str origin;

	if (list_of(settings).len == 0)
		return;
	if (!all)
		put_line(out, "Vary", TEXT("Origin"));
	if (!is_allowed(settings, head, &origin))
		return;
	put_line(out, "Access-Control-Allow-Origin", all ? TEXT("*") : origin);
	if (cors_is_preflight(settings, head))
		put_preflight(head, out);
	else
		bytes_str(out, TEXT(EXPOSED));
}
