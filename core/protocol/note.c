/* SPDX-License-Identifier: Apache-2.0 */
/* note.c - C2SP signed notes: their form, and Ed25519 signatures on them. */
#include "protocol/note.h"

#include <string.h>

#include "base/b64.h"
#include "base/err.h"
#include "base/str.h"

enum { KEY_HASH_BYTES = 4, KEY_TYPE_ED25519 = 1 };
enum { RAW_SIG_MAX = NOTE_MAX };

#define DASH "\xe2\x80\x94 " /* U+2014 and a blank */

void
base64_put(struct buf *buf, const void *bytes, size_t n_bytes)
{
	size_t start = buf->len;

	b64_put(buf, bytes, n_bytes);
	for (size_t i = start; i < buf->len; i++) {
		if (buf->ptr[i] == '-')
			buf->ptr[i] = '+';
		else if (buf->ptr[i] == '_')
			buf->ptr[i] = '/';
	}
	for (; (buf->len - start) % 4 != 0;)
		buf_char(buf, '=');
}

bool
base64_parse(
    struct aicx_str text, void *ret_bytes, size_t cap, size_t *ret_n_bytes)
{
	char url[NOTE_MAX];
	size_t n = text.len;

	if (n == 0 || n % 4 != 0 || n > sizeof url)
		return false;
	for (int i = 0; i < 2 && text.ptr[n - 1] == '='; i++)
		n--;
	for (size_t i = 0; i < n; i++) {
		char c = text.ptr[i];
		if (c == '-' || c == '_')
			return false;
		url[i] = (char)(c == '+' ? '-' : c == '/' ? '_' : c);
	}
	return b64_parse_any(
	    (struct aicx_str) { url, n }, ret_bytes, cap, ret_n_bytes);
}

static aicx_err
refuse(struct aicx_error *reterr, const char *why)
{
	return err_word(reterr, AICX_EINVAL, "malformed",
	    "the signed note is not well formed: %s", why);
}

static bool
has_controls(struct aicx_str text)
{
	for (size_t i = 0; i < text.len; i++) {
		if ((uint8_t)text.ptr[i] < 0x20 && text.ptr[i] != '\n')
			return true;
	}
	return false;
}

/* Where the last blank line begins; text.len: there is none. */
static size_t
find_blank_line(struct aicx_str note)
{
	for (size_t i = note.len; i >= 2; i--) {
		if (note.ptr[i - 1] == '\n' && note.ptr[i - 2] == '\n')
			return i - 1;
	}
	return note.len;
}

/* White space of Unicode beyond ASCII, as UTF-8; ends with NULL. */
static const char *const spaces[] = { "\xc2\x85", "\xc2\xa0", "\xe1\x9a\x80",
	"\xe2\x80\x80", "\xe2\x80\x81", "\xe2\x80\x82", "\xe2\x80\x83",
	"\xe2\x80\x84", "\xe2\x80\x85", "\xe2\x80\x86", "\xe2\x80\x87",
	"\xe2\x80\x88", "\xe2\x80\x89", "\xe2\x80\x8a", "\xe2\x80\xa8",
	"\xe2\x80\xa9", "\xe2\x80\xaf", "\xe2\x81\x9f", "\xe3\x80\x80", NULL };

static bool
is_name(struct aicx_str name)
{
	for (size_t i = 0; i < name.len; i++) {
		struct aicx_str rest = { name.ptr + i, name.len - i };

		if (rest.ptr[0] == '+' || rest.ptr[0] == ' ')
			return false;
		for (size_t s = 0; spaces[s] != NULL; s++) {
			if (str_starts(rest, spaces[s]))
				return false;
		}
	}
	return name.len > 0;
}

struct signature {
	struct aicx_str name;
	size_t n; /* of raw: the key's hash and what that key made */
	uint8_t raw[RAW_SIG_MAX];
};

static bool
parse_signature(struct aicx_str line, struct signature *ret)
{
	struct aicx_str value;

	if (!str_starts(line, DASH))
		return false;
	line.ptr += sizeof DASH - 1;
	line.len -= sizeof DASH - 1;
	ret->name = str_cut(line, ' ', &value);
	return is_name(ret->name) && value.ptr != NULL &&
	    base64_parse(value, ret->raw, sizeof ret->raw, &ret->n) &&
	    ret->n > KEY_HASH_BYTES;
}

/* Splits at the last blank line; the lines behind it are not looked at. */
static aicx_err
split(struct aicx_str note, struct aicx_str *ret_text,
    struct aicx_str *ret_lines, struct aicx_error *reterr)
{
	if (note.len > NOTE_MAX)
		return refuse(reterr, "it is too long");
	if (note.len == 0 || note.ptr[note.len - 1] != '\n')
		return refuse(reterr, "it does not end with a newline");
	if (!str_is_utf8(note) || has_controls(note))
		return refuse(
		    reterr, "it is no UTF-8, or has control characters");
	size_t at = find_blank_line(note);
	if (at == note.len)
		return refuse(reterr, "it has no blank line");
	*ret_text = (struct aicx_str) { note.ptr, at };
	*ret_lines = (struct aicx_str) { note.ptr + at + 1, note.len - at - 1 };
	if (ret_lines->len == 0)
		return refuse(reterr, "it has no signature");
	return AICX_OK;
}

aicx_err
note_text(
    struct aicx_str note, struct aicx_str *ret_text, struct aicx_error *reterr)
{
	struct aicx_str text = { NULL, 0 }, lines = { NULL, 0 };
	struct signature signature;
	aicx_err err = split(note, &text, &lines, reterr);

	if (err != AICX_OK)
		return err;
	while (lines.len > 0) {
		if (!parse_signature(str_cut(lines, '\n', &lines), &signature))
			return refuse(reterr, "a signature line is bad");
	}
	*ret_text = text;
	return AICX_OK;
}

static void
key_hash(struct aicx_str name, const uint8_t key[KEY_BYTES],
    uint8_t ret_hash[KEY_HASH_BYTES])
{
	static const char type[] = { '\n', KEY_TYPE_ED25519 };
	struct aicx_str parts[] = { name, { type, sizeof type },
		{ (const char *)key, KEY_BYTES } };
	uint8_t hash[HASH_BYTES];

	sha256_parts(parts, 3, hash);
	memcpy(ret_hash, hash, KEY_HASH_BYTES);
}

void
note_sign(struct buf *buf, struct aicx_str name, const struct sign_key *key)
{
	uint8_t raw[KEY_HASH_BYTES + SIG_BYTES];

	ENSURE(is_name(name) && buf->len > 0 && buf->ptr[buf->len - 1] == '\n');
	key_hash(name, sign_key_public(key), raw);
	ed25519_sign(key, buf_view(buf), raw + KEY_HASH_BYTES);
	buf_text(buf, "\n" DASH);
	buf_str(buf, name);
	buf_char(buf, ' ');
	base64_put(buf, raw, sizeof raw);
	buf_char(buf, '\n');
}

bool
note_verify(
    struct aicx_str note, struct aicx_str name, const uint8_t key[KEY_BYTES])
{
	struct aicx_str text = { NULL, 0 }, lines = { NULL, 0 };
	struct signature signature;
	uint8_t hash[KEY_HASH_BYTES];
	bool found = false;

	if (split(note, &text, &lines, NULL) != AICX_OK)
		return false;
	key_hash(name, key, hash);
	while (lines.len > 0) {
		if (!parse_signature(str_cut(lines, '\n', &lines), &signature))
			return false;
		if (!str_eq(signature.name, name) ||
		    memcmp(signature.raw, hash, KEY_HASH_BYTES) != 0)
			continue;
		struct aicx_str sig = { (const char *)signature.raw +
			    KEY_HASH_BYTES,
			signature.n - KEY_HASH_BYTES };
		if (!ed25519_verify(key, text, sig))
			return false;
		found = true;
	}
	return found;
}
