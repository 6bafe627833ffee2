/* SPDX-License-Identifier: Apache-2.0 */
/* test_host.h - a host without time, and what it answers as one text. */
#ifndef TEST_HOST_H
#define TEST_HOST_H

#include "lua_host.h"

extern const struct luahost_ports test_ports; /* AIC has 6 decimals, JPY none */

/* What the broker may ask: two of the hooks. */
extern const char price_args[], choose_args[];

struct aicx_str str(const char *text);
struct luahost *host_of(const char *source); /* it loads; the caller frees */
/* "VALUE {...}", "PASS", "REFUSE ...", or the error's text; until the next. */
const char *ask(struct luahost *host, uint32_t hook, const char *args);
/* The same of a policy with this body of one hook. */
void check_ask(
    uint32_t hook, const char *body, const char *args, const char *want);

#endif
