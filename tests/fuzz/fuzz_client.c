/* SPDX-License-Identifier: Apache-2.0 */
/*
 * fuzz_client.c - what a client reads from a broker or a file of the user's:
 * any bytes.  The first byte says which.
 */
/* clang-format off */
/* fuzz: core/cli/http_head.c core/cli/ws.c core/cli/url.c core/cli/problem.c core/cli/table.c core/cli/amount.c core/cli/self.c core/cli/file.c core/cli/outside.c -lz */
/* clang-format on */
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "base/err.h"
#include "base/str.h"
#include "cli/amount.h"
#include "cli/http.h"
#include "cli/problem.h"
#include "cli/self.h"
#include "cli/table.h"
#include "cli/url.h"
#include "cli/ws.h"

static void
read_answer(struct aicx_str text)
{
	struct http_head head;
	struct buf body = { 0 };

	if (http_head_parse(text, &head, NULL) == AICX_OK) {
		ENSURE(head.head_bytes <= text.len);
		(void)http_body_parse(&head, text, true, &body, NULL);
		ENSURE(body.len <= text.len);
	}
	buf_fini(&body);
}

/* The same events whether the bytes come at once or one by one. */
static void
read_frames(struct aicx_str bytes)
{
	struct ws_reader reader = { 0 };
	struct ws_event event;
	size_t used;
	aicx_err err = AICX_OK;

	while (err == AICX_OK && bytes.len > 0) {
		err = ws_take(&reader, bytes, &used, &event, NULL);
		ENSURE(used <= bytes.len);
		bytes.ptr += used, bytes.len -= used;
	}
	ws_reader_fini(&reader);
}

static void
read_identity(struct aicx_str text)
{
	struct self self;

	if (self_parse(text, &self, NULL) == AICX_OK)
		self_fini(&self);
}

static void
read_texts(struct aicx_str text)
{
	struct url url;
	struct amount amount, again;
	struct aicx_error why;
	struct buf table = { 0 };

	(void)url_parse(text, &url, NULL);
	(void)problem_parse(text, 400, &why);
	table_print(&table, text, "a b.0.c", false);
	buf_fini(&table);
	if (amount_from_text(text, &amount, NULL) != AICX_OK)
		return;
	struct amount_text printed = amount_text(&amount);
	ENSURE(amount_from_text(str_of(printed.text), &again, NULL) == AICX_OK);
	ENSURE(amount_cmp(&amount, &again) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	if (size == 0)
		return 0;
	struct aicx_str rest = { (const char *)data + 1, size - 1 };
	switch (data[0] & 3) {
	case 0:
		read_answer(rest);
		break;
	case 1:
		read_frames(rest);
		break;
	case 2:
		read_identity(rest);
		break;
	default:
		read_texts(rest);
		break;
	}
	return 0;
}
