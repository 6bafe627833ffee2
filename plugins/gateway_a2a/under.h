/* SPDX-License-Identifier: Apache-2.0 */
/* under.h - a message that orders work under a contract that is there. */
#ifndef UNDER_H
#define UNDER_H

#include "op.h"

/* The task is the contract's deal. */
void under_contract(struct op *op, const char *contract_id);

#endif
