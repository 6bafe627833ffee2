/* SPDX-License-Identifier: Apache-2.0 */
/*
 * store_records.c - prints the records in a store that nobody has open, each
 * after its number of bytes and a newline: for tests that look at a whole
 * ledger.
 *
 *     store_records PLUGIN FOLDER
 */
#include "store_folder.h"

#include <stdio.h>
#include <string.h>

enum { RECORD_KEY = 4 + 8 }; /* longer ones are of checkpoints */

static int
on_pair(struct aicx_str key, struct aicx_str value, void *arg)
{
	(void)arg;
	if (key.len != RECORD_KEY)
		return 0;
	(void)printf("%zu\n", value.len);
	(void)fwrite(value.ptr, 1, value.len, stdout);
	return 0;
}

int
main(int argc, char **argv)
{
	struct store_folder store;
	struct aicx_error why = { 0 };
	struct aicx_str from = { "0/r/", 4 }, to = { "0/r0", 4 };

	if (argc != 3) {
		(void)fputs("usage: store_records PLUGIN FOLDER\n", stderr);
		return 2;
	}
	if (!store_folder_open(&store, argv[1], argv[2]))
		return 1;
	aicx_err err =
	    store.ops->range(store.state, from, to, 0, on_pair, NULL, &why);
	store_folder_close(&store);
	if (err != AICX_OK)
		(void)fprintf(stderr, "store_records: %s\n", why.text);
	return err != AICX_OK || ferror(stdout) || fflush(stdout) != 0;
}
