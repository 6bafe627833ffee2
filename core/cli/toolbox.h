/* SPDX-License-Identifier: Apache-2.0 */
/*
 * toolbox.h - an MCP server as a child process: started, greeted, asked for its
 * tools, called, and started again when it ends.
 *
 * Speaks 2026-07-28 and, where a server knows only the handshake, 2025-11-25
 * and what such a server proposes.  Everything comes from the loop.
 */
#ifndef CLI_TOOLBOX_H
#define CLI_TOOLBOX_H

#include "cli/tool.h"
#include "loop/loop.h"

#include <aiconexus/types.h>
#include <stdbool.h>

enum {
	TOOLBOX_LINE_MAX = 16 * 1024 * 1024,
	TOOLBOX_PROBE_MS = 3000, /* for server/discover; then the handshake */
	TOOLBOX_START_MS = 60000, /* for the handshake, and for a list */
	TOOLBOX_HANG_MS = 10000, /* for a sign of life after a time-out */
	TOOLBOX_TRIES = 3, /* at the first start */
	TOOLBOX_GARBAGE_MAX = 100, /* lines that are no message, of one run */
	TOOLBOX_PAGES_MAX = 64,
	TOOLBOX_PROGRESS_MAX = 1000 /* words of one call; the rest is dropped */
};

struct toolbox_spec {
	char *const *argv;
	const char *prefix; /* of capability names, or NULL */
	int64_t probe_ms, start_ms, hang_ms; /* 0: those above */
};

struct toolbox_ops {
	/* The tools are there, anew too; calls may be made. */
	void (*on_tools)(void *arg);
	/* It could not be started: once, the last call. */
	void (*on_failed)(const char *why, void *arg);
	/* What the log should have: "server", "it ended with status 1". */
	void (*on_word)(const char *event, struct aicx_str text, void *arg);
};

struct toolbox;
struct tool_call;

struct toolbox *toolbox_new(struct loop *loop, const struct toolbox_spec *spec,
    const struct toolbox_ops *ops, void *arg);
/* Ends the server, politely; calls under way are forgotten. */
void toolbox_free(struct toolbox *box);

bool toolbox_is_ready(const struct toolbox *box);
const struct tools *toolbox_tools(const struct toolbox *box);
/* As it calls itself, or "". */
const char *toolbox_name(const struct toolbox *box);

struct tool_end {
	const char *code; /* NULL: good; else a stable word */
	struct aicx_str output; /* JSON */
	struct aicx_str why; /* for people */
	int64_t elapsed_ms;
};

struct tool_call_spec {
	const struct tool *tool; /* until toolbox_call() returns */
	struct aicx_str arguments; /* a JSON object on one line */
	const char *key; /* the same for the same work */
	int64_t timeout_ms;
};

struct tool_call_ops {
	void (*on_end)(const struct tool_end *end, void *arg);
	/* {"progress","total"?,"message"?} */
	void (*on_progress)(struct aicx_str progress, void *arg);
};

/* on_end is called once, later, unless tool_call_free() comes first; the box
   must be ready. */
struct tool_call *toolbox_call(struct toolbox *box,
    const struct tool_call_spec *spec, const struct tool_call_ops *ops,
    void *arg);
/* Tells the server that nobody waits; NULL is legal. */
void tool_call_free(struct tool_call *call);

#endif
