/* SPDX-License-Identifier: Apache-2.0 */
/*
 * horizon.h - the greatest request id that each sender has used: a greater one
 * is new, and nobody need be asked.
 *
 * Ids of version 7 begin with the time, so nearly all that come are greater
 * than those before; the others are looked for in memory and in the index.
 */
#ifndef BROKER_HORIZON_H
#define BROKER_HORIZON_H

#include "base/map.h"
#include "broker/catalog.h"

struct horizon { /* a zeroed struct is an empty one */
	struct map senders; /* -> struct greatest */
};

void horizon_fini(struct horizon *horizon);
/* What was asked, before it can leave memory. */
void horizon_note(struct horizon *horizon, const struct aicx_id *sender,
    const struct aicx_id *id);
/* Is it certain that neither memory nor the index has this request?  The index
   is asked once for each sender. */
aicx_err horizon_is_new(struct horizon *horizon, const struct catalog *catalog,
    const struct aicx_id *sender, const struct aicx_id *id, bool *ret_new,
    struct aicx_error *reterr);

#endif
