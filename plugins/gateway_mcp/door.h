/* SPDX-License-Identifier: Apache-2.0 */
/*
 * door.h - what an HTTP request's head says, before anybody reads its body.
 */
#ifndef DOOR_H
#define DOOR_H

#include "text.h"

#include <aiconexus/msg.h>

/* The value of a field that is there once; absent otherwise. */
struct aicx_str door_field(
    const struct aicx_http_request *request, const char *name);
/* Host, and Origin where there is one, name a host of the list (separated by
   blanks or commas), whatever the port: a page that rebound its own name to our
   address does not get in. */
bool door_is_ours(
    const struct aicx_http_request *request, struct aicx_str hosts);
bool door_brings_json(const struct aicx_http_request *request);
bool door_takes(const struct aicx_http_request *request, const char *media);
bool door_is_loopback(const struct aicx_http_request *request);
/* "https://broker.example" -> "broker.example"; "[::1]:80" -> "[::1]". */
struct aicx_str door_host(struct aicx_str url_or_authority);

#endif
