/* SPDX-License-Identifier: Apache-2.0 */
/* check.h - settings that fit together. */
#ifndef CHECK_H
#define CHECK_H

#include <aiconexus/plugin.h>

/* Of struct aicx_plugin. */
aicx_err nng_check(const struct aicx_host *host, const void *settings,
    const char **ret_option, struct aicx_error *reterr);
/* One list of URLs: refused where others can reach one of them. */
aicx_err check_urls(
    const struct aicx_host *host, const char *urls, struct aicx_error *reterr);

#endif
