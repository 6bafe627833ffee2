/* SPDX-License-Identifier: Apache-2.0 */
/*
 * fuzz_dealfile.c - verifying any bytes as a file of any kind, and deals whose
 * members are any text but whose signatures are good.
 *
 * The first byte chooses: 'f' takes the rest as the file itself; anything else
 * splits the rest at newlines into members of a deal that is then signed and
 * put into a tree, so that the checks behind the signatures are reached too.
 */
/* clang-format off */
/* fuzz: core/cli/verify*.c core/cli/amount.c core/cli/deal_maker.c */
/* fuzz: core/cli/deal_file.c core/cli/outside.c core/cli/policy_host.c */
/* fuzz: plugins/hook_lua/lua_answer.c plugins/hook_lua/lua_fault.c */
/* fuzz: plugins/hook_lua/lua_heap.c plugins/hook_lua/lua_host.c */
/* fuzz: plugins/hook_lua/lua_json.c plugins/hook_lua/lua_libs.c */
/* fuzz: plugins/hook_lua/lua_load.c plugins/hook_lua/lua_meter.c */
/* fuzz: plugins/hook_lua/lua_value.c plugins/hook_lua/lua_view.c */
/* fuzz: plugins/hook_lua/lua_words.c plugins/hook_lua/policy_hash.c */
/* fuzz: -Iplugins -Iplugins/hook_lua -llua5.4 -ljansson -lz */
/* clang-format on */
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "base/err.h"
#include "base/id.h"
#include "base/str.h"
#include "cli/deal_maker.h"
#include "cli/verify.h"

enum { MEMBER_MAX = 64 };

static void
judge(struct aicx_str text, bool known)
{
	struct trusted broker = { .source = STR("fuzz") };
	struct trust trust = { &broker, known, false };
	struct buf report = { 0 };

	deal_maker_broker_key(broker.key);
	enum verdict verdict = verify_text(text, &trust, &report);
	ENSURE(verdict >= VERDICT_GOOD && verdict <= VERDICT_UNKNOWN_KEY);
	ENSURE(report.len > 0 && report.ptr[report.len - 1] == '\n');
	for (size_t i = 0; i < report.len; i++)
		ENSURE(report.ptr[i] == '\n' || (report.ptr[i] & 0x7F) >= ' ');
	buf_fini(&report);
}

static void
take(struct aicx_str *rest, char copy[MEMBER_MAX], const char **ret)
{
	struct aicx_str line = str_cut(*rest, '\n', rest);

	if (line.len > 0 && str_copy(line, copy, MEMBER_MAX))
		*ret = copy;
}

static void
make(struct aicx_str rest, uint8_t flags)
{
	struct deal_maker maker = deal_maker();
	const char **members[] = { &maker.need, &maker.max_each,
		&maker.max_total, &maker.mandate_expires, &maker.base_cost,
		&maker.other_cost, &maker.ceiling, &maker.held,
		&maker.line_amount, &maker.total, &maker.released, &maker.fee,
		&maker.listed_price, &maker.listed_other, &maker.others,
		&maker.custody, &maker.uses, &maker.terms_named };
	char copies[sizeof members / sizeof members[0]][MEMBER_MAX];
	struct buf file = { 0 };

	for (size_t i = 0; i < sizeof members / sizeof members[0]; i++)
		take(&rest, copies[i], members[i]);
	maker.per_unit = flags & 1;
	maker.claim = (flags & 3) == 3;
	maker.loser_badly_signed = flags & 4;
	maker.units = flags >> 4;
	deal_make(&maker, &file);
	judge(buf_view(&file), true);
	buf_fini(&file);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	if (size == 0)
		return 0;
	struct aicx_str rest = { (const char *)data + 1, size - 1 };
	if (data[0] == 'f')
		judge(rest, size & 1);
	else
		make(rest, data[0]);
	return 0;
}
