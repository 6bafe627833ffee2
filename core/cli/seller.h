/* SPDX-License-Identifier: Apache-2.0 */
/*
 * seller.h - a paid agent: it stays connected, makes offers, and has its worker
 * carry out each order.
 *
 * seller.c keeps the session, seller_goods.c knows what is sold,
 * seller_offer.c answers intents, seller_work.c takes orders; who does the work
 * is behind worker.h.
 */
#ifndef CLI_SELLER_H
#define CLI_SELLER_H

#include "base/list.h"
#include "cli/channel.h"
#include "cli/invocation.h"
#include "cli/offering.h"
#include "cli/policy.h"
#include "cli/replies.h"
#include "cli/worker.h"
#include "loop/loop.h"
#include "protocol/crypto.h"

#include <aiconexus/types.h>
#include <stdbool.h>

enum {
	SELLER_QUEUE_MAX = 256, /* orders that wait for a free place */
	SELLER_OUTPUT_MAX = 700 * 1024, /* as it stands in a message */
	SELLER_PARALLEL_MAX = 256,
	SELLER_TIMEOUT_MS = 30000,
	SELLER_FAREWELL_MS = 2000, /* for the answer to unregister */
	SELLER_OFFER_MS = 60000 /* validity when the intent names no deadline */
};

struct seller;

/* An EXECUTE that is waiting or being worked on. */
struct order {
	struct list node;
	struct seller *seller;
	struct aicx_id asked; /* the EXECUTE's id */
	struct aicx_id execution_id, contract_id;
	uint8_t contract_hash[HASH_BYTES]; /* of its text, when one came */
	bool has_contract;
	struct buf input; /* one JSON value */
	char *capability; /* as it was ordered */
	int64_t offered_ms; /* when we made the offer; 0: not known */
	void *run; /* the worker's; NULL: it waits */
	int64_t started_ms;
};

/* What one tool costs. */
struct tool_price {
	struct aicx_str tool;
	struct amount price;
};

struct seller {
	struct invocation *inv;
	struct loop *loop;
	struct offering offering;
	struct policy *policy; /* or NULL: the price is flat */
	struct worker *worker; /* seller_run() takes it and leaves NULL */
	const char *input_field; /* or NULL */
	int64_t max_parallel, timeout_ms;
	struct tool_price prices[TOOLS_MAX];
	size_t n_prices;

	struct channel *channel; /* NULL: not connected */
	struct aicx_watch *watch;
	struct aicx_timer *beat, *again, *farewell;
	int64_t lease_ms, heard_ms;
	int n_failures; /* of connecting, in a row */
	struct aicx_id register_id, unregister_id;
	bool was_ready, stopping;
	struct aicx_error why; /* of what ended it */
	aicx_err result;

	struct list orders; /* oldest first */
	size_t n_running, n_waiting;
	int64_t n_sold;
	struct replies replies;
};

/* Sells until a signal or a refusal ends it.  inv, offering etc. are set. */
aicx_err seller_run(struct seller *seller, struct aicx_error *reterr);

/* Keeps the answer and sends it when there is a session. */
void seller_answer(struct seller *seller, const struct aicx_id *asked,
    enum msg_type type, struct aicx_str payload);
/* "EVENT: TEXT" on stderr. */
void seller_say(const char *event, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

/* A request of ours; nothing waits for its answer. */
void seller_ask(struct seller *seller, struct aicx_str payload);

/* What is sold under this name; false: nothing. */
bool seller_offering(
    const struct seller *seller, struct aicx_str need, struct offering *ret);
/* --price TOOL=AMOUNT, as often as it was said; "usage". */
aicx_err seller_take_prices(struct seller *seller, struct aicx_error *reterr);
/* The tools they name are there. */
aicx_err seller_check_prices(
    const struct seller *seller, struct aicx_error *reterr);
/* The members of a registration. */
void seller_put_goods(const struct seller *seller, struct json_writer *w);
/* "echo at 0.001 AIC, add at 0.002 AIC" */
void seller_print_goods(const struct seller *seller, struct buf *buf);

void seller_on_intent(struct seller *seller, const struct envelope *env);
void seller_on_execute(struct seller *seller, const struct envelope *env);
void seller_on_cancel(struct seller *seller, const struct envelope *env);
/* Starts what waits, as far as there is room. */
void seller_work(struct seller *seller);
void seller_drop_orders(struct seller *seller);
/* No work is left and one was asked to stop. */
void seller_leave_if_idle(struct seller *seller);

#endif
