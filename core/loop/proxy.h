/* SPDX-License-Identifier: Apache-2.0 */
/*
 * proxy.h - what a proxy in front says of its client: version 2 of the PROXY
 * protocol (HAProxy's doc/proxy-protocol.txt, section 2.2).
 */
#ifndef LOOP_PROXY_H
#define LOOP_PROXY_H

#include "loop/inside.h"

enum {
	PROXY_HEAD_BYTES = 16, /* signature, command, family, length */
	PROXY_BYTES_MAX = 1024 /* of a whole header; they have about 60 */
};

struct proxy_client {
	struct address address; /* len 0: the proxy speaks for itself */
	bool secret; /* it came to the proxy over TLS */
};

/* How long the whole header is, from its first PROXY_HEAD_BYTES; 0: it is none
   of version 2, or too long. */
size_t proxy_bytes(const uint8_t head[PROXY_HEAD_BYTES]);
/* Of a header of that length. */
aicx_err proxy_parse(struct aicx_str header, struct proxy_client *ret,
    struct aicx_error *reterr);

#endif
