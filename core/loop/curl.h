/* SPDX-License-Identifier: Apache-2.0 */
/*
 * curl.h - libcurl, opened when the first request needs it.
 *
 * With the 27 libraries that Debian's needs it costs 4 MiB of memory and 10 ms
 * of every start, and most brokers never ask an HTTP server anything.
 */
#ifndef LOOP_CURL_H
#define LOOP_CURL_H

#include <aiconexus/types.h>
#include <curl/curl.h>

/* The name that its ABI has had since 2006. */
#define CURL_LIBRARY "libcurl.so.4"

/* What we call: X(name) for curl_name(). */
#define CURL_CALLS(X)                                                          \
	X(easy_cleanup)                                                        \
	X(easy_getinfo)                                                        \
	X(easy_init)                                                           \
	X(easy_setopt)                                                         \
	X(easy_strerror)                                                       \
	X(free)                                                                \
	X(global_cleanup)                                                      \
	X(global_init)                                                         \
	X(multi_add_handle)                                                    \
	X(multi_assign)                                                        \
	X(multi_cleanup)                                                       \
	X(multi_info_read)                                                     \
	X(multi_init)                                                          \
	X(multi_remove_handle)                                                 \
	X(multi_setopt)                                                        \
	X(multi_socket_action)                                                 \
	X(slist_append)                                                        \
	X(slist_free_all)                                                      \
	X(url)                                                                 \
	X(url_cleanup)                                                         \
	X(url_get)                                                             \
	X(url_set)

struct curl {
#define CURL_CALL(name) __typeof__(curl_##name) *name;
	CURL_CALLS(CURL_CALL)
#undef CURL_CALL
};

/* The library stays open, as it never gives back all of what it made.
   AICX_EIO: it is not installed, or too old. */
aicx_err curl_open(
    const char *name, struct curl *ret_curl, struct aicx_error *reterr);

#endif
