/* SPDX-License-Identifier: Apache-2.0 */
/*
 * grammar.h - the filter of GET /agents: term {AND term}, a term is a field,
 * one of = > < and a value in single quotes, where a list by commas is an or.
 */
#ifndef GRAMMAR_H
#define GRAMMAR_H

#include "ard.h"

enum { GRAMMAR_TERMS_MAX = 8 };

struct term {
	struct aicx_str field;
	char op;
	struct aicx_str value; /* without its quotes */
};

struct grammar {
	struct term terms[GRAMMAR_TERMS_MAX];
	size_t n;
};

/* NULL, or a hint at what is wrong.  Views into text. */
const char *grammar_parse(struct aicx_str text, struct grammar *ret);
bool grammar_fits(const struct grammar *grammar, const json_t *entry);

#endif
