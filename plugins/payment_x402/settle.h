/* SPDX-License-Identifier: Apache-2.0 */
/* settle.h - the money's own steps: what the broker asks of the payment. */
#ifndef PAYMENT_X402_SETTLE_H
#define PAYMENT_X402_SETTLE_H

#include "job.h"

void pay_authorize(
    void *state, const struct aicx_pay *pay, aicx_pay_fn *done, void *arg);
void pay_capture(
    void *state, const struct aicx_pay *pay, aicx_pay_fn *done, void *arg);
void pay_void(
    void *state, const struct aicx_pay *pay, aicx_pay_fn *done, void *arg);
void pay_status(
    void *state, const struct aicx_pay *pay, aicx_pay_fn *done, void *arg);
/* Nothing goes out of or into the ledger but by deals. */
void pay_none(
    void *state, const struct aicx_pay *pay, aicx_pay_fn *done, void *arg);

#endif
