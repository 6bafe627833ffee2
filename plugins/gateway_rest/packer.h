/* SPDX-License-Identifier: Apache-2.0 */
/*
 * packer.h - gzip (RFC 1952), with one work area for all answers.
 *
 * Small texts gain nothing; what is large would hold the loop for too long and
 * goes out as it is.
 */
#ifndef PACKER_H
#define PACKER_H

#include "bytes.h"

enum { PACKER_MIN_BYTES = 1024, PACKER_MAX_BYTES = 256 * 1024 };

struct packer;

struct packer *packer_new(void); /* NULL without memory */
void packer_free(struct packer *packer); /* NULL is legal */
/* The packed body until the next call; absent when it is too small or too
   large, or does not shrink. */
struct aicx_str packer_pack(struct packer *packer, struct aicx_str body);

#endif
