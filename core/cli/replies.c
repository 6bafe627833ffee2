/* SPDX-License-Identifier: Apache-2.0 */
/* replies.c - what was answered to which message. */
#include "cli/replies.h"

#include <stdlib.h>

#include "base/mem.h"
#include "cli/outside.h"

static void
forget(struct replies *replies, struct reply *reply)
{
	replies->n_bytes -= reply->payload.len;
	(void)map_remove_id(&replies->by_asked, &reply->asked);
	list_remove(&reply->node);
	free((char *)reply->payload.ptr);
	free(reply);
}

void
replies_init(struct replies *replies)
{
	*replies = (struct replies) { 0 };
	list_init(&replies->all);
}

void
replies_fini(struct replies *replies)
{
	LIST_EACH (node, &replies->all)
		forget(replies, LIST_ITEM(node, struct reply, node));
	map_fini(&replies->by_asked);
}

struct reply *
replies_find(const struct replies *replies, const struct aicx_id *asked)
{
	return map_find_id(&replies->by_asked, asked);
}

struct reply *
replies_keep(struct replies *replies, const struct aicx_id *asked,
    enum msg_type type, struct aicx_str payload)
{
	struct reply *old = replies_find(replies, asked);

	if (old != NULL)
		forget(replies, old);
	while (!list_empty(&replies->all) &&
	    (map_len(&replies->by_asked) >= REPLIES_MAX ||
		replies->n_bytes + payload.len > REPLIES_BYTES_MAX))
		forget(
		    replies, LIST_ITEM(replies->all.next, struct reply, node));
	struct reply *reply = MEM_NEW(struct reply);
	reply->asked = *asked;
	reply->id = outside_id();
	reply->type = type;
	reply->payload.ptr = mem_copy(payload.ptr, payload.len);
	reply->payload.len = payload.len;
	replies->n_bytes += payload.len;
	list_push(&replies->all, &reply->node);
	(void)map_put_id(&replies->by_asked, &reply->asked, reply);
	return reply;
}
