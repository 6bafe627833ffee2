/* SPDX-License-Identifier: Apache-2.0 */
/*
 * doors.c - what gateways are told of the broker: its methods with their
 * schemas, the origin under which clients reach it, and its signature.
 */
#include "base/b64.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/mem.h"
#include "base/str.h"
#include "broker/inside.h"
#include "broker/results.h"
#include "protocol/field.h"

#include <stdlib.h>
#include <string.h>

enum { ORIGIN_BYTES_MAX = 255 };

/* --- methods --------------------------------------------------------- */

struct doors {
	struct arena mem;
	struct aicx_method *rows;
	const struct aicx_method **list;
};

/* Envelopes name their method inside the params; who calls a row need not. */
static const struct field *
fields_of(const struct route *route)
{
	const struct field *fields = route->params;

	return fields[0].name != NULL && strcmp(fields[0].name, "method") == 0
	    ? fields + 1
	    : fields;
}

static const char *
print_schema(struct arena *mem, const struct field *fields)
{
	AUTO(buf_fini) struct buf text = { 0 };
	struct json_writer w = json_writer(&text);
	char *copy;

	if (fields == NULL)
		return NULL;
	field_schema(fields, &w);
	copy = arena_new(mem, text.len + 1);
	memcpy(copy, buf_cstr(&text), text.len + 1);
	return copy;
}

static struct doors *
doors_new(void)
{
	struct doors *doors = MEM_NEW(struct doors);

	doors->rows = arena_new(&doors->mem, n_routes * sizeof doors->rows[0]);
	doors->list = arena_new(&doors->mem, n_routes * sizeof doors->list[0]);
	for (size_t i = 0; i < n_routes; i++) {
		doors->rows[i] = routes[i].method;
		doors->rows[i].params_schema = routes[i].method.raw_body
		    ? "{\"type\":\"string\"}"
		    : print_schema(&doors->mem, fields_of(&routes[i]));
		doors->rows[i].result_schema = print_schema(
		    &doors->mem, results_find(routes[i].method.name));
		doors->rows[i].media = routes[i].content_type;
		doors->list[i] = &doors->rows[i];
	}
	return doors;
}

void
doors_free(struct doors *doors)
{
	if (doors == NULL)
		return;
	arena_fini(&doors->mem);
	free(doors);
}

const struct aicx_method *const *
doors_methods(void *arg, size_t *ret_n)
{
	struct broker *broker = arg;

	if (broker->doors == NULL)
		broker->doors = doors_new();
	*ret_n = n_routes;
	return broker->doors->list;
}

/* --- the origin ------------------------------------------------------ */

static bool
is_host(struct aicx_str text)
{
	for (size_t i = 0; i < text.len; i++) {
		char c = text.ptr[i];
		bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
		    (c >= '0' && c <= '9');
		if (!plain && (c == '\0' || strchr(".-:[]", c) == NULL))
			return false;
	}
	return text.len > 0;
}

aicx_err
doors_check(const struct broker_settings *settings, struct aicx_error *reterr)
{
	struct aicx_str url = str_of(settings->public_url);
	size_t scheme = str_starts(url, "https://") ? 8
	    : str_starts(url, "http://")            ? 7
						    : 0;

	if (url.len == 0)
		return AICX_OK;
	if (scheme == 0 || url.len > ORIGIN_BYTES_MAX ||
	    !is_host((struct aicx_str) { url.ptr + scheme, url.len - scheme }))
		return err_set(reterr, AICX_EINVAL,
		    "[broker] public_url = %.100s: not like "
		    "https://broker.example.org, without a path",
		    settings->public_url);
	return AICX_OK;
}

const char *
doors_public_url(void *arg)
{
	const struct broker *broker = arg;
	const char *url = broker->settings->public_url;

	return url != NULL && url[0] != '\0' ? url : NULL;
}

int64_t
doors_catalog_version(void *arg)
{
	const struct broker *broker = arg;

	return broker->state.agents_version;
}

/* --- signatures ------------------------------------------------------ */

void
doors_sign_jws(void *arg, struct aicx_str header, struct aicx_str payload,
    uint8_t ret_signature[SIG_BYTES])
{
	const struct broker *broker = arg;
	AUTO(buf_fini) struct buf text = { 0 };

	b64_put(&text, header.ptr, header.len);
	buf_text(&text, ".");
	b64_put(&text, payload.ptr, payload.len);
	ed25519_sign(broker->key, buf_view(&text), ret_signature);
}
