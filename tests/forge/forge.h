/* SPDX-License-Identifier: Apache-2.0 */
/*
 * forge.h - a world in which alice and bob trade while eve attacks.
 *
 * A trick makes one message that must be refused, by a name that it knows.
 */
#ifndef FORGE_FORGE_H
#define FORGE_FORGE_H

#include "base/str.h"
#include "broker/testdata/stage.h"

#include <stdbool.h>

enum { TRICKS_MAX = 64, WORDS_MAX = 5 };

struct world {
	struct stage stage;
	struct actor *alice, *bob, *eve;
	struct mac *old_out; /* of a session of alice that is over */
	struct aicx_id old_session;
	struct buf text; /* the message that is tried */
	struct buf good; /* the last honest one, as it was sent */
	struct buf answer; /* the last one that the broker sent alice */
	struct aicx_id good_id;
	uint64_t chance;
	size_t n_honest, n_served;
};

enum door {
	DOOR_ALICE, /* over her session: eve has taken it over */
	DOOR_EVE, /* over eve's own */
	DOOR_POST, /* POST /v1/messages */
	DOOR_OPEN /* the session.open of a new connection */
};

struct trick {
	const char *name;
	enum door door;
	const char *words[WORDS_MAX]; /* one of these refuses it */
	void (*make)(struct world *world); /* into world->text */
};

/* Those of a signed message under HMAC, and under Ed25519. */
extern const struct trick mac_tricks[], key_tricks[], open_tricks[];
extern const size_t n_mac_tricks, n_key_tricks, n_open_tricks;

size_t chance_below(struct world *world, size_t n);
/* An honest head of alice: a new id, the broker's time. */
struct envelope_head honest_head(struct world *world);
/* The head with a payload that asks for nothing much, unsigned. */
void put_text(struct world *world, const struct envelope_head *head);
void sign_as(struct world *world, struct actor *actor);
void sign_by_key(struct world *world, struct actor *actor);

/* Delivers text over a connection of its own that has been challenged; the word
   with which it is closed is copied into ret_word, "" when it is not. */
void knock(struct world *world, void (*make)(struct world *world),
    char *ret_word, size_t size);

#endif
