/* SPDX-License-Identifier: Apache-2.0 */
/* policy_host.h - the Lua host for one policy file.  It stands alone because
   the host's header brings another JSON library along. */
#ifndef CLI_POLICY_HOST_H
#define CLI_POLICY_HOST_H

#include <aiconexus/hook.h>
#include <aiconexus/types.h>

enum { POLICY_BYTES_MAX = 64 * 1024 };

struct policy_host;

/* Loads the source; scale: decimals that `money "..."` counts in.  It must
   define the hook.  For an offer it has the limits of a broker; what was
   priced by one is asked again under the largest that a broker may set. */
aicx_err policy_host_new(const char *name, struct aicx_str source, int scale,
    enum aicx_hook hook, struct policy_host **ret, struct aicx_error *reterr);
void policy_host_free(struct policy_host *host); /* NULL is legal */
/* Asks its hook; the decision's result is valid until the next call. */
aicx_err policy_host_ask(struct policy_host *host, struct aicx_str args,
    struct aicx_decision *ret, struct aicx_error *reterr);

#endif
