/* SPDX-License-Identifier: Apache-2.0 */
/* answer.h - what came of an HTTP server's answer: header fields and body, both
   limited. */
#ifndef LOOP_ANSWER_H
#define LOOP_ANSWER_H

#include <aiconexus/msg.h>
#include <stdbool.h>

#include "base/buf.h"

enum { ANSWER_HEAD_BYTES_MAX = 64 << 10, ANSWER_FIELDS_MAX = 64 };

/* Zeroed and body_max set: nothing came yet. */
struct answer {
	struct buf head, body;
	struct answer_field {
		size_t name, n_name, value, n_value; /* in head */
	} fields[ANSWER_FIELDS_MAX];
	size_t n_fields, n_head, n_body, body_max;
	bool too_large;
	struct aicx_header view[ANSWER_FIELDS_MAX];
};

void answer_fini(struct answer *answer);
/* A line as libcurl tells it.  A status line begins anew, as the answer that
   counts is the last one (100 Continue comes before).  Fields beyond the limit
   are left out; false: too many bytes. */
bool answer_take_line(struct answer *answer, struct aicx_str line);
/* false: more than body_max, all runs together. */
bool answer_take_body(struct answer *answer, struct aicx_str bytes);
/* The fields; valid until the next line. */
const struct aicx_header *answer_headers(struct answer *answer, size_t *ret_n);

#endif
