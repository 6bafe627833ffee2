/* SPDX-License-Identifier: Apache-2.0 */
/*
 * exchange.h - an HTTP request on its way from a transport to the instance
 * whose path fits, and the one response, whole or in parts, on its way back.
 */
#ifndef MODULE_EXCHANGE_H
#define MODULE_EXCHANGE_H

#include "module/instance.h"

/* host->serve, serve_cancel and respond. */
void exchange_serve(struct aicx_self *self,
    const struct aicx_http_request *request, aicx_http_reply_fn *reply,
    void *arg, struct aicx_exchange **ret_exchange);
void exchange_serve_streams(struct aicx_self *self,
    const struct aicx_http_request *request, const struct aicx_http_sink *sink,
    void *arg, struct aicx_exchange **ret_exchange);
void exchange_cancel(struct aicx_exchange *exchange);
void exchange_respond(
    struct aicx_exchange *exchange, const struct aicx_http_response *response);
/* host->respond_begin, respond_part, respond_queued, respond_end and
   serve_drained. */
aicx_err exchange_begin(
    struct aicx_exchange *exchange, const struct aicx_http_response *response);
aicx_err exchange_part(struct aicx_exchange *exchange, struct aicx_str bytes);
size_t exchange_queued(struct aicx_exchange *exchange);
void exchange_end(struct aicx_exchange *exchange, int complete);
void exchange_drained(struct aicx_exchange *exchange);

/* Before an instance closes: its open exchanges are answered with 503,
   begun streams broken off. */
void exchange_abandon(struct modules *all, const struct module *module);

#endif
