/* SPDX-License-Identifier: Apache-2.0 */
/*
 * caller.h - who sends a request: whose address it is, whether others read
 * along, and for whom it speaks without a key.
 *
 * Behind proxies that the operator trusts the client is the one they name: the
 * last address of their list that is not a trusted proxy itself.
 */
#ifndef CALLER_H
#define CALLER_H

#include "conn.h"
#include "head.h"

struct caller {
	struct aicx_str address; /* into text, or the connection's */
	bool secure;
	char text[64];
};

void caller_of(
    const struct conn *conn, const struct head *head, struct caller *ret);
/* Who needs no key, by the system's word or a certificate, gets one here,
   unless the request brought its own. */
void caller_speak(struct conn *conn, struct head *head);

#endif
