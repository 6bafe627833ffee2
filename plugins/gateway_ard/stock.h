/* SPDX-License-Identifier: Apache-2.0 */
/* stock.h - the entries of all agents, kept for a second. */
#ifndef STOCK_H
#define STOCK_H

#include "talk.h"

/* Goes on when talk->stock is there: agents by when they came, then the MCP
   door. */
void stock_need(struct talk *talk, talk_fn *then);
void stock_drop(struct ard *ard);

#endif
