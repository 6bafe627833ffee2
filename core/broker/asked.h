/* SPDX-License-Identifier: Apache-2.0 */
/*
 * asked.h - questions to partners that came by POST /v1/messages: the partner's
 * answer is the POST's own.
 */
#ifndef BROKER_ASKED_H
#define BROKER_ASKED_H

#include "broker/inside.h"

/* The question was passed on; the call waits until it expires.  False: it says
   no time, or the same is waited for already, and nothing waits. */
bool asked_begin(struct call *call, const struct envelope *question);
/* Somebody waits for this message of a partner, and has it now. */
bool asked_answered(struct broker *broker, const struct envelope *answer);
void asked_forget(struct call *call);

#endif
