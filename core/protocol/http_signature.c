/* SPDX-License-Identifier: Apache-2.0 */
/* http_signature.c - Signature-Input and Signature read, the base put together.
 */
#include "protocol/http_signature.h"

#include "base/b64.h"
#include "base/clock.h"
#include "base/err.h"
#include "base/mem.h"
#include "base/str.h"

#include <string.h>

/* --- fields ---------------------------------------------------------- */

static char
lower(char c)
{
	return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

static bool
same_name(struct aicx_str a, struct aicx_str b)
{
	for (size_t i = 0; a.len == b.len && i < a.len; i++)
		if (lower(a.ptr[i]) != lower(b.ptr[i]))
			return false;
	return a.len == b.len;
}

/* All values of a field, joined by ", " (RFC 9421 section 2.1); false: there
   is none. */
static bool
field_put(const struct aicx_http_request *request, struct aicx_str name,
    struct buf *out)
{
	bool found = false;

	for (size_t i = 0; i < request->n_headers; i++) {
		if (!same_name(request->headers[i].name, name))
			continue;
		if (found)
			buf_text(out, ", ");
		buf_str(out, str_trim(request->headers[i].value));
		found = true;
	}
	return found;
}

/* The value of a field that may stand there once; absent: none, or several. */
static struct aicx_str
field_once(const struct aicx_http_request *request, const char *name)
{
	struct aicx_str value = { NULL, 0 };

	for (size_t i = 0; i < request->n_headers; i++) {
		if (!same_name(request->headers[i].name, str_of(name)))
			continue;
		if (value.ptr != NULL)
			return (struct aicx_str) { NULL, 0 };
		value = str_trim(request->headers[i].value);
	}
	return value;
}

bool
http_is_signed(const struct aicx_http_request *request)
{
	for (size_t i = 0; i < request->n_headers; i++)
		if (same_name(request->headers[i].name, STR("signature-input")))
			return true;
	return false;
}

/* --- structured fields, as much as signatures have (RFC 9651) --------- */

struct reader {
	struct aicx_str left;
};

static bool
take(struct reader *reader, char c)
{
	if (reader->left.len == 0 || reader->left.ptr[0] != c)
		return false;
	reader->left.ptr++;
	reader->left.len--;
	return true;
}

/* A name of a member or parameter; nothing: there is none. */
static struct aicx_str
take_name(struct reader *reader)
{
	struct aicx_str name = { reader->left.ptr, 0 };

	while (name.len < reader->left.len) {
		char c = name.ptr[name.len];
		if (!((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') ||
			(c != '\0' && strchr("_-.*", c) != NULL)))
			break;
		name.len++;
	}
	reader->left.ptr += name.len;
	reader->left.len -= name.len;
	return name;
}

/* Without escapes: none of what we take needs one. */
static bool
take_string(struct reader *reader, struct aicx_str *ret)
{
	struct aicx_str text;

	if (!take(reader, '"'))
		return false;
	text = (struct aicx_str) { reader->left.ptr, 0 };
	while (text.len < reader->left.len && text.ptr[text.len] != '"') {
		char c = text.ptr[text.len];
		if (c < ' ' || c > '~' || c == '\\')
			return false;
		text.len++;
	}
	reader->left.ptr += text.len;
	reader->left.len -= text.len;
	*ret = text;
	return take(reader, '"');
}

static bool
take_seconds(struct reader *reader, int64_t *ret)
{
	struct aicx_str digits = { reader->left.ptr, 0 };

	while (digits.len < reader->left.len && digits.len < 12 &&
	    digits.ptr[digits.len] >= '0' && digits.ptr[digits.len] <= '9')
		digits.len++;
	reader->left.ptr += digits.len;
	reader->left.len -= digits.len;
	return digits.len > 0 && str_int(digits, ret) && *ret > 0;
}

/* :base64: of n_max bytes at most. */
static bool
take_bytes(struct reader *reader, uint8_t *ret, size_t n_max, size_t *ret_n)
{
	char text[4 * HTTP_SIGNATURE_BYTES / 3 + 8];
	size_t n = 0, n_pad = 0;

	if (!take(reader, ':'))
		return false;
	for (; reader->left.len > 0 && !take(reader, ':');
	     reader->left.ptr++, reader->left.len--) {
		char c = reader->left.ptr[0];
		if (c == '=' && n_pad < 2) {
			n_pad++;
			continue;
		}
		if (n_pad > 0 || n == sizeof text || c == '-' || c == '_')
			return false;
		text[n++] = c == '+' ? '-' : c == '/' ? '_' : c;
	}
	return reader->left.ptr[-1] == ':' && (n + n_pad) % 4 == 0 &&
	    b64_parse_any((struct aicx_str) { text, n }, ret, n_max, ret_n);
}

static bool
take_components(struct reader *reader, struct http_signature *ret)
{
	if (!take(reader, '('))
		return false;
	while (!take(reader, ')')) {
		if (ret->n_components == HTTP_COMPONENTS_MAX ||
		    (ret->n_components > 0 && !take(reader, ' ')) ||
		    !take_string(reader, &ret->components[ret->n_components]))
			return false;
		ret->n_components++;
	}
	return true;
}

static bool
take_alg(struct reader *reader, struct http_signature *ret)
{
	struct aicx_str name;

	if (!take_string(reader, &name))
		return false;
	ret->alg = str_is(name, "ed25519") ? HTTP_ALG_ED25519
	    : str_is(name, "hmac-sha256")  ? HTTP_ALG_HMAC_SHA256
					   : HTTP_ALG_ABSENT;
	return ret->alg != HTTP_ALG_ABSENT;
}

/* Each once; one that is not known changes the meaning, so it is refused. */
static bool
take_params(struct reader *reader, struct http_signature *ret)
{
	struct aicx_str tag = { NULL, 0 };

	while (take(reader, ';')) {
		struct aicx_str name = take_name(reader);
		bool good = take(reader, '=');
		if (str_is(name, "created"))
			good = good && ret->created_s == 0 &&
			    take_seconds(reader, &ret->created_s);
		else if (str_is(name, "expires"))
			good = good && ret->expires_s == 0 &&
			    take_seconds(reader, &ret->expires_s);
		else if (str_is(name, "keyid"))
			good = good && ret->key_id.ptr == NULL &&
			    take_string(reader, &ret->key_id);
		else if (str_is(name, "nonce"))
			good = good && ret->nonce.ptr == NULL &&
			    take_string(reader, &ret->nonce);
		else if (str_is(name, "alg"))
			good = good && ret->alg == HTTP_ALG_ABSENT &&
			    take_alg(reader, ret);
		else if (str_is(name, "tag"))
			good = good && tag.ptr == NULL &&
			    take_string(reader, &tag);
		else
			good = false;
		if (!good)
			return false;
	}
	return reader->left.len == 0 || reader->left.ptr[0] == ',' ||
	    reader->left.ptr[0] == ' ' || reader->left.ptr[0] == '\t';
}

static bool
parse_input(struct aicx_str input, struct aicx_str *ret_label,
    struct http_signature *ret)
{
	struct reader reader = { input };
	const char *begin;

	*ret_label = take_name(&reader);
	if (ret_label->len == 0 || !take(&reader, '='))
		return false;
	begin = reader.left.ptr;
	if (!take_components(&reader, ret) || !take_params(&reader, ret))
		return false;
	ret->params =
	    (struct aicx_str) { begin, (size_t)(reader.left.ptr - begin) };
	return true;
}

/* Members of a dictionary one after the other, until the label's. */
static bool
find_bytes(struct aicx_str field, struct aicx_str label, uint8_t *ret,
    size_t n_max, size_t *ret_n)
{
	struct aicx_str rest = field;

	while (rest.ptr != NULL && rest.len > 0) {
		struct reader reader = { str_trim(str_cut(rest, ',', &rest)) };
		struct aicx_str name = take_name(&reader);
		if (!str_eq(name, label))
			continue;
		return take(&reader, '=') &&
		    take_bytes(&reader, ret, n_max, ret_n) &&
		    reader.left.len == 0;
	}
	return false;
}

aicx_err
http_signature_parse(const struct aicx_http_request *request,
    struct http_signature *ret, struct aicx_error *reterr)
{
	struct aicx_str label;

	*ret = (struct http_signature) { .n_components = 0 };
	if (!parse_input(field_once(request, "signature-input"), &label, ret))
		return err_word(reterr, AICX_EINVAL, "malformed",
		    "cannot read \"Signature-Input\": not one field of the "
		    "form, or with an alg or parameter that is not taken");
	if (!find_bytes(field_once(request, "signature"), label, ret->bytes,
		sizeof ret->bytes, &ret->n_bytes) ||
	    (ret->n_bytes != MAC_BYTES && ret->n_bytes != SIG_BYTES))
		return err_word(reterr, AICX_EINVAL, "malformed",
		    "cannot read \"Signature\": no signature of 32 or 64 bytes "
		    "under the label \"%.*s\"",
		    (int)(label.len > 64 ? 64 : label.len), label.ptr);
	return AICX_OK;
}

/* --- the base -------------------------------------------------------- */

/* The path came decoded: one that was written otherwise cannot be told. */
static bool
path_is_plain(struct aicx_str path)
{
	for (size_t i = 0; i < path.len; i++) {
		char c = path.ptr[i];
		bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
		    (c >= '0' && c <= '9') ||
		    (c != '\0' && strchr("-._~!$&'()*+,;=:@/", c) != NULL);
		if (!plain)
			return false;
	}
	return true;
}

static bool
authority_put(const struct aicx_http_request *request, struct buf *out)
{
	struct aicx_str host = field_once(request, "host");

	for (size_t i = 0; i < host.len; i++)
		buf_char(out, lower(host.ptr[i]));
	return host.len > 0;
}

static void
target_put(const struct aicx_http_request *request, struct buf *out)
{
	buf_str(out, request->path);
	if (request->query.len > 0) {
		buf_char(out, '?');
		buf_str(out, request->query);
	}
}

static bool
component_put(const struct aicx_http_request *request, struct aicx_str name,
    const char *scheme, struct buf *out)
{
	if (name.len == 0 || name.ptr[0] != '@') {
		for (size_t i = 0; i < name.len; i++)
			if (name.ptr[i] != lower(name.ptr[i]))
				return false;
		return name.len > 0 && field_put(request, name, out);
	}
	if (str_is(name, "@method"))
		buf_str(out, request->method);
	else if (str_is(name, "@authority"))
		return authority_put(request, out);
	else if (str_is(name, "@scheme"))
		buf_text(out, scheme);
	else if (str_is(name, "@path"))
		buf_str(out, request->path);
	else if (str_is(name, "@query")) {
		buf_char(out, '?');
		buf_str(out, request->query);
	} else if (str_is(name, "@request-target"))
		target_put(request, out);
	else if (str_is(name, "@target-uri")) {
		buf_printf(out, "%s://", scheme);
		if (!authority_put(request, out))
			return false;
		target_put(request, out);
	} else
		return false;
	return true;
}

static bool
covers(const struct http_signature *signature, const char *name)
{
	for (size_t i = 0; i < signature->n_components; i++)
		if (str_is(signature->components[i], name))
			return true;
	return false;
}

static bool
is_twice(const struct http_signature *signature, size_t i)
{
	for (size_t k = 0; k < i; k++)
		if (str_eq(signature->components[k], signature->components[i]))
			return true;
	return false;
}

aicx_err
http_signature_base(const struct http_signature *signature,
    const struct aicx_http_request *request, const char *scheme,
    struct buf *ret_base, struct aicx_error *reterr)
{
	for (size_t i = 0; i < signature->n_components; i++) {
		struct aicx_str name = signature->components[i];
		buf_printf(ret_base, "\"%.*s\": ", STR_ARG(name));
		if (is_twice(signature, i) ||
		    !component_put(request, name, scheme, ret_base))
			return err_word(reterr, AICX_EDENIED, "bad_signature",
			    "component \"%.*s\" is not there, twice, or none "
			    "that is taken",
			    (int)(name.len > 64 ? 64 : name.len), name.ptr);
		buf_char(ret_base, '\n');
	}
	buf_printf(ret_base, "\"@signature-params\": %.*s",
	    STR_ARG(signature->params));
	return AICX_OK;
}

/* --- what must be true of it ----------------------------------------- */

static bool
digest_fits(const struct aicx_http_request *request)
{
	AUTO(buf_fini) struct buf field = { 0 };
	uint8_t said[HASH_BYTES], hash[HASH_BYTES];
	size_t n = 0;

	if (!field_put(request, STR("content-digest"), &field) ||
	    !find_bytes(
		buf_view(&field), STR("sha-256"), said, sizeof said, &n) ||
	    n != sizeof said)
		return false;
	sha256(request->body.ptr, request->body.len, hash);
	return bytes_equal(said, hash, sizeof hash);
}

aicx_err
http_signature_check(const struct http_signature *signature,
    const struct aicx_http_request *request, struct aicx_error *reterr)
{
	bool target = covers(signature, "@target-uri");
	const char *missing = NULL;

	if (!covers(signature, "@method"))
		missing = "@method";
	else if (!target && !covers(signature, "@authority"))
		missing = "@authority";
	else if (!target && !covers(signature, "@path") &&
	    !covers(signature, "@request-target"))
		missing = "@path";
	else if (request->query.len > 0 && !target &&
	    !covers(signature, "@query") &&
	    !covers(signature, "@request-target"))
		missing = "@query";
	else if (request->body.len > 0 && !covers(signature, "content-digest"))
		missing = "content-digest";
	else if (field_once(request, "idempotency-key").ptr != NULL &&
	    !covers(signature, "idempotency-key"))
		missing = "idempotency-key";
	if (missing != NULL)
		return err_word(reterr, AICX_EDENIED, "bad_signature",
		    "the signature does not cover \"%s\"", missing);
	if (!path_is_plain(request->path))
		return err_word(reterr, AICX_EDENIED, "bad_signature",
		    "a path with escapes cannot be signed here");
	if (covers(signature, "content-digest") && !digest_fits(request))
		return err_word(reterr, AICX_EDENIED, "bad_signature",
		    "Content-Digest has no sha-256 of this body");
	return AICX_OK;
}

aicx_err
http_signature_check_fresh(const struct http_signature *signature,
    int64_t now_ms, int64_t window_ms, struct aicx_error *reterr)
{
	int64_t created_ms = signature->created_s * 1000;
	int64_t expires_ms = signature->expires_s * 1000;

	if (signature->created_s != 0 && created_ms <= now_ms + window_ms &&
	    created_ms >= now_ms - window_ms &&
	    (signature->expires_s == 0 || expires_ms > now_ms))
		return AICX_OK;
	return err_word(reterr, AICX_EINVAL, "stale",
	    "the signature is too old, too early, expired, or has no "
	    "\"created\": the broker's time is %s",
	    time_text(now_ms).text);
}
