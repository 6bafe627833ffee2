/* SPDX-License-Identifier: Apache-2.0 */
/* run_sell.c - aicx sell: a program or a server becomes a paid agent. */
#include <string.h>

#include "base/err.h"
#include "base/str.h"
#include "cli/run.h"
#include "cli/seller.h"

/* A seller signs with its own key; the first run makes one. */
static aicx_err
self_need(struct invocation *inv, struct aicx_error *reterr)
{
	if (inv->has_self && inv->self.key == NULL)
		return err_word(reterr, AICX_EINVAL, "usage",
		    "cannot sell as \"%s\": it has no private key; name "
		    "another file and one is made: --identity FILE",
		    inv->self_path);
	if (inv->has_self)
		return AICX_OK;
	aicx_err err =
	    self_generate(inv->self_path, inv->url.origin, &inv->self, reterr);
	if (err != AICX_OK)
		return err;
	inv->has_self = true;
	invocation_note("made a new identity: %s", inv->self_path);
	return AICX_OK;
}

static aicx_err
parallel_take(
    const struct invocation *inv, int64_t *ret_n, struct aicx_error *reterr)
{
	const char *text = invocation_value(inv, "max-parallel");

	if (text == NULL)
		return AICX_OK;
	if (!str_int(str_of(text), ret_n) || *ret_n < 1 ||
	    *ret_n > SELLER_PARALLEL_MAX)
		return err_word(reterr, AICX_EINVAL, "usage",
		    "--max-parallel is 1 to %d, not \"%s\"",
		    SELLER_PARALLEL_MAX, text);
	return AICX_OK;
}

static aicx_err
worker_take(const struct invocation *inv, struct worker **ret,
    struct aicx_error *reterr)
{
	char *const *program = inv->words->program;
	const char *url = invocation_value(inv, "http");
	bool json = invocation_flag(inv, "json");
	const struct toolbox_spec tools = {
		.argv = program,
		.prefix = invocation_value(inv, "CAPABILITY"),
	};

	if (program == NULL && url == NULL)
		return err_word(reterr, AICX_EINVAL, "usage",
		    "aicx sell needs a program: write it at the end, after "
		    "\"--\"; or a server: --http URL");
	if (program != NULL && url != NULL)
		return err_word(reterr, AICX_EINVAL, "usage",
		    "aicx sell takes a program or --http URL, not both");
	if (url != NULL && json)
		return err_word(reterr, AICX_EINVAL, "usage",
		    "--json is for programs: a server says by Content-Type "
		    "what it answers");
	if (url != NULL)
		return worker_http_new(url, ret, reterr);
	*ret = invocation_flag(inv, "mcp") ? worker_mcp_new(&tools)
					   : worker_program_new(program, json);
	return AICX_OK;
}

/* A server's tools have names of their own. */
static aicx_err
capability_check(const struct invocation *inv, struct aicx_error *reterr)
{
	static const char *const alone[] = { "http", "input-field", "json" };

	if (!invocation_flag(inv, "mcp"))
		return invocation_value(inv, "CAPABILITY") != NULL
		    ? AICX_OK
		    : err_word(reterr, AICX_EINVAL, "usage",
			  "aicx sell needs CAPABILITY: what is sold, such as "
			  "text.spellcheck");
	for (size_t i = 0; i < sizeof alone / sizeof alone[0]; i++)
		if (invocation_value(inv, alone[i]) != NULL)
			return err_word(reterr, AICX_EINVAL, "usage",
			    "--%s does not go with --mcp: the program's tools "
			    "have input and result of their own",
			    alone[i]);
	return AICX_OK;
}

int
run_sell(struct invocation *inv)
{
	struct aicx_error why = { 0 };
	const char *policy = invocation_value(inv, "policy");
	struct seller seller = {
		.inv = inv,
		.input_field = invocation_value(inv, "input-field"),
		.max_parallel = 4,
	};

	aicx_err err = capability_check(inv, &why);
	if (err == AICX_OK)
		err = offering_take(inv, &seller.offering, &why);
	if (err == AICX_OK && invocation_flag(inv, "mcp"))
		err = seller_take_prices(&seller, &why);
	seller.timeout_ms = seller.offering.timeout_ms > 0
	    ? seller.offering.timeout_ms
	    : SELLER_TIMEOUT_MS;
	if (err == AICX_OK)
		err = parallel_take(inv, &seller.max_parallel, &why);
	if (err == AICX_OK && policy != NULL)
		err = policy_open(policy, &seller.policy, &why);
	if (err == AICX_OK)
		err = worker_take(inv, &seller.worker, &why);
	if (err == AICX_OK)
		err = self_need(inv, &why);
	if (err == AICX_OK)
		err = seller_run(&seller, &why);
	worker_free(seller.worker);
	policy_free(seller.policy);
	return err == AICX_OK ? STATUS_OK : invocation_fail(&why);
}
