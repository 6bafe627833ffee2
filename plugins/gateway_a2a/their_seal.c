/* SPDX-License-Identifier: Apache-2.0 */
/*
 * their_seal.c - signatures on cards of others.
 *
 * Signers disagree about members with default values: the text keeps required
 * ones, libraries drop every empty value, and what is false unless it is said.
 * So the card is tried in these forms; none says anything that another does
 * not.
 */
#include "their_seal.h"

#include "base64.h"
#include "canon.h"
#include "card.h"
#include "member.h"

#include <string.h>

enum { COORDINATE_BYTES = 32, FORMS = 3, SIGNATURES_MAX = 8 };

/* --- base64url, RFC 7515 section 2 ------------------------------------- */

static bool
from_url(struct aicx_str text, struct bytes *out)
{
	struct bytes plain = { 0 };
	bool good;

	for (size_t i = 0; i < text.len; i++) {
		char c = text.ptr[i];

		bytes_char(&plain,
		    c == '-'                   ? '+'
			: c == '_'             ? '/'
			: c == '+' || c == '/' ? '!'
					       : c);
	}
	for (size_t n = text.len; n % 4 != 0; n++)
		bytes_char(&plain, '=');
	good = !plain.failed && bytes_from_base64(bytes_view(&plain), out);
	bytes_fini(&plain);
	return good;
}

/* --- keys -------------------------------------------------------------- */

struct pinned {
	const char *alg;
	struct aicx_str kid;
	struct bytes key; /* raw */
};

/* "EdDSA:X:KID", "ES256:X:Y:KID" */
static bool
read_pinned(struct aicx_str text, struct pinned *ret)
{
	struct aicx_str alg = text_cut(text, ':', &text);
	bool two = text_same(alg, TEXT("ES256"));
	size_t wanted = COORDINATE_BYTES;

	*ret = (struct pinned) { .alg = two ? "ES256" : "EdDSA" };
	if (!two && !text_same(alg, TEXT("EdDSA")))
		return false;
	if (two) {
		bytes_char(&ret->key, 4);
		wanted = 1 + 2 * COORDINATE_BYTES;
	}
	for (int i = 0; i < (two ? 2 : 1) && text.ptr != NULL; i++)
		if (!from_url(text_cut(text, ':', &text), &ret->key))
			return false;
	ret->kid = text;
	return text.len > 0 && ret->key.len == wanted;
}

/* The next of a list; false: there is none. */
static bool
next_text(struct aicx_str *list, struct aicx_str *ret_text)
{
	size_t n = 0;

	while (list->len > 0 && strchr(", \t", *list->ptr) != NULL) {
		list->ptr++;
		list->len--;
	}
	while (n < list->len && strchr(", \t", list->ptr[n]) == NULL)
		n++;
	*ret_text = (struct aicx_str) { list->ptr, n };
	list->ptr += n;
	list->len -= n;
	return n > 0;
}

bool
their_seal_keys_are_good(const char *text)
{
	struct aicx_str list = text_of(text);
	struct aicx_str one;
	bool good = true;

	while (next_text(&list, &one)) {
		struct pinned pinned;

		good = read_pinned(one, &pinned) && good;
		bytes_fini(&pinned.key);
	}
	return good;
}

/* false: no key has this id. */
static bool
find_pinned(const struct gateway *gateway, const char *kid, struct pinned *ret)
{
	struct aicx_str list = text_of(gateway->settings->card_keys);
	struct aicx_str one;

	while (next_text(&list, &one)) {
		if (read_pinned(one, ret) && text_same(ret->kid, text_of(kid)))
			return true;
		bytes_fini(&ret->key);
	}
	return false;
}

/* --- signatures -------------------------------------------------------- */

static bool
holds(struct gateway *gateway, const struct pinned *pinned, const json_t *one,
    const json_t *card)
{
	struct bytes text = { 0 };
	struct bytes payload = { 0 };
	struct bytes signature = { 0 };
	bool good =
	    from_url(text_of(member_text(one, "signature")), &signature);

	if (good) {
		canon_print(card, &payload);
		bytes_text(&text, member_text(one, "protected"));
		bytes_char(&text, '.');
		canon_base64(bytes_view(&payload), &text);
		good = !text.failed && !payload.failed &&
		    gateway->host->verify_jws(gateway->self,
			text_of(pinned->alg), bytes_view(&pinned->key),
			bytes_view(&text), bytes_view(&signature)) != 0;
	}
	bytes_fini(&text);
	bytes_fini(&payload);
	bytes_fini(&signature);
	return good;
}

static json_t *
header_of(const json_t *one)
{
	struct bytes text = { 0 };
	json_t *header = NULL;

	if (from_url(text_of(member_text(one, "protected")), &text) &&
	    text.len > 0)
		header = json_loadb(
		    text.ptr, text.len, JSON_REJECT_DUPLICATES, NULL);
	bytes_fini(&text);
	return header;
}

/* Members that are false by default, not those of extensions' own. */
static void
drop_false(json_t *value)
{
	const char *name;
	json_t *inner;
	void *tmp;
	size_t i;

	json_array_foreach(value, i, inner)
	{
		drop_false(inner);
	}
	json_object_foreach_safe(value, tmp, name, inner)
	{
		if (json_is_false(inner) &&
		    (strcmp(name, "required") == 0 ||
			strcmp(name, "pkceRequired") == 0))
			(void)json_object_del(value, name);
		else if (strcmp(name, "params") != 0)
			drop_false(inner);
	}
}

static void
forms_of(const json_t *card, json_t *ret_forms[FORMS])
{
	ret_forms[0] = json_deep_copy(card);
	(void)json_object_del(ret_forms[0], "signatures");
	ret_forms[1] = json_deep_copy(ret_forms[0]);
	(void)card_clean(ret_forms[1]);
	ret_forms[2] = json_deep_copy(ret_forms[1]);
	drop_false(ret_forms[2]);
}

static bool
holds_for_any(struct gateway *gateway, const struct pinned *pinned,
    const json_t *one, json_t *const forms[FORMS])
{
	for (size_t i = 0; i < FORMS; i++)
		if (holds(gateway, pinned, one, forms[i]))
			return true;
	return false;
}

static enum their_seal
judge_one(
    struct gateway *gateway, const json_t *one, json_t *const forms[FORMS])
{
	json_t *header = header_of(one);
	struct pinned pinned;
	enum their_seal seal = SEAL_NONE;

	if (find_pinned(gateway, member_text(header, "kid"), &pinned)) {
		seal = member(header, "crit") == NULL &&
			strcmp(pinned.alg, member_text(header, "alg")) == 0 &&
			holds_for_any(gateway, &pinned, one, forms)
		    ? SEAL_GOOD
		    : SEAL_BROKEN;
		bytes_fini(&pinned.key);
	}
	json_decref(header);
	return seal;
}

enum their_seal
their_seal_judge(struct gateway *gateway, const json_t *card)
{
	const json_t *list = member(card, "signatures");
	json_t *forms[FORMS];
	enum their_seal seal = SEAL_NONE;

	if (json_array_size(list) == 0)
		return SEAL_NONE;
	forms_of(card, forms);
	for (size_t i = 0; i < SIGNATURES_MAX && i < json_array_size(list) &&
	     seal != SEAL_GOOD;
	     i++) {
		enum their_seal one =
		    judge_one(gateway, json_array_get(list, i), forms);

		if (one != SEAL_NONE)
			seal = one;
	}
	for (size_t i = 0; i < FORMS; i++)
		json_decref(forms[i]);
	return seal;
}
