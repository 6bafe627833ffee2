/* SPDX-License-Identifier: Apache-2.0 */
/* library.h - a plugin's shared object: whose it is, and its descriptor. */
#ifndef MODULE_LIBRARY_H
#define MODULE_LIBRARY_H

#include <aiconexus/plugin.h>

/* The folder plugins come from: who can write there could put an older plugin
   in a newer one's place.  AICX_EDENIED: others can. */
aicx_err library_check_folder(const char *path, struct aicx_error *reterr);

/*
 * Opens the file once, checks type, owner and mode on that descriptor, and its
 * SHA-256 where pin (64 hex digits) is not NULL, and
 * loads what it has open, so nobody can change the file in between.  The
 * library's constructors run here.  A library stays loaded until the process
 * ends; the same file again is the same library.
 * AICX_ENOTFOUND: there is no such file; other errors give the reason alone.
 */
aicx_err library_load(const char *path, const char *pin,
    const struct aicx_plugin **ret_plugin, struct aicx_error *reterr);

#endif
