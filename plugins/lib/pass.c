/* SPDX-License-Identifier: Apache-2.0 */
/* pass.c - the header field that a seller's server wants to see from us. */
#include "pass.h"

#include "text.h"

#include <string.h>

static void
copy(char *to, size_t size, struct aicx_str from)
{
	size_t n = from.len < size ? from.len : size - 1;

	memcpy(to, from.ptr, n);
	to[n] = '\0';
}

void
pass_take(struct pass *pass, const struct aicx_host *host,
    const struct aicx_errand *errand)
{
	struct aicx_header header;

	memset(pass, 0, sizeof *pass);
	if (host->errand_pass(errand, &header) != AICX_OK)
		return;
	copy(pass->name, sizeof pass->name, header.name);
	copy(pass->value, sizeof pass->value, header.value);
}

bool
pass_is(const struct pass *pass, const struct pass *other)
{
	return strcmp(pass->name, other->name) == 0 &&
	    strcmp(pass->value, other->value) == 0;
}

size_t
pass_put(const struct pass *pass, struct aicx_header *ret_header)
{
	if (pass->value[0] == '\0')
		return 0;
	*ret_header =
	    (struct aicx_header) { text_of(pass->name), text_of(pass->value) };
	return 1;
}

void
pass_wipe(struct pass *pass)
{
	explicit_bzero(pass, sizeof *pass);
}
