/* SPDX-License-Identifier: Apache-2.0 */
/*
 * module.h - plugin instances: load, check, order, open, and the host table
 * that stands behind each.
 */
#ifndef MODULE_MODULE_H
#define MODULE_MODULE_H

#include "base/log.h"
#include "conf/conf.h"
#include "loop/loop.h"

#include <aiconexus/plugin.h>

/*
 * What the broker does for plugins; module/ fills the rest of the host table
 * from the loop and passes HTTP requests from transports to paths itself.
 */
struct module_ports {
	aicx_err (*peer_new)(void *arg, const struct aicx_peer_ops *ops,
	    void *conn, const struct aicx_peer_info *info,
	    struct aicx_peer **ret_peer, struct aicx_error *reterr);
	void (*deliver)(struct aicx_peer *peer, struct aicx_str message);
	void (*peer_free)(struct aicx_peer *peer);
	const struct aicx_method *const *(*methods)(void *arg, size_t *ret_n);
	void (*call)(void *arg, const struct aicx_call *call,
	    aicx_answer_fn *done, void *done_arg,
	    struct aicx_ticket **ret_ticket);
	void (*call_cancel)(struct aicx_ticket *ticket);
	/* Keys come with the instance's prefix already in front. */
	aicx_err (*put)(void *arg, struct aicx_str key, struct aicx_str value,
	    struct aicx_error *reterr);
	aicx_err (*get)(void *arg, struct aicx_str key,
	    struct aicx_str *ret_value, struct aicx_error *reterr);
	void (*sign_jws)(void *arg, struct aicx_str header,
	    struct aicx_str payload, uint8_t ret_signature[64]);
	/* The semantics of host.h; instance: who tells. */
	void (*pay_event)(void *arg, const char *instance,
	    const struct aicx_pay_event *event, aicx_pay_event_fn *done,
	    void *done_arg);
	void (*errand_done)(struct aicx_errand *errand,
	    const struct aicx_errand_result *result);
	aicx_err (*errand_progress)(
	    struct aicx_errand *errand, struct aicx_str progress);
	aicx_err (*errand_pass)(
	    const struct aicx_errand *errand, struct aicx_header *ret_header);
	aicx_err (*errand_ask)(
	    struct aicx_errand *errand, struct aicx_str question);
	/* Clients reach the broker here; NULL: the operator named nothing. */
	const char *(*public_url)(void *arg);
	int64_t (*catalog_version)(void *arg);
	const char *(*operator_auth)(void *arg);
	/* Who issues clients' certificates, DER. */
	struct aicx_str (*client_ca)(void *arg);
	/* Of a certificate with that SHA-256; as in host.h. */
	void (*certificate_auth)(
	    void *arg, const uint8_t hash[32], char ret_auth[AICX_AUTH_TEXT]);
	int64_t (*wall_ms)(void *arg); /* broker time; [any thread] */
	void (*count)(
	    void *arg, const char *instance, const char *metric, int64_t delta);
	void *arg;
};

struct module; /* one instance */
struct modules; /* all of a configuration */

/*
 * Loads the .so of every plugin section from plugin_dir (file
 * <kind>_<name>.so), checks the descriptor, parses the settings, sorts by
 * references; among the free ones stores first, then gateways and transports
 * last.  Nothing is opened, but libraries' constructors run: a check of a
 * configuration does this in a child process.  Libraries stay loaded until the
 * process ends; a replaced file is loaded anew.
 * Refused with file:line:column: missing and foreign files, zero bytes, files
 * that others can write, another ABI minor, another kind or name than the
 * section's, missing, unknown and wrong options, instance names used twice
 * (over all kinds), dependency cycles.
 * loop and ports may be NULL when nothing will be opened; conf, loop and log
 * are borrowed, ports is copied.
 */
aicx_err modules_load(const struct conf *conf, const char *plugin_dir,
    struct loop *loop, const struct log *log, const struct module_ports *ports,
    struct modules **ret_modules, struct aicx_error *reterr);
/* Opens in order; on failure closes what was opened. */
aicx_err modules_open(struct modules *modules, struct aicx_error *reterr);
void modules_drain(struct modules *modules); /* in reverse: transports first */
/* In reverse order.  HTTP exchanges that a gateway has not answered are
   answered with 503 before it closes. */
void modules_close(struct modules *modules);
void modules_free(struct modules *modules); /* closes too; NULL is legal */

/* In the order of opening. */
size_t modules_len(const struct modules *modules);
struct module *modules_at(const struct modules *modules, size_t index);
/* By kind and instance name; instance NULL: the first one in the order of
   opening, which keeps the configured order where it can; or NULL. */
struct module *modules_find(
    const struct modules *modules, uint32_t kind, const char *instance);

const struct aicx_plugin *module_plugin(const struct module *module);
const char *module_instance(const struct module *module);
const void *module_ops(const struct module *module);
void *module_state(const struct module *module);
const char *module_kind_name(uint32_t kind); /* "pricing" */
/* All sections with fallbacks, secrets masked. */
void modules_dump(const struct modules *modules, struct buf *out);

#endif
