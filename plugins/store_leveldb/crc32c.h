/* SPDX-License-Identifier: Apache-2.0 */
/* crc32c.h - the checksum of iSCSI (RFC 3720), which finds flipped bits. */
#ifndef STORE_LEVELDB_CRC32C_H
#define STORE_LEVELDB_CRC32C_H

#include <stddef.h>
#include <stdint.h>

/* crc: 0, or that of the bytes before these. */
uint32_t crc32c(uint32_t crc, const void *bytes, size_t n);

#endif
