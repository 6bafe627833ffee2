/* SPDX-License-Identifier: Apache-2.0 */
/* problem.c - a refusal by the broker (RFC 9457) as an error of ours. */
#include "cli/problem.h"

#include <string.h>

#include "base/err.h"
#include "base/json.h"
#include "base/str.h"

aicx_err
problem_parse(struct aicx_str json, int status, struct aicx_error *reterr)
{
	struct arena arena = { 0 };
	struct json doc;
	char word[sizeof reterr->word] = "";

	if (json_parse(json, &arena, &doc, NULL) != AICX_OK) {
		arena_fini(&arena);
		return err_set(reterr, AICX_EDENIED,
		    "the broker answered with status %d", status);
	}
	struct json_ref root = json_root(&doc);
	struct aicx_str detail = json_str(json_get(root, "detail"), &arena);
	struct aicx_str field = json_str(json_get(root, "field"), &arena);
	(void)str_copy(
	    json_str(json_get(root, "code"), &arena), word, sizeof word);
	if (detail.len == 0)
		detail = json_str(json_get(root, "title"), &arena);
	if (detail.len == 0)
		detail = STR("the broker gave no reason");
	(void)err_field(
	    reterr, AICX_EDENIED, word, "", "%.*s", STR_ARG(detail));
	if (reterr != NULL)
		(void)str_copy(field, reterr->field, sizeof reterr->field);
	arena_fini(&arena);
	return AICX_EDENIED;
}

static const struct {
	const char *word, *hint;
} hints[] = {
	{ "usage", "see: aicx --help, or aicx VERB --help" },
	{ "no_identity",
	    "make one: aicx agent keygen; or name one: --identity FILE" },
	{ "unavailable", "name another broker: --broker URL, or AICX_BROKER" },
	{ "insufficient_funds",
	    "fund the account: aicx account fund AGENT --amount \"1 AIC\"" },
	{ "no_mandate",
	    "grant one: aicx mandate new --need CAPABILITY --max-each "
	    "\"0.01 AIC\" --max-total \"1 AIC\"" },
	{ "no_offer",
	    "see who sells it: aicx search CAPABILITY; or raise --max" },
	{ "unauthenticated",
	    "name an identity: --identity FILE, or AICX_IDENTITY" },
	{ "forbidden",
	    "use an identity with that permission, for instance the "
	    "operator's: --identity DATA_DIR/operator.identity" },
	{ "stale", "set this machine's clock" },
	{ "timeout", "give it more time: --deadline 60s" },
	{ NULL, NULL },
};

const char *
problem_hint(const char *word)
{
	for (size_t i = 0; hints[i].word != NULL; i++)
		if (strcmp(hints[i].word, word) == 0)
			return hints[i].hint;
	return NULL;
}
