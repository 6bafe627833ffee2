/* SPDX-License-Identifier: Apache-2.0 */
/* datadir.c - the data folder, and who its operator is. */
#include "main/datadir.h"

#include "base/err.h"
#include "base/mem.h"
#include "base/str.h"
#include "main/secret_file.h"
#include "protocol/identity.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static aicx_err
failed(const char *what, const char *path, struct aicx_error *reterr)
{
	return err_set(reterr, AICX_EIO, "cannot %s \"%s\": %s", what, path,
	    strerror(errno));
}

aicx_err
datadir_enter(const char *path, struct aicx_error *reterr)
{
	if (mkdir(path, 0700) != 0 && errno != EEXIST)
		return failed("make the data folder", path, reterr);
	if (chdir(path) != 0)
		return failed("enter the data folder", path, reterr);
	return AICX_OK;
}

aicx_err
datadir_operator(
    struct broker *broker, const char *broker_url, struct aicx_error *reterr)
{
	struct identity identity = { .broker = str_of(broker_url) };
	struct buf text = { 0 };
	char api_key[64];

	if (!broker_new_operator(
		broker, &identity.agent_id, identity.seed, api_key))
		return AICX_OK;
	identity.api_key = str_of(api_key);
	identity_print(&text, &identity);
	aicx_err err =
	    secret_file_write("operator.identity", buf_view(&text), reterr);
	secret_wipe(&text);
	mem_wipe(&identity, sizeof identity);
	mem_wipe(api_key, sizeof api_key);
	return err;
}
