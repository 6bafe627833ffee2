/* SPDX-License-Identifier: Apache-2.0 */
/* history.c - JSON lines, one for each thing the model wants to know. */
#include "history.h"

#include "base/id.h"
#include "base/mem.h"
#include "broker/inside.h"
#include "broker/receipt.h"

#include <stdio.h>
#include <stdlib.h>

struct history {
	FILE *file;
	struct buf line;
};

struct history *
history_open(const char *path)
{
	struct history *history;
	FILE *file;

	if (path == NULL)
		return NULL;
	file = fopen(path, "a");
	if (file == NULL) {
		perror(path);
		exit(1);
	}
	history = MEM_NEW(struct history);
	history->file = file;
	return history;
}

void
history_close(struct history *history)
{
	if (history == NULL)
		return;
	(void)fclose(history->file);
	buf_fini(&history->line);
	free(history);
}

static struct json_writer
line_begin(struct history *history, const char *what)
{
	buf_clear(&history->line);
	struct json_writer w = json_writer(&history->line);

	json_open(&w, '{');
	json_key(&w, "what");
	json_put_text(&w, what);
	return w;
}

static void
line_end(struct history *history, struct json_writer *w)
{
	json_close(w);
	(void)fprintf(history->file, "%s\n", buf_cstr(&history->line));
}

void
history_begin(struct sim *sim)
{
	if (sim->history == NULL)
		return;
	struct json_writer w = line_begin(sim->history, "begin");
	json_key(&w, "seed");
	json_put_uint(&w, sim->seed);
	json_key(&w, "fee_ppm");
	json_put_int(&w, sim->settings.fee_ppm);
	json_key(&w, "settlement");
	json_put_text(&w, sim->settings.settlement);
	line_end(sim->history, &w);
}

/* As the broker has it in memory. */
void
history_end(struct sim *sim)
{
	if (sim->history == NULL)
		return;
	struct json_writer w = line_begin(sim->history, "end");
	json_key(&w, "available");
	json_open(&w, '{');
	for (size_t i = 0; i < sim->n_agents; i++) {
		const struct aicx_id *id = player_id(sim->agents[i]);
		json_key(&w, id_text(id).text);
		json_put_int(&w,
		    ledger_account(sim->broker->state.ledger, id, "AIC")
			->available_minor);
	}
	json_close(&w);
	json_key(&w, "fees");
	json_put_int(&w,
	    ledger_account(sim->broker->state.ledger, &ledger_fees, "AIC")
		->available_minor);
	line_end(sim->history, &w);
}

/* No entries: those the model finds out itself.  The answer is there for whom
   it never reached. */
void
history_record(struct sim *sim, struct json_ref record, struct arena *mem)
{
	static const char *const members[] = { "seq", "time", "step", "actor",
		"deal", "request" };

	if (sim->history == NULL)
		return;
	struct json_writer w = line_begin(sim->history, "record");
	for (size_t i = 0; i < sizeof members / sizeof *members; i++) {
		struct json_ref member = json_get(record, members[i]);
		if (!json_has(member))
			continue;
		json_key(&w, members[i]);
		json_put_raw(&w, json_raw(member));
	}
	if (json_has(json_get(record, "answer"))) {
		json_key(&w, "answer");
		json_open(&w, '{');
		json_key(&w, "status");
		json_put_raw(&w,
		    json_raw(json_get(json_get(record, "answer"), "status")));
		json_key(&w, "body");
		receipt_put_recorded(&w, record, &sim->currencies, mem);
		json_close(&w);
	}
	line_end(sim->history, &w);
}

void
history_request(
    struct sim *sim, const struct player *agent, const struct inquiry *request)
{
	if (sim->history == NULL)
		return;
	struct json_writer w = line_begin(sim->history, "request");
	json_key(&w, "sender");
	json_put_id(&w, player_id(agent));
	json_key(&w, "id");
	json_put_id(&w, &request->id);
	json_key(&w, "payload");
	json_put_raw(&w, buf_view(&request->payload));
	line_end(sim->history, &w);
}

void
history_answer(struct sim *sim, const struct player *agent,
    const struct inquiry *request, const struct envelope *env)
{
	if (sim->history == NULL)
		return;
	struct json_writer w = line_begin(sim->history, "answer");
	json_key(&w, "sender");
	json_put_id(&w, player_id(agent));
	json_key(&w, "id");
	json_put_id(&w, &request->id);
	json_key(&w, "method");
	json_put_text(&w, request->method);
	json_key(&w, "type");
	json_put_text(&w, msg_type_name(env->type));
	json_key(&w, "payload");
	json_put_raw(&w, env->payload);
	line_end(sim->history, &w);
}
