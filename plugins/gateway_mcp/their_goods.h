/* SPDX-License-Identifier: Apache-2.0 */
/* their_goods.h - tools of somebody's MCP server as capabilities with prices.
 */
#ifndef THEIR_GOODS_H
#define THEIR_GOODS_H

#include "their_tool.h"

/* "TOOL=0.01 AIC, ..."; false: it is not like that. */
bool their_prices_are_good(const char *prices);
/* {"capabilities":[...]} as describe() answers it. */
void their_goods_print(
    struct print *out, const struct their_tools *tools, const char *prices);

#endif
