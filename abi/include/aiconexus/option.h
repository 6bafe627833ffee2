/* SPDX-License-Identifier: Apache-2.0 */
/* option.h - a plugin's configuration keys, declared as data. */
#ifndef AICX_OPTION_H
#define AICX_OPTION_H

#include "types.h"

enum aicx_option_type {
	AICX_OPT_STR = 1, /* const char *, host-owned */
	AICX_OPT_INT = 2, /* int64_t, range-checked */
	AICX_OPT_BOOL = 3, /* uint8_t, 0 or 1: "yes", "no" */
	AICX_OPT_MSEC = 4, /* int64_t, "250ms", "5s", "2m", "1h" */
	AICX_OPT_SIZE = 5, /* int64_t bytes, "64k", "8m" */
	AICX_OPT_MONEY = 6, /* struct aicx_money, "0.0025 AIC" */
	AICX_OPT_REF =
	    7, /* const struct aicx_ref *: another instance by name */
	AICX_OPT_PATH =
	    8 /* const char *: relative ones start at the conf file */
};

enum {
	AICX_OPTF_REQUIRED = 1u << 0,
	AICX_OPTF_SECRET = 1u << 1 /* never logged, masked by --dump */
};

/*
 * What an AICX_OPT_REF option becomes: an instance opened before this one.
 * The host sorts instances by these references and refuses cycles.
 */
struct aicx_ref {
	uint32_t kind; /* enum aicx_kind */
	const char *instance;
	const void *ops; /* the ops table of that kind */
	void *state; /* pass to ops; NULL until that instance is open */
};

/* The array ends at name == NULL. */
struct aicx_option {
	const char *name;
	size_t offset; /* into the plugin's settings struct */
	size_t size; /* of the field; the host refuses a mismatch with type */
	uint32_t type;
	uint32_t flags;
	const char *fallback; /* as an operator would write it, or NULL */
	/* Both 0: unbounded; max 0 below a positive min: no upper bound.  In
	   the field's own unit.  REF: min is the wanted kind. */
	int64_t min, max;
	const char *help; /* one sentence; becomes the man page */
};

/* Names an option after the field it fills, so the two cannot drift apart. */
#define AICX_FIELD(struct_, field)                                             \
	.name = #field, .offset = offsetof(struct_, field),                    \
	.size = sizeof(((struct_ *)0)->field)

#endif
