/* SPDX-License-Identifier: Apache-2.0 */
/* herald.h - what is told to everybody who listens at a transport: news of
   followed deals, intents. */
#ifndef BROKER_HERALD_H
#define BROKER_HERALD_H

#include "broker/inside.h"

#include <aiconexus/transport.h>

void herald_bind(struct broker *broker, const struct modules *modules);
/* How many would hear it now. */
size_t herald_listeners(struct broker *broker, enum aicx_news kind);
/* Told when all that is decided by now is durable.  topic: "deal.UUID". */
void herald_tell(struct broker *broker, enum aicx_news kind, const char *prefix,
    struct aicx_str name, struct aicx_str text);
void herald_fini(struct broker *broker);

#endif
