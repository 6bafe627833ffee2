/* SPDX-License-Identifier: Apache-2.0 */
/* channel_state.h - what channel.c and channel_open.c both see of a channel. */
#ifndef CLI_CHANNEL_STATE_H
#define CLI_CHANNEL_STATE_H

#include "base/id.h"
#include "cli/channel.h"
#include "cli/net.h"
#include "cli/ws.h"

struct channel {
	struct net net;
	struct buf in, out;
	struct ws_reader reader;
	const struct self *self; /* borrowed */
	struct aicx_id broker_id;
	struct id_text session_id;
	struct mac *to_broker, *to_agent;
};

void channel_put_frame(
    struct channel *channel, enum ws_opcode opcode, struct aicx_str payload);

#endif
