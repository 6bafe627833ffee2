/* SPDX-License-Identifier: Apache-2.0 */
/*
 * privilege.h - what the process gives away before it reads anything: root,
 * and the images of its memory.
 */
#ifndef MAIN_PRIVILEGE_H
#define MAIN_PRIVILEGE_H

#include <aiconexus/types.h>

/* Becomes that user for good, with its groups; the data folder is made for it
   when it is missing.  NULL: stays who it is.  Only root can become another. */
aicx_err privilege_drop(
    const char *user, const char *data_dir, struct aicx_error *reterr);
/* No core file, and no other process of this user looks into our memory, where
   keys are.  After privilege_drop(), which undoes it. */
void privilege_hide_memory(void);

#endif
