/* SPDX-License-Identifier: Apache-2.0 */
/* window.c - a file seen through a piece of it in memory. */
#include "window.h"

#include <errno.h>
#include <unistd.h>

void
window_open(struct window *window, int fd)
{
	if (window->fd >= 0)
		close(window->fd);
	window->fd = fd;
	bytes_clear(&window->bytes);
}

/* Until `want` bytes are there, or the file ends. */
static bool
fill(struct window *window, size_t want)
{
	struct bytes *bytes = &window->bytes;

	while (bytes->len < want) {
		ssize_t n = pread(window->fd, bytes->ptr + bytes->len,
		    want - bytes->len, (off_t)(window->at + bytes->len));
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return false;
		if (n == 0)
			break;
		bytes->len += (size_t)n;
	}
	return true;
}

const char *
window_get(
    struct window *window, uint64_t at, size_t n, size_t ahead, size_t *ret_n)
{
	struct bytes *bytes = &window->bytes;
	bool inside = at >= window->at && at - window->at <= bytes->len &&
	    bytes->len - (at - window->at) >= n && bytes->len > 0;

	if (!inside) {
		bytes_clear(bytes);
		window->at = at;
		if (n < ahead)
			n = ahead;
		if (!bytes_room(bytes, n)) {
			errno = ENOMEM;
			return NULL;
		}
		if (!fill(window, n)) {
			bytes_clear(bytes);
			return NULL;
		}
	}
	*ret_n = bytes->len - (size_t)(at - window->at);
	return bytes->ptr + (at - window->at);
}

void
window_fini(struct window *window)
{
	window_open(window, -1);
	bytes_fini(&window->bytes);
}
