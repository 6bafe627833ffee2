/* SPDX-License-Identifier: Apache-2.0 */
/* inside.h - what the files of this folder share; nobody else includes it. */
#ifndef BROKER_INSIDE_H
#define BROKER_INSIDE_H

#include "base/list.h"
#include "base/slew.h"
#include "broker/audit.h"
#include "broker/broker.h"
#include "broker/checkpoints.h"
#include "broker/disk.h"
#include "broker/dues.h"
#include "broker/journal.h"
#include "broker/keep.h"
#include "broker/limits.h"
#include "broker/memory.h"
#include "broker/own_keys.h"
#include "broker/schemas.h"
#include "broker/state.h"
#include "loop/loop.h"
#include "monitoring/metrics.h"
#include "protocol/checkpoint.h"
#include "protocol/envelope.h"
#include "security/window.h"

/* As much as a batch of settlements needs, and a little more. */
enum {
	STEP_PUTS_MAX = BATCH_TRANSACTIONS_MAX + 32,
	STEP_TRANSFERS_MAX = MOVES_MAX + 16,
	HOOKS_MAX = 32,
	SPEAKERS_MAX = 16,
	PAYERS_MAX = 16
};

/* --- step: one decision, one record ------------------------------------- */

struct step_put {
	enum table table;
	struct row *row; /* what the state gets */
	size_t start, end; /* of the row's text in puts */
	size_t at; /* where it begins in the record */
};

/* W3C Trace Context, version 00. */
enum { TRACE_CHARS = 55 };

/* A message that goes out when the step is durable. */
struct letter {
	struct list node; /* in the step, then in a member's box */
	struct broker *broker;
	struct aicx_id to, id, correlation_id;
	enum msg_type type;
	char *payload; /* owned */
	size_t payload_len;
	int64_t expires_ms, resend_ms; /* 0: not resent */
	int64_t seen_ms; /* handed out by a poll at this time */
	int n_sent;
	bool keep; /* until acknowledged or expired */
	bool acked;
	bool forwarded; /* payload is a whole message of another agent */
	struct aicx_id subject; /* intent or execution it is about */
	char trace[TRACE_CHARS + 1]; /* traceparent; "": none */
};

struct step {
	struct broker *broker;
	const char *name; /* "deal.contract": also the audit entry's action */
	struct aicx_id actor, deal_id;
	int64_t now_ms; /* broker time */
	struct buf puts; /* row texts, one after the other */
	struct step_put put[STEP_PUTS_MAX];
	size_t n_puts;
	struct transfer transfers[STEP_TRANSFERS_MAX];
	size_t n_transfers;
	struct arena mem; /* whatever the step's values point to */
	struct list letters;
	/* The request this step answers, or only begins (no answer yet). */
	struct aicx_id request_sender, request_id;
	uint8_t request_body[16];
	int answer_status; /* 0: no answer in this record */
	struct buf answer;
	bool
	    answer_follows; /* from the rows: receipt_put_recorded() makes it */
	const char *correlation; /* of a request without an id; NULL: none */
	const char *more_name; /* a member of its own; NULL: none */
	struct buf more; /* its value */
	bool active;
};

/* The one step of the broker; nothing is decided while another is open. */
struct step *step_begin(struct broker *broker, const char *name,
    const struct aicx_id *actor, const struct aicx_id *deal_id);
void step_put(struct step *step, enum table table, const void *row);
/* amount 0 is legal and does nothing. */
void step_move(struct step *step, enum transfer_kind kind,
    const struct aicx_id *id, const struct aicx_id *debit, enum column from,
    const struct aicx_id *credit, enum column to,
    const struct aicx_money *amount, const struct aicx_id *contract_id,
    const struct aicx_id *execution_id, struct aicx_str reference);
/* What an event moves: fill a list of these, cap is MOVES_MAX at most. */
void step_moves(struct step *step, const struct moves *moves);
void step_letter(struct step *step, struct letter *letter); /* takes it */
/* The record has one member more, of what the writer gets. */
struct json_writer step_more(struct step *step, const char *name);
/* All or nothing: on failure nothing has changed.  Ends the step. */
aicx_err step_commit(struct step *step, struct aicx_error *reterr);
void step_abandon(struct step *step);
/* Applies a record read back. */
aicx_err step_replay(struct broker *broker, uint64_t seq,
    struct aicx_str record, struct aicx_error *reterr);

/* --- calls: requests that wait for their answer --------------------------- */

struct call;

struct route {
	struct aicx_method method; /* what gateways see */
	enum permission permission;
	const struct field *params;
	const size_t *params_size;
	/* Answers by call_answer() now or later, or returns an error. */
	aicx_err (*handle)(
	    struct call *call, const void *params, struct aicx_error *reterr);
	bool durable; /* its repeats get the stored answer */
	bool ends; /* ends what was begun: taken while draining, too */
	const char *content_type; /* of a good answer; NULL: JSON */
};

struct parcel;

struct call {
	struct list all; /* in broker->every_call */
	struct parcel *parcel; /* its answer behind the gate; in mem */
	struct broker *broker;
	const struct route *route;
	struct principal who;
	struct aicx_id sender, id; /* of the request; nil id: not repeatable */
	uint8_t body[16]; /* hash of what is asked */
	struct aicx_str params; /* text, in mem */
	struct aicx_str address; /* of a gateway's caller, in mem */
	struct json doc;
	struct arena mem;
	struct list node; /* among those who wait for a deal or a poll */
	struct list watch_node; /* ... for something to happen to a deal */
	int64_t started_us, due_ms;
	char correlation[64];
	char trace[TRACE_CHARS + 1]; /* traceparent; "": none */
	/* where the answer goes */
	struct aicx_peer *peer; /* envelope back over it; NULL: it is gone */
	struct list peer_node;
	struct aicx_id message_id; /* correlation of the answer */
	aicx_answer_fn *done; /* or a gateway's call */
	void *done_arg;
	bool envelope; /* the answer's body is a signed envelope */
	bool ticket; /* held by a gateway */
	struct aicx_ticket **ret_ticket; /* cleared when it ends at once */
	bool answered, secure;
	bool shows_secret; /* its answer is wiped when it has been given */
	uint64_t origin; /* whose address it came from; 0: not limited */
	int64_t wait_ms; /* when a refused rate has room again; 0: unknown */
	bool collects; /* the offers of `subject` */
	bool answers; /* what the work that it waits for asks back */
	bool replayed;
	bool asked; /* waits for what `subject` answers; asked.h */
	bool underway; /* being decided: its repeats wait in `repeats` */
	struct list repeats;
	aicx_err (*resume)(struct call *call, struct aicx_error *reterr);
	struct aicx_id subject; /* what it waits for */
	void *held; /* what a handler keeps while it waits; in mem */
};

/* Sends the answer once the last applied step is durable; frees the call. */
void call_answer(struct call *call, int status, struct aicx_str body);
void call_answer_as(
    struct call *call, enum msg_type type, int status, struct aicx_str body);
void call_fail(struct call *call, const struct aicx_error *error);
/* The same with a whole message of another agent. */
void call_forward(struct call *call, const struct envelope *env);
/* step_begin() for what this call asks, step_commit() with the answer inside
   when the route is durable, and call_answer(). */
struct step *call_step(
    struct call *call, const char *name, const struct aicx_id *deal_id);
aicx_err call_commit(struct call *call, struct step *step, int status,
    struct aicx_error *reterr);
/* An answer that changes nothing. */
struct json_writer call_reply(struct call *call, struct buf *buf);

/* A repeat of a request that is being decided waits for it: true; or is a
   conflict: true and an error. */
bool underway_joins(
    struct call *call, aicx_err *ret_err, struct aicx_error *reterr);
void underway_begin(struct call *call);
/* It is recorded or refused: gives out the repeats for underway_again(). */
void underway_end(struct call *call, struct list *ret_repeats);
void underway_again(struct list *repeats);

/* --- members: agents as they are reached now ------------------------------ */

struct member {
	struct aicx_id agent_id;
	struct aicx_peer *peer; /* the newest open session, or NULL */
	struct list letters; /* struct letter, oldest first */
	size_t n_letters;
	struct list polls; /* calls of session.mailbox that wait: peer_node */
	int64_t lease_ms; /* broker time until which it counts as there */
	int64_t lost_ms; /* when its session ended; 0: it did not */
	bool polls_mail; /* it was seen at its mailbox */
	struct credential_mac *mac; /* API key that signs its mailbox */
};

struct member *member_need(struct broker *broker, const struct aicx_id *id);
struct member *member_find(struct broker *broker, const struct aicx_id *id);
void member_seen(struct member *member, int64_t now_ms, int64_t lease_ms);
bool member_is_there(const struct member *member, int64_t now_ms);
/* Takes the letter: sends it, keeps it, or drops it when nobody is there. */
void member_send(struct broker *broker, struct letter *letter);
/* An ACK, or an answer: the letter with this id is done; its type is told. */
bool member_ack(struct broker *broker, const struct aicx_id *agent_id,
    const struct aicx_id *letter_id, bool answered, struct letter *ret_copy);
void member_drop_subject(struct broker *broker, const struct aicx_id *agent_id,
    const struct aicx_id *subject);
void member_flush(struct broker *broker, struct member *member);
void member_tick(struct broker *broker, int64_t now_ms);
void member_free(struct member *member);
/* Answers a mailbox poll, true, when there is a letter or its time has come;
   the call may then be gone. */
bool member_poll(
    struct broker *broker, struct member *member, struct call *call);
struct letter *letter_new(const struct aicx_id *to, enum msg_type type,
    const struct aicx_id *id, const struct aicx_id *correlation_id,
    struct aicx_str payload);
/* The same; takes the payload out of the buf. */
struct letter *letter_made(const struct aicx_id *to, enum msg_type type,
    const struct aicx_id *id, const struct aicx_id *correlation_id,
    struct buf *payload);
void letter_free(struct letter *letter);
/* Sends it when all that is decided by now is durable; takes it. */
void letter_post(struct broker *broker, struct letter *letter);

/* MAC contexts of an API key. */
struct credential_mac {
	struct aicx_id credential_id;
	struct mac *in, *out;
};
struct credential_mac *credential_mac(
    struct broker *broker, const struct aicx_id *credential_id);
void credential_keep(struct broker *broker, const struct aicx_id *credential_id,
    struct aicx_str api_key);

/* --- deals ----------------------------------------------------------- */

struct flow; /* what is under way for one open deal; flow.h */

/* --- doors: what gateways are told ----------------------------------- */

struct doors;

void doors_free(struct doors *doors); /* NULL is legal */
/* host->operator_auth (insider.c). */
const char *insider_auth(void *broker);
/* host->stream_auth, and whom listeners believe (certificates.c). */
struct aicx_str certificates_ca(void *broker);
void certificates_auth(void *broker, const uint8_t hash[HASH_BYTES],
    char ret_auth[AICX_AUTH_TEXT]);
/* host->methods, public_url and catalog_version. */
const struct aicx_method *const *doors_methods(void *broker, size_t *ret_n);
const char *doors_public_url(void *broker);
int64_t doors_catalog_version(void *broker);
void doors_sign_jws(void *broker, struct aicx_str header,
    struct aicx_str payload, uint8_t ret_signature[SIG_BYTES]);
aicx_err doors_check(
    const struct broker_settings *settings, struct aicx_error *reterr);

/* --- the broker ------------------------------------------------------ */

struct aicx_transport_ops;

/* A transport at which one may listen; herald.h. */
struct herald {
	const struct aicx_transport_ops *ops;
	void *state;
};

enum { HERALDS_MAX = 8 };

/* A gateway that speaks to servers of others. */
struct speaker {
	const struct aicx_gateway_ops *ops;
	void *state;
};

/* A plugin that moves the money of some parties, beside the broker's own. */
struct payer {
	const struct aicx_payment_ops *ops;
	void *state;
};

struct hook {
	const struct aicx_hook_ops *ops;
	void *state;
	bool current; /* of the present configuration: new offers may name it */
	bool loaded; /* by its kept source: ours to unload */
};

struct broker {
	struct broker_ports ports;
	const struct broker_settings *settings;
	const struct log *log;
	struct broker_keys keys;
	struct sign_key *key;
	struct state state;
	struct journal *journal;
	struct checkpoints checkpoints;
	struct disk disk;
	struct keep keep;
	struct backup *backup; /* while one is made; or NULL */
	struct loop *loop; /* NULL in tests */
	struct loop_late late; /* the end of the turn */
	char origin[ORIGIN_MAX]; /* of checkpoints */
	struct step step;
	struct own_keys own_keys;
	struct refusals refusals; /* not on record yet */
	struct metrics *metrics;
	struct window *window;
	struct map members; /* agent -> struct member */
	struct map flows; /* deal -> struct flow */
	struct map feeds; /* deal -> struct feed: those that are followed */
	struct list feeds_over; /* of deals that ended, oldest first */
	struct dues dues; /* when a flow's deal is looked at next */
	int64_t settle_ms; /* when the next batch is; 0: nothing is pending */
	int64_t credentials_ms; /* when one in use expires; 0: none does */
	int64_t letters_ms; /* when a letter is due next; 0: none */
	struct map macs; /* credential -> struct credential_mac */
	struct list peers;
	struct list unopened; /* those without a session, oldest first */
	struct limits limits;
	struct memory memory;
	struct list calls; /* those that wait for a time */
	struct list every_call;
	struct map asked; /* sender, id -> struct call that waits; asked.h */
	struct map underway; /* sender, id -> struct call being decided */
	struct list posted; /* letters behind the gate */
	struct list openings; /* sessions behind it */
	size_t n_peers, n_unopened, n_calls;
	const struct aicx_store_ops *store;
	void *store_state;
	const struct aicx_pricing_ops *pricing;
	void *pricing_state;
	const struct aicx_payment_ops *payment;
	void *payment_state;
	struct payer payers[PAYERS_MAX]; /* beside it */
	size_t n_payers;
	struct list transits; /* struct transit, payments under way outside */
	struct list pay_calls; /* what the payment plugin has not answered */
	struct hook hooks[HOOKS_MAX];
	size_t n_hooks;
	struct speaker speakers[SPEAKERS_MAX];
	size_t n_speakers;
	struct herald heralds[HERALDS_MAX];
	size_t n_heralds;
	struct list news; /* struct news, behind the gate */
	struct list errands; /* struct aicx_errand: what they were asked */
	struct slew time; /* broker time */
	bool clock_held; /* it stands until an operator accepts the clock */
	int64_t started_ms; /* of the loop's clock */
	int64_t wake_ms; /* when the next tick is wished; 0: never */
	struct terms terms_default;
	struct schemas schemas;
	const struct modules *modules;
	char insider[80]; /* an Authorization header; "": nobody asked */
	struct aicx_id insider_id; /* the credential it stands for */
	bool unreadable; /* the store: nobody is answered any more */
	bool draining, replaying, has_new_operator, failed;
	bool read_only; /* failed from the start: only reading goes on */
	uint8_t operator_seed[KEY_BYTES];
	char operator_api_key[64];
	struct aicx_id operator_id;
	struct aicx_error failure;
	struct buf scratch, envelope; /* of one message at a time */
	struct buf plugin_value; /* what get() showed last */
	struct doors *doors; /* after the first methods() */
	struct authority *authority; /* after the first certificate */
};

int64_t broker_now(struct broker *broker); /* broker time */
/* Closes what takes too long to open a session. */
void peers_tick(struct broker *broker);
/* Something was decided or read: keep_turn() at the end of the turn. */
void broker_turn(struct broker *broker);
/* After the records were read: goes on from the last one's time.  Where the
   wall clock does not fit to it, time stands still until it is accepted. */
void clock_start(struct broker *broker);
/* What a message's timestamp is held against; a value for other threads. */
struct time_seen {
	int64_t now_ms; /* broker time */
	int64_t window_ms;
	bool held; /* it stands still: the clock is not accepted */
	int64_t wall_ms; /* what the clock says then */
};
struct time_seen clock_seen(struct broker *broker);
/* "stale", as envelope_check_fresh(); but who has the time of a clock that is
   not accepted may come and read.  [any thread] */
aicx_err clock_check_fresh(const struct envelope *env,
    const struct time_seen *seen, struct aicx_error *reterr);
struct aicx_id broker_new_id(struct broker *broker);
void broker_wake(struct broker *broker, int64_t at_ms); /* broker time */
/* The signing key of an agent in the broker's keeping; free it. */
/* Bytes of a purpose for an id, always the same; from the root of the keys. */
void broker_derive(struct broker *broker, const struct aicx_id *id,
    const char *purpose, uint8_t *ret_bytes, size_t n_bytes);
struct sign_key *broker_custody_key(
    struct broker *broker, const struct aicx_id *agent_id);
/* The raw public key of an agent; false: it has none. */
bool broker_agent_key(struct broker *broker, const struct aicx_id *agent_id,
    uint8_t ret_raw[KEY_BYTES]);
int64_t broker_reputation(
    struct broker *broker, const struct aicx_id *agent_id);

/* --- dispatch -------------------------------------------------------- */

extern const struct route routes[];
extern const size_t n_routes;
const struct route *route_find(struct aicx_str name);
/* The first without a permission, or with another's name; NULL: a broker may
   start with them. */
const struct route *route_unsound(const struct route *list, size_t n);
/* Runs a call whose principal, route and params text are set; answers it. */
void dispatch(struct call *call);
struct call *call_new(struct broker *broker);
void call_free(struct call *call);
/* Forgets who waits: the connection or the gateway went away. */
void call_abandon(struct call *call);
void call_tick(struct broker *broker, int64_t now_ms);

/* A verified and scanned envelope of a known sender. */
void inbox_take(struct broker *broker, struct aicx_peer *peer,
    const struct envelope *env, const struct principal *who,
    struct call *ticket);

/* --- peers ----------------------------------------------------------- */

aicx_err peer_new(void *broker, const struct aicx_peer_ops *ops, void *conn,
    const struct aicx_peer_info *info, struct aicx_peer **ret_peer,
    struct aicx_error *reterr);
void peer_deliver(struct aicx_peer *peer, struct aicx_str message);
void peer_free(struct aicx_peer *peer);
/* Sessions that were to open when their agent's key is on the disk. */
void peer_openings_free(struct broker *broker);
/* Signs and sends; false when the connection cannot take it. */
bool peer_send(struct aicx_peer *peer, const struct envelope_head *head,
    struct aicx_str payload);
/* Forwards a received message under the session's key. */
bool peer_forward(struct aicx_peer *peer, const struct envelope *env);
void peer_wait(struct aicx_peer *peer, struct call *call);
/* Answers POST /v1/messages: verifies, takes, answers the ticket. */
aicx_err message_take(struct call *call, struct aicx_error *reterr);

#endif
