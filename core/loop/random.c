/* SPDX-License-Identifier: Apache-2.0 */
/*
 * random.c - unpredictable bytes, asked of the system in blocks.
 *
 * What was handed out is wiped, so a later look at our memory does not tell old
 * ids and keys.
 */
#include <errno.h>
#include <string.h>
#include <sys/random.h>

#include "base/err.h"
#include "base/mem.h"
#include "loop/inside.h"

/* May wait once, early after boot, until the system has gathered enough. */
static void
system_random(uint8_t *ret_bytes, size_t n_bytes)
{
	while (n_bytes > 0) {
		ssize_t n = getrandom(ret_bytes, n_bytes, 0);
		ENSURE(n > 0 || errno == EINTR);
		if (n > 0) {
			ret_bytes += n;
			n_bytes -= (size_t)n;
		}
	}
}

void
chance_init(struct chance *chance)
{
	ENSURE(pthread_mutex_init(&chance->mutex, NULL) == 0);
	chance->left = 0;
}

void
chance_fini(struct chance *chance)
{
	mem_wipe(chance->bytes, sizeof chance->bytes);
	(void)pthread_mutex_destroy(&chance->mutex);
}

void
loop_random(struct loop *loop, void *ret_bytes, size_t n_bytes)
{
	struct chance *chance = &loop->chance;

	if (n_bytes > sizeof chance->bytes / 4) {
		system_random(ret_bytes, n_bytes);
		return;
	}
	(void)pthread_mutex_lock(&chance->mutex);
	if (chance->left < n_bytes) {
		system_random(chance->bytes, sizeof chance->bytes);
		chance->left = sizeof chance->bytes;
	}
	chance->left -= n_bytes;
	memcpy(ret_bytes, chance->bytes + chance->left, n_bytes);
	mem_wipe(chance->bytes + chance->left, n_bytes);
	(void)pthread_mutex_unlock(&chance->mutex);
}
