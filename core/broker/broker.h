/* SPDX-License-Identifier: Apache-2.0 */
/*
 * broker.h - the only place where the modules meet: a message becomes one step,
 * the step one record, and what it decided goes out when the record is durable.
 *
 * Loop thread only.  Time, chance, threads and the store come in through ports,
 * so that a test drives all of it by hand.
 */
#ifndef BROKER_BROKER_H
#define BROKER_BROKER_H

#include "base/log.h"
#include "base/money.h"
#include "module/module.h"
#include "protocol/crypto.h"
#include "protocol/terms.h"
#include "security/keyring.h"

#include <aiconexus/hook.h>
#include <aiconexus/option.h>
#include <aiconexus/payment.h>
#include <aiconexus/pricing.h>
#include <aiconexus/store.h>

struct broker;
struct metrics;

struct broker_ports {
	int64_t (*now_ms)(void *arg); /* CLOCK_BOOTTIME: only counts */
	int64_t (*now_us)(void *arg); /* the same clock, for durations */
	int64_t (*wall_ms)(void *arg); /* [any thread] */
	void (*random)(void *arg, void *ret_bytes, size_t n_bytes);
	aicx_err (*work)(
	    void *arg, aicx_task_fn *work, aicx_task_fn *done, void *work_arg);
	/* Call broker_tick() after delay_ms; replaces the earlier wish. */
	void (*wake)(void *arg, int64_t delay_ms);
	/* Sets the metrics of the process; may be NULL. */
	void (*measure)(void *arg, struct metrics *metrics);
	/* Bytes left on the disk of the data; < 0: not known.  May be NULL. */
	int64_t (*disk_free)(void *arg);
	/* Less than disk_stop is left: end in order. */
	void (*disk_full)(void *arg);
	/* Bytes of memory the process holds; when they are more than max, after
	   it gave back what it could.  May be NULL. */
	int64_t (*memory_used)(void *arg, int64_t max);
	/* A commit failed: end the process; may be NULL. */
	void (*failed)(void *arg);
	/* Puts another master key in force, on disk when it returns; may be
	   NULL. */
	aicx_err (*rotate)(void *arg, struct aicx_error *reterr);
	void *arg;
};

/* The section [broker]; every member has a fallback. */
struct broker_settings {
	const char *store, *pricing, *payment; /* instance names */
	const char *registration; /* "open" or "operator" */
	const char *public_url; /* https://host, or "" */
	const char *currency; /* for answers that need one */
	const char *master_key; /* where it is from: main/master.h */
	int64_t lease_ms, window_ms, offer_window_ms, deadline_ms,
	    deadline_max_ms, timeout_ms, grace_ms, contract_ms;
	int64_t fee_ppm;
	const char *settlement; /* "immediate" or "batch" */
	int64_t settle_every_ms, dispute_window_ms, reservation_max_ms;
	int64_t reservations_max; /* open at once */
	int64_t mailbox_max, sessions_max, unopened_max, ids_max, deals_max,
	    offers_max, message_max, input_max;
	int64_t clock_gap_ms;
	int64_t batch_max;
	int64_t payment_retry_ms, payment_retry_max_ms, payment_wait_ms;
	int64_t disk_floor, disk_stop, ballast;
	/* Calls a second; 0: any number. */
	int64_t agent_rate, address_rate, unproven_rate;
	const char *method_rates; /* "method=number, ..." */
	int64_t rate_burst_ms;
	uint8_t limit_local;
	int64_t open_timeout_ms, unopened_per_address;
	int64_t memory_max; /* bytes; 0: no ceiling */
};

extern const struct aicx_option broker_options[];

/* Long-lived secrets, from DATA_DIR/broker.identity. */
struct broker_keys {
	struct aicx_id broker_id;
	struct keyring *ring; /* borrowed */
};

/* Do the settings fit together?  What needs no plugin to be seen. */
aicx_err broker_settings_check(
    const struct broker_settings *settings, struct aicx_error *reterr);

/* Borrowed: settings, log, the ring of keys. */
struct broker *broker_new(const struct broker_ports *ports,
    const struct broker_settings *settings, const struct broker_keys *keys,
    const struct currencies *currencies, const struct log *log);
void broker_free(struct broker *broker);

/* What plugins call. */
struct module_ports broker_module_ports(struct broker *broker);
/* After modules_open(): finds store, pricing, payment and hooks. */
aicx_err broker_bind(struct broker *broker, const struct modules *modules,
    struct loop *loop, struct aicx_error *reterr);
/* After a reload: another pricing instance, policies in addition. */
void broker_rebind(struct broker *broker, const struct modules *modules);
/* For tests: the same by hand. */
void broker_bind_store(struct broker *broker, const struct aicx_store_ops *ops,
    void *state, struct loop *loop);
void broker_bind_pricing(
    struct broker *broker, const struct aicx_pricing_ops *ops, void *state);
void broker_bind_payment(
    struct broker *broker, const struct aicx_payment_ops *ops, void *state);
void broker_bind_hook(
    struct broker *broker, const struct aicx_hook_ops *ops, void *state);

/* Throws the index beside the records away: the next replay reads all. */
aicx_err broker_rebuild(struct broker *broker, struct aicx_error *reterr);
/* Reads what is under way and the records that the index has not followed, and
   checks chain and tree; then takes a new epoch.  On the first start of all
   creates the operator.  When the store can be read but takes nothing,
   broker_failed() is true from then on and only reading goes on. */
aicx_err broker_replay(struct broker *broker, struct aicx_error *reterr);
/* After replay: records that others have seen are missing for ever, so
   checkpoints begin a new origin, which no consistency proof joins to the old
   one. */
aicx_err broker_new_origin(struct broker *broker, struct aicx_error *reterr);
/* The operator's identity when replay() created it; else false. */
bool broker_new_operator(struct broker *broker, struct aicx_id *ret_agent_id,
    uint8_t ret_seed[KEY_BYTES], char ret_api_key[64]);
/* Open deals go on from where they were. */
void broker_resume(struct broker *broker);
void broker_tick(struct broker *broker);
/* Refuses new work; true when nothing is under way any more. */
void broker_drain(struct broker *broker);
bool broker_is_idle(const struct broker *broker);
/* Blocks until all is on disk. */
void broker_flush(struct broker *broker);
/* Blocks until nothing is being written: the store may be closed, also after a
   start that was refused and where a commit failed. */
void broker_rest(struct broker *broker);
/* A commit failed: the process must end with this error. */
bool broker_failed(const struct broker *broker, struct aicx_error *ret_error);

const struct aicx_id *broker_id(const struct broker *broker);
uint64_t broker_seq(const struct broker *broker); /* of the last record */
size_t broker_open_deals(const struct broker *broker);
size_t broker_open_holds(const struct broker *broker);

#endif
