/* SPDX-License-Identifier: Apache-2.0 */
/* datadir.h - the files of the data folder: who the broker and its operator
 * are. */
#ifndef MAIN_DATADIR_H
#define MAIN_DATADIR_H

#include "broker/broker.h"

/* Makes the folder (0700) when it is missing and enters it. */
aicx_err datadir_enter(const char *path, struct aicx_error *reterr);
/* Reads broker.identity in the present folder, or makes it (0600) from random
   bytes: {"broker_id","private_key","master_key"}. */
aicx_err datadir_keys(
    struct loop *loop, struct broker_keys *ret, struct aicx_error *reterr);
/* Writes operator.identity (0600) after the first start of all. */
aicx_err datadir_operator(
    struct broker *broker, const char *broker_url, struct aicx_error *reterr);

#endif
