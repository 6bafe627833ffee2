/* SPDX-License-Identifier: Apache-2.0 */
/*
 * exchange.h - an HTTP request on its way from a transport to the instance
 * whose path fits, and the one response on its way back.
 */
#ifndef MODULE_EXCHANGE_H
#define MODULE_EXCHANGE_H

#include "module/instance.h"

/* host->serve, serve_cancel and respond. */
void exchange_serve(struct aicx_self *self,
    const struct aicx_http_request *request, aicx_http_reply_fn *reply,
    void *arg, struct aicx_exchange **ret_exchange);
void exchange_cancel(struct aicx_exchange *exchange);
void exchange_respond(
    struct aicx_exchange *exchange, const struct aicx_http_response *response);

/* Before an instance closes: its open exchanges are answered with 503. */
void exchange_abandon(struct modules *all, const struct module *module);

#endif
