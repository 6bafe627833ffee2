/* SPDX-License-Identifier: Apache-2.0 */
/* host.h - the table behind every plugin. */
#ifndef MODULE_HOST_H
#define MODULE_HOST_H

#include "module/instance.h"

/* ports may be NULL when nothing will be opened. */
void host_init(struct aicx_host *host, const struct module_ports *ports);

#endif
