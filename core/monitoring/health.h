/* SPDX-License-Identifier: Apache-2.0 */
/*
 * health.h - how the parts of the broker are, and since when.
 *
 * A zeroed struct has no parts and is healthy.  The whole is as well as its
 * worst part.
 */
#ifndef MONITORING_HEALTH_H
#define MONITORING_HEALTH_H

#include "base/json.h"

#include <aiconexus/types.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { HEALTH_PARTS_MAX = 64 };

/* From good to bad. */
enum health_status { HEALTH_HEALTHY, HEALTH_DEGRADED, HEALTH_UNHEALTHY };

struct health_part {
	char component[48]; /* "store", "transport_http:main" */
	enum health_status status;
	int64_t since_ms; /* when it came to this status */
	char details[160]; /* why, in words; or "" */
};

struct health {
	struct health_part parts[HEALTH_PARTS_MAX];
	size_t n;
};

const char *health_status_name(enum health_status status);
bool health_status_parse(struct aicx_str name, enum health_status *ret_status);

/*
 * Makes or changes a part; details longer than the field are cut between
 * characters.  *ret_changed (may be NULL): the status is another one than
 * before, or the part is new and not healthy.  AICX_EINVAL for a name that is
 * empty or too long, AICX_ELIMIT when there are too many parts.
 */
aicx_err health_set(struct health *health, struct aicx_str component,
    enum health_status status, struct aicx_str details, int64_t now_ms,
    bool *ret_changed, struct aicx_error *reterr);
/* Forgets a part that is gone; legal when there is none. */
void health_remove(struct health *health, struct aicx_str component);
const struct health_part *health_find(
    const struct health *health, struct aicx_str component); /* or NULL */
/* The worst status there is. */
enum health_status health_overall(const struct health *health);

/* {"status","components":[{"component","status","since","details"?}]} */
void health_print(const struct health *health, struct json_writer *w);

#endif
