/* SPDX-License-Identifier: Apache-2.0 */
/* kind.h - the plugin kinds as data, and what a descriptor must look like. */
#ifndef MODULE_KIND_H
#define MODULE_KIND_H

#include <aiconexus/plugin.h>

struct kind {
	uint32_t number; /* enum aicx_kind */
	const char *name;
	size_t ops_size;
	/* Instances open by rank and close in reverse: what answers requests
	   opens late and closes early. */
	int rank;
	size_t n_needed; /* ops from here on may be NULL; 0: none may */
};

const struct kind *kind_find(uint32_t number); /* or NULL */
const struct kind *kind_find_name(const char *name); /* or NULL */
/* All names, ended by NULL. */
const char *const *kind_names(void);

/* Everything that can be known without running the plugin's code. */
aicx_err kind_check_plugin(
    const struct aicx_plugin *plugin, struct aicx_error *reterr);

#endif
