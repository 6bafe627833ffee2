/* SPDX-License-Identifier: Apache-2.0 */
/* crypto_tag.h - "aiconexus <kind> v1\n", for the files that sign or check. */
#ifndef PROTOCOL_CRYPTO_TAG_H
#define PROTOCOL_CRYPTO_TAG_H

#include "protocol/crypto.h"

#include <aiconexus/types.h>

struct aicx_str crypto_tag(enum sig_kind kind); /* constant [any thread] */

#endif
