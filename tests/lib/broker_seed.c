/* SPDX-License-Identifier: Apache-2.0 */
/*
 * broker_seed.c - prints the signing key of a broker that has stopped, in
 * base64url: for tests in which a broker forges what it signed.
 *
 *     broker_seed DATA_FOLDER
 *
 * The master key is the first line of the folder's master.key.
 */
#include <stdio.h>
#include <unistd.h>

#include "base/b64.h"
#include "security/keyring.h"

static bool
file_take(const char *name, struct buf *ret)
{
	FILE *in = fopen(name, "re");
	size_t n;

	if (in == NULL)
		return false;
	while ((n = fread(buf_room(ret, 4096), 1, 4096, in)) > 0)
		ret->len += n;
	return fclose(in) == 0;
}

static void
no_random(void *arg, void *ret_bytes, size_t n_bytes)
{
	(void)arg;
	(void)ret_bytes;
	(void)n_bytes;
}

int
main(int argc, char **argv)
{
	static const struct keyring_chance none = { no_random, NULL };
	struct aicx_error why = { 0 };
	struct buf keys = { 0 }, text = { 0 }, seed = { 0 };
	struct masters masters;
	struct keyring *ring = NULL;
	size_t which;

	if (argc != 2 || chdir(argv[1]) != 0 ||
	    !file_take("master.key", &keys) ||
	    !file_take("broker.identity", &text) ||
	    masters_parse(buf_view(&keys), &masters, &why) != AICX_OK ||
	    keyring_parse(buf_view(&text), &masters, &none, &ring, &which,
		&why) != AICX_OK) {
		(void)fprintf(stderr, "broker_seed: %s\n", why.text);
		return 1;
	}
	b64_put(&seed, keyring_seed(ring), KEY_BYTES);
	(void)printf("%.*s\n", (int)seed.len, seed.ptr);
	keyring_free(ring);
	buf_fini(&keys);
	buf_fini(&text);
	buf_fini(&seed);
	return 0;
}
