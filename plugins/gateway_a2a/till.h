/* SPDX-License-Identifier: Apache-2.0 */
/* till.h - tasks of payers without an account: x402 inside A2A. */
#ifndef TILL_H
#define TILL_H

#include "op.h"

#define TILL_URI_1 "https://github.com/google-a2a/a2a-x402/v0.1"
#define TILL_URI_2                                                             \
	"https://github.com/google-agentic-commerce/a2a-x402/blob/main/spec/"  \
	"v0.2"

/* The operation of a client that has no account. */
void till_run(struct op *op);
/* The client went away; what it ordered goes on. */
void till_leave(struct op *op);
void till_free_all(struct gateway *gateway);

#endif
