/* SPDX-License-Identifier: Apache-2.0 */
/* fake_keys.h - a plugin's own keys, in memory, and secrets that are none. */
#ifndef FAKE_KEYS_H
#define FAKE_KEYS_H

#include "fake_host.h"

/* Puts put, get, hmac_sha256 and sign_jws into the table.  The macs only differ
   where the text does. */
void fake_keys(struct fake *fake);
/* Before fake_free(): fake->keys. */
void fake_keys_free(struct fake_key *keys);

#endif
