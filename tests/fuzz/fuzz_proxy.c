/* SPDX-License-Identifier: Apache-2.0 */
/*
 * fuzz_proxy.c - what proxies say of their clients: PROXY headers, fields of
 * requests, and lists of whom to believe.
 */
/* fuzz: -Iplugins/lib -Iplugins/lib/http plugins/lib/http/forwarded.c */
/* fuzz: plugins/lib/text.c */
#include <stdlib.h>
#include <string.h>

#include "forwarded.h"
#include "loop/proxy.h"
#include "loop/subnet.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static bool
begins_with_one(struct aicx_str address, const void *arg)
{
	(void)arg;
	return address.len > 0 && address.ptr[0] == '1';
}

/* What is found lies in what came. */
static void
try_field(struct aicx_str value, bool plain)
{
	struct aicx_str element = { NULL, 0 };
	struct aicx_str address =
	    forwarded_find(value, plain, begins_with_one, NULL, &element);

	if (address.ptr != NULL &&
	    (address.ptr < value.ptr ||
		address.ptr + address.len > value.ptr + value.len))
		abort();
	(void)forwarded_parameter(element, (struct aicx_str) { "proto", 5 });
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct aicx_str bytes = { (const char *)data, size };
	struct proxy_client client;
	char *list = malloc(size + 1);

	if (list == NULL)
		abort();
	if (size > 0)
		memcpy(list, data, size);
	list[size] = '\0';
	if (proxy_parse(bytes, &client, NULL) == AICX_OK &&
	    proxy_bytes(data) != size)
		abort();
	try_field(bytes, true);
	try_field(bytes, false);
	if (subnets_check(list, NULL) == AICX_OK)
		(void)subnets_have(list, (struct aicx_str) { "10.0.0.1", 8 });
	(void)subnets_have("10.0.0.0/8, ::1", bytes);
	free(list);
	return 0;
}
