/* SPDX-License-Identifier: Apache-2.0 */
/*
 * store_put.c - writes one key into a store that nobody has open: how a scene
 * makes a data folder of another time.
 *
 *     store_put PLUGIN FOLDER KEY VALUE
 *
 * Hexadecimal digits after a '%' at the end of the key stand for its last
 * bytes.
 */
#include "store_folder.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* In place; returns the length of the key. */
static size_t
key_decode(char *key)
{
	char *hex = strchr(key, '%'), *to = hex;

	if (hex == NULL)
		return strlen(key);
	for (hex++; hex[0] != '\0' && hex[1] != '\0'; hex += 2) {
		char two[3] = { hex[0], hex[1], '\0' };
		*to++ = (char)strtoul(two, NULL, 16);
	}
	return (size_t)(to - key);
}

int
main(int argc, char **argv)
{
	struct store_folder store;
	struct aicx_error why = { 0 };

	if (argc != 5) {
		(void)fputs(
		    "usage: store_put PLUGIN FOLDER KEY VALUE\n", stderr);
		return 2;
	}
	if (!store_folder_open(&store, argv[1], argv[2]))
		return 1;
	struct aicx_write write = { { argv[3], key_decode(argv[3]) },
		{ argv[4], strlen(argv[4]) } };
	struct aicx_batch batch = {
		.size = sizeof batch,
		.durability = AICX_DURABLE,
		.writes = &write,
		.n_writes = 1,
	};
	aicx_err err = store.ops->commit(store.state, &batch, &why);
	store_folder_close(&store);
	if (err != AICX_OK)
		(void)fprintf(stderr, "store_put: %s\n", why.text);
	return err != AICX_OK;
}
