/* SPDX-License-Identifier: Apache-2.0 */
/* offering.h - what a seller sells and for how much. */
#ifndef CLI_OFFERING_H
#define CLI_OFFERING_H

#include "base/json.h"
#include "cli/amount.h"
#include "cli/invocation.h"

#include <aiconexus/types.h>
#include <stdbool.h>

struct offering {
	const char *capability; /* "text.spellcheck" */
	const char *name, *description; /* of the agent; description or NULL */
	struct amount base; /* for a call */
	bool has_base; /* else each tool has its own price */
	bool per_unit;
	struct amount each; /* for a unit, when per_unit */
	const char *unit; /* "items", "bytes", "seconds", "words" */
	int64_t timeout_ms; /* 0: not said */
};

/* From CAPABILITY, --price, --unit-price, --unit, --name, --description,
   --timeout as they were given.  With --mcp CAPABILITY may be absent, and a
   price that names a tool is left aside. */
aicx_err offering_take(const struct invocation *inv, struct offering *ret,
    struct aicx_error *reterr);
/* The broker measures calls, seconds, bytes and items itself; anything else the
   seller counts and signs for. */
bool offering_claims_units(const struct offering *offering);
/* {"model","base_cost","unit_cost"?,"unit"?} as one value. */
void offering_put_pricing(
    struct json_writer *w, const struct offering *offering);
/* Appends the terms' exact text. */
void offering_print_terms(struct buf *buf, const struct offering *offering);
/* The members of a registration: name, description, tags, endpoints,
   capabilities. */
void offering_put_agent(const struct invocation *inv, struct json_writer *w,
    const struct offering *offering, const char *endpoint);

#endif
