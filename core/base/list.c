/* SPDX-License-Identifier: Apache-2.0 */
/* list.c - rings of nodes; a node alone points to itself. */
#include "base/list.h"

void
list_init(struct list *head)
{
	head->next = head->prev = head;
}

static void
put_between(struct list *node, struct list *prev, struct list *next)
{
	node->prev = prev;
	node->next = next;
	prev->next = node;
	next->prev = node;
}

void
list_push(struct list *head, struct list *node)
{
	put_between(node, head->prev, head);
}

void
list_push_front(struct list *head, struct list *node)
{
	put_between(node, head, head->next);
}

void
list_remove(struct list *node)
{
	node->prev->next = node->next;
	node->next->prev = node->prev;
	list_init(node);
}

bool
list_empty(const struct list *head)
{
	return head->next == head;
}
