/* SPDX-License-Identifier: Apache-2.0 */
/*
 * history.h - a run as a file for the model (model.py): every record's outline
 * in order, and what agents asked and were answered.  Without a file nothing
 * happens.
 */
#ifndef SIM_HISTORY_H
#define SIM_HISTORY_H

#include "base/json.h"
#include "player.h"
#include "protocol/envelope.h"

struct history;

struct history *history_open(const char *path); /* NULL path: NULL */
void history_close(struct history *history);
void history_begin(struct sim *sim);
void history_end(struct sim *sim); /* what accounts have in the end */
void history_record(struct sim *sim, struct json_ref record, struct arena *mem);
void history_request(
    struct sim *sim, const struct player *agent, const struct inquiry *request);
void history_answer(struct sim *sim, const struct player *agent,
    const struct inquiry *request, const struct envelope *env);

#endif
