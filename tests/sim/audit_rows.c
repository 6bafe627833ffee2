/* SPDX-License-Identifier: Apache-2.0 */
/* audit_rows.c - holds, deals, contracts and work: what may follow on what. */
#include "audit.h"

#include "base/b64.h"
#include "base/id.h"
#include "base/str.h"
#include "economics/hold.h"
#include "execution/execution.h"
#include "negotiation/contract.h"
#include "negotiation/deal.h"
#include "player.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#define FAIL(audit, invariant, fmt, ...)                                       \
	sim_fail((audit)->sim, (invariant), "record %" PRIu64 " (%s): " fmt,   \
	    (audit)->seq, (audit)->step, __VA_ARGS__)

/* Which states may follow, from a table that is written here once more; but for
   what needs a key in the broker's keeping, which nobody here has. */
struct edge {
	const char *from, *to;
};

static const struct edge deal_edges[] = {
	{ "", "open" },
	{ "", "proposed" },
	{ "open", "proposed" },
	{ "open", "signed" },
	{ "open", "working" },
	{ "open", "failed" },
	{ "open", "expired" },
	{ "proposed", "signed" },
	{ "proposed", "expired" },
	{ "proposed", "cancelled" },
	{ "signed", "working" },
	{ "signed", "settled" }, /* work that costs nothing, at once */
	{ "signed", "expired" },
	{ "signed", "cancelled" },
	{ "working", "signed" },
	{ "working", "settled" },
	{ "working", "failed" },
	{ NULL, NULL },
};

static const struct edge execution_edges[] = {
	{ "", "IN_PROGRESS" },
	{ "", "COMPLETED" }, /* the same */
	{ "IN_PROGRESS", "RETRYING" },
	{ "IN_PROGRESS", "COMPLETED" },
	{ "IN_PROGRESS", "FAILED" },
	{ "IN_PROGRESS", "TIMEOUT" },
	{ "RETRYING", "IN_PROGRESS" },
	{ "RETRYING", "FAILED" },
	{ "RETRYING", "TIMEOUT" },
	{ NULL, NULL },
};

static const struct edge contract_edges[] = {
	{ "", "proposed" },
	{ "", "signed" },
	{ "proposed", "signed" },
	{ "proposed", "cancelled" },
	{ "proposed", "expired" },
	{ "signed", "completed" },
	{ "signed", "failed" },
	{ "signed", "cancelled" },
	{ "signed", "expired" },
	{ NULL, NULL },
};

static const struct edge hold_edges[] = {
	{ "", "open" },
	{ "open", "posted" },
	{ "open", "voided" },
	{ "open", "expired" },
	{ NULL, NULL },
};

static const struct {
	const char *noun;
	const struct edge *edges;
} tables[] = {
	{ "deal", deal_edges },
	{ "execution", execution_edges },
	{ "contract", contract_edges },
	{ "hold", hold_edges },
};

void
audit_need_edges(void)
{
	char name[MARK_NAME];

	for (size_t i = 0; i < sizeof tables / sizeof *tables; i++)
		for (const struct edge *e = tables[i].edges; e->to; e++) {
			(void)snprintf(name, sizeof name, "%s %s>%s",
			    tables[i].noun, e->from, e->to);
			mark_need(name);
		}
}

static void
check_edge(struct audit *audit, size_t table, const char *from,
    struct aicx_str to, const struct aicx_id *id)
{
	char name[MARK_NAME];

	if (str_is(to, from))
		return;
	for (const struct edge *e = tables[table].edges; e->to != NULL; e++)
		if (strcmp(e->from, from) == 0 && str_is(to, e->to)) {
			(void)snprintf(name, sizeof name, "%s %s>%s",
			    tables[table].noun, e->from, e->to);
			mark(name);
			return;
		}
	FAIL(audit, "legal moves", "%s %s goes from \"%s\" to \"%.*s\"",
	    tables[table].noun, id_text(id).text, from, STR_ARG(to));
}

static int
index_of(struct audit *audit, const char *const *names, struct aicx_str name)
{
	for (int i = 0; names[i] != NULL; i++)
		if (str_is(name, names[i]))
			return i;
	FAIL(audit, "form", "no state \"%.*s\"", STR_ARG(name));
}

static void *
row_of(struct audit *audit, struct map *map, const struct aicx_id *id,
    size_t n_bytes, bool *ret_new)
{
	void *row = map_find_id(map, id);

	*ret_new = row == NULL;
	if (row == NULL) { /* every row begins with its id */
		row = arena_new(&audit->mem, n_bytes);
		memcpy(row, id, sizeof *id);
		(void)map_put_id(map, row, row);
	}
	return row;
}

/* --- holds ---------------------------------------------------------------- */

static void
check_hold_limits(
    struct audit *audit, const struct audit_hold *hold, struct json_ref row)
{
	struct aicx_id mandate_id = audit_id(audit, row, "mandate_id");
	const struct audit_contract *contract =
	    map_find_id(&audit->contracts, &hold->contract);
	struct audit_mandate *mandate =
	    map_find_id(&audit->mandates, &mandate_id);

	if (mandate != NULL && ++mandate->n_holds > mandate->max_deals)
		FAIL(audit, "mandate", "it is used %" PRId64 " times",
		    mandate->n_holds);
	mark(contract == NULL ? "hold: reservation" : "hold: contract");
	if (contract != NULL && hold->minor > contract->ceiling_minor)
		FAIL(audit, "ceiling", "hold of %" PRId64 " above %" PRId64,
		    hold->minor, contract->ceiling_minor);
	if (mandate != NULL && hold->minor > mandate->each_minor)
		FAIL(audit, "mandate", "hold of %" PRId64 " above %" PRId64,
		    hold->minor, mandate->each_minor);
}

static void
put_hold(struct audit *audit, struct json_ref row)
{
	struct aicx_id id = audit_id(audit, row, "hold_id");
	struct aicx_str state = audit_text(audit, row, "state");
	bool is_new;
	struct audit_hold *hold =
	    row_of(audit, &audit->holds, &id, sizeof *hold, &is_new);
	char currency[8] = "";
	int64_t minor = audit_money(audit, row, "amount", currency);

	if (!is_new && hold->state != HOLD_OPEN)
		FAIL(audit, "resolved once", "hold %s was %s before",
		    id_text(&id).text, hold_state_names[hold->state]);
	check_edge(audit, 3, is_new ? "" : "open", state, &id);
	if (is_new) {
		hold->agent = audit_id(audit, row, "agent_id");
		hold->contract = audit_id(audit, row, "contract_id");
		hold->minor = minor;
		memcpy(hold->currency, currency, sizeof currency);
		check_hold_limits(audit, hold, row);
	}
	if (hold->minor != minor)
		FAIL(
		    audit, "hold", "amount changes from %" PRId64, hold->minor);
	hold->state = index_of(audit, hold_state_names, state);
	hold->posted_minor = audit_int(row, "posted");
	if (hold->state == HOLD_EXPIRED &&
	    audit->time_ms < audit_time(audit, row, "expires"))
		FAIL(audit, "time", "hold %s expires too early",
		    id_text(&id).text);
	if (hold->posted_minor < 0 || hold->posted_minor > hold->minor)
		FAIL(audit, "charged is held", "%" PRId64 " of %" PRId64,
		    hold->posted_minor, hold->minor);
	struct id_text owner = id_text(&hold->agent);
	struct audit_account *account =
	    audit_account(audit, str_of(owner.text), currency);
	int64_t sign = hold->state == HOLD_OPEN ? 1 : -1;
	if (is_new || hold->state != HOLD_OPEN) {
		account->held_minor += sign * hold->minor;
		audit->n_open_holds += (size_t)sign;
	}
}

/* --- deals ---------------------------------------------------------------- */

static void
check_expiry(struct audit *audit, struct json_ref row)
{
	struct aicx_id id = audit_id(audit, row, "contract_id");
	const struct audit_contract *contract =
	    map_find_id(&audit->contracts, &id);

	if (contract != NULL && audit->time_ms < contract->expires_ms)
		FAIL(audit, "time", "contract %s ends %" PRId64 " ms too early",
		    id_text(&id).text, contract->expires_ms - audit->time_ms);
}

static void
put_deal(struct audit *audit, struct json_ref row)
{
	struct aicx_id id = audit_id(audit, row, "deal_id");
	struct aicx_str state = audit_text(audit, row, "state");
	bool is_new;
	struct audit_deal *deal =
	    row_of(audit, &audit->deals, &id, sizeof *deal, &is_new);

	check_edge(audit, 0, deal->text, state, &id);
	bool was_open = !is_new && !deal_is_final((enum deal_state)deal->state);
	if (is_new)
		deal->since_ms = audit->sim->now_ms;
	else if (!was_open && !str_is(state, deal->text))
		FAIL(audit, "final stays final", "deal %s", id_text(&id).text);
	if (deal->state != DEAL_OPEN && str_is(state, "expired"))
		check_expiry(audit, row);
	deal->state = index_of(audit, deal_state_names, state);
	(void)str_copy(state, deal->text, sizeof deal->text);
	deal->hold = audit_id(audit, row, "hold_id");
	deal->contract = audit_id(audit, row, "contract_id");
	deal->requester = audit_id(audit, row, "requester_id");
	deal->provider = audit_id(audit, row, "provider_id");
	bool is_open = !deal_is_final((enum deal_state)deal->state);
	audit->n_open_deals += (size_t)is_open - (size_t)was_open;
	if (audit->n_deals_now < 16)
		audit->deals_now[audit->n_deals_now++] = deal;
}

/* --- signatures ----------------------------------------------------------- */

static void
take_signature(struct audit *audit, struct json_ref row, const char *name,
    uint8_t ret[SIG_BYTES])
{
	memset(ret, 0, SIG_BYTES);
	(void)b64_parse(audit_text(audit, row, name), ret, SIG_BYTES);
}

static bool
is_signed(struct audit *audit, const struct aicx_id *signer, enum sig_kind kind,
    struct aicx_str text, const uint8_t sig[SIG_BYTES])
{
	const struct sim *sim = audit->sim;
	static const struct aicx_str nothing = { "", 0 };

	for (size_t i = 0; i < sim->n_agents; i++)
		if (id_eq(signer, player_id(sim->agents[i])))
			return verify_bytes(
			    sign_key_public(sim->agents[i]->key), kind, text,
			    nothing, sig);
	return false;
}

static void
put_offer(struct audit *audit, struct json_ref row)
{
	struct aicx_id id = audit_id(audit, row, "offer_id");
	bool is_new;
	struct audit_offer *offer =
	    row_of(audit, &audit->offers, &id, sizeof *offer, &is_new);

	offer->provider = audit_id(audit, row, "provider_id");
	offer->text = arena_str(&audit->mem, audit_text(audit, row, "text"));
	take_signature(audit, row, "signature", offer->signature);
}

/* The offer is the seller's signature, the mandate the buyer's. */
static void
check_signed(struct audit *audit, const struct audit_contract *contract)
{
	const struct audit_offer *offer =
	    map_find_id(&audit->offers, &contract->offer);
	bool sells = offer != NULL
	    ? id_eq(&offer->provider, &contract->provider) &&
		is_signed(audit, &offer->provider, SIG_OFFER, offer->text,
		    offer->signature)
	    : is_signed(audit, &contract->provider, SIG_CONTRACT,
		  contract->text, contract->provider_signature);
	bool buys = map_find_id(&audit->mandates, &contract->mandate) != NULL ||
	    is_signed(audit, &contract->requester, SIG_CONTRACT, contract->text,
		contract->requester_signature);

	if (!sells || !buys)
		FAIL(audit, "no effect without a signature",
		    "contract %s lacks that of its %s",
		    id_text(&contract->id).text, sells ? "buyer" : "seller");
}

/* --- contracts ------------------------------------------------------------ */

static void
put_contract(struct audit *audit, struct json_ref row)
{
	struct aicx_id id = audit_id(audit, row, "contract_id");
	int64_t ceiling_minor = audit_money(audit, row, "ceiling", NULL);
	bool is_new;
	struct audit_contract *contract =
	    row_of(audit, &audit->contracts, &id, sizeof *contract, &is_new);

	if (is_new)
		contract->status = -1;
	else if (ceiling_minor != contract->ceiling_minor)
		FAIL(audit, "contract", "%s changes its ceiling",
		    id_text(&id).text);
	contract->ceiling_minor = ceiling_minor;
	contract->offer = audit_id(audit, row, "offer_id");
	contract->mandate = audit_id(audit, row, "mandate_id");
	contract->text = arena_str(&audit->mem, audit_text(audit, row, "text"));
	take_signature(
	    audit, row, "provider_signature", contract->provider_signature);
	take_signature(
	    audit, row, "requester_signature", contract->requester_signature);
	contract->provider = audit_id(audit, row, "provider_id");
	contract->requester = audit_id(audit, row, "requester_id");
	contract->expires_ms = audit_time(audit, row, "expires");
	contract->max_executions = audit_int(row, "max_executions");
	contract->max_attempts = audit_int(row, "max_attempts");
}

static void
put_contract_state(struct audit *audit, struct json_ref row)
{
	struct aicx_id id = audit_id(audit, row, "contract_id");
	struct aicx_str status = audit_text(audit, row, "status");
	struct audit_contract *contract = map_find_id(&audit->contracts, &id);

	if (contract == NULL)
		FAIL(audit, "form", "no contract %s", id_text(&id).text);
	check_edge(audit, 2,
	    contract->status < 0 ? "" : contract_status_names[contract->status],
	    status, &id);
	if (contract->status != CONTRACT_SIGNED && str_is(status, "signed"))
		audit->signed_now = contract;
	contract->status = index_of(audit, contract_status_names, status);
	contract->n_executions = audit_int(row, "n_executions");
	if (contract->n_executions > contract->max_executions)
		FAIL(audit, "contract", "ordered %" PRId64 " times",
		    contract->n_executions);
}

/* --- work ----------------------------------------------------------------- */

static void
put_execution(struct audit *audit, struct json_ref row)
{
	struct aicx_id id = audit_id(audit, row, "execution_id");
	bool is_new;
	struct audit_execution *execution =
	    row_of(audit, &audit->executions, &id, sizeof *execution, &is_new);

	if (!is_new)
		FAIL(audit, "execution", "%s is ordered again",
		    id_text(&id).text);
	execution->state = -1;
	execution->contract = audit_id(audit, row, "contract_id");
	execution->hold = audit_id(audit, row, "hold_id");
	execution->provider = audit_id(audit, row, "provider_id");
	execution->created_ms = audit_time(audit, row, "created");
	execution->deadline_ms = audit_time(audit, row, "deadline");
	execution->world_ms = audit->sim->now_ms;
	execution->life = audit->sim->n_lives;
	const struct audit_contract *contract =
	    map_find_id(&audit->contracts, &execution->contract);
	if (contract == NULL || execution->created_ms >= contract->expires_ms)
		FAIL(audit, "no work for an expired contract", "execution %s",
		    id_text(&id).text);
	if (id_is_nil(&execution->hold) &&
	    (contract->ceiling_minor > 0 || !id_is_nil(&contract->mandate)))
		FAIL(audit, "money is held for work", "execution %s",
		    id_text(&id).text);
}

static void
check_retry(struct audit *audit, const struct audit_execution *execution,
    int state, int64_t attempts)
{
	const struct audit_contract *contract =
	    map_find_id(&audit->contracts, &execution->contract);

	if (attempts > contract->max_attempts || attempts < execution->attempts)
		FAIL(audit, "retries", "attempt %" PRId64 " of %" PRId64,
		    attempts, contract->max_attempts);
	if (execution->state == EXECUTION_RETRYING &&
	    state == EXECUTION_IN_PROGRESS &&
	    audit->time_ms < execution->retry_ms)
		FAIL(audit, "backoff", "%" PRId64 " ms too early",
		    execution->retry_ms - audit->time_ms);
}

/* No wall clock ends work: as much time has passed as was promised, but for
   what a clock may be slewed. */
static void
check_timeout(struct audit *audit, const struct audit_execution *execution)
{
	int64_t promised_ms = execution->deadline_ms - execution->created_ms;
	int64_t passed_ms = audit->sim->now_ms - execution->world_ms;

	if (id_is_nil(&execution->hold)) /* recorded late: by its own time */
		passed_ms = audit->time_ms - execution->created_ms;
	if (execution->life == audit->sim->n_lives &&
	    passed_ms < promised_ms * 97 / 100 - 2000)
		FAIL(audit, "time",
		    "work timed out after %" PRId64 " ms of %" PRId64,
		    passed_ms, promised_ms);
}

static void
put_execution_status(struct audit *audit, struct json_ref row)
{
	struct aicx_id id = audit_id(audit, row, "execution_id");
	struct aicx_str name = audit_text(audit, row, "state");
	struct audit_execution *execution =
	    map_find_id(&audit->executions, &id);
	int64_t attempts = audit_int(row, "attempts");

	if (execution == NULL)
		FAIL(audit, "form", "no execution %s", id_text(&id).text);
	check_edge(audit, 1,
	    execution->state < 0 ? "" : execution_state_names[execution->state],
	    name, &id);
	int state = index_of(audit, execution_state_names, name);
	if (execution->state < 0 && state == EXECUTION_COMPLETED &&
	    !id_is_nil(&execution->hold))
		FAIL(audit, "legal moves", "execution %s had no start",
		    id_text(&id).text);
	check_retry(audit, execution, state, attempts);
	if (state == EXECUTION_TIMEOUT)
		check_timeout(audit, execution);
	execution->state = state;
	execution->attempts = attempts;
	execution->retry_ms = audit_time(audit, row, "retry_at");
	/* All terms here leave the backoff to the defaults: 100 ms at first. */
	if (state == EXECUTION_RETRYING &&
	    execution->retry_ms < audit->time_ms + 100)
		FAIL(audit, "backoff", "of %" PRId64 " ms",
		    execution->retry_ms - audit->time_ms);
	if (audit->n_executions_now < 16)
		audit->executions_now[audit->n_executions_now++] = execution;
}

/* --- mandates and budgets ------------------------------------------------- */

static void
put_mandate(struct audit *audit, struct json_ref row)
{
	struct aicx_id id = audit_id(audit, row, "mandate_id");
	struct aicx_str text = audit_text(audit, row, "text");
	struct json doc;
	bool is_new;
	struct audit_mandate *mandate =
	    row_of(audit, &audit->mandates, &id, sizeof *mandate, &is_new);

	if (json_parse(text, &audit->scratch, &doc, NULL) != AICX_OK)
		FAIL(audit, "form", "mandate %s", id_text(&id).text);
	struct json_ref root = json_root(&doc);
	uint8_t sig[SIG_BYTES];
	struct aicx_id requester = audit_id(audit, row, "requester_id");
	take_signature(audit, row, "signature", sig);
	if (!is_signed(audit, &requester, SIG_MANDATE, text, sig))
		FAIL(audit, "no effect without a signature", "mandate %s",
		    id_text(&id).text);
	mandate->each_minor = audit_money(audit, root, "max_each", NULL);
	mandate->total_minor = audit_money(audit, root, "max_total", NULL);
	mandate->max_deals = 1;
	(void)json_int(json_get(root, "max_deals"), &mandate->max_deals);
}

static void
put_mandate_use(struct audit *audit, struct json_ref row)
{
	struct aicx_id id = audit_id(audit, row, "mandate_id");
	const struct audit_mandate *mandate =
	    map_find_id(&audit->mandates, &id);
	int64_t held = audit_int(row, "held"),
		posted = audit_int(row, "posted");

	if (mandate == NULL)
		FAIL(audit, "form", "no mandate %s", id_text(&id).text);
	if (audit_int(row, "uses") > mandate->max_deals || held < 0 ||
	    posted < 0 || held + posted > mandate->total_minor)
		FAIL(audit, "mandate",
		    "%" PRId64 " uses, %" PRId64 " held, %" PRId64 " posted",
		    audit_int(row, "uses"), held, posted);
}

static void
put_budget(struct audit *audit, struct json_ref row)
{
	int64_t allocated = audit_money(audit, row, "allocated", NULL);
	int64_t consumed = audit_int(row, "consumed");
	int64_t held = audit_int(row, "held");

	if (consumed < 0 || held < 0 || consumed + held > allocated)
		FAIL(audit, "budget",
		    "%" PRId64 " consumed, %" PRId64 " held of %" PRId64,
		    consumed, held, allocated);
	if (held > 0)
		mark("budget held");
}

static void
put_dispute(struct audit *audit, struct json_ref row)
{
	struct aicx_id id = audit_id(audit, row, "dispute_id");
	bool is_new;
	struct audit_dispute *dispute =
	    row_of(audit, &audit->disputes, &id, sizeof *dispute, &is_new);

	if (!is_new && !dispute->open)
		FAIL(audit, "final stays final", "dispute %s",
		    id_text(&id).text);
	dispute->open = str_is(audit_text(audit, row, "state"), "open");
}

/* --- dispatch ------------------------------------------------------------- */

static const struct {
	const char *table;
	void (*put)(struct audit *audit, struct json_ref row);
} puts_by_table[] = {
	{ "hold", put_hold },
	{ "deal", put_deal },
	{ "offer", put_offer },
	{ "contract", put_contract },
	{ "contract_state", put_contract_state },
	{ "execution", put_execution },
	{ "execution_status", put_execution_status },
	{ "mandate", put_mandate },
	{ "mandate_use", put_mandate_use },
	{ "budget", put_budget },
	{ "dispute", put_dispute },
};

void
audit_row(struct audit *audit, struct aicx_str table, struct json_ref row)
{
	for (size_t i = 0; i < sizeof puts_by_table / sizeof *puts_by_table;
	     i++)
		if (str_is(table, puts_by_table[i].table)) {
			puts_by_table[i].put(audit, row);
			return;
		}
}

static void
check_deal(struct audit *audit, const struct audit_deal *deal)
{
	const struct audit_hold *hold = map_find_id(&audit->holds, &deal->hold);
	const struct audit_contract *contract =
	    map_find_id(&audit->contracts, &deal->contract);
	bool held = hold != NULL && hold->state == HOLD_OPEN;
	bool free_work = id_is_nil(&deal->hold) && contract != NULL &&
	    contract->ceiling_minor == 0;

	if (held != (deal->state == DEAL_WORKING && !free_work))
		FAIL(audit, "money is held for work", "deal %s is %s",
		    id_text(&deal->id).text, deal->text);
}

static void
check_execution(struct audit *audit, const struct audit_execution *execution)
{
	const struct audit_hold *hold =
	    map_find_id(&audit->holds, &execution->hold);
	bool failed = execution->state == EXECUTION_FAILED ||
	    execution->state == EXECUTION_TIMEOUT;

	if (failed && !id_is_nil(&execution->hold) &&
	    (hold == NULL || hold->posted_minor > 0 ||
		hold->state == HOLD_OPEN))
		FAIL(audit, "failed work costs nothing", "execution %s",
		    id_text(&execution->id).text);
}

void
audit_rows_end(struct audit *audit)
{
	for (size_t i = 0; i < audit->n_deals_now; i++)
		check_deal(audit, audit->deals_now[i]);
	for (size_t i = 0; i < audit->n_executions_now; i++)
		check_execution(audit, audit->executions_now[i]);
	if (audit->signed_now != NULL)
		check_signed(audit, audit->signed_now);
	audit->signed_now = NULL;
	if (audit_account(audit, str_of("clearing"), "AIC")->available_minor !=
	    0)
		FAIL(audit, "clearing is zero", "%s", "after the record");
	audit->n_deals_now = audit->n_executions_now = 0;
	MAP_EACH (entry, &audit->accounts) {
		const struct audit_account *account = entry->value;
		if (account->reserved_minor != account->held_minor)
			FAIL(audit, "reserved is held",
			    "%s has %" PRId64 " reserved, %" PRId64 " in holds",
			    account->key.owner, account->reserved_minor,
			    account->held_minor);
	}
}
