/* SPDX-License-Identifier: Apache-2.0 */
/*
 * keys.h - Ed25519 and X25519 in the simulator: the real ones, or a keyed hash
 * of the same sizes that costs a microsecond.
 */
#ifndef SIM_KEYS_H
#define SIM_KEYS_H

#include <stdbool.h>

/* For the keys made from now on; all keys of one run are of one sort. */
void keys_are_real(bool real);

#endif
