/* SPDX-License-Identifier: Apache-2.0 */
/*
 * events.h - server-sent events (HTML, section 9.2) as they come in.
 *
 *     events_put(&events, bytes);
 *     while (events_next(&events, &data))
 *             ...
 */
#ifndef EVENTS_H
#define EVENTS_H

#include "bytes.h"

/* Zeroed: nothing came yet. */
struct events {
	struct bytes in; /* not read yet, from `at` on */
	size_t at;
	bool begun; /* beyond a byte order mark */
	struct bytes data, given;
	bool has_data;
	struct bytes id, name; /* of the event that is given */
	struct bytes next_name;
};

void events_fini(struct events *events);
void events_put(struct events *events, struct aicx_str bytes);
/* The data of the next event that is complete, until the next call; events
   without data are none.  id is the last one named, name "" is a message. */
bool events_next(struct events *events, struct aicx_str *ret_data);

#endif
