/* SPDX-License-Identifier: Apache-2.0 */
/*
 * docs.h - the OpenAPI description as one page for people.
 *
 * It needs nothing else: no script, no font, no second request.
 */
#ifndef DOCS_H
#define DOCS_H

#include "bytes.h"

/* What the page may do, for Content-Security-Policy: its own style, known by
   its hash, and nothing else. */
#define DOCS_POLICY                                                            \
	"default-src 'none'; "                                                 \
	"style-src 'sha256-kDeucRtXRYLVxR+E12eZ/l7PNDyqKrXpI1Lt2mWFi+A='; "    \
	"base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

/* openapi: as openapi_print() made it.  Appends; out->failed without memory. */
void docs_print(const char *openapi, struct bytes *out);

#endif
