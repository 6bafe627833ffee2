/* SPDX-License-Identifier: Apache-2.0 */
/* page.c - entries in an order, and pages of them. */
#include "page.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { TOKEN_MAX = 2048 };

void
rows_add(struct rows *rows, const json_t *entry, int score, const char *order)
{
	if (rows->n == rows->cap) {
		size_t cap = rows->cap > 0 ? 2 * rows->cap : 64;
		struct row *all = realloc(rows->all, cap * sizeof *all);
		if (all == NULL) {
			rows->failed = true;
			return;
		}
		rows->all = all;
		rows->cap = cap;
	}
	struct row *row = &rows->all[rows->n];
	row->entry = entry;
	row->score = score;
	row->order = strdup(order);
	if (row->order != NULL)
		rows->n++;
	else
		rows->failed = true;
}

void
rows_fini(struct rows *rows)
{
	for (size_t i = 0; i < rows->n; i++)
		free(rows->all[i].order);
	free(rows->all);
}

static int
compare(const char *order_a, const char *id_a, const char *order_b,
    const char *id_b)
{
	int order = strcmp(order_a, order_b);

	return order != 0 ? order : strcmp(id_a, id_b);
}

static int
compare_rows(const void *a, const void *b)
{
	const struct row *one = a;
	const struct row *two = b;

	return compare(one->order, member_text(one->entry, "identifier"),
	    two->order, member_text(two->entry, "identifier"));
}

static int
compare_rows_down(const void *a, const void *b)
{
	return compare_rows(b, a);
}

/* "6f72..": order, a NUL and the identifier, in hexadecimal. */
json_t *
rows_token(const struct rows *rows, size_t to)
{
	const struct row *row;
	const char *id;
	struct bytes token = { 0 };
	json_t *text;
	char digits[3];

	if (to == 0 || to >= rows->n)
		return NULL;
	row = &rows->all[to - 1];
	id = member_text(row->entry, "identifier");
	for (const char *at = row->order; *at != '\0'; at++) {
		(void)snprintf(digits, sizeof digits, "%02x", *at & 0xff);
		bytes_text(&token, digits);
	}
	bytes_text(&token, "00");
	for (const char *at = id; *at != '\0'; at++) {
		(void)snprintf(digits, sizeof digits, "%02x", *at & 0xff);
		bytes_text(&token, digits);
	}
	text = json_stringn(token.ptr, token.len);
	bytes_fini(&token);
	return text;
}

static bool
token_read(const char *token, char *order, const char **ret_id)
{
	size_t n = strlen(token) / 2;

	if (strlen(token) % 2 != 0 || n >= TOKEN_MAX)
		return false;
	for (size_t i = 0; i < n; i++) {
		int high = text_hex(token[2 * i]);
		int low = text_hex(token[2 * i + 1]);
		if (high < 0 || low < 0)
			return false;
		order[i] = (char)(high << 4 | low);
	}
	order[n] = '\0';
	*ret_id = order + strlen(order) + 1;
	return strlen(order) < n;
}

bool
rows_page(struct rows *rows, const char *token, size_t size, size_t *ret_from,
    size_t *ret_to)
{
	char order[TOKEN_MAX + 1];
	const char *id;
	size_t from = 0;

	if (rows->n > 1)
		qsort(rows->all, rows->n, sizeof *rows->all,
		    rows->down ? compare_rows_down : compare_rows);
	if (token != NULL && !token_read(token, order, &id))
		return false;
	while (token != NULL && from < rows->n) {
		const struct row *row = &rows->all[from];
		int diff = compare(row->order,
		    member_text(row->entry, "identifier"), order, id);
		if (rows->down ? diff < 0 : diff > 0)
			break;
		from++;
	}
	*ret_from = from;
	*ret_to = rows->n - from > size ? from + size : rows->n;
	return true;
}
