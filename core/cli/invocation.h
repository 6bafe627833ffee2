/* SPDX-License-Identifier: Apache-2.0 */
/* invocation.h - one run of aicx: what was said, as whom, to which broker. */
#ifndef CLI_INVOCATION_H
#define CLI_INVOCATION_H

#include "base/arena.h"
#include "base/buf.h"
#include "cli/pins.h"
#include "cli/self.h"
#include "cli/url.h"
#include "cli/verb.h"

#include <aiconexus/types.h>
#include <stdbool.h>

/* sysexits where there is one for it. */
enum aicx_status {
	STATUS_OK = 0,
	STATUS_REFUSED = 1,
	STATUS_USAGE = 64, /* EX_USAGE */
	STATUS_NO_INPUT = 66, /* EX_NOINPUT */
	STATUS_UNAVAILABLE = 69 /* EX_UNAVAILABLE */
};

struct invocation {
	const struct words *words;
	struct arena arena; /* for the whole run */
	struct url url;
	const char *self_path;
	struct self self; /* zeroed: nobody */
	bool has_self;
	bool json; /* -o json */
	bool color_out, color_err;
};

/* Reads the global options, the environment and, when there is one, the
   identity file. */
aicx_err invocation_init(struct invocation *inv, const struct words *words,
    struct aicx_error *reterr);
void invocation_fini(struct invocation *inv);

/* The identity must be there; says how to make one. */
aicx_err invocation_need_self(
    const struct invocation *inv, struct aicx_error *reterr);
/* The file known_brokers. */
aicx_err invocation_pins(
    struct invocation *inv, struct pins *ret, struct aicx_error *reterr);
/* The text of that option or operand, or NULL. */
const char *invocation_value(const struct invocation *inv, const char *name);
bool invocation_flag(const struct invocation *inv, const char *name);

/* "aicx: WHAT" and what to do about it on stderr; returns the exit status. */
int invocation_fail(const struct aicx_error *error);
/* "aicx: note: ..." on stderr. */
void invocation_note(const char *fmt, ...)
    __attribute__((format(printf, 1, 2)));

#endif
