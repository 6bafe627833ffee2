/* SPDX-License-Identifier: Apache-2.0 */
/*
 * sealed.h - secrets beside the records: a value under a key of the store that
 * begins with "0/s/", sealed by the ring of keys (security/keyring.h) and bound
 * to that key.  It can be taken away or sealed anew, which no record can.
 */
#ifndef BROKER_SEALED_H
#define BROKER_SEALED_H

#include <aiconexus/types.h>
#include <stdbool.h>
#include <stddef.h>

struct broker;

/* Written together with the next record, as journal_aside() has it. */
void sealed_put(
    struct broker *broker, struct aicx_str key, struct aicx_str plain);
void sealed_drop(struct broker *broker, struct aicx_str key);
/* A secret of this length; the caller wipes it.  false: there is none, or it
   does not open. */
bool sealed_get(struct broker *broker, struct aicx_str key, void *ret_plain,
    size_t n_bytes);

#endif
