/* SPDX-License-Identifier: Apache-2.0 */
/* transfer.c - places as text, and every legal way from one to another. */
#include "economics/transfer.h"

#include "base/id.h"
#include "base/str.h"

#include <string.h>

const char *const transfer_kind_names[] = { "fund", "withdraw", "reserve",
	"post", "release", "void", "expire", "fee", "charge", "record",
	"refund", "fee_refund", "freeze", "thaw", "settle", "net", "chargeback",
	NULL };

const struct aicx_id ledger_funding = { { [15] = 0xf1 } };
const struct aicx_id ledger_fees = { { [15] = 0xf2 } };
const struct aicx_id ledger_clearing = { { [15] = 0xf3 } };
const struct aicx_id ledger_suspense = { { [15] = 0xf4 } };
const struct aicx_id ledger_losses = { { [15] = 0xf5 } };

enum account_class { AGENT, FUNDING, FEES, CLEARING, SUSPENSE, LOSSES };

static const struct {
	const char *name;
	const struct aicx_id *id;
	enum account_class class;
} own_accounts[] = {
	{ "funding", &ledger_funding, FUNDING },
	{ "fees", &ledger_fees, FEES },
	{ "clearing", &ledger_clearing, CLEARING },
	{ "suspense", &ledger_suspense, SUSPENSE },
	{ "losses", &ledger_losses, LOSSES },
};
enum { N_OWN = sizeof own_accounts / sizeof *own_accounts };

static const char *const column_names[] = { "available", "reserved",
	"pending" };

#define FREE COLUMN_AVAILABLE
#define HELD COLUMN_RESERVED
#define OWED COLUMN_PENDING

/* clang-format off */
static const struct {
	enum transfer_kind kind;
	enum account_class from; enum column from_column;
	enum account_class to; enum column to_column;
	bool within; /* one account only */
} ways[] = {
	{ TRANSFER_FUND,       FUNDING,  FREE, AGENT,    FREE, false },
	{ TRANSFER_WITHDRAW,   AGENT,    FREE, FUNDING,  FREE, false },
	{ TRANSFER_WITHDRAW,   AGENT,    FREE, AGENT,    OWED, true },
	{ TRANSFER_WITHDRAW,   AGENT,    OWED, FUNDING,  FREE, false },
	{ TRANSFER_WITHDRAW,   AGENT,    OWED, AGENT,    FREE, true },
	{ TRANSFER_RESERVE,    AGENT,    FREE, AGENT,    HELD, true },
	{ TRANSFER_POST,       AGENT,    HELD, AGENT,    FREE, false },
	{ TRANSFER_POST,       AGENT,    HELD, AGENT,    OWED, true },
	{ TRANSFER_RELEASE,    AGENT,    HELD, AGENT,    FREE, true },
	{ TRANSFER_VOID,       AGENT,    HELD, AGENT,    FREE, true },
	{ TRANSFER_EXPIRE,     AGENT,    HELD, AGENT,    FREE, true },
	{ TRANSFER_FEE,        AGENT,    FREE, FEES,     FREE, false },
	{ TRANSFER_CHARGE,     AGENT,    FREE, AGENT,    FREE, false },
	{ TRANSFER_CHARGE,     AGENT,    FREE, AGENT,    OWED, true },
	{ TRANSFER_RECORD,     AGENT,    FREE, AGENT,    FREE, false },
	{ TRANSFER_RECORD,     AGENT,    FREE, AGENT,    OWED, true },
	{ TRANSFER_REFUND,     AGENT,    FREE, AGENT,    FREE, false },
	{ TRANSFER_REFUND,     AGENT,    OWED, AGENT,    FREE, true },
	{ TRANSFER_REFUND,     SUSPENSE, FREE, AGENT,    FREE, false },
	{ TRANSFER_FEE_REFUND, FEES,     FREE, AGENT,    FREE, false },
	{ TRANSFER_FREEZE,     AGENT,    FREE, SUSPENSE, FREE, false },
	{ TRANSFER_THAW,       SUSPENSE, FREE, AGENT,    FREE, false },
	{ TRANSFER_SETTLE,     AGENT,    OWED, CLEARING, FREE, false },
	{ TRANSFER_SETTLE,     CLEARING, FREE, AGENT,    FREE, false },
	{ TRANSFER_NET,        AGENT,    OWED, AGENT,    FREE, true },
	{ TRANSFER_CHARGEBACK, AGENT,    FREE, FUNDING,  FREE, false },
	{ TRANSFER_CHARGEBACK, LOSSES,   FREE, FUNDING,  FREE, false },
};
/* clang-format on */

const struct field transfer_fields[] = {
	FIELD(struct transfer, id, "id", FIELD_ID),
	FIELD(struct transfer, kind, "kind", FIELD_ENUM, .flags = FIELDF_ALWAYS,
	    .names = transfer_kind_names),
	FIELD(struct transfer, debit, "debit", FIELD_STR),
	FIELD(struct transfer, credit, "credit", FIELD_STR),
	FIELD(struct transfer, amount, "amount", FIELD_MONEY,
	    .flags = FIELDF_ALWAYS),
	FIELD(struct transfer, contract_id, "contract_id", FIELD_ID),
	FIELD(struct transfer, execution_id, "execution_id", FIELD_ID),
	FIELD(struct transfer, payee, "payee", FIELD_ID),
	FIELD(struct transfer, of, "of", FIELD_ID),
	FIELD(struct transfer, reference, "reference", FIELD_STR),
	FIELD_END,
};

const char *
place_own_name(const struct aicx_id *owner)
{
	for (size_t i = 0; i < N_OWN; i++)
		if (id_eq(owner, own_accounts[i].id))
			return own_accounts[i].name;
	return NULL;
}

void
place_print(const struct place *place, char ret_text[PLACE_TEXT])
{
	const char *name = place_own_name(&place->owner);
	char *at = ret_text + ID_TEXT;

	if (name == NULL)
		id_print(&place->owner, ret_text);
	else
		at = stpcpy(ret_text, name);
	*at++ = ':';
	(void)stpcpy(at, column_names[place->column]);
}

bool
place_parse(struct aicx_str text, struct place *ret_place)
{
	struct aicx_str column, name = str_cut(text, ':', &column);

	if (str_is(column, column_names[COLUMN_AVAILABLE]))
		ret_place->column = COLUMN_AVAILABLE;
	else if (str_is(column, column_names[COLUMN_RESERVED]))
		ret_place->column = COLUMN_RESERVED;
	else if (str_is(column, column_names[COLUMN_PENDING]))
		ret_place->column = COLUMN_PENDING;
	else
		return false;
	for (size_t i = 0; i < N_OWN; i++)
		if (str_is(name, own_accounts[i].name)) {
			ret_place->owner = *own_accounts[i].id;
			return true;
		}
	return id_parse(name, &ret_place->owner);
}

bool
transfer_places(const struct transfer *transfer, struct place *ret_from,
    struct place *ret_to)
{
	*ret_from = transfer->from;
	*ret_to = transfer->to;
	return transfer->placed ||
	    (place_parse(transfer->debit, ret_from) &&
		place_parse(transfer->credit, ret_to));
}

static enum account_class
class_of(const struct aicx_id *owner)
{
	for (size_t i = 0; i < N_OWN; i++)
		if (id_eq(owner, own_accounts[i].id))
			return own_accounts[i].class;
	return AGENT;
}

bool
place_may_owe(const struct aicx_id *owner)
{
	return id_eq(owner, &ledger_funding) || id_eq(owner, &ledger_losses);
}

bool
transfer_is_legal(
    enum transfer_kind kind, const struct place *from, const struct place *to)
{
	enum account_class from_class = class_of(&from->owner);
	enum account_class to_class = class_of(&to->owner);

	for (size_t i = 0; i < sizeof ways / sizeof *ways; i++)
		if (ways[i].kind == kind && ways[i].from == from_class &&
		    ways[i].from_column == from->column &&
		    ways[i].to == to_class && ways[i].to_column == to->column &&
		    (!ways[i].within || id_eq(&from->owner, &to->owner)))
			return true;
	return false;
}
