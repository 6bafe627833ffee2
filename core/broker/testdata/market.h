/* SPDX-License-Identifier: Apache-2.0 */
/*
 * market.h - a buyer with a mandate and two sellers of the same, one cheap and
 * one dear: the fixture of the tests of whole deals.
 *
 * After every event stage_check() holds the invariants: the books sum to zero,
 * reserved money is exactly the open holds, only a working deal holds money,
 * and a replay of the records gives the same rows.
 */
#ifndef BROKER_MARKET_H
#define BROKER_MARKET_H

#include "broker/testdata/stage.h"

#include <check.h>

extern struct stage stage;
extern struct actor *cheap, *dear;
extern char buyer_key[64];
extern struct aicx_id buyer;
extern struct buf body; /* of the last answer */
extern const char wish[]; /* what buy() asks for */

void open_market(void);
void close_market(void);

/* These return the status. */
int as_operator(const char *method, const char *params);
int as_buyer(const char *method, const char *params, const char *key);
int buy(const char *key);
/* A text of the answer. */
void field(const char *name, char *ret, size_t size);
const struct account *account(const struct aicx_id *id);
/* The next message of this type; others are passed over. */
struct envelope expect(struct actor *actor, enum msg_type type);
void expect_nothing(struct actor *actor, enum msg_type type);
void deliver(
    struct actor *actor, const struct envelope *execute, const char *output);
/* Up to the point where the chosen seller has its order. */
struct envelope order(const char *key);

/* broker_faults_test.c */
void add_faults(TCase *deals);

#endif
