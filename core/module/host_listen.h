/* SPDX-License-Identifier: Apache-2.0 */
/* host_listen.h - the calls of the host table that are about listeners and who
   comes in by them; this folder only. */
#ifndef MODULE_HOST_LISTEN_H
#define MODULE_HOST_LISTEN_H

#include <aiconexus/host.h>

aicx_err host_listen(struct aicx_self *self, const char *address,
    aicx_accept_fn *on_accept, void *arg, struct aicx_listener **ret_listener,
    struct aicx_error *reterr);
aicx_err host_listen_mode(struct aicx_self *self, const char *address,
    uint32_t mode, aicx_accept_fn *on_accept, void *arg,
    struct aicx_listener **ret_listener, struct aicx_error *reterr);
aicx_err host_listen_as(struct aicx_self *self, const char *address,
    const struct aicx_listen *how, aicx_accept_fn *on_accept, void *arg,
    struct aicx_listener **ret_listener, struct aicx_error *reterr);
aicx_err host_listen_check(
    const struct aicx_listen *how, struct aicx_error *reterr);
int host_address_is_open(const char *address);
int host_address_in(const char *networks, struct aicx_str address);
void host_stream_facts(
    const struct aicx_stream *stream, struct aicx_stream_facts *ret_facts);
aicx_err host_stream_auth(struct aicx_self *self,
    const struct aicx_stream *stream, char ret_auth[AICX_AUTH_TEXT]);

#endif
