/* SPDX-License-Identifier: Apache-2.0 */
/* outside.h - what a client takes from the system: time and chance. */
#ifndef CLI_OUTSIDE_H
#define CLI_OUTSIDE_H

#include <aiconexus/types.h>
#include <stdint.h>

int64_t outside_wall_ms(void); /* since 1970, UTC */
int64_t outside_now_ms(void); /* never goes back; for waiting */
void outside_random(void *ret_bytes, size_t n_bytes);
struct aicx_id outside_id(void); /* a new UUIDv7 */

#endif
