/* SPDX-License-Identifier: Apache-2.0 */
/*
 * self.h - who this client is, from its identity file.
 *
 *   {"agent_id","key_id","private_key","api_key"?,"broker"?}
 *
 * An agent that only has an API key has a file without key_id and private_key.
 */
#ifndef CLI_SELF_H
#define CLI_SELF_H

#include "protocol/crypto.h"

#include <aiconexus/types.h>
#include <stdbool.h>

struct self {
	struct aicx_id agent_id;
	struct sign_key *key; /* or NULL */
	char *api_key; /* or NULL */
	char *broker; /* URL or NULL */
};

/* AICX_ENOTFOUND: no such file.  *ret_exposed: others may read the file. */
aicx_err self_load(const char *path, struct self *ret, bool *ret_exposed,
    struct aicx_error *reterr);
/* From the file's text. */
aicx_err self_parse(
    struct aicx_str text, struct self *ret, struct aicx_error *reterr);
/* A new agent id and key in a new file (0600); AICX_EEXIST when there is
   one. */
aicx_err self_generate(const char *path, const char *broker, struct self *ret,
    struct aicx_error *reterr);
/* A file for an agent that has an API key only. */
aicx_err self_save_api_key(const char *path, const struct aicx_id *agent_id,
    struct aicx_str api_key, const char *broker, struct aicx_error *reterr);
void self_fini(struct self *self); /* wipes */

#endif
