/* SPDX-License-Identifier: Apache-2.0 */
/*
 * fuzz_signature.c - any text as Signature-Input, Signature and Content-Digest
 * of a request, a line each: what is read has bounds that hold, and the base is
 * made of it without an end of its own lines.
 */
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "base/err.h"
#include "base/str.h"
#include "protocol/http_signature.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct aicx_str rest = { (const char *)data, size };
	struct aicx_header headers[] = {
		{ STR("Signature-Input"), str_cut(rest, '\n', &rest) },
		{ STR("Signature"), str_cut(rest, '\n', &rest) },
		{ STR("Content-Digest"), str_cut(rest, '\n', &rest) },
		{ STR("Host"), STR("broker") },
	};
	struct aicx_http_request request = {
		.size = sizeof request,
		.method = STR("POST"),
		.path = STR("/v1/deals"),
		.query = rest,
		.body = STR("{}"),
		.headers = headers,
		.n_headers = sizeof headers / sizeof *headers,
	};
	struct http_signature signature;
	struct aicx_error error;
	struct buf base = { 0 };

	if (!http_is_signed(&request) ||
	    http_signature_parse(&request, &signature, &error) != AICX_OK) {
		ENSURE(strcmp(error.word, "malformed") == 0);
		return 0;
	}
	ENSURE(
	    signature.n_bytes == MAC_BYTES || signature.n_bytes == SIG_BYTES);
	ENSURE(signature.n_components <= HTTP_COMPONENTS_MAX);
	ENSURE(
	    memchr(signature.params.ptr, '\n', signature.params.len) == NULL);
	(void)http_signature_check(&signature, &request, &error);
	(void)http_signature_check_fresh(&signature, 1000, 60000, &error);
	if (http_signature_base(&signature, &request, "https", &base, &error) ==
	    AICX_OK)
		ENSURE(str_ends(buf_view(&base), "") && base.len > 0);
	buf_fini(&base);
	return 0;
}
