/* SPDX-License-Identifier: Apache-2.0 */
/* deal_page.h - one page of what belongs to an agent's deals. */
#ifndef BROKER_DEAL_PAGE_H
#define BROKER_DEAL_PAGE_H

#include "broker/handlers.h"

/* Prints what the list has of this deal as one value; false: nothing. */
typedef bool deal_page_fn(
    struct reply *reply, const struct deal *deal, const void *params);

struct deal_page {
	const char *name; /* of the list in the answer */
	struct aicx_id agent_id; /* whose; nil: the caller's */
	struct aicx_id cursor; /* nil: the first page */
	int64_t limit;
	deal_page_fn *put;
};

/* Answers the call: {name:[...],"cursor"?}. */
aicx_err deal_page(struct call *call, const struct deal_page *page,
    const void *params, struct aicx_error *reterr);

#endif
