/* SPDX-License-Identifier: Apache-2.0 */
/* their_work.h - MCP servers of others as sellers: the gateway's part as their
   client.  The functions are the gateway's ops of the same names. */
#ifndef THEIR_WORK_H
#define THEIR_WORK_H

#include <aiconexus/gateway.h>

struct mcp;

const char *const *their_speaks(void *state);
void their_execute(
    void *state, struct aicx_errand *errand, const struct aicx_work *work);
void their_describe(void *state, struct aicx_errand *errand,
    struct aicx_str kind, struct aicx_str url);
void their_recall(void *state, struct aicx_errand *errand);
/* Gives up what is open. */
void their_close(struct mcp *mcp);

#endif
