/* SPDX-License-Identifier: Apache-2.0 */
/* line.h - one line of a file, read from left to right. */
#ifndef CONF_LINE_H
#define CONF_LINE_H

#include "conf/conf.h"

struct line {
	struct arena *mem; /* where words and values are kept */
	const char *file;
	struct aicx_str text; /* without the line's end */
	size_t at; /* the next byte */
	int number; /* from 1 */
};

struct conf_place line_place(const struct line *line, size_t at);
/* The present place and why. */
aicx_err line_refuse(const struct line *line, size_t at, const char *why,
    struct aicx_error *reterr);
/* The next byte, or -1 at the end. */
int line_peek(const struct line *line);
void line_skip_blanks(struct line *line);
/* Skips blanks; true when nothing or only a comment is left. */
bool line_at_end(struct line *line);
bool line_at_word(const struct line *line);

/* UTF-8 without control characters but tabs. */
aicx_err line_check(const struct line *line, struct aicx_error *reterr);
/* A kind, plugin or key: a lower-case letter, then also digits and '_'.
   `expected` is the error when there is none. */
aicx_err line_word(struct line *line, const char *expected,
    const char **ret_word, struct aicx_error *reterr);
/* A name in quotes. */
aicx_err line_name(
    struct line *line, const char **ret_name, struct aicx_error *reterr);
/* What stands after '=', quoted or bare, to the end of the line. */
aicx_err line_value(
    struct line *line, const char **ret_value, struct aicx_error *reterr);

#endif
