/* SPDX-License-Identifier: Apache-2.0 */
/*
 * page.h - entries in an order, and pages of them.
 *
 * A token says behind which row a page begins, by what the rows are ordered by;
 * so nothing is shown twice, whatever came or went meanwhile.
 */
#ifndef PAGE_H
#define PAGE_H

#include "ard.h"

struct row {
	const json_t *entry; /* borrowed */
	int score;
	char *order; /* compared first; then the identifier */
};

struct rows {
	struct row *all;
	size_t n, cap;
	bool failed, down; /* down: the greatest first */
};

/* order: copied. */
void rows_add(
    struct rows *rows, const json_t *entry, int score, const char *order);
void rows_fini(struct rows *rows);
/* The rows of a page are [*ret_from, *ret_to); false: the token is none. */
bool rows_page(struct rows *rows, const char *token, size_t size,
    size_t *ret_from, size_t *ret_to);
/* Of the page that begins behind rows->all[to - 1], or NULL: it is the last. */
json_t *rows_token(const struct rows *rows, size_t to);

#endif
