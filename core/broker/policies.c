/* SPDX-License-Identifier: Apache-2.0 */
/* policies.c - policies by the hash of their source, now and of before. */
#include "broker/policies.h"

#include "base/b64.h"
#include "base/err.h"
#include "base/id.h"
#include "base/str.h"

#include <string.h>

static struct hook *
find(struct broker *broker, const uint8_t hash[HASH_BYTES])
{
	for (size_t i = 0; i < broker->n_hooks; i++) {
		struct hook *hook = &broker->hooks[i];
		if (memcmp(hook->ops->sha256(hook->state), hash, HASH_BYTES) ==
		    0)
			return hook;
	}
	return NULL;
}

const struct hook *
policy_offered(
    struct broker *broker, struct aicx_str sha256_b64, uint32_t which)
{
	uint8_t hash[HASH_BYTES];
	const struct hook *hook = NULL;

	if (b64_parse(sha256_b64, hash, sizeof hash))
		hook = find(broker, hash);
	return hook != NULL && hook->current &&
		hook->ops->has(hook->state, which)
	    ? hook
	    : NULL;
}

/* --- what contracts were made under --------------------------------------- */

static const struct policy *
row_of(const struct broker *broker, struct aicx_str sha256_b64)
{
	uint8_t hash[HASH_BYTES];

	if (!b64_parse(sha256_b64, hash, sizeof hash))
		return NULL;
	struct aicx_id id = id_v8(hash);
	return state_policy(&broker->state, &id);
}

struct aicx_str
policy_source(const struct broker *broker, struct aicx_str sha256_b64)
{
	const struct policy *policy = row_of(broker, sha256_b64);

	return policy ? policy->source : (struct aicx_str) { NULL, 0 };
}

static void
unload(struct hook *hook)
{
	if (hook->loaded)
		hook->ops->unload(hook->state);
}

/* A place for one more; the first that is not of the present configuration
   gives way, because it can be loaded again. */
static struct hook *
place(struct broker *broker)
{
	if (broker->n_hooks < HOOKS_MAX)
		return &broker->hooks[broker->n_hooks++];
	for (size_t i = 0; i < broker->n_hooks; i++)
		if (!broker->hooks[i].current) {
			unload(&broker->hooks[i]);
			return &broker->hooks[i];
		}
	return NULL;
}

/* Any instance of the plugin that can load a text will do. */
static const struct hook *
load(struct broker *broker, const struct policy *policy)
{
	struct aicx_error error = { 0 };
	const struct hook *host = NULL;
	void *state;

	for (size_t i = 0; i < broker->n_hooks && host == NULL; i++)
		if (AICX_HAS(broker->hooks[i].ops, struct aicx_hook_ops, load))
			host = &broker->hooks[i];
	if (host == NULL)
		return NULL;
	const struct aicx_hook_ops *ops = host->ops;
	if (ops->load(host->state, policy->sha256, policy->source, &state,
		&error) != AICX_OK) {
		log_error(broker->log, "policy.failed", KV("hook", "load"),
		    KV("reason", error.text));
		return NULL;
	}
	struct hook loaded = { .ops = ops, .state = state, .loaded = true };
	struct hook *hook = place(broker);
	if (hook == NULL) {
		unload(&loaded);
		return NULL;
	}
	*hook = loaded;
	return hook;
}

const struct hook *
policy_agreed(struct broker *broker, struct aicx_str sha256_b64, uint32_t which)
{
	const struct policy *policy = row_of(broker, sha256_b64);
	const struct hook *hook = NULL;
	uint8_t hash[HASH_BYTES];

	if (b64_parse(sha256_b64, hash, sizeof hash))
		hook = find(broker, hash);
	if (hook == NULL && policy != NULL)
		hook = load(broker, policy);
	return hook != NULL && hook->ops->has(hook->state, which) ? hook : NULL;
}

void
policy_keep(struct step *step, const struct pricing *pricing)
{
	struct broker *broker = step->broker;
	uint8_t hash[HASH_BYTES];

	if (pricing->model != PRICING_DYNAMIC ||
	    row_of(broker, pricing->policy_sha256) != NULL ||
	    !b64_parse(pricing->policy_sha256, hash, sizeof hash))
		return;
	const struct hook *hook = find(broker, hash);
	if (hook == NULL)
		return;
	struct policy policy = {
		.policy_id = id_v8(hash),
		.sha256 = pricing->policy_sha256,
		.source = hook->ops->source(hook->state),
	};
	step_put(step, T_POLICY, &policy);
}

/* --- the configuration ---------------------------------------------------- */

void
broker_bind_hook(
    struct broker *broker, const struct aicx_hook_ops *ops, void *state)
{
	struct hook *hook = find(broker, ops->sha256(state));

	/* The same policy anew: its limits may have changed. */
	if (hook != NULL)
		unload(hook);
	else
		hook = place(broker);
	ENSURE(hook != NULL);
	*hook = (struct hook) { .ops = ops, .state = state, .current = true };
}

/* A policy goes into records and deal files, which are UTF-8. */
static bool
is_usable(
    struct broker *broker, const struct aicx_hook_ops *ops, struct module *m)
{
	if (str_is_utf8(ops->source(module_state(m))))
		return true;
	log_error(broker->log, "policy.failed", KV("hook", "load"),
	    KV("policy", module_instance(m)),
	    KV("reason", "its source is not UTF-8"));
	return false;
}

void
policies_bind(struct broker *broker, const struct modules *modules)
{
	size_t n = 0;

	for (size_t i = 0; i < broker->n_hooks; i++)
		broker->hooks[i].current = false;
	for (size_t i = 0; i < modules_len(modules); i++) {
		struct module *module = modules_at(modules, i);
		const struct aicx_hook_ops *ops = module_ops(module);
		if (module_plugin(module)->kind == AICX_HOOK && n < HOOKS_MAX &&
		    is_usable(broker, ops, module)) {
			broker_bind_hook(broker, ops, module_state(module));
			n++;
		}
	}
}

void
policies_fini(struct broker *broker)
{
	for (size_t i = 0; i < broker->n_hooks; i++)
		unload(&broker->hooks[i]);
	broker->n_hooks = 0;
}
