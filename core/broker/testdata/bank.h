/* SPDX-License-Identifier: Apache-2.0 */
/*
 * bank.h - a bank that answers late, not at all or wrongly, and a buyer whose
 * money it has: the fixture of the tests of payments.
 */
#ifndef BROKER_BANK_H
#define BROKER_BANK_H

#include "broker/testdata/stage.h"
#include "broker/transit.h"

#include <check.h>

enum answer { /* of the bank, and whether it did it */
	SAY_DONE,
	SAY_REFUSED,
	SILENT_DONE,
	SILENT_NOT, /* it never arrived */
	SAY_NOTHING_YET, /* the test answers */
	SAY_LIE_AMOUNT
};

struct entry { /* what the bank did, once for each id and operation */
	struct aicx_id id;
	uint32_t op;
	int64_t minor;
};

struct bank {
	enum answer next[8]; /* for the next orders; then SAY_DONE */
	size_t n_next, at;
	bool status_silent;
	struct entry did[64];
	size_t n_did;
	int n_orders, n_status;
	aicx_pay_fn *held;
	void *held_arg;
	struct aicx_pay held_pay;
};

extern struct bank bank;
extern struct stage stage;
extern char buyer_key[64];
extern struct aicx_id buyer;
extern struct aicx_id payment_id; /* of the last order */
extern struct buf body; /* of the last answer */

/* Fixtures. */
void open_bank(void);
void close_bank(void);

/* Its answers to the next two orders. */
void bank_will(enum answer first, enum answer second);
void bank_do(const struct aicx_pay *pay);
const struct entry *bank_did(const struct aicx_id *id, uint32_t op);
size_t bank_count(uint32_t op); /* what it did of that kind */
/* An answer about `more` than was asked. */
void bank_says(aicx_pay_fn *done, void *arg, uint32_t state,
    const struct aicx_pay *pay, int64_t more, const char *word);

/* Both return the status. */
int as_operator(const char *method, const char *key, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
int move(const char *method, const char *amount, const char *key);

const struct account *account(const struct aicx_id *id); /* in AIC */
const struct payment *row(void); /* of payment_id */
void expect_row(enum payment_op op, enum payment_state state);

#endif
