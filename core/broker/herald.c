/* SPDX-License-Identifier: Apache-2.0 */
/*
 * herald.c - what is told to everybody who listens at a transport.
 *
 * News is a hint, not signed and perhaps lost: who needs to be sure asks.
 */
#include "broker/herald.h"

#include "base/mem.h"
#include "base/str.h"

#include <stdlib.h>

struct news {
	struct list node; /* in broker->news, behind the gate */
	struct broker *broker;
	enum aicx_news kind;
	struct buf topic, text;
};

void
herald_bind(struct broker *broker, const struct modules *modules)
{
	for (size_t i = 0; i < modules_len(modules); i++) {
		const struct module *module = modules_at(modules, i);
		const struct aicx_transport_ops *ops = module_ops(module);

		if (module_plugin(module)->kind != AICX_TRANSPORT ||
		    !AICX_HAS(ops, struct aicx_transport_ops, announce) ||
		    broker->n_heralds == HERALDS_MAX)
			continue;
		broker->heralds[broker->n_heralds++] =
		    (struct herald) { ops, module_state(module) };
	}
}

static size_t
tell(struct broker *broker, enum aicx_news kind, struct aicx_str topic,
    struct aicx_str text)
{
	size_t n = 0;

	for (size_t i = 0; i < broker->n_heralds; i++)
		n += broker->heralds[i].ops->announce(
		    broker->heralds[i].state, kind, topic, text);
	return n;
}

size_t
herald_listeners(struct broker *broker, enum aicx_news kind)
{
	const struct aicx_str none = { NULL, 0 };

	return tell(broker, kind, none, none);
}

static void
news_free(struct news *news)
{
	list_remove(&news->node);
	buf_fini(&news->topic);
	buf_fini(&news->text);
	free(news);
}

static void
news_leave(void *arg)
{
	struct news *news = arg;

	(void)tell(news->broker, news->kind, buf_view(&news->topic),
	    buf_view(&news->text));
	news_free(news);
}

void
herald_tell(struct broker *broker, enum aicx_news kind, const char *prefix,
    struct aicx_str name, struct aicx_str text)
{
	struct news *news;

	if (herald_listeners(broker, kind) == 0)
		return;
	news = MEM_NEW(struct news);
	news->broker = broker;
	news->kind = kind;
	buf_text(&news->topic, prefix);
	buf_str(&news->topic, name);
	buf_str(&news->text, text);
	list_push(&broker->news, &news->node);
	journal_after(broker->journal, news_leave, news);
}

void
herald_fini(struct broker *broker)
{
	LIST_EACH (node, &broker->news)
		news_free(LIST_ITEM(node, struct news, node));
}
