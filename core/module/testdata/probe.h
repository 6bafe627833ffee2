/* SPDX-License-Identifier: Apache-2.0 */
/* probe.h - the state of the test plugins, laid open to module_test.c. */
#ifndef MODULE_TESTDATA_PROBE_H
#define MODULE_TESTDATA_PROBE_H

#include <aiconexus/host.h>
#include <aiconexus/option.h>

struct probe {
	const struct aicx_host *host;
	struct aicx_self *self;
	const struct aicx_ref *next; /* hook_link's option */
	const char *prefixes[2]; /* gateway_echo's option */
	struct aicx_exchange *held; /* what gateway_echo has not answered */
	int n_cancelled, n_drained;
};

#endif
