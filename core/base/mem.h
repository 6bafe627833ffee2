/* SPDX-License-Identifier: Apache-2.0 */
/*
 * mem.h - heap memory that does not come back NULL.
 *
 * The broker bounds what it keeps by named limits and refuses work beyond
 * them; when the system has no memory all the same, it stops at once with a
 * message.  A stopped broker restarts from its records.
 */
#ifndef BASE_MEM_H
#define BASE_MEM_H

#include <stddef.h>

/* [any thread] Zeroed. */
void *mem_new(size_t n_bytes) __attribute__((malloc, returns_nonnull));
/* [any thread] As realloc; new bytes are not zeroed. */
void *mem_grow(void *ptr, size_t n_bytes) __attribute__((returns_nonnull));
/* [any thread] A copy; n_bytes may be 0. */
void *mem_copy(const void *ptr, size_t n_bytes)
    __attribute__((malloc, returns_nonnull));
char *mem_strdup(const char *text) __attribute__((malloc, returns_nonnull));
/* [any thread] Clears in a way the compiler keeps. */
void mem_wipe(void *ptr, size_t n_bytes);

#define MEM_NEW(type) ((type *)mem_new(sizeof(type)))

/* AUTO(free_text) char *text: calls free_text(&text) at the end of scope. */
#define AUTO(fn) __attribute__((cleanup(fn)))

#endif
