/* SPDX-License-Identifier: Apache-2.0 */
/* shelf.c - cards of others, kept as long as their servers say. */
#include "shelf.h"

#include <stdlib.h>
#include <string.h>

enum { KEPT_MAX = 128, AGE_MAX_S = 3600, AGE_S = 60 };

struct kept {
	struct kept *next; /* newest first */
	struct bytes url;
	struct shelved shelved;
};

struct shelf {
	struct kept *kept;
	size_t n;
};

struct shelf *
shelf_new(void)
{
	return calloc(1, sizeof(struct shelf));
}

static void
kept_free(struct kept *kept)
{
	bytes_fini(&kept->url);
	json_decref(kept->shelved.card);
	free(kept);
}

void
shelf_free(struct shelf *shelf)
{
	while (shelf != NULL && shelf->kept != NULL) {
		struct kept *kept = shelf->kept;

		shelf->kept = kept->next;
		kept_free(kept);
	}
	free(shelf);
}

/* Where the pointer to it is, or to the end. */
static struct kept **
place_of(struct shelf *shelf, const char *url)
{
	struct kept **at = &shelf->kept;

	while (*at != NULL && strcmp((*at)->url.ptr, url) != 0)
		at = &(*at)->next;
	return at;
}

const struct shelved *
shelf_find(const struct shelf *shelf, const char *url)
{
	const struct kept *kept = shelf->kept;

	while (kept != NULL && strcmp(kept->url.ptr, url) != 0)
		kept = kept->next;
	return kept != NULL ? &kept->shelved : NULL;
}

/* --- what an answer says of its age ------------------------------------- */

static struct aicx_str
field_of(const struct aicx_http_outcome *answer, struct aicx_str name)
{
	for (size_t i = 0; i < answer->n_headers; i++)
		if (text_alike(answer->headers[i].name, name))
			return answer->headers[i].value;
	return (struct aicx_str) { NULL, 0 };
}

/* RFC 9111 section 5.2.2: max-age, no-store and no-cache. */
static int64_t
age_of(const struct aicx_http_outcome *answer)
{
	struct aicx_str rest = field_of(answer, TEXT("Cache-Control"));
	int64_t age_s = AGE_S;

	while (rest.ptr != NULL) {
		struct aicx_str value;
		struct aicx_str name = text_cut(
		    text_trim(text_cut(rest, ',', &rest)), '=', &value);

		if (text_alike(name, TEXT("no-store")) ||
		    text_alike(name, TEXT("no-cache")))
			return 0;
		if (!text_alike(name, TEXT("max-age")))
			continue;
		age_s = 0;
		for (size_t i = 0; i < value.len && i < 9; i++)
			if (value.ptr[i] >= '0' && value.ptr[i] <= '9')
				age_s = age_s * 10 + value.ptr[i] - '0';
	}
	return age_s < AGE_MAX_S ? age_s : AGE_MAX_S;
}

static void
date(struct gateway *gateway, struct shelved *shelved,
    const struct aicx_http_outcome *answer)
{
	shelved->fresh_until_ms =
	    gateway->host->now_ms(gateway->self) + age_of(answer) * 1000;
}

bool
shelf_is_fresh(struct gateway *gateway, const struct shelved *shelved)
{
	return gateway->host->now_ms(gateway->self) < shelved->fresh_until_ms;
}

/* --- keeping ------------------------------------------------------------ */

static void
drop_oldest(struct shelf *shelf)
{
	struct kept **at = &shelf->kept;

	while ((*at)->next != NULL)
		at = &(*at)->next;
	kept_free(*at);
	*at = NULL;
	shelf->n--;
}

void
shelf_put(struct gateway *gateway, const char *url, json_t *card,
    const struct aicx_http_outcome *answer)
{
	struct shelf *shelf = gateway->shelf;
	struct kept **at = place_of(shelf, url);
	struct kept *kept = *at;
	struct aicx_str tag = field_of(answer, TEXT("ETag"));

	if (kept != NULL) {
		*at = kept->next;
		kept_free(kept);
		shelf->n--;
	}
	kept = calloc(1, sizeof *kept);
	if (kept == NULL)
		return;
	bytes_text(&kept->url, url);
	bytes_char(&kept->url, '\0');
	if (kept->url.failed) {
		kept_free(kept);
		return;
	}
	kept->shelved.url = kept->url.ptr;
	kept->shelved.card = json_incref(card);
	if (tag.len > 0 && tag.len <= SHELF_TAG_MAX)
		memcpy(kept->shelved.etag, tag.ptr, tag.len);
	date(gateway, &kept->shelved, answer);
	kept->next = shelf->kept;
	shelf->kept = kept;
	if (++shelf->n > KEPT_MAX)
		drop_oldest(shelf);
}

void
shelf_renew(struct gateway *gateway, const char *url,
    const struct aicx_http_outcome *answer)
{
	struct kept *kept = *place_of(gateway->shelf, url);

	if (kept != NULL)
		date(gateway, &kept->shelved, answer);
}
