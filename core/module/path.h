/* SPDX-License-Identifier: Apache-2.0 */
/* path.h - the HTTP paths of an instance, while it is open. */
#ifndef MODULE_PATH_H
#define MODULE_PATH_H

#include "module/instance.h"

/* host->listen_path: "/hooks/pay"; copied. */
aicx_err path_listen(struct aicx_self *self, const char *prefix,
    const struct aicx_path_ops *ops, void *arg, struct aicx_error *reterr);
/* The prefixes of a gateway that was opened. */
aicx_err path_listen_gateway(struct module *module, struct aicx_error *reterr);
void paths_fini(struct module *module);

#endif
