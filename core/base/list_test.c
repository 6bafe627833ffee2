/* SPDX-License-Identifier: Apache-2.0 */
/* list_test.c - nodes in a ring. */
#include "base/list.h"

#include <check.h>
#include <stddef.h>
#include <stdlib.h>

struct item {
	int number;
	struct list node;
};

/* The numbers in order, as one decimal number. */
static int
digits_of(const struct list *head)
{
	int value = 0;

	LIST_EACH (node, head)
		value = value * 10 + LIST_ITEM(node, struct item, node)->number;
	return value;
}

START_TEST(items_stand_in_order)
{
	struct list head;
	struct item one = { .number = 1 }, two = { .number = 2 },
		    three = { .number = 3 };

	list_init(&head);
	ck_assert(list_empty(&head));
	list_push(&head, &two.node);
	list_push(&head, &three.node);
	list_push_front(&head, &one.node);
	ck_assert_int_eq(digits_of(&head), 123);
	ck_assert(!list_empty(&head));
}
END_TEST

START_TEST(an_item_leaves_from_anywhere)
{
	struct list head;
	struct item items[3];

	list_init(&head);
	for (int i = 0; i < 3; i++) {
		items[i].number = i + 1;
		list_push(&head, &items[i].node);
	}
	list_remove(&items[1].node);
	ck_assert_int_eq(digits_of(&head), 13);
	list_remove(&items[1].node);
	ck_assert_int_eq(digits_of(&head), 13);
	list_remove(&items[0].node);
	list_remove(&items[2].node);
	ck_assert(list_empty(&head));
}
END_TEST

START_TEST(the_present_item_may_be_freed_while_walking)
{
	struct list head;

	list_init(&head);
	for (int i = 0; i < 10; i++) {
		struct item *item = malloc(sizeof *item);
		item->number = i;
		list_push(&head, &item->node);
	}
	LIST_EACH (node, &head) {
		list_remove(node);
		free(LIST_ITEM(node, struct item, node));
	}
	ck_assert(list_empty(&head));
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("list");
	TCase *tcase = tcase_create("list");

	tcase_add_test(tcase, items_stand_in_order);
	tcase_add_test(tcase, an_item_leaves_from_anywhere);
	tcase_add_test(tcase, the_present_item_may_be_freed_while_walking);
	suite_add_tcase(suite, tcase);
	SRunner *runner = srunner_create(suite);
	srunner_run_all(runner, CK_ENV);
	int failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
