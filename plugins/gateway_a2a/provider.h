/* SPDX-License-Identifier: Apache-2.0 */
/*
 * provider.h - agents of others as sellers: their cards described, work sent to
 * them, their tasks asked about until they end.
 */
#ifndef PROVIDER_H
#define PROVIDER_H

#include "gateway.h"

const char *const *provider_speaks(void *gateway);
void provider_describe(void *gateway, struct aicx_errand *errand,
    struct aicx_str kind, struct aicx_str url);
void provider_execute(
    void *gateway, struct aicx_errand *errand, const struct aicx_work *work);
void provider_recall(void *gateway, struct aicx_errand *errand);
void provider_answer(
    void *gateway, struct aicx_errand *errand, struct aicx_str answer);
void provider_free_all(struct gateway *gateway);

#endif
