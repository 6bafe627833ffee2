/* SPDX-License-Identifier: Apache-2.0 */
/* forwarded.c - what proxies write into requests. */
#include "forwarded.h"

#include "text.h"

static struct aicx_str
unquoted(struct aicx_str text)
{
	text = text_trim(text);
	if (text.len >= 2 && text.ptr[0] == '"' &&
	    text.ptr[text.len - 1] == '"')
		text.ptr++, text.len -= 2;
	return text;
}

struct aicx_str
forwarded_parameter(struct aicx_str element, struct aicx_str wanted)
{
	while (element.ptr != NULL) {
		struct aicx_str value;
		struct aicx_str pair = text_cut(element, ';', &element);
		struct aicx_str name = text_cut(pair, '=', &value);

		if (value.ptr != NULL && text_alike(text_trim(name), wanted))
			return unquoted(value);
	}
	return (struct aicx_str) { NULL, 0 };
}

struct aicx_str
forwarded_last(struct aicx_str list, struct aicx_str *rest)
{
	for (size_t i = list.len; i-- > 0;)
		if (list.ptr[i] == ',') {
			*rest = (struct aicx_str) { list.ptr, i };
			return text_trim((struct aicx_str) {
			    list.ptr + i + 1, list.len - i - 1 });
		}
	*rest = (struct aicx_str) { NULL, 0 };
	return text_trim(list);
}

struct aicx_str
forwarded_find(struct aicx_str value, bool plain, forwarded_skip_fn *skip,
    const void *arg, struct aicx_str *ret_element)
{
	struct aicx_str address = { NULL, 0 };

	while (value.ptr != NULL) {
		struct aicx_str element = forwarded_last(value, &value);

		address =
		    plain ? element : forwarded_parameter(element, TEXT("for"));
		*ret_element = element;
		if (address.len == 0 || !skip(address, arg))
			break;
	}
	return address;
}
