/* SPDX-License-Identifier: Apache-2.0 */
/*
 * talk.h - one request under way: one wire call at a time, then one answer.
 *
 * After talk_call(), talk_answer() or talk_refuse() it may be gone: return at
 * once.
 */
#ifndef TALK_H
#define TALK_H

#include "ard.h"

enum talk_kind {
	TALK_NONE,
	TALK_MANIFEST,
	TALK_CATALOG, /* a part of it */
	TALK_SEARCH,
	TALK_EXPLORE,
	TALK_AGENTS,
	TALK_AGENT
};

typedef void talk_fn(struct talk *talk);
/* body: borrowed, what the wire answered with status 200. */
typedef void talk_next_fn(struct talk *talk, json_t *body);

struct talk {
	struct talk *next, **prev;
	struct ard *ard;
	struct aicx_exchange *exchange; /* NULL: answered, or the client left */
	struct aicx_ticket *ticket;
	talk_next_fn *then;
	unsigned turn; /* counts the calls */
	bool waiting;
	int holds;

	enum talk_kind kind;
	struct bytes origin, credential, address, etag;
	bool secure;
	json_t *ask; /* the body, or the query's pairs */
	struct bytes name; /* in the path: an identifier, or a part's number */

	talk_fn *stocked; /* goes on when talk->stock is there */
	json_t *stock; /* entries */
	json_t *agents; /* collected so far */
	struct bytes words; /* of a search: what is not asked yet */
	int n_words;
	json_t *hits; /* identifier: sum of relevances */
};

struct talk *talk_new(struct ard *ard, struct aicx_exchange *exchange,
    const struct aicx_http_request *request);
void talk_hold(struct talk *talk);
void talk_release(struct talk *talk);
/* The client went away. */
void talk_leave(struct talk *talk);

/* Takes params; what is no 200 is answered here. */
void talk_call(
    struct talk *talk, const char *method, json_t *params, talk_next_fn *then);
/* Takes value.  cached: with ETag and max-age. */
void talk_answer(struct talk *talk, json_t *value, bool cached);
void talk_refuse(struct talk *talk, uint16_t status, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
/* allow: the methods of this path. */
void talk_refuse_method(struct talk *talk, const char *allow);

#endif
