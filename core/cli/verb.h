/* SPDX-License-Identifier: Apache-2.0 */
/*
 * verb.h - what aicx can be told, as data: words, operands, options, and what
 * carries it out.
 *
 * Parsing, help and did-you-mean all read the same rows.  Most verbs are one
 * wire method: its arguments become the parameters, by REST or over a session
 * alike.
 */
#ifndef CLI_VERB_H
#define CLI_VERB_H

#include "base/arena.h"
#include "base/buf.h"

#include <aiconexus/types.h>
#include <stdbool.h>

enum arg_type {
	ARG_TEXT,
	ARG_TEXTS, /* may be repeated: an array of strings */
	ARG_INT,
	ARG_MONEY, /* "0.001 AIC" */
	ARG_MSEC, /* "250ms", "30s", "2m", "1h", "7d" */
	ARG_TIME, /* RFC 3339, or "+30d" from now */
	ARG_JSON, /* a file, "-", or a literal that begins with { [ or " */
	ARG_FLAG
};

enum {
	ARGF_REQUIRED = 1u << 0,
	ARGF_SELF = 1u << 1 /* without a value: one's own agent id */
};

/* An option, or an operand (then name is how help shows it).  Tables end at
   name == NULL. */
struct arg {
	const char *name; /* "max-each"; "CAPABILITY" */
	char letter; /* 'o', or 0 */
	enum arg_type type;
	unsigned flags;
	const char *value; /* how help calls the value: "AMOUNT" */
	const char *member; /* of the method's parameters; NULL: not one */
	const char *help;
};

/* One wire method and its REST route. */
struct route {
	const char *method; /* "discovery.search" */
	const char *http; /* "GET" */
	const char *path; /* "/v1/agents/{agent_id}" */
	const char *columns; /* of the table: "agent_id name"; NULL: all */
};

struct invocation;
/* Exit status. */
typedef int verb_fn(struct invocation *inv);

struct verb {
	const char *words; /* "mandate new" */
	const char *summary;
	const struct arg *operands, *options; /* NULL: none */
	bool program; /* may take -- PROGRAM [ARGUMENT]... */
	verb_fn *run;
	struct route route;
	const char *more; /* paragraphs for --help; or NULL */
};

extern const struct verb verbs[]; /* ends at words == NULL */
extern const struct arg global_options[];

struct given {
	const struct arg *arg;
	const char *text;
};

enum { GIVEN_MAX = 256 };

/* The command line, taken apart. */
struct words {
	const struct verb *verb; /* NULL: none was named */
	const char *group; /* "mandate" when only that was said */
	struct given given[GIVEN_MAX];
	size_t n_given;
	char **program; /* after "--"; or NULL */
	bool help, version;
};

/* AICX_EINVAL: what, why and the likely word. */
aicx_err words_parse(
    int argc, char **argv, struct words *ret, struct aicx_error *reterr);
/* The last value of that name, or NULL. */
const char *words_value(const struct words *words, const char *name);

#endif
