/* SPDX-License-Identifier: Apache-2.0 */
/* mem.c - allocation that stops the process instead of returning NULL. */
#include "base/mem.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static _Noreturn void
out_of_memory(size_t n_bytes)
{
	(void)fprintf(stderr, "out of memory: %zu bytes wanted\n", n_bytes);
	abort();
}

void *
mem_new(size_t n_bytes)
{
	void *ptr = calloc(1, n_bytes ? n_bytes : 1);

	if (ptr == NULL)
		out_of_memory(n_bytes);
	return ptr;
}

void *
mem_grow(void *ptr, size_t n_bytes)
{
	void *grown = realloc(ptr, n_bytes ? n_bytes : 1);

	if (grown == NULL)
		out_of_memory(n_bytes);
	return grown;
}

void *
mem_copy(const void *ptr, size_t n_bytes)
{
	void *copy = malloc(n_bytes ? n_bytes : 1);

	if (copy == NULL)
		out_of_memory(n_bytes);
	if (n_bytes > 0)
		memcpy(copy, ptr, n_bytes);
	return copy;
}

char *
mem_strdup(const char *text)
{
	return mem_copy(text, strlen(text) + 1);
}

void
mem_wipe(void *ptr, size_t n_bytes)
{
	if (n_bytes > 0)
		explicit_bzero(ptr, n_bytes);
}
