/* SPDX-License-Identifier: Apache-2.0 */
/*
 * their_card.h - the card of somebody's agent, read: where it is asked and what
 * it sells.  Nothing here asks anybody.
 */
#ifndef THEIR_CARD_H
#define THEIR_CARD_H

#include "bytes.h"

#include <jansson.h>

enum { THEIR_URL_MAX = 1024, THEIR_TENANT_MAX = 128, THEIR_SKILLS_MAX = 64 };

/* Where an agent is asked. */
struct their_door {
	char url[THEIR_URL_MAX + 1]; /* without a slash at its end */
	char tenant[THEIR_TENANT_MAX + 1]; /* or "" */
	bool rest; /* HTTP+JSON, else JSON-RPC */
	bool streams;
};

/* "https://a.example", ".../agent/" name a folder: the card lies at the
   well-known path in it. */
void their_card_url(struct aicx_str url, struct bytes *out);
/* Why it cannot be used, or NULL.  url: where it was found. */
const char *their_card_flaw(const json_t *card, const char *url);
/* Of a card without flaw: the first interface of version 1.0 that we speak. */
bool their_door(const json_t *card, struct their_door *ret_door);
/* What describe() answers: a capability for each skill, priced by our extension
   where the card has it. */
json_t *their_entry(const json_t *card, const char *extension);
/* By its id, or NULL; borrowed. */
const json_t *their_skill(const json_t *card, const char *id);
/* What a buyer of the skill relies on, as text: a change of it is another
   skill.  Words for people (description, examples, tags) are not part of it. */
void their_skill_mark(const json_t *skill, struct bytes *out);

#endif
