/* SPDX-License-Identifier: Apache-2.0 */
/*
 * channel.h - a session with the broker over a WebSocket.
 *
 * channel_open() blocks until the session is open: upgrade, challenge, open,
 * result, with the broker's key held to the pinned one.  Afterwards the
 * descriptor does not block; either ask and wait (channel_request), or let a
 * loop watch channel_fd() and call channel_turn() when it is ready.
 */
#ifndef CLI_CHANNEL_H
#define CLI_CHANNEL_H

#include "base/buf.h"
#include "cli/pins.h"
#include "cli/self.h"
#include "cli/url.h"
#include "protocol/envelope.h"

#include <aiconexus/types.h>
#include <stdbool.h>

enum { CHANNEL_QUEUE_MAX = 64 * 1024 * 1024 }; /* bytes not yet sent */

struct channel;

struct channel_config {
	const struct url *url;
	const struct self *self; /* with a key; outlives the channel */
	const struct pins *pins;
	int64_t timeout_ms; /* for opening */
};

/* *ret_pinned: the broker's key was written to known_brokers just now. */
aicx_err channel_open(const struct channel_config *config, struct channel **ret,
    bool *ret_pinned, struct aicx_error *reterr);
void channel_free(struct channel *channel); /* NULL is legal */

int channel_fd(const struct channel *channel);
bool channel_wants_write(const struct channel *channel);
const struct aicx_id *channel_broker_id(const struct channel *channel);

/* Queues a message; sender, receiver and timestamp are filled in.  What does
   not fit into one envelope is AICX_ELIMIT. */
aicx_err channel_send(struct channel *channel, enum msg_type type,
    const struct aicx_id *id, const struct aicx_id *correlation_id,
    struct aicx_str payload, struct aicx_error *reterr);

/* Each message from the broker, verified and scanned; views until return. */
typedef void channel_message_fn(const struct envelope *env, void *arg);

/* Writes and reads what is ready now.  An error means the session is over. */
aicx_err channel_turn(struct channel *channel, channel_message_fn *on_message,
    void *arg, struct aicx_error *reterr);

/* Asks and waits; payload has the "method".  Appends the RESULT's payload, or
   returns the ERROR's problem (AICX_EDENIED). */
aicx_err channel_request(struct channel *channel, const struct aicx_id *id,
    struct aicx_str payload, int64_t timeout_ms, struct buf *ret_result,
    struct aicx_error *reterr);

#endif
