/* SPDX-License-Identifier: Apache-2.0 */
/* folder.h - a folder's names made durable, or all of it removed. */
#ifndef STORE_LEVELDB_FOLDER_H
#define STORE_LEVELDB_FOLDER_H

#include <stdbool.h>

bool folder_sync(const char *path); /* false: errno says why */
void folder_drop(const char *path); /* with all that is in it, if it can */

#endif
