/* SPDX-License-Identifier: Apache-2.0 */
/* frame.h - the little that is to be known of a message to find its place. */
#ifndef FRAME_H
#define FRAME_H

#include "text.h"

#include <aiconexus/types.h>
#include <stdbool.h>

struct frame {
	struct aicx_str id, correlation; /* as written, or absent */
	bool asks; /* an answer of its own follows */
};

/* Views into the text; whatever it holds, nothing is believed of it: who reads
   it later judges it. */
struct frame frame_read(struct aicx_str text);

#endif
