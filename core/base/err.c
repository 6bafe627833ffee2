/* SPDX-License-Identifier: Apache-2.0 */
/* err.c - filling error structs, and the end of a broken assumption. */
#include "base/err.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/str.h"

/* Cuts a truncated text back to a whole UTF-8 character. */
static void
cut_at_character(char *text, size_t size, int wanted)
{
	if (wanted < 0 || (size_t)wanted < size)
		return;
	size_t n = size - 1, start = n - 1;
	while (start > 0 && ((unsigned char)text[start] & 0xC0) == 0x80)
		start--;
	if (str_char_bytes((struct aicx_str) { text + start, n - start }) == 0)
		text[start] = '\0';
}

/* Texts quote what strangers sent, and go out as JSON: bytes that are no
   UTF-8 become question marks. */
static void
mend(char *text)
{
	struct aicx_str rest = str_of(text);

	while (rest.len > 0) {
		size_t n = str_char_bytes(rest);
		if (n == 0) {
			text[strlen(text) - rest.len] = '?';
			n = 1;
		}
		rest.ptr += n;
		rest.len -= n;
	}
}

static void
fill(struct aicx_error *reterr, aicx_err code, const char *word,
    const char *field, const char *fmt, va_list ap)
{
	if (reterr == NULL)
		return;
	reterr->code = code;
	(void)snprintf(reterr->word, sizeof reterr->word, "%s", word);
	int n = snprintf(reterr->field, sizeof reterr->field, "%s", field);
	cut_at_character(reterr->field, sizeof reterr->field, n);
	n = vsnprintf(reterr->text, sizeof reterr->text, fmt, ap);
	cut_at_character(reterr->text, sizeof reterr->text, n);
	mend(reterr->field);
	mend(reterr->text);
}

aicx_err
err_set(struct aicx_error *reterr, aicx_err code, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	fill(reterr, code, "", "", fmt, ap);
	va_end(ap);
	return code;
}

aicx_err
err_word(struct aicx_error *reterr, aicx_err code, const char *word,
    const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	fill(reterr, code, word, "", fmt, ap);
	va_end(ap);
	return code;
}

aicx_err
err_field(struct aicx_error *reterr, aicx_err code, const char *word,
    const char *field, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	fill(reterr, code, word, field, fmt, ap);
	va_end(ap);
	return code;
}

_Noreturn void
err_ensure_failed(const char *what, const char *file, int line)
{
	(void)fprintf(
	    stderr, "%s:%d: broken assumption: %s\n", file, line, what);
	abort();
}
