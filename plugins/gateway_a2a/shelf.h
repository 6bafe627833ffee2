/* SPDX-License-Identifier: Apache-2.0 */
/* shelf.h - cards of others, kept as long as their servers say. */
#ifndef SHELF_H
#define SHELF_H

#include "gateway.h"

enum { SHELF_TAG_MAX = 128 };

struct shelf;

/* A card that was read before, or NULL; borrowed until the next put. */
struct shelved {
	const char *url;
	json_t *card;
	char etag[SHELF_TAG_MAX + 1]; /* or "" */
	int64_t fresh_until_ms;
};

struct shelf *shelf_new(void);
void shelf_free(struct shelf *shelf); /* NULL is legal */
const struct shelved *shelf_find(const struct shelf *shelf, const char *url);
/* Keeps a reference to card, with the tag and age that the answer says; the one
   read longest ago goes when there are too many. */
void shelf_put(struct gateway *gateway, const char *url, json_t *card,
    const struct aicx_http_outcome *answer);
/* It is as it was (304). */
void shelf_renew(struct gateway *gateway, const char *url,
    const struct aicx_http_outcome *answer);
bool shelf_is_fresh(struct gateway *gateway, const struct shelved *shelved);

#endif
