/* SPDX-License-Identifier: Apache-2.0 */
/* toolbox_state.h - the inside of a toolbox, shared by toolbox*.c only. */
#ifndef CLI_TOOLBOX_STATE_H
#define CLI_TOOLBOX_STATE_H

#include "base/list.h"
#include "cli/child.h"
#include "cli/toolbox.h"

#define TOOLBOX_MODERN "2026-07-28"
#define TOOLBOX_LEGACY "2025-11-25"
#define TOOLBOX_CLIENT "{\"name\":\"aicx\",\"version\":\"" AICX_VERSION "\"}"

enum box_state {
	BOX_DOWN, /* the timer starts it */
	BOX_PROBING, /* server/discover is asked */
	BOX_GREETING, /* initialize is asked */
	BOX_LISTING,
	BOX_READY
};

struct toolbox {
	struct loop *loop;
	struct toolbox_spec spec;
	const struct toolbox_ops *ops;
	void *arg;
	struct child *child; /* NULL: BOX_DOWN */
	enum box_state state;
	bool modern; /* 2026-07-28 */
	bool legacy_only; /* it ended at server/discover */
	bool was_ready, hanging;
	bool changed; /* while it was being listed */
	struct aicx_timer *timer;
	struct tools tools, fresh; /* fresh: as far as they are listed */
	int64_t last_id, probe_id, greet_id, list_id; /* 0: not asked */
	int n_failures, n_garbage, n_pages;
	char name[256];
	struct list calls;
};

/* A request, or with id 0 a notification; members of params, without braces. */
void toolbox_print(struct buf *line, const struct toolbox *box, int64_t id,
    const char *method, struct aicx_str members);

/* toolbox.c: a word for whoever holds the box. */
void box_say(struct toolbox *box, const char *event, const char *text);
/* What runs is ended, what is under way lost; it starts again, after a
   while. */
void box_restart(struct toolbox *box, const char *why);

/* toolbox_ask.c: a request, its id; a notification. */
int64_t box_ask(
    struct toolbox *box, const char *method, struct aicx_str members);
void box_note(struct toolbox *box, const char *method, struct aicx_str members);
void box_probe(struct toolbox *box);
void box_greet(struct toolbox *box);
/* All tools, from the first page on; or the page at a cursor. */
void box_list(struct toolbox *box);
void box_list_page(struct toolbox *box, struct aicx_str cursor);
/* A call took too long: is it there at all? */
void toolbox_look(struct toolbox *box);
/* Nobody waits for this request any more. */
void toolbox_cancelled(struct toolbox *box, int64_t id);

/* toolbox_answer.c; arg is the box. */
void box_on_line(struct aicx_str line, void *arg);

/* toolbox_call.c; false: no call has this id. */
bool calls_on_answer(struct toolbox *box, int64_t id,
    const struct tool_message *message, struct arena *arena);
void calls_on_progress(
    struct toolbox *box, int64_t token, struct json_ref params);
void calls_fail(struct toolbox *box, const char *why);
void calls_forget(struct toolbox *box);

#endif
