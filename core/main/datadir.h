/* SPDX-License-Identifier: Apache-2.0 */
/* datadir.h - the data folder, and the file that says who its operator is. */
#ifndef MAIN_DATADIR_H
#define MAIN_DATADIR_H

#include "broker/broker.h"

/* Makes the folder (0700) when it is missing and enters it. */
aicx_err datadir_enter(const char *path, struct aicx_error *reterr);
/* Writes operator.identity (0600) after the first start of all. */
aicx_err datadir_operator(
    struct broker *broker, const char *broker_url, struct aicx_error *reterr);

#endif
