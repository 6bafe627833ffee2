/* SPDX-License-Identifier: Apache-2.0 */
/* ballast.h - room on the disk that is kept for ending in order. */
#ifndef MAIN_BALLAST_H
#define MAIN_BALLAST_H

#include <stdbool.h>
#include <stdint.h>

/* Bytes left where the present folder lies; -1: not known. */
int64_t ballast_free_bytes(void);
/* Makes two files of this size in the present folder, where there are none and
   more than keep_bytes stay free; false: they are not there. */
bool ballast_fill(int64_t size, int64_t keep_bytes);
/* Gives their room back; false: there was none. */
bool ballast_drop(void);

#endif
