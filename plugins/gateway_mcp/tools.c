/* SPDX-License-Identifier: Apache-2.0 */
/* tools.c - tools/list and tools/call. */
#include "desk.h"
#include "goods.h"
#include "methods.h"
#include "till.h"

#include <string.h>

/* --- listing ------------------------------------------------------ */

static void
listed(struct talk *talk, const struct aicx_answer *answer)
{
	struct slice_walk walk = { .text = slice_get(
				       answer->body, "capabilities") };
	struct aicx_str cursor = slice_get(answer->body, "cursor");
	struct aicx_str name, capability;

	if (answer->status == 400) {
		talk_error(talk, RPC_BAD_PARAMS, "params.cursor is not one");
		return;
	}
	if (answer->status > 400) {
		talk_error(talk, RPC_INTERNAL, "the broker does not answer");
		return;
	}
	struct print *out = talk_begin(talk);
	print_key(out, "tools");
	print_open(out, '[');
	if (rpc_text(&talk->rpc, "cursor") == NULL)
		desk_put(out);
	while (slice_next(&walk, &name, &capability))
		goods_put(talk, capability);
	print_close(out, ']');
	if (cursor.ptr != NULL) {
		print_key(out, "nextCursor");
		print_raw(out, cursor);
	}
	talk_put_cache(talk, "private");
	talk_end(talk, (struct aicx_str) { NULL, 0 });
}

void
tools_list(struct talk *talk)
{
	const json_t *cursor = json_object_get(talk->rpc.params, "cursor");
	struct print params = { 0 };

	if (cursor != NULL && !json_is_string(cursor)) {
		talk_error(talk, RPC_BAD_PARAMS, "params.cursor is not one");
		return;
	}
	print_open(&params, '{');
	print_key(&params, "limit");
	print_number(&params, talk->mcp->settings->page);
	if (cursor != NULL) {
		print_key(&params, "cursor");
		print_text(&params, json_string_value(cursor));
	}
	print_close(&params, '}');
	talk_call(talk, "discovery.list_capabilities",
	    bytes_view(&params.bytes), NULL, listed);
	print_fini(&params);
}

/* --- calling ------------------------------------------------------ */

void
tools_call(struct talk *talk)
{
	const char *name = rpc_text(&talk->rpc, "name");
	const json_t *arguments = talk_arguments(talk);

	if (name == NULL)
		talk_error(talk, RPC_BAD_PARAMS, "params.name is missing");
	else if (arguments != NULL && !json_is_object(arguments))
		talk_error(
		    talk, RPC_BAD_PARAMS, "params.arguments is no object");
	else if (talk->pays && desk_has(text_of(name)) &&
	    !till_allows(text_of(name)))
		talk_unauthorized(talk);
	else if (!desk_call(talk, name))
		goods_call(talk, name);
}
