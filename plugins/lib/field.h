/* SPDX-License-Identifier: Apache-2.0 */
/* field.h - the header fields of a request, as gateways see them. */
#ifndef FIELD_H
#define FIELD_H

#include "text.h"

#include <aiconexus/msg.h>

/* How many fields have this name, in any case; the last one's value. */
static inline size_t
field_find(const struct aicx_http_request *request, struct aicx_str name,
    struct aicx_str *ret_value)
{
	size_t n = 0;

	for (size_t i = 0; i < request->n_headers; i++) {
		if (!text_alike(request->headers[i].name, name))
			continue;
		*ret_value = request->headers[i].value;
		n++;
	}
	return n;
}

/* The bearer credential, absent when there is none; false: it is malformed, or
   there are two. */
static inline bool
field_credential(
    const struct aicx_http_request *request, struct aicx_str *ret_credential)
{
	struct aicx_str value;
	size_t n = field_find(request, TEXT("Authorization"), &value);

	*ret_credential = (struct aicx_str) { NULL, 0 };
	return n == 0 || (n == 1 && text_bearer(value, ret_credential));
}

#endif
