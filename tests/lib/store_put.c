/* SPDX-License-Identifier: Apache-2.0 */
/*
 * store_put.c - writes one key into a LevelDB folder that nobody has open: how
 * a scene makes a data folder of another time.
 *
 *     store_put FOLDER KEY VALUE
 */
#include <leveldb/c.h>
#include <stdio.h>
#include <string.h>

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
		leveldb_put(store, durable, argv[2], strlen(argv[2]), argv[3],
		    strlen(argv[3]), &error);
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
