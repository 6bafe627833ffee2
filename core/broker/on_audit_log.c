/* SPDX-License-Identifier: Apache-2.0 */
/* on_audit_log.c - events that somebody else puts on record. */
#include "base/err.h"
#include "base/str.h"
#include "broker/handlers.h"

enum { EVENT_TEXT_MAX = 200, EVENT_DETAILS_MAX = 4096 };

static const char *const results[] = { "success", "failure", NULL };

struct event_wish {
	PARAMS;
	struct aicx_str action, resource, details;
	int result; /* index into results */
};

const struct field log_event_params[] = {
	PARAMS_METHOD(struct event_wish),
	FIELD(struct event_wish, action, "action", FIELD_STR,
	    .flags = FIELDF_REQUIRED, .min = 1, .max = EVENT_TEXT_MAX,
	    .help = "What was done."),
	FIELD(struct event_wish, resource, "resource", FIELD_STR,
	    .max = EVENT_TEXT_MAX, .help = "To what."),
	FIELD(struct event_wish, result, "result", FIELD_ENUM, .names = results,
	    .help = "How it ended."),
	FIELD(struct event_wish, details, "details", FIELD_JSON,
	    .max = EVENT_DETAILS_MAX, .help = "Anything else."),
	FIELD_END,
};
PARAMS_SIZE(log_event, event_wish);

aicx_err
on_log_event(struct call *call, const void *params, struct aicx_error *reterr)
{
	const struct event_wish *wish = params;
	struct step *step = call_step(call, "audit.event", NULL);
	struct json_writer event = step_more(step, "event");

	json_open(&event, '{');
	json_key(&event, "action");
	json_put_str(&event, wish->action);
	if (wish->resource.len > 0) {
		json_key(&event, "resource");
		json_put_str(&event, wish->resource);
	}
	json_key(&event, "result");
	json_put_text(&event, results[wish->result]);
	if (wish->details.ptr != NULL) {
		json_key(&event, "details");
		json_put_raw(&event, wish->details);
	}
	json_close(&event);
	struct json_writer w = step_reply(step);
	json_key(&w, "record");
	json_put_int(&w, (int64_t)journal_next(call->broker->journal));
	json_close(&w);
	return call_commit(call, step, 201, reterr);
}
