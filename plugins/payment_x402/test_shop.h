/* SPDX-License-Identifier: Apache-2.0 */
/*
 * test_shop.h - the plugin on a fake host, with a payer, a facilitator and the
 * broker's part of a deal, which the tests play.
 */
#ifndef PAYMENT_X402_TEST_SHOP_H
#define PAYMENT_X402_TEST_SHOP_H

#include <aiconexus/plugin.h>
#include <check.h>
#include <jansson.h>

#include "fake_host.h"

#define STR(text) ((struct aicx_str) { (text), sizeof(text) - 1 })
#define BUYER "0190a1b2-0000-7000-8000-000000000001"
#define SELLER "0190a1b2-0000-7000-8000-000000000002"
#define ASSET "0x5FbDB2315678afecb367f032d93F642f64180aa3"
#define PAY_TO "0x3C44CdDdB6a900fa2b585dd299e03d12FA4293BC"
#define FROM "0x70997970C51812dc3A010C7d01b50e0d17dc79C8"
#define NONCE                                                                  \
	"0x1111111111111111111111111111111111111111111111111111111111111111"
#define TX "0x2222222222222222222222222222222222222222222222222222222222222222"
#define PAYMENT_ID "order-0000000000001"

#define GOODS(price)                                                           \
	"{\"capabilities\":[{\"agent_id\":\"" SELLER                           \
	"\",\"name\":\"echo\",\"place\":1,\"description\":\"says it\","        \
	"\"pricing\":{\"model\":\"per_call\",\"base_cost\":{\"amount\":"       \
	"\"" price "\",\"currency\":\"AIC\"}}}]}"

#define VALID "{\"isValid\":true,\"payer\":\"" FROM "\"}"
#define SETTLED                                                                \
	"{\"success\":true,\"transaction\":\"" TX                              \
	"\",\"network\":\"eip155:31337\",\"payer\":\"" FROM "\"}"
#define DEAL "{\"state\":\"completed\",\"result\":{\"said\":\"hi\"}}"
#define FAILED "{\"status\":502,\"code\":\"provider_failed\",\"detail\":\"no\"}"

extern struct fake *fake;
extern const struct aicx_plugin *plugin;
extern void *settings, *state;
extern const struct aicx_path_ops *door, *listing;
extern void *door_arg;

struct asked {
	char url[256], body[16384];
	aicx_http_done_fn *done;
	void *arg;
	bool cancelled;
};

struct net {
	struct asked list[64];
	size_t n;
	aicx_err err;
};

extern struct net net;

/* What the broker was told of its money. */
struct paid {
	int n;
	uint32_t state;
	int64_t minor;
	char text[256], reference[256];
};

extern struct paid paid;

/* For each test; setup_with() opens nothing, and changes a setting. */
void setup(void);
void setup_with(const char *name, int64_t number, const char *text);
void teardown(void);
void start(void);
void restart(void);
int shop_run(Suite *suite); /* main's result */

/* The facilitator: the last request of this path that waits, and answers. */
struct asked *asked_for(const char *path);
size_t count_asked(const char *path);
void facilitator_fails(
    const char *path, aicx_err err, uint16_t status, const char *body);
void facilitator_says(const char *path, const char *body);

/* The broker: calls of its methods. */
struct aicx_ticket *call_of(const char *method);
size_t count_calls(const char *method);
void broker_says(const char *method, uint16_t status, const char *body);

/* The payer. */
struct aicx_exchange *visit(const char *method, const char *path,
    const char *query, const char *payment, const char *body);
void order(const char *payment, const char *body);
/* A member of the response's header of that name, or NULL; to be released. */
json_t *header(const char *name);
/* PaymentPayload; caller frees. */
json_t *payment_new(const char *nonce, const char *id);
char *encode(const json_t *payment);
char *header_of(const char *nonce, const char *id);
/* Orders with a payment; the header is freed. */
void pay_with(char *text, const char *body);

/* The broker's part of a deal. */
typedef void op_fn(
    void *self, const struct aicx_pay *pay, aicx_pay_fn *done, void *arg);
struct aicx_id deal_id(void);
void move(op_fn *op, uint32_t what, const struct aicx_id *deal, int64_t minor);
void authorize(const struct aicx_id *deal);
void capture(const struct aicx_id *deal);
void ask_status(const struct aicx_id *deal);
/* Up to the result that waits for the settlement. */
struct aicx_id work_done(char *text);
void expect_paid(void);
void expect_required(const char *error);

#endif
