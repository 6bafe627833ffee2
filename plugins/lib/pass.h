/* SPDX-License-Identifier: Apache-2.0 */
/* pass.h - the header field that a seller's server wants to see from us: a copy
   that outlives its errand. */
#ifndef PASS_H
#define PASS_H

#include <aiconexus/plugin.h>
#include <stdbool.h>

struct pass {
	char name[65], value[1025]; /* "": there is none */
};

void pass_take(struct pass *pass, const struct aicx_host *host,
    const struct aicx_errand *errand);
bool pass_is(const struct pass *pass, const struct pass *other);
/* One more header field, if there is one; borrows of the pass. */
size_t pass_put(const struct pass *pass, struct aicx_header *ret_header);
void pass_wipe(struct pass *pass);

#endif
