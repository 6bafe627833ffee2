/* SPDX-License-Identifier: Apache-2.0 */
/*
 * vault.h - the store in a broker's data folder, opened while no broker has it.
 *
 * It is opened as the daemon opens it: by the configuration's [store ...] and
 * the plugin.  Nothing is ever written to it but by `repair` and vault_cut().
 */
#ifndef CLI_VAULT_H
#define CLI_VAULT_H

#include "base/buf.h"
#include "protocol/crypto.h"

#include <aiconexus/types.h>
#include <stdbool.h>

struct vault_place {
	const char *conf_dir, *plugin_dir, *data_dir;
	bool lenient; /* skip what the store finds damaged */
	bool repair; /* and make a new manifest: writes to it */
};

struct vault;

/* Enters the data folder: other relative paths end here.  AICX_ENOTFOUND: it is
   no data folder; AICX_EIO: a broker has the store open, or it is damaged. */
aicx_err vault_open(const struct vault_place *place, struct vault **ret,
    struct aicx_error *reterr);
void vault_close(struct vault *vault); /* NULL is legal */

/* Of broker.identity. */
const struct aicx_id *vault_broker_id(const struct vault *vault);
const uint8_t *vault_broker_key(const struct vault *vault);
/* The newest checkpoint the broker has kept; empty: there is none. */
aicx_err vault_checkpoint(
    struct vault *vault, struct buf *ret_note, struct aicx_error *reterr);

/* Each record in the order of its number; seq is what it is kept under. */
typedef bool vault_record_fn(/* false: enough */
    uint64_t seq, struct aicx_str record, void *arg);
aicx_err vault_records(struct vault *vault, vault_record_fn *on_record,
    void *arg, struct aicx_error *reterr);
/* Takes away what is kept as a record after this one, and the index, which the
   next start makes anew. */
aicx_err vault_cut(struct vault *vault, uint64_t last, uint64_t *ret_n,
    struct aicx_error *reterr);

#endif
