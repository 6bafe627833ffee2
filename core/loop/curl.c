/* SPDX-License-Identifier: Apache-2.0 */
/* curl.c - finds libcurl's functions by name. */
#include "loop/curl.h"

#include <dlfcn.h>
#include <stdbool.h>
#include <string.h>

#include "base/err.h"

/* false: the library has none of that name.  ISO C has no conversion from an
   object's address to a function's, POSIX says that they are alike. */
static bool
find(void *library, const char *name, void *ret_function)
{
	void *found = dlsym(library, name);

	memcpy(ret_function, &found, sizeof found);
	return found != NULL;
}

aicx_err
curl_open(const char *name, struct curl *ret_curl, struct aicx_error *reterr)
{
	void *library = dlopen(name, RTLD_NOW | RTLD_LOCAL);
	struct curl curl;

	if (library == NULL)
		return err_set(reterr, AICX_EIO, "cannot open \"%s\": %s", name,
		    dlerror());
#define CURL_CALL(call)                                                        \
	if (!find(library, "curl_" #call, &curl.call))                         \
		return err_set(reterr, AICX_EIO,                               \
		    "cannot use \"%s\": it lacks curl_" #call, name);
	CURL_CALLS(CURL_CALL)
#undef CURL_CALL
	*ret_curl = curl;
	return AICX_OK;
}
