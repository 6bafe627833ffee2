/* SPDX-License-Identifier: Apache-2.0 */
/* request.h - from an HTTP request to the operation it asks for. */
#ifndef REQUEST_H
#define REQUEST_H

#include "gateway.h"

/* The gateway's op. */
void request_serve(void *gateway, struct aicx_exchange *exchange,
    const struct aicx_http_request *request);

#endif
