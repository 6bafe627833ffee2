/* SPDX-License-Identifier: Apache-2.0 */
/*
 * player.h - an agent with a key, a connection, requests it repeats until they
 * are answered, and a character.
 */
#ifndef SIM_PLAYER_H
#define SIM_PLAYER_H

#include "sim.h"

#include "base/buf.h"
#include "base/list.h"
#include "base/map.h"
#include "net.h"
#include "protocol/crypto.h"
#include "protocol/envelope.h"
#include "protocol/object.h"

enum character {
	AGENT_SLOW = 1u << 0,
	AGENT_FORGETFUL = 1u << 1, /* answers nothing the first time */
	AGENT_IMPATIENT = 1u << 2, /* sends everything again at once */
	AGENT_LIAR = 1u << 3, /* wrong signatures, replays, others' ids */
	AGENT_POOR = 1u << 4,
	AGENT_CRASHER = 1u << 5,
	AGENT_FLOODER = 1u << 6,
	AGENT_ELSEWHEN = 1u << 7, /* its clock is ten years off */
	AGENT_LATE = 1u << 8, /* answers when the time is over */
};
extern const char *const character_names[9];

struct task;

/* What an agent asked and asks again until there is an answer. */
struct inquiry {
	struct list node;
	struct player *agent;
	struct aicx_id id, correlation_id;
	enum msg_type type;
	const char *method;
	struct buf payload;
	bool durable, reads_balance, reads_checkpoint;
	bool snoops; /* asks for what is not its own */
	bool answered;
	int n_sent, n_refused;
	struct event *again;
	struct task *task; /* that goes on with the answer; or NULL */
};

/* An answer, parsed. */
struct reply {
	bool good; /* a RESULT */
	struct json_ref root;
	struct arena *mem;
	struct aicx_str code; /* of a problem */
};

enum link_state { LINK_DOWN, LINK_NEW, LINK_OPENING, LINK_OPEN };

struct player {
	struct sim *sim;
	size_t index;
	struct aicx_id id;
	struct sign_key *key;
	uint8_t x25519[KEY_BYTES];
	struct chance chance;
	unsigned character;
	bool sells, buys, is_operator;
	int64_t clock_off_ms;

	struct link *link;
	enum link_state state;
	struct event *timer; /* connecting, or giving up the handshake */
	struct aicx_id session_id;
	struct mac *in, *out;
	struct buf challenge, opening;
	int n_opens;

	struct list requests, tasks;
	struct map by_id; /* request id -> struct inquiry */
	struct buf last_sent; /* what a liar sends again */

	/* A seller's. */
	const char *capability;
	int64_t price_minor;
	int64_t last_budget_minor;
	struct map work; /* EXECUTE's id -> struct work */
	struct list works;
};

struct player *player_new(struct sim *sim, size_t index, const uint8_t *seed,
    const struct aicx_id *id);
void player_free(struct player *agent);
void player_start(struct player *agent, int64_t delay_ms);
const struct aicx_id *player_id(const struct player *agent);
bool player_is_open(const struct player *agent);
bool player_is(const struct player *agent, enum character character);

/* From the network. */
void player_message(struct player *agent, struct aicx_str text);
void player_lost(struct player *agent);
/* Goes away for a while; without what it did not write down. */
void player_go_away(struct player *agent, int64_t ms);

/* payload is an object's text; it is copied.  Counted until it is answered. */
struct inquiry *player_request(struct player *agent, enum msg_type type,
    const char *method, const struct aicx_id *correlation_id,
    struct aicx_str payload, struct task *task);
const struct inquiry *player_find_request(
    const struct player *agent, const struct aicx_id *id);
/* A message without a promise of an answer. */
void player_say(struct player *agent, enum msg_type type,
    const struct aicx_id *id, const struct aicx_id *correlation_id,
    struct aicx_str payload);

/* seller.c */
void seller_opened(struct player *agent);
void seller_invited(struct player *agent, const struct envelope *env);
void seller_ordered(struct player *agent, const struct envelope *env);
void seller_forgets(struct player *agent);
void seller_free(struct player *agent);
/* Signs a contract that a buyer told it of. */
void seller_sign(struct player *agent, const struct aicx_id *contract_id,
    struct aicx_str text);
/* buyer.c */
void buyer_plan(struct player *agent);
/* After a start that held broker time. */
void operator_accepts_clock(struct player *agent);
/* On all disputes that are still open. */
void operator_rules(struct player *agent);
void operator_plan(struct player *agent);
/* task.c */
void task_goes_on(struct task *task, const struct reply *reply);
void tasks_free(struct player *agent);

/* "0.001000" */
struct amount_text {
	char text[32];
};
struct amount_text amount_text(int64_t minor);

#endif
