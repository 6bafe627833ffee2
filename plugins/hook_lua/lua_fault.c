/* SPDX-License-Identifier: Apache-2.0 */
/* lua_fault.c - what a policy did wrong, as an error for logs and authors. */
#include "lua_fault.h"

#include <jansson.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

/* Policies may put anything into a message; a log line takes text. */
static void
text_clean(char *text)
{
	size_t len = strlen(text);
	json_t *valid;

	while (len > 0 && ((unsigned char)text[len - 1] & 0xC0) == 0x80)
		len--;
	if (len > 0 && (unsigned char)text[len - 1] >= 0xC0)
		len--;
	valid = json_string(text);
	if (valid == NULL) { /* perhaps only cut in the middle of a character */
		text[len] = '\0';
		valid = json_string(text);
	}
	for (char *at = text; *at != '\0'; at++)
		if ((unsigned char)*at < ' ' || *at == 0x7F ||
		    (valid == NULL && (unsigned char)*at >= 0x80))
			*at = '?';
	json_decref(valid);
}

aicx_err
luafault_set(struct aicx_error *reterr, aicx_err code, const char *word,
    const char *fmt, ...)
{
	va_list args;

	if (reterr == NULL)
		return code;
	memset(reterr, 0, sizeof *reterr);
	reterr->code = code;
	snprintf(reterr->word, sizeof reterr->word, "%s", word);
	va_start(args, fmt);
	vsnprintf(reterr->text, sizeof reterr->text, fmt, args);
	va_end(args);
	text_clean(reterr->text);
	return code;
}
