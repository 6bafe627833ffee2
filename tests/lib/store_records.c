/* SPDX-License-Identifier: Apache-2.0 */
/*
 * store_records.c - prints the records in a LevelDB folder that nobody has
 * open, each after its number of bytes and a newline: for tests that look at a
 * whole ledger.
 *
 *     store_records FOLDER
 */
#include <leveldb/c.h>
#include <stdio.h>
#include <string.h>

static const char prefix[] = "0/r/";
enum { RECORD_KEY = 4 + 8 }; /* longer ones are of checkpoints */

static int
print_records(leveldb_t *store)
{
	leveldb_readoptions_t *options = leveldb_readoptions_create();
	leveldb_iterator_t *each = leveldb_create_iterator(store, options);
	size_t n = 0;

	leveldb_iter_seek(each, prefix, strlen(prefix));
	for (; leveldb_iter_valid(each); leveldb_iter_next(each)) {
		const char *key = leveldb_iter_key(each, &n);
		if (n < strlen(prefix) ||
		    memcmp(key, prefix, strlen(prefix)) != 0)
			break;
		if (n != RECORD_KEY)
			continue;
		const char *value = leveldb_iter_value(each, &n);
		(void)printf("%zu\n", n);
		(void)fwrite(value, 1, n, stdout);
	}
	leveldb_iter_destroy(each);
	leveldb_readoptions_destroy(options);
	return ferror(stdout) || fflush(stdout) != 0;
}

int
main(int argc, char **argv)
{
	char *error = NULL;

	if (argc != 2) {
		(void)fputs("usage: store_records FOLDER\n", stderr);
		return 2;
	}
	leveldb_options_t *options = leveldb_options_create();
	leveldb_t *store = leveldb_open(options, argv[1], &error);
	int status = error != NULL;
	if (error != NULL)
		(void)fprintf(stderr, "store_records: %s\n", error);
	else {
		status = print_records(store);
		leveldb_close(store);
	}
	leveldb_options_destroy(options);
	leveldb_free(error);
	return status;
}
