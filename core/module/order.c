/* SPDX-License-Identifier: Apache-2.0 */
/* order.c - depth first along the references; what is met again on its own
   path is a cycle. */
#include "module/order.h"

#include <string.h>

#include "base/mem.h"
#include "module/kind.h"

struct order {
	struct module *sorted[MODULES_MAX];
	size_t n_sorted;
	struct module *path[MODULES_MAX];
	size_t n_path;
};

static aicx_err
refuse_cycle(const struct order *order, const struct module *again,
    struct aicx_error *reterr)
{
	AUTO(buf_fini) struct buf text = { 0 };
	size_t i = order->n_path;

	while (order->path[i - 1] != again)
		i--;
	for (i--; i < order->n_path; i++)
		buf_printf(&text, "%s -> ", order->path[i]->section->instance);
	buf_text(&text, again->section->instance);
	return conf_err(reterr, AICX_EINVAL, &again->section->at,
	    "dependency cycle: %s", buf_cstr(&text));
}

/* Recursion is bounded by MODULES_MAX: each step marks one instance. */
static aicx_err
visit(struct order *order, struct module *module, struct aicx_error *reterr)
{
	if (module->mark == MARK_SORTED)
		return AICX_OK;
	if (module->mark == MARK_ON_PATH)
		return refuse_cycle(order, module, reterr);
	module->mark = MARK_ON_PATH;
	order->path[order->n_path++] = module;
	for (size_t i = 0; i < module->n_needs; i++) {
		aicx_err err = visit(order, module->needs[i], reterr);
		if (err != AICX_OK)
			return err;
	}
	order->n_path--;
	module->mark = MARK_SORTED;
	order->sorted[order->n_sorted++] = module;
	return AICX_OK;
}

static int
rank(const struct module *module)
{
	return kind_find(module->plugin->kind)->rank;
}

aicx_err
order_sort(struct modules *all, struct aicx_error *reterr)
{
	struct order order = { .n_sorted = 0 };

	for (int wanted = 0; order.n_sorted < all->n; wanted++)
		for (size_t i = 0; i < all->n; i++) {
			if (rank(all->list[i]) != wanted)
				continue;
			aicx_err err = visit(&order, all->list[i], reterr);
			if (err != AICX_OK)
				return err;
		}
	memcpy(all->list, order.sorted, sizeof all->list);
	return AICX_OK;
}
