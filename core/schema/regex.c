/* SPDX-License-Identifier: Apache-2.0 */
/* regex.c - see regex.h. */
#include "schema/regex.h"

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>
#include <stdlib.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/mem.h"
#include "base/str.h"

enum {
	MATCH_LIMIT = 100000, /* calls of the matcher for one text */
	DEPTH_LIMIT = 1000,
	HEAP_LIMIT_KIB = 1024,
	PATTERN_MAX = 4096 /* bytes */
};

struct regex {
	pcre2_code *code;
	pcre2_match_context *limits;
};

/* Long names of general categories (Unicode, PropertyValueAliases); PCRE2 knows
   the short ones. */
static const char *const categories[][2] = { { "Letter", "L" },
	{ "Cased_Letter", "L&" }, { "Uppercase_Letter", "Lu" },
	{ "Lowercase_Letter", "Ll" }, { "Titlecase_Letter", "Lt" },
	{ "Modifier_Letter", "Lm" }, { "Other_Letter", "Lo" }, { "Mark", "M" },
	{ "Nonspacing_Mark", "Mn" }, { "Spacing_Mark", "Mc" },
	{ "Enclosing_Mark", "Me" }, { "Number", "N" },
	{ "Decimal_Number", "Nd" }, { "digit", "Nd" },
	{ "Letter_Number", "Nl" }, { "Other_Number", "No" },
	{ "Punctuation", "P" }, { "punct", "P" },
	{ "Connector_Punctuation", "Pc" }, { "Dash_Punctuation", "Pd" },
	{ "Open_Punctuation", "Ps" }, { "Close_Punctuation", "Pe" },
	{ "Initial_Punctuation", "Pi" }, { "Final_Punctuation", "Pf" },
	{ "Other_Punctuation", "Po" }, { "Symbol", "S" },
	{ "Math_Symbol", "Sm" }, { "Currency_Symbol", "Sc" },
	{ "Modifier_Symbol", "Sk" }, { "Other_Symbol", "So" },
	{ "Separator", "Z" }, { "Space_Separator", "Zs" },
	{ "Line_Separator", "Zl" }, { "Paragraph_Separator", "Zp" },
	{ "Other", "C" }, { "Control", "Cc" }, { "cntrl", "Cc" },
	{ "Format", "Cf" }, { "Surrogate", "Cs" }, { "Private_Use", "Co" },
	{ "Unassigned", "Cn" } };

static struct aicx_str
short_name(struct aicx_str name)
{
	for (size_t i = 0; i < sizeof categories / sizeof *categories; i++)
		if (str_is(name, categories[i][0]))
			return str_of(categories[i][1]);
	return name;
}

/* \p{Long_Name} by its short name. */
static void
translate(struct aicx_str pattern, struct buf *out)
{
	for (size_t i = 0; i < pattern.len; i++) {
		struct aicx_str rest = { pattern.ptr + i, pattern.len - i };
		buf_char(out, pattern.ptr[i]);
		if (pattern.ptr[i] != '\\' || rest.len < 2)
			continue;
		buf_char(out, pattern.ptr[++i]);
		if (!str_starts(rest, "\\p{") && !str_starts(rest, "\\P{"))
			continue;
		struct aicx_str inside = { rest.ptr + 3, rest.len - 3 }, after;
		struct aicx_str name = str_cut(inside, '}', &after);
		if (after.ptr == NULL)
			continue;
		buf_char(out, '{');
		buf_str(out, short_name(name));
		buf_char(out, '}');
		i += 2 + name.len;
	}
}

static pcre2_code *
compile(struct aicx_str pattern, struct aicx_error *reterr)
{
	const uint32_t options = PCRE2_UTF | PCRE2_NO_UTF_CHECK |
	    PCRE2_DOLLAR_ENDONLY | PCRE2_ALLOW_EMPTY_CLASS | PCRE2_ALT_BSUX |
	    PCRE2_MATCH_UNSET_BACKREF | PCRE2_NEVER_BACKSLASH_C;
	pcre2_compile_context *context = pcre2_compile_context_create(NULL);
	int code;
	size_t at;
	char why[128];

	ENSURE(context != NULL);
	(void)pcre2_set_compile_extra_options(context, PCRE2_EXTRA_ALT_BSUX);
	pcre2_code *compiled = pcre2_compile(
	    (PCRE2_SPTR)pattern.ptr, pattern.len, options, &code, &at, context);
	pcre2_compile_context_free(context);
	if (compiled == NULL) {
		(void)pcre2_get_error_message(
		    code, (PCRE2_UCHAR *)why, sizeof why);
		(void)err_word(reterr, AICX_EINVAL, "invalid_params",
		    "regular expression \"%.*s\": %s, at its character %zu",
		    STR_ARG(pattern), why, at);
	}
	return compiled;
}

struct regex *
regex_new(struct aicx_str pattern, struct aicx_error *reterr)
{
	AUTO(buf_fini) struct buf text = { 0 };

	if (pattern.len > PATTERN_MAX) {
		(void)err_word(reterr, AICX_ELIMIT, "invalid_params",
		    "regular expression of %zu bytes: at most %d", pattern.len,
		    PATTERN_MAX);
		return NULL;
	}
	translate(pattern, &text);
	buf_cstr(&text);
	pcre2_code *code = compile(buf_view(&text), reterr);
	if (code == NULL)
		return NULL;
	struct regex *regex = MEM_NEW(struct regex);
	regex->code = code;
	regex->limits = pcre2_match_context_create(NULL);
	ENSURE(regex->limits != NULL);
	(void)pcre2_set_match_limit(regex->limits, MATCH_LIMIT);
	(void)pcre2_set_depth_limit(regex->limits, DEPTH_LIMIT);
	(void)pcre2_set_heap_limit(regex->limits, HEAP_LIMIT_KIB);
	return regex;
}

void
regex_free(struct regex *regex)
{
	if (regex == NULL)
		return;
	pcre2_match_context_free(regex->limits);
	pcre2_code_free(regex->code);
	free(regex);
}

int
regex_find(const struct regex *regex, struct aicx_str text)
{
	pcre2_match_data *data = pcre2_match_data_create(1, NULL);

	ENSURE(data != NULL);
	int n = pcre2_match(regex->code, (PCRE2_SPTR)text.ptr, text.len, 0,
	    PCRE2_NO_UTF_CHECK, data, regex->limits);
	pcre2_match_data_free(data);
	if (n == PCRE2_ERROR_NOMATCH)
		return 0;
	return n >= 0 ? 1 : -1;
}
