/* SPDX-License-Identifier: Apache-2.0 */
/*
 * store_put.c - writes one key into a LevelDB folder that nobody has open: how
 * a scene makes a data folder of another time.
 *
 *     store_put FOLDER KEY VALUE
 *
 * Hexadecimal digits after a '%' at the end of the key stand for its last
 * bytes.
 */
#include <leveldb/c.h>
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
	char *error = NULL;

	if (argc != 4) {
		(void)fputs("usage: store_put FOLDER KEY VALUE\n", stderr);
		return 2;
	}
	leveldb_options_t *options = leveldb_options_create();
	leveldb_t *store = leveldb_open(options, argv[1], &error);
	leveldb_writeoptions_t *durable = leveldb_writeoptions_create();
	leveldb_writeoptions_set_sync(durable, 1);
	if (error == NULL)
		leveldb_put(store, durable, argv[2], key_decode(argv[2]),
		    argv[3], strlen(argv[3]), &error);
	if (error != NULL)
		(void)fprintf(stderr, "store_put: %s\n", error);
	else
		leveldb_close(store);
	leveldb_writeoptions_destroy(durable);
	leveldb_options_destroy(options);
	int status = error != NULL;
	leveldb_free(error);
	return status;
}
