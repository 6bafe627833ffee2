/* SPDX-License-Identifier: Apache-2.0 */
/*
 * types.h - the plain values that cross the plugin boundary.
 *
 * Everything here is copied or borrowed, never owned: a view is valid until
 * the call it was passed to returns.
 */
#ifndef AICX_TYPES_H
#define AICX_TYPES_H

#include <stddef.h>
#include <stdint.h>

/* A borrowed run of bytes; not NUL-terminated.  ptr == NULL means absent. */
struct aicx_str {
	const char *ptr;
	size_t len;
};

/* 128-bit identifier (RFC 9562), big-endian, so memcmp() orders v7 by age. */
struct aicx_id {
	uint8_t bytes[16];
};

/*
 * Money is an integer count of minor units of one currency; floats never
 * touch it.  How many decimals a currency has is the host's `currency_scale`.
 */
struct aicx_money {
	int64_t minor;
	char currency[8]; /* "AIC", NUL-padded */
};

typedef int32_t aicx_err;

/* Numbers are wire- and ABI-stable: append, never renumber or reuse. */
enum {
	AICX_OK = 0,
	AICX_EINVAL = -1, /* the caller's input is wrong */
	AICX_ENOTFOUND = -2,
	AICX_EEXIST = -3, /* already there, with other content */
	AICX_EAGAIN = -4, /* not now; try later */
	AICX_ETIMEDOUT = -5,
	AICX_EDENIED = -6, /* who you are does not allow it */
	AICX_ELIMIT = -7, /* a named limit would be passed */
	AICX_EIO = -8,
	AICX_ENOMEM = -9,
	AICX_EABI = -10, /* not built for this host */
	AICX_ESTATE = -11 /* legal, but not in the present state */
};

/*
 * Caller-owned explanation; written only on failure, never allocated.
 * `word` is the stable code that machines act on ("insufficient_funds"),
 * `field` a JSON Pointer to the culprit or "".  Both may be empty.
 */
struct aicx_error {
	aicx_err code;
	char word[28];
	char field[64];
	char text[224];
};

/* True when the table's author knew about this field and filled it in. */
#define AICX_HAS(table, type, field)                                           \
	((table)->size >= offsetof(type, field) + sizeof((table)->field) &&    \
	    (table)->field != NULL)

#endif
