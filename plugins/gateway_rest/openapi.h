/* SPDX-License-Identifier: Apache-2.0 */
/*
 * openapi.h - the method table as an OpenAPI 3.1 description.
 *
 * Every path, verb, parameter and schema comes from the table that serves, so
 * that it cannot drift.  Free of the host: the same code prints the copy in
 * abi/wire.
 */
#ifndef OPENAPI_H
#define OPENAPI_H

#include <aiconexus/msg.h>

/* Compact JSON; the caller frees it.  url: where the broker is reached, without
   a slash at its end; NULL: the address it listens on as shipped.  NULL without
   memory. */
char *openapi_print(const struct aicx_method *const *methods, size_t n_methods,
    const char *url);

#endif
