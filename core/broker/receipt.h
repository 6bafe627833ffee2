/* SPDX-License-Identifier: Apache-2.0 */
/* receipt.h - what a buyer is told at the end, and the file that proves it. */
#ifndef BROKER_RECEIPT_H
#define BROKER_RECEIPT_H

#include "broker/flow.h"

/* The answer of a settled deal or execution, an object. */
void receipt_put_answer(struct json_writer *w, struct broker *broker,
    const struct deal *deal, const struct execution *execution,
    struct aicx_str output, const struct bill *bill,
    const struct aicx_id *transaction_id);

/* The answer that a record holds, as it was given.  A settlement's follows from
   its rows, so it is not written there again. */
void receipt_put_recorded(struct json_writer *w, struct json_ref record,
    const struct currencies *currencies, struct arena *mem);

#endif
