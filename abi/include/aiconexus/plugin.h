/* SPDX-License-Identifier: Apache-2.0 */
/*
 * plugin.h - what a plugin tells the broker about itself.
 *
 * A plugin is one shared object exporting one symbol, aicx_plugin, a constant
 * that can be read without running any of the plugin's code.
 *
 * Threads: loop thread only, unless a call is marked [any thread].  An op
 * returns within 1 ms; what blocks goes through host->work().
 * Memory: arguments are borrowed until the call returns; nobody frees across
 * the boundary; settings are parsed, checked and owned by the host.
 * Calls: every asynchronous call completes exactly once.
 */
#ifndef AICX_PLUGIN_H
#define AICX_PLUGIN_H

#include "host.h"
#include "option.h"
#include "version.h"

#define AICX_PLUGIN_MAGIC 0x41494358u /* "AICX" */

/* Only kinds that have an implementation are listed. */
enum aicx_kind {
	AICX_TRANSPORT = 1,
	AICX_GATEWAY = 2,
	AICX_STORE = 3,
	AICX_PRICING = 4,
	AICX_PAYMENT = 5,
	AICX_HOOK = 6
};

struct aicx_plugin {
	uint32_t magic;
	uint32_t size;
	uint16_t abi_major, abi_minor_needed;
	uint32_t kind;
	const char *name; /* matches the file: pricing_flat.so is "flat" */
	const char *version;
	const char *license; /* SPDX expression */
	const char *summary; /* one line */

	const struct aicx_option *options;
	size_t settings_size;

	/* Exactly the member that .kind names. */
	union {
		const struct aicx_transport_ops *transport;
		const struct aicx_gateway_ops *gateway;
		const struct aicx_store_ops *store;
		const struct aicx_pricing_ops *pricing;
		const struct aicx_payment_ops *payment;
		const struct aicx_hook_ops *hook;
		const void *any;
	} ops;

	/* settings: already parsed, checked and owned by the host. */
	aicx_err (*open)(const struct aicx_host *host, struct aicx_self *self,
	    const void *settings, void **ret_state, struct aicx_error *reterr);
	void (*close)(void *state);
	/* Stop taking new work; close() follows once the broker is idle, or
	   waits no longer.  May be NULL. */
	void (*drain)(void *state);
	/* 0.7: do these settings fit together?  Before open(), and where a
	   configuration is only checked; *ret_option names the culprit, if one
	   can be named.  Only those calls of the host are made that say so.
	   May be NULL. */
	aicx_err (*check)(const struct aicx_host *host, const void *settings,
	    const char **ret_option, struct aicx_error *reterr);
};

/* First line of every descriptor. */
#define AICX_PLUGIN_HEAD(kind_)                                                \
	.magic = AICX_PLUGIN_MAGIC, .size = sizeof(struct aicx_plugin),        \
	.abi_major = AICX_ABI_MAJOR,                                           \
	.abi_minor_needed = AICX_ABI_MINOR_NEEDED, .kind = (kind_)

#ifdef __cplusplus
extern "C" {
#endif

/* Define this one symbol; everything else in a plugin stays static. */
extern __attribute__((visibility("default")))
const struct aicx_plugin aicx_plugin;

#ifdef __cplusplus
}
#endif

#endif
