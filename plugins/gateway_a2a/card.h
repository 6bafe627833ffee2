/* SPDX-License-Identifier: Apache-2.0 */
/* card.h - agent cards: what they say, as canonical text to be signed. */
#ifndef CARD_H
#define CARD_H

#include "gateway.h"

/* What a card is made from; all borrowed. */
struct card_facts {
	const char *origin; /* "https://broker.example.org" */
	const char *agent; /* id of the fronted agent, or "" */
	const json_t *entry; /* of the fronted agent, or NULL */
	const json_t *capabilities; /* rows of discovery.list_capabilities */
	const struct settings *settings;
};

json_t *card_new(const struct card_facts *facts);
/* Without members that are "", [], {} or null: verifiers drop those. */
bool card_clean(json_t *value);

#endif
