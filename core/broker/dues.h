/* SPDX-License-Identifier: Apache-2.0 */
/* dues.h - a heap of times, each with the id of what is due then. */
#ifndef BROKER_DUES_H
#define BROKER_DUES_H

#include <aiconexus/types.h>
#include <stdbool.h>
#include <stddef.h>

struct due {
	int64_t at_ms;
	struct aicx_id id;
};

struct dues { /* a zeroed struct is empty; earliest first */
	struct due *list;
	size_t n, cap;
};

void dues_put(struct dues *dues, int64_t at_ms, const struct aicx_id *id);
/* Takes the earliest that is due; false: none is. */
bool dues_take(struct dues *dues, int64_t now_ms, struct due *ret_due);
int64_t dues_next(const struct dues *dues); /* 0: nothing waits */
void dues_fini(struct dues *dues);

#endif
