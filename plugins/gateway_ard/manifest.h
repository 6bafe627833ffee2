/* SPDX-License-Identifier: Apache-2.0 */
/* manifest.h - /.well-known/ai-catalog.json and its parts. */
#ifndef MANIFEST_H
#define MANIFEST_H

#include "talk.h"

/* Run with talk->stock. */
void manifest_serve(struct talk *talk);
void manifest_serve_part(struct talk *talk);

#endif
