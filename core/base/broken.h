/* SPDX-License-Identifier: Apache-2.0 */
/*
 * broken.h - guards that a test can break on purpose.
 *
 * A fault test proves something only if it fails when the guard is gone.  The
 * build for that (AICX_BREAK) leaves out the guard that the environment
 * variable BREAK names; in every other build broken() is false and costs
 * nothing.
 */
#ifndef BASE_BROKEN_H
#define BASE_BROKEN_H

#ifdef AICX_BREAK
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

static inline bool
broken(const char *guard)
{
	const char *name = getenv("BREAK");

	return name != NULL && strcmp(name, guard) == 0;
}
#else
#define broken(guard) false
#endif

#endif
