/* SPDX-License-Identifier: Apache-2.0 */
/*
 * master.h - where the master key is from: the option master_key of [broker].
 *
 *   file:PATH         a file of the broker's user that nobody else may read;
 *                     a path that is not absolute begins at the data folder
 *   credential:NAME   $CREDENTIALS_DIRECTORY/NAME, as systemd hands it over
 *   env:NAME          an environment variable, wiped once it was read
 */
#ifndef MAIN_MASTER_H
#define MAIN_MASTER_H

#include "security/keyring.h"

enum master_kind { MASTER_FILE, MASTER_CREDENTIAL, MASTER_ENV };

struct master_source {
	enum master_kind kind;
	const char *name; /* borrowed from the option's text */
};

aicx_err master_source_parse(
    const char *text, struct master_source *ret, struct aicx_error *reterr);
/* None where there is no such file or variable. */
aicx_err master_read(const struct master_source *source, struct masters *ret,
    struct aicx_error *reterr);
/* A new key, before those that are there, put on disk.  AICX_ESTATE: the source
   is no file. */
aicx_err master_make(const struct master_source *source,
    const struct keyring_chance *chance, struct masters *masters,
    struct aicx_error *reterr);
/* Only the first stays, on disk too. */
aicx_err master_drop_old(const struct master_source *source,
    struct masters *masters, struct aicx_error *reterr);
/* The error that says it is not there. */
aicx_err master_missing(
    const struct master_source *source, struct aicx_error *reterr);

#endif
