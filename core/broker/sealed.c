/* SPDX-License-Identifier: Apache-2.0 */
/* sealed.c - secrets beside the records, by the ring of keys. */
#include "broker/sealed.h"

#include "base/mem.h"
#include "broker/inside.h"

void
sealed_put(struct broker *broker, struct aicx_str key, struct aicx_str plain)
{
	struct buf box = { 0 };

	keyring_seal(broker->keys.ring, key, plain, &box);
	journal_aside(broker->journal, key, buf_view(&box), false);
	buf_fini(&box);
}

void
sealed_drop(struct broker *broker, struct aicx_str key)
{
	journal_aside(
	    broker->journal, key, (struct aicx_str) { NULL, 0 }, false);
}

/* As brokers before the ring of keys sealed: under the root itself. */
static bool
open_old(struct broker *broker, struct aicx_str key, struct aicx_str box,
    void *ret_plain, size_t n_bytes)
{
	return box.len == n_bytes + SEAL_EXTRA &&
	    unseal(keyring_root(broker->keys.ring), key, box, ret_plain);
}

bool
sealed_get(
    struct broker *broker, struct aicx_str key, void *ret_plain, size_t n_bytes)
{
	struct buf box = { 0 }, plain = { 0 };
	bool good = false;

	if (journal_get(broker->journal, key, &box, NULL) == AICX_OK) {
		if (keyring_open(
			broker->keys.ring, key, buf_view(&box), &plain) &&
		    plain.len == n_bytes) {
			memcpy(ret_plain, plain.ptr, n_bytes);
			good = true;
		} else {
			good = open_old(
			    broker, key, buf_view(&box), ret_plain, n_bytes);
		}
	}
	mem_wipe(plain.ptr, plain.len);
	buf_fini(&plain);
	buf_fini(&box);
	return good;
}
