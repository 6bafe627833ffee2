/* SPDX-License-Identifier: Apache-2.0 */
/* party.h - an agent of a load program: a key of its own and a session. */
#ifndef BENCH_PARTY_H
#define BENCH_PARTY_H

#include "base/arena.h"
#include "base/json.h"
#include "cli/channel_state.h"
#include "cli/pins.h"
#include "cli/self.h"
#include "crowd.h"

/* Where all of them connect to. */
struct town {
	struct url url;
	const char *pins_path;
	struct arena mem;
	struct pins pins;
	struct crowd crowd;
};

struct party;
typedef void party_message_fn(struct party *party, const struct envelope *env);

struct party {
	struct town *town;
	struct self self;
	struct channel *channel;
	struct watched watched;
	party_message_fn *on_message; /* verified and scanned */
	void (*frame)(struct channel *channel, struct aicx_str text);
	struct arena mem; /* of one message */
	int64_t begun_us; /* of the exchange that is under way */
	void *arg;
};

/* work_dir: known_brokers goes there. */
void town_init(
    struct town *town, const char *url, const char *work_dir, pid_t pid);

/* Opens a session under a new key, or under the one of an identity file; errors
   end the program. */
void party_open(struct party *party, struct town *town, const char *identity,
    party_message_fn *on_message, void *arg);
/* Asks the broker and waits; the RESULT's payload, until the next message. */
struct json party_ask(struct party *party, struct buf *payload);
/* Joins the crowd: from now on messages come to on_message. */
void party_join(struct party *party);
/* Queues a message; it goes out at the end of the turn, or at the next
   flush. */
void party_send(struct party *party, enum msg_type type,
    const struct aicx_id *to, const struct aicx_id *correlation_id,
    struct aicx_str payload);
void party_flush(struct party *party);
/* One message came. */
void party_take(struct party *party, struct aicx_str text);
/* Writes {"text","key_id","signature"} signed by the party. */
void party_put_signed(struct party *party, struct json_writer *w,
    const char *key, enum sig_kind kind, struct aicx_str text);
struct aicx_id party_id_of(
    struct party *party, struct json_ref object, const char *name);
void put_money(struct json_writer *w, const char *key, const char *amount);
/* {"method":..., with the object left open. */
struct json_writer request_begin(struct buf *buf, const char *method);

#endif
