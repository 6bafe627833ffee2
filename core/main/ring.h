/* SPDX-License-Identifier: Apache-2.0 */
/* ring.h - the broker's keys (security/keyring.h) as they lie in
 * DATA_DIR/broker.identity, and the master key they are sealed under. */
#ifndef MAIN_RING_H
#define MAIN_RING_H

#include "loop/loop.h"
#include "main/master.h"

struct ring {
	struct loop *loop;
	struct master_source source;
	struct keyring *keys;
	char under[MASTER_TAG + 1]; /* which master key is in force */
};

/* In the present folder.  A first start makes them; those of a broker that kept
   them open are sealed; those that are not under the first of the master keys
   are sealed anew.  AICX_EDENIED: there is no master key, or another one; then
   nothing was changed. */
aicx_err ring_open(struct ring *ring, struct loop *loop, const char *master_key,
    struct aicx_error *reterr);
void ring_fini(struct ring *ring);
/* The master key is read again; ret_changed: another one is in force. */
aicx_err ring_reload(
    struct ring *ring, bool *ret_changed, struct aicx_error *reterr);
/* A new master key is made and put in force.  After a crash at any point the
   next start opens the ring, by the new one or by the one before. */
aicx_err ring_rotate(struct ring *ring, struct aicx_error *reterr);

#endif
