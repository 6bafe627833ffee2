/* SPDX-License-Identifier: Apache-2.0 */
/* desk_read.c - the broker's own tools that find, look up and prove; and what
   most tools do. */
#include "content.h"
#include "desk_tool.h"

#include <string.h>

/* --- what most of them do ----------------------------------------- */

void
desk_told(struct talk *talk, const struct aicx_answer *answer)
{
	if (answer->status >= 400) {
		content_problem(talk, answer->body);
		return;
	}
	content_object(talk_begin(talk), answer->body);
	talk_end(talk, (struct aicx_str) { NULL, 0 });
}

void
desk_put_argument(const struct talk *talk, struct print *params,
    const char *argument, const char *param)
{
	struct aicx_str value = talk_argument(talk, argument);

	if (value.ptr == NULL)
		return;
	print_key(params, param);
	print_raw(params, value);
}

/* A call with one argument under the name it has on the wire. */
void
desk_ask(struct talk *talk, const char *method, const char *argument,
    const char *param, const char *step, talk_then_fn *then)
{
	struct print params = { 0 };

	print_open(&params, '{');
	desk_put_argument(talk, &params, argument, param);
	print_close(&params, '}');
	talk_call(talk, method, bytes_view(&params.bytes), step, then);
	print_fini(&params);
}

const char *
desk_string(const struct talk *talk, const char *name)
{
	return json_string_value(json_object_get(talk_arguments(talk), name));
}

/* --- finding ------------------------------------------------------ */

void
desk_search_agents(struct talk *talk)
{
	struct slice_walk walk = { .text = talk_argument(talk, "filters") };
	struct aicx_str name, value;
	struct print params = { 0 };

	print_open(&params, '{');
	desk_put_argument(talk, &params, "query", "q");
	while (slice_next(&walk, &name, &value)) {
		struct bytes key = { 0 };

		if (name.ptr == NULL)
			break;
		bytes_str(&key, name);
		bytes_char(&key, '\0');
		if (!key.failed)
			print_key(&params, key.ptr);
		print_raw(&params, value);
		bytes_fini(&key);
	}
	print_close(&params, '}');
	talk_call(talk, "discovery.search", bytes_view(&params.bytes), NULL,
	    desk_told);
	print_fini(&params);
}

void
desk_get_agent(struct talk *talk)
{
	desk_ask(talk, "discovery.get_agent", "agent_id", "agent_id", NULL,
	    desk_told);
}

void
desk_get_execution(struct talk *talk)
{
	desk_ask(talk, "execution.get_execution", "execution_id",
	    "execution_id", NULL, desk_told);
}

/* --- money and proofs --------------------------------------------- */

static void
budget_told(struct talk *talk, const struct aicx_answer *answer)
{
	if (answer->status == 404) /* not limited: what the account holds */
		talk_call(talk, "economics.audit_balance", TEXT("{}"), NULL,
		    desk_told);
	else
		desk_told(talk, answer);
}

void
desk_get_budget(struct talk *talk)
{
	talk_call(talk, "economics.get_budget", TEXT("{}"), NULL, budget_told);
}

static size_t
count(struct aicx_str list)
{
	struct slice_walk walk = { .text = list };
	struct aicx_str name, value;
	size_t n = 0;

	while (slice_next(&walk, &name, &value))
		n++;
	return n;
}

static void
put_part(struct print *out, const char *name, struct aicx_str object)
{
	struct aicx_str value = slice_get(object, name);

	if (value.ptr == NULL)
		return;
	print_key(out, name);
	print_raw(out, value);
}

/* The file is the proof; whoever asks checks it with keys of its own. */
static void
put_file(struct print *out, struct aicx_str uri, struct aicx_str file)
{
	print_open(out, '{');
	print_key(out, "type");
	print_text(out, "resource");
	print_key(out, "resource");
	print_open(out, '{');
	print_key(out, "uri");
	print_str(out, uri);
	print_key(out, "mimeType");
	print_text(out, "application/json");
	print_key(out, "text");
	print_str(out, file);
	print_close(out, '}');
	print_close(out, '}');
}

static void
exported(struct talk *talk, const struct aicx_answer *answer)
{
	struct aicx_str file = answer->body;
	struct bytes uri = { 0 };
	struct print *out;

	if (answer->status >= 400) {
		content_problem(talk, file);
		return;
	}
	bytes_text(&uri, "aiconexus://deals/");
	bytes_str(&uri, slice_inside(slice_get(file, "deal_id")));
	out = talk_begin(talk);
	print_key(out, "content");
	print_open(out, '[');
	print_raw(out,
	    TEXT(
		"{\"type\":\"text\",\"text\":\"The deal's file is attached: "
		"save it and run aicx verify FILE, which needs no broker.\"}"));
	put_file(out, bytes_view(&uri), file);
	print_close(out, ']');
	print_key(out, "structuredContent");
	print_open(out, '{');
	put_part(out, "deal_id", file);
	put_part(out, "broker", file);
	put_part(out, "checkpoint", file);
	put_part(out, "bill", file);
	print_key(out, "n_entries");
	print_number(out, (int64_t)count(slice_get(file, "entries")));
	print_key(out, "uri");
	print_str(out, bytes_view(&uri));
	print_close(out, '}');
	talk_end(talk, (struct aicx_str) { NULL, 0 });
	bytes_fini(&uri);
}

void
desk_verify_deal(struct talk *talk)
{
	desk_ask(talk, "deal.export", "deal_id", "deal_id", NULL, exported);
}
