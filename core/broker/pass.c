/* SPDX-License-Identifier: Apache-2.0 */
/* pass.c - what a seller's server wants to see from whoever orders there. */
#include "broker/pass.h"

#include "base/err.h"
#include "base/id.h"
#include "base/mem.h"
#include "base/str.h"
#include "broker/sealed.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

const struct field pass_fields[] = {
	FIELD(struct pass, header, "header", FIELD_STR, .min = 1, .max = 64,
	    .help = "The header field; absent: Authorization."),
	FIELD(struct pass, value, "value", FIELD_STR, .flags = FIELDF_REQUIRED,
	    .min = 1, .max = 1024, .help = "Bearer TOKEN, or an API key."),
	FIELD_END,
};

/* --- its shape ------------------------------------------------------- */

static bool
is_value(struct aicx_str value)
{
	for (size_t i = 0; i < value.len; i++)
		if (value.ptr[i] < ' ' || value.ptr[i] > '~')
			return false;
	return value.ptr[0] != ' ' && value.ptr[value.len - 1] != ' ';
}

/* A token of RFC 9110 that says nothing about the message itself. */
static bool
is_header(struct aicx_str name)
{
	static const char *const ours[] = { "host", "content-length",
		"content-type", "transfer-encoding", "connection", "accept",
		"expect", "upgrade", "te", "trailer", "cookie", NULL };
	static const char chars[] = "abcdefghijklmnopqrstuvwxyz"
				    "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_";

	for (size_t i = 0; i < name.len; i++)
		if (strchr(chars, name.ptr[i]) == NULL || name.ptr[i] == '\0')
			return false;
	for (size_t i = 0; ours[i] != NULL; i++)
		if (strlen(ours[i]) == name.len &&
		    strncasecmp(ours[i], name.ptr, name.len) == 0)
			return false;
	return true;
}

static bool
begins(struct aicx_str url, const char *with)
{
	size_t n = strlen(with);

	return url.len >= n && strncasecmp(url.ptr, with, n) == 0 &&
	    (with[n - 1] == '/' || url.len == n ||
		strchr(":/?#", url.ptr[n]) != NULL);
}

/* By TLS, or not over a network. */
static bool
is_private(struct aicx_str url)
{
	return url.len == 0 || begins(url, "https://") ||
	    begins(url, "http://127.0.0.1") || begins(url, "http://[::1]") ||
	    begins(url, "http://localhost");
}

aicx_err
pass_check(const struct pass *pass, const struct field_list *endpoints,
    struct aicx_error *reterr)
{
	const struct endpoint *list = endpoints->items;
	bool any = false;

	if (pass->value.ptr == NULL)
		return AICX_OK;
	if (!is_value(pass->value) ||
	    (pass->header.ptr != NULL && !is_header(pass->header)))
		return err_field(reterr, AICX_EINVAL, "invalid_params",
		    "/credential", "credential is no header field to be sent");
	for (size_t i = 0; i < endpoints->n; i++) {
		any = any || list[i].url.len > 0;
		if (!is_private(list[i].url))
			return err_field(reterr, AICX_EINVAL, "invalid_params",
			    "/endpoints",
			    "a credential is sent over https only");
	}
	return any
	    ? AICX_OK
	    : err_field(reterr, AICX_EINVAL, "invalid_params", "/endpoints",
		  "a credential needs the server that it is for");
}

/* --- keeping it ------------------------------------------------------ */

static struct aicx_str
place(const struct aicx_id *agent_id, char ret_key[64])
{
	int n = snprintf(ret_key, 64, "0/s/pass/%s", id_text(agent_id).text);

	return (struct aicx_str) { ret_key, (size_t)n };
}

void
pass_print(const struct pass *pass, char ret_line[PASS_BYTES])
{
	struct aicx_str header =
	    pass->header.ptr != NULL ? pass->header : STR("Authorization");

	memset(ret_line, 0, PASS_BYTES);
	(void)snprintf(ret_line, PASS_BYTES, "%.*s: %.*s", STR_ARG(header),
	    STR_ARG(pass->value));
}

void
pass_keep(struct broker *broker, const struct aicx_id *agent_id,
    const struct pass *pass)
{
	char line[PASS_BYTES], text[64];

	if (pass->value.ptr == NULL) {
		sealed_drop(broker, place(agent_id, text));
		return;
	}
	pass_print(pass, line);
	sealed_put(broker, place(agent_id, text),
	    (struct aicx_str) { line, sizeof line });
	mem_wipe(line, sizeof line);
}

bool
pass_get(struct broker *broker, const struct aicx_id *agent_id,
    char ret_line[PASS_BYTES])
{
	char text[64];

	return sealed_get(broker, place(agent_id, text), ret_line, PASS_BYTES);
}
