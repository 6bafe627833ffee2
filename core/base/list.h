/* SPDX-License-Identifier: Apache-2.0 */
/* list.h - a doubly linked list through a node inside the item. */
#ifndef BASE_LIST_H
#define BASE_LIST_H

#include <stdbool.h>
#include <stddef.h>

struct list {
	struct list *next, *prev;
};

#define LIST_ITEM(node, type, member)                                          \
	((type *)((char *)(node)-offsetof(type, member)))

/* The loop variable may be removed (and freed) inside the body. */
#define LIST_EACH(node, head)                                                  \
	for (struct list *node = (head)->next, *node##_next = node->next;      \
	     node != (head); node = node##_next, node##_next = node->next)

void list_init(struct list *head); /* also makes a node "in no list" */
void list_push(struct list *head, struct list *node); /* at the end */
void list_push_front(struct list *head, struct list *node);
void list_remove(struct list *node); /* legal when in no list */
bool list_empty(const struct list *head);

#endif
