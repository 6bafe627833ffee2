/* SPDX-License-Identifier: Apache-2.0 */
/*
 * refusals.h - what was refused lately, counted by who, what and why, until one
 * record tells of all of it.
 *
 * A record for each refusal would let an attacker fill the disk and buy a write
 * with each forged packet.  So the first one waits a second for others; while
 * they go on the time doubles, up to a minute; and more different ones than
 * there is room for are counted together.
 */
#ifndef SECURITY_REFUSALS_H
#define SECURITY_REFUSALS_H

#include "base/json.h"

enum {
	REFUSALS_MAX = 64,
	REFUSAL_ADDRESS = 46,
	REFUSALS_SOON_MS = 1000,
	REFUSALS_LATE_MS = 60000
};

struct refusal {
	uint64_t mark;
	struct aicx_id agent_id; /* nil: nobody that is known */
	char address[REFUSAL_ADDRESS]; /* then from there; "": not known */
	const char *cause; /* wire word */
	const char *method; /* "": not known */
	int64_t n, first_ms, last_ms;
};

struct refusals { /* a zeroed struct has none */
	struct refusal list[REFUSALS_MAX];
	size_t n;
	int64_t n_others, wait_ms, due_ms, told_ms;
};

/* cause and method are static texts; address with or without a port. */
void refusals_add(struct refusals *refusals, const struct aicx_id *agent_id,
    struct aicx_str address, const char *cause, const char *method,
    int64_t now_ms);
/* When they are to be told; 0: there are none. */
int64_t refusals_due_ms(const struct refusals *refusals);
void refusals_print(const struct refusals *refusals, struct json_writer *w);
void refusals_told(struct refusals *refusals, int64_t now_ms);

#endif
