/* SPDX-License-Identifier: Apache-2.0 */
/*
 * parties.h - ann, bob and cat on a stage, each with 1 AIC and an API key, and
 * a worker who sells text.count: the fixture of the tests of money.
 *
 * After every call stage_check() holds the invariants: the books sum to zero,
 * reserved money is the open holds, pending money what waits for a batch,
 * suspense what is disputed, no budget is overdrawn, and a replay of the
 * records gives the same rows.
 */
#ifndef BROKER_PARTIES_H
#define BROKER_PARTIES_H

#include "base/str.h"
#include "broker/testdata/stage.h"

#include <check.h>

struct party {
	char id[40], key[64];
};

extern struct stage stage;
extern struct party ann, bob, cat;
extern struct actor *worker;
extern struct buf body; /* of the last answer */

/* Fixtures. */
void open_parties(void);
void open_batched(void); /* payments wait for a batch; 10 % go as a fee */
void open_worker(void);
void open_worker_batched(void);
void close_parties(void);

/* Calls a method with parameters in single quotes; the status. */
int ask_as(const char *credential, const char *request_key, const char *method,
    const char *fmt, ...) __attribute__((format(printf, 4, 5)));
#define ASK(party, method, ...) ask_as((party).key, NULL, method, __VA_ARGS__)
#define ASK_ONCE(party, once, method, ...)                                     \
	ask_as((party).key, once, method, __VA_ARGS__)
#define OPERATOR(method, ...)                                                  \
	ask_as(stage.operator_key, NULL, method, __VA_ARGS__)

/* A member of the answer (of an amount its number); lasts for 64 more. */
const char *member(const char *name);

#define SAYS(text)                                                             \
	ck_assert_msg(                                                         \
	    strstr(buf_cstr(&body), text) != NULL, "%s", buf_cstr(&body))
#define REFUSED(status, asked, word)                                           \
	do {                                                                   \
		uint64_t seq_then = broker_seq(stage.broker);                  \
		ck_assert_int_eq(asked, status);                               \
		ck_assert_str_eq(member("code"), word);                        \
		ck_assert_uint_eq(broker_seq(stage.broker), seq_then);         \
	} while (0)
#define REFUSED_AT(status, asked, word, pointer)                               \
	do {                                                                   \
		REFUSED(status, asked, word);                                  \
		ck_assert_str_eq(member("field"), pointer);                    \
	} while (0)
#define AIC(amount) "{'amount':'" amount "','currency':'AIC'}"

const struct account *account(const struct party *party); /* in AIC */
struct ledger_sum sum(void); /* of AIC */
void ck_account(const struct party *party, int64_t available, int64_t reserved,
    int64_t pending);
void ck_budget(const struct party *party, const char *id, const char *consumed,
    const char *held, const char *available);
int64_t workers(void); /* what the worker has available */

/* These succeed; the id of what came to be. */
const char *reserve(const struct party *party, const char *amount);
const char *charge(
    const struct party *from, const struct party *to, const char *amount);
const char *budget(const struct party *party, const char *amount,
    const char *period, const char *parent);
/* The status; amount NULL: all of it. */
int refund(const struct party *party, const char *id, const char *amount);
int dispute(const struct party *party, const char *contract);
/* The worker answers the next invitation. */
void offer_work(void);
/* What ann wants of the worker. */
extern const char wish[];
/* Ann buys it; to the end, or to the order only. */
void buy(bool deliver);

/* A case of the suite that begins with `open`. */
TCase *parties_case(Suite *suite, const char *name, void (*open)(void));
int parties_run(Suite *suite); /* main()'s status */

#endif
