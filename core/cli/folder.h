/* SPDX-License-Identifier: Apache-2.0 */
/* folder.h - a folder copied whole, so that what is tried harms no original. */
#ifndef CLI_FOLDER_H
#define CLI_FOLDER_H

#include <aiconexus/types.h>

/* All files and folders, into a folder that was not there (AICX_EEXIST).
   AICX_ESTATE: a program holds the lock of a store inside.  Other things than
   files and folders are left out, and a store's folder "derived": what is in it
   may be damaged, and is made anew from the records. */
aicx_err folder_copy(
    const char *from, const char *to, struct aicx_error *reterr);

#endif
