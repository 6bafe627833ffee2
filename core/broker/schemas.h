/* SPDX-License-Identifier: Apache-2.0 */
/*
 * schemas.h - what capabilities say of their input and output, compiled once
 * and kept.
 *
 * A schema that names another dialect than 2020-12 in "$schema" is passed on to
 * who asks and not looked into.
 */
#ifndef BROKER_SCHEMAS_H
#define BROKER_SCHEMAS_H

#include "base/map.h"

#include <aiconexus/types.h>

struct broker;

/* Bytes of text that are kept at once; beyond it all are made anew. */
enum { SCHEMAS_BYTES_MAX = 512 * 1024 };

struct schemas {
	struct map kept; /* text -> struct kept_schema */
	size_t n_bytes;
};

void schemas_fini(struct schemas *schemas);
/* "invalid_params" when a capability may not say that; absent texts may. */
aicx_err schemas_accept(struct aicx_str text, struct aicx_error *reterr);
/* "invalid_input" when the JSON does not meet what the provider says of that
   capability's input, or output; it may say nothing. */
aicx_err schemas_check_input(struct broker *broker,
    const struct aicx_id *provider_id, struct aicx_str capability,
    struct aicx_str input, struct aicx_error *reterr);
aicx_err schemas_check_output(struct broker *broker,
    const struct aicx_id *provider_id, struct aicx_str capability,
    struct aicx_str output, struct aicx_error *reterr);

#endif
