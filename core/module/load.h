/* SPDX-License-Identifier: Apache-2.0 */
/* load.h - from the sections of a configuration to instances with settings. */
#ifndef MODULE_LOAD_H
#define MODULE_LOAD_H

#include "module/instance.h"

/* One instance for each plugin section, its library loaded and checked. */
aicx_err load_sections(struct modules *all, const char *plugin_dir,
    const struct log *log, struct aicx_error *reterr);
/* Their settings, once all instances are known, because options name them. */
aicx_err load_settings(struct modules *all, struct aicx_error *reterr);

/* The instance of that name (NULL: none), or NULL. */
struct module *load_find(const struct modules *all, const char *instance);

#endif
