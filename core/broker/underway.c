/* SPDX-License-Identifier: Apache-2.0 */
/*
 * underway.c - requests that are being decided: their signatures are verified,
 * their payments are on the way, and no record knows them yet.
 *
 * A repeat that comes meanwhile waits for the first, or it would be decided
 * twice; then it finds the answer, or is tried anew when there was no effect.
 */
#include "base/err.h"
#include "broker/inside.h"

#include <string.h>

static struct aicx_str
key_of(const struct call *call)
{
	_Static_assert(offsetof(struct call, id) ==
		offsetof(struct call, sender) + sizeof(struct aicx_id),
	    "sender and id are one key");

	return (struct aicx_str) { (const char *)&call->sender,
		2 * sizeof(struct aicx_id) };
}

bool
underway_joins(struct call *call, aicx_err *ret_err, struct aicx_error *reterr)
{
	struct call *first = map_find(&call->broker->underway, key_of(call));

	if (first == NULL)
		return false;
	*ret_err = AICX_OK;
	if (memcmp(first->body, call->body, sizeof call->body) != 0)
		*ret_err = err_word(reterr, AICX_EEXIST, "conflict",
		    "another request had the same id");
	else
		list_push(&first->repeats, &call->node);
	return true;
}

void
underway_begin(struct call *call)
{
	call->underway = true;
	(void)map_put(&call->broker->underway, key_of(call), call);
}

void
underway_end(struct call *call, struct list *ret_repeats)
{
	list_init(ret_repeats);
	if (!call->underway)
		return;
	call->underway = false;
	(void)map_remove(&call->broker->underway, key_of(call));
	while (!list_empty(&call->repeats)) {
		struct list *node = call->repeats.next;
		list_remove(node);
		list_push(ret_repeats, node);
	}
}

void
underway_again(struct list *repeats)
{
	while (!list_empty(repeats)) {
		struct call *call = LIST_ITEM(repeats->next, struct call, node);
		list_remove(&call->node);
		dispatch(call);
	}
}
