/* SPDX-License-Identifier: Apache-2.0 */
/*
 * err.h - errors travel up through one last parameter; nothing below the
 * broker layer logs.
 *
 * A failing function fills *reterr (which may be NULL) and returns the code,
 * so a caller writes `return err_set(...)`.
 */
#ifndef BASE_ERR_H
#define BASE_ERR_H

#include <aiconexus/types.h>

/* Fills code and text; word and field become "".  Texts that do not fit are
   cut at a character boundary.  Text: what failed, the subject in quotes, why;
   no capital, no full stop. */
aicx_err err_set(struct aicx_error *reterr, aicx_err code, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));

/* The same with the stable word that machines act on ("conflict"). */
aicx_err err_word(struct aicx_error *reterr, aicx_err code, const char *word,
    const char *fmt, ...) __attribute__((format(printf, 4, 5)));

/* The same with a JSON Pointer to the culprit ("/max_price/amount"). */
aicx_err err_field(struct aicx_error *reterr, aicx_err code, const char *word,
    const char *field, const char *fmt, ...)
    __attribute__((format(printf, 5, 6)));

/* What we may get wrong: always compiled in; prints file:line and aborts. */
#define ENSURE(x) ((x) ? (void)0 : err_ensure_failed(#x, __FILE__, __LINE__))

_Noreturn void err_ensure_failed(const char *what, const char *file, int line);

#endif
