/* SPDX-License-Identifier: Apache-2.0 */
/* answer.c - header fields and body of an HTTP answer as they come in. */
#include "loop/answer.h"

#include "base/str.h"

void
answer_fini(struct answer *answer)
{
	buf_fini(&answer->head);
	buf_fini(&answer->body);
}

static bool
is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

bool
answer_take_line(struct answer *answer, struct aicx_str line)
{
	size_t start = answer->head.len, colon = 0, from, to = line.len;

	answer->n_head += line.len;
	if (answer->n_head > ANSWER_HEAD_BYTES_MAX) {
		answer->too_large = true;
		return false;
	}
	if (line.len > 5 && memcmp(line.ptr, "HTTP/", 5) == 0) {
		buf_clear(&answer->head);
		answer->n_fields = 0;
		return true;
	}
	while (colon < line.len && line.ptr[colon] != ':')
		colon++;
	if (colon == 0 || colon == line.len ||
	    answer->n_fields == ANSWER_FIELDS_MAX)
		return true;
	for (from = colon + 1; from < to && is_blank(line.ptr[from]);)
		from++;
	while (to > from && is_blank(line.ptr[to - 1]))
		to--;
	buf_str(&answer->head, line);
	answer->fields[answer->n_fields++] =
	    (struct answer_field) { start, colon, start + from, to - from };
	return true;
}

bool
answer_take_body(struct answer *answer, struct aicx_str bytes)
{
	if (bytes.len > answer->body_max - answer->n_body) {
		answer->too_large = true;
		return false;
	}
	answer->n_body += bytes.len;
	buf_str(&answer->body, bytes);
	return true;
}

const struct aicx_header *
answer_headers(struct answer *answer, size_t *ret_n)
{
	const char *head = answer->head.ptr;

	for (size_t i = 0; i < answer->n_fields; i++) {
		const struct answer_field *field = &answer->fields[i];
		answer->view[i] = (struct aicx_header) {
			{ head + field->name, field->n_name },
			{ head + field->value, field->n_value },
		};
	}
	*ret_n = answer->n_fields;
	return answer->view;
}
