/* SPDX-License-Identifier: Apache-2.0 */
/* verbs.c - everything aicx can be told. */
#include <stddef.h>

#include "cli/run.h"
#include "cli/verb.h"

#define END                                                                    \
	{                                                                      \
		.name = NULL                                                   \
	}
/* clang-format off */

#define REQUIRED ARGF_REQUIRED

const struct arg global_options[] = {
	{ "broker", 0, ARG_TEXT, 0, "URL", NULL, "the broker, or unix:PATH (AICX_BROKER; http://127.0.0.1:8700)" },
	{ "identity", 0, ARG_TEXT, 0, "FILE", NULL, "who you are, - for nobody (AICX_IDENTITY; ~/.config/aiconexus/identity)" },
	{ "ca", 0, ARG_TEXT, 0, "FILE", NULL, "whom https trusts, PEM (AICX_CA; the system's authorities)" },
	{ "certificate", 0, ARG_TEXT, 0, "FILE", NULL, "your certificate and its key, PEM (AICX_CERTIFICATE)" },
	{ "output", 'o', ARG_TEXT, 0, "FORM", NULL, "table or json" },
	{ "help", 'h', ARG_FLAG, 0, NULL, NULL, "show this" },
	{ "version", 0, ARG_FLAG, 0, NULL, NULL, "show the version" },
	END
};

/* --- operands --------------------------------------------------------- */

static const struct arg capability[] = {
	{ "CAPABILITY", 0, ARG_TEXT, REQUIRED, NULL, "need", "what is sold, such as text.spellcheck" }, END };
static const struct arg sold_capability[] = {
	{ "CAPABILITY", 0, ARG_TEXT, 0, NULL, NULL, "what is sold, such as text.spellcheck; with --mcp a prefix, if any" }, END };
static const struct arg query[] = {
	{ "WORDS", 0, ARG_TEXT, 0, NULL, "q", "words to look for, in quotes when several" }, END };
static const struct arg own_agent[] = {
	{ "AGENT", 0, ARG_TEXT, ARGF_SELF, NULL, "agent_id", "an agent's id; without it your own" }, END };
static const struct arg some_agent[] = {
	{ "AGENT", 0, ARG_TEXT, REQUIRED, NULL, "agent_id", "an agent's id" }, END };
static const struct arg card_file[] = {
	{ "FILE", 0, ARG_JSON, REQUIRED, NULL, "*", "a registration as JSON: name, endpoints, capabilities" }, END };
static const struct arg mandate[] = {
	{ "MANDATE", 0, ARG_TEXT, REQUIRED, NULL, "mandate_id", "a mandate's id" }, END };
static const struct arg deal[] = {
	{ "DEAL", 0, ARG_TEXT, REQUIRED, NULL, "deal_id", "a deal's id" }, END };
static const struct arg intent[] = {
	{ "INTENT", 0, ARG_TEXT, REQUIRED, NULL, "intent_id", "an intent's id" }, END };
static const struct arg offer[] = {
	{ "OFFER", 0, ARG_TEXT, REQUIRED, NULL, "offer_id", "an offer's id" }, END };
static const struct arg contract[] = {
	{ "CONTRACT", 0, ARG_TEXT, REQUIRED, NULL, "contract_id", "a contract's id" }, END };
static const struct arg reservation[] = {
	{ "RESERVATION", 0, ARG_TEXT, REQUIRED, NULL, "reservation_id", "a reservation's id" }, END };
static const struct arg dispute[] = {
	{ "DISPUTE", 0, ARG_TEXT, REQUIRED, NULL, "dispute_id", "a dispute's id" }, END };
static const struct arg execution[] = {
	{ "EXECUTION", 0, ARG_TEXT, REQUIRED, NULL, "execution_id", "an execution's id" }, END };
static const struct arg credential[] = {
	{ "CREDENTIAL", 0, ARG_TEXT, REQUIRED, NULL, "credential_id", "a credential's id" }, END };
static const struct arg server_names[] = {
	{ "NAMES", 0, ARG_TEXT, 0, NULL, NULL, "its hosts and addresses, with commas (localhost,127.0.0.1,::1)" }, END };
static const struct arg method_name[] = {
	{ "METHOD", 0, ARG_TEXT, REQUIRED, NULL, "method", "a wire method, such as deal.buy" }, END };
static const struct arg verified_file[] = {
	{ "FILE", 0, ARG_TEXTS, REQUIRED, NULL, NULL, "a deal, receipt, checkpoint, consistency or ledger file; several are compared" }, END };

/* --- options ---------------------------------------------------------- */

#define KEY { "key", 0, ARG_TEXT, 0, "KEY", NULL, "the same key again is the same request, done once" }
#define LIMIT { "limit", 0, ARG_INT, 0, "N", "limit", "at most so many" }, \
	{ "cursor", 0, ARG_TEXT, 0, "CURSOR", "cursor", "go on where a list ended" }
#define PRICES \
	{ "unit-price", 0, ARG_TEXT, 0, "AMOUNT", NULL, "and for each unit" }, \
	{ "unit", 0, ARG_TEXT, 0, "UNIT", NULL, "bytes, seconds, items, or any word: then lines" }
#define ABOUT \
	{ "name", 0, ARG_TEXT, 0, "NAME", NULL, "the agent's name" }, \
	{ "description", 0, ARG_TEXT, 0, "TEXT", NULL, "what it does" }, \
	{ "tag", 0, ARG_TEXTS, 0, "TAG", NULL, "a word to be found by; may be repeated" }
#define PARAMETERS \
	{ "parameters", 0, ARG_JSON, 0, "FILE", "parameters", "what sellers may price by, JSON" }, \
	{ "max-units", 0, ARG_INT, 0, "N", "max_units", "the most units that may be billed" }
#define CHOOSE { "choose", 0, ARG_TEXT, 0, "RULE", "choose", "lowest_price, best_score or first_good" }

static const struct arg sell_options[] = {
	{ "price", 0, ARG_TEXT, REQUIRED, "AMOUNT", NULL, "for a call, such as \"0.001 AIC\"; with --mcp TOOL=AMOUNT too" },
	PRICES,
	{ "policy", 0, ARG_TEXT, 0, "FILE.lua", NULL, "a Lua policy whose offer() makes the price" },
	ABOUT,
	{ "max-parallel", 0, ARG_TEXT, 0, "N", NULL, "how many run at once (4)" },
	{ "timeout", 0, ARG_TEXT, 0, "TIME", NULL, "for one run (30s)" },
	{ "input-field", 0, ARG_TEXT, 0, "NAME", NULL, "give the program this member of the input" },
	{ "json", 0, ARG_FLAG, 0, NULL, NULL, "the program's output is JSON, not text" },
	{ "http", 0, ARG_TEXT, 0, "URL", NULL, "instead of a program: POST the input there; {capability} in it is the name" },
	{ "mcp", 0, ARG_FLAG, 0, NULL, NULL, "the program is an MCP server, whose tools are sold" },
	END
};
static const struct arg buy_options[] = {
	{ "input", 0, ARG_TEXT, REQUIRED, "FILE", NULL, "what to work on; - is standard input" },
	{ "max", 0, ARG_MONEY, REQUIRED, "AMOUNT", "max_price", "the most it may cost, such as \"0.01 AIC\"" },
	CHOOSE,
	{ "deadline", 0, ARG_MSEC, 0, "TIME", "deadline_ms", "how long it may take (60s)" },
	PARAMETERS,
	{ "save", 0, ARG_TEXT, 0, "FILE", NULL, "write the deal file there" },
	{ "mandate", 0, ARG_TEXT, 0, "MANDATE", "mandate_id", "buy under this mandate" },
	{ "standing", 0, ARG_FLAG, 0, NULL, NULL, "buy under a mandate that was granted before" },
	{ "json", 0, ARG_FLAG, 0, NULL, NULL, "the input is JSON, not text" },
	KEY,
	END
};
static const struct arg verify_options[] = {
	{ "trust", 0, ARG_TEXT, 0, "FILE", NULL, "the broker's public key; else known_brokers" }, END };
static const struct arg search_options[] = {
	{ "tag", 0, ARG_TEXT, 0, "TAG", "tag", "with this tag" },
	{ "max-price", 0, ARG_TEXT, 0, "AMOUNT", "max_price", "at most so expensive" },
	{ "min-reputation", 0, ARG_TEXT, 0, "STARS", "min_reputation", "from 0 to 5, such as 3.5" },
	LIMIT, END
};
static const struct arg deals_options[] = {
	{ "agent", 0, ARG_TEXT, 0, "AGENT", "agent_id", "of this agent" },
	{ "state", 0, ARG_TEXT, 0, "STATE", "state", "open, working, settled, failed ..." },
	LIMIT, END
};
static const struct arg contracts_options[] = {
	{ "agent", 0, ARG_TEXT, 0, "AGENT", "agent_id", "of this agent" },
	{ "status", 0, ARG_TEXT, 0, "STATUS", "status", "proposed, signed, completed ..." },
	LIMIT, END
};
static const struct arg register_options[] = {
	ABOUT,
	{ "capability", 0, ARG_TEXT, 0, "CAPABILITY", NULL, "what it sells" },
	{ "price", 0, ARG_TEXT, 0, "AMOUNT", NULL, "for a call" },
	PRICES,
	{ "endpoint", 0, ARG_TEXT, 0, "KIND", NULL, "session or mailbox; with --url http, a2a or mcp" },
	{ "url", 0, ARG_TEXT, 0, "URL", NULL, "a server that does the work; it is asked what it sells" },
	{ "bearer-file", 0, ARG_TEXT, 0, "FILE", NULL, "the server's bearer token is in it; - is standard input" },
	{ "api-key-file", 0, ARG_TEXT, 0, "FILE", NULL, "the same for an API key, in the field X-API-Key" },
	{ "api-key-header", 0, ARG_TEXT, 0, "NAME", NULL, "in this field instead" },
	{ "public-key", 0, ARG_TEXT, 0, "KEY", "public_key", "its own key; without it the broker keeps one" },
	KEY, END
};
static const struct arg mandate_options[] = {
	{ "need", 0, ARG_TEXTS, REQUIRED, "CAPABILITY", "need", "what may be bought; may be repeated; text.* is all below text" },
	{ "max-each", 0, ARG_MONEY, REQUIRED, "AMOUNT", "max_each", "the most one deal may cost" },
	{ "max-total", 0, ARG_MONEY, REQUIRED, "AMOUNT", "max_total", "the most all of them may cost" },
	{ "max-deals", 0, ARG_INT, 0, "N", "max_deals", "how many (1)" },
	{ "not-before", 0, ARG_TIME, 0, "TIME", "not_before", "not valid earlier" },
	{ "expires", 0, ARG_TIME, 0, "TIME", "expires", "2027-01-31T00:00:00Z, or +30d" },
	CHOOSE,
	{ "standbys", 0, ARG_INT, 0, "N", "standbys", "losing offers kept in reserve" },
	{ "custody", 0, ARG_FLAG, 0, NULL, NULL, "let the broker sign, with the key it keeps for you" },
	KEY, END
};
static const struct arg save_option[] = {
	{ "save", 0, ARG_TEXT, 0, "FILE", NULL, "write it there" }, END };
static const struct arg intent_options[] = {
	{ "max", 0, ARG_MONEY, REQUIRED, "AMOUNT", "max_price", "the most it may cost" },
	{ "input", 0, ARG_JSON, 0, "FILE", "input", "what to work on, JSON" },
	PARAMETERS,
	{ "deadline", 0, ARG_MSEC, 0, "TIME", "deadline_ms", "how long it may take" },
	{ "wait", 0, ARG_MSEC, 0, "TIME", "timeout_ms", "how long offers are awaited" },
	CHOOSE, KEY, END
};
static const struct arg offer_options[] = {
	{ "price", 0, ARG_TEXT, 0, "AMOUNT", NULL, "for a call" },
	PRICES,
	{ "terms", 0, ARG_TEXT, 0, "FILE", NULL, "all terms, JSON, instead of a price" },
	{ "timeout", 0, ARG_TEXT, 0, "TIME", NULL, "how long the work may take" },
	{ "custody", 0, ARG_FLAG, 0, NULL, NULL, "let the broker sign, with the key it keeps for you" },
	KEY, END
};
static const struct arg message_options[] = {
	{ "params", 0, ARG_JSON, 0, "FILE", "*", "its parameters, a JSON object" }, END };
static const struct arg key_option[] = { KEY, END };
static const struct arg select_options[] = {
	{ "mandate", 0, ARG_TEXT, 0, "MANDATE", "mandate_id", "your signature is this mandate" },
	{ "max-executions", 0, ARG_INT, 0, "N", "max_executions", "how often work may be ordered (1)" },
	KEY, END
};
static const struct arg execute_options[] = {
	{ "input", 0, ARG_TEXT, REQUIRED, "FILE", NULL, "what to work on; - is standard input" },
	{ "deadline", 0, ARG_MSEC, 0, "TIME", "deadline_ms", "how long it may take (60s)" },
	{ "json", 0, ARG_FLAG, 0, NULL, NULL, "the input is JSON, not text" },
	KEY, END
};
static const struct arg limit_option[] = {
	{ "limit", 0, ARG_INT, 0, "N", "limit", "at most so many" }, END };
static const struct arg amount_options[] = {
	{ "amount", 0, ARG_MONEY, REQUIRED, "AMOUNT", "amount", "such as \"10 AIC\"" },
	{ "reference", 0, ARG_TEXT, 0, "TEXT", "reference", "what it is for" },
	KEY, END
};
static const struct arg budget_options[] = {
	{ "amount", 0, ARG_MONEY, REQUIRED, "AMOUNT", "amount", "the limit" },
	{ "period", 0, ARG_TEXT, 0, "PERIOD", "period", "unlimited, daily, monthly or yearly" },
	{ "parent", 0, ARG_TEXT, 0, "BUDGET", "parent", "a part of this budget" },
	KEY, END
};
#define DATA_FOLDER \
	{ "conf", 'c', ARG_TEXT, 0, "DIR", NULL, "the broker's configuration (" AICX_SYSCONFDIR "/conf.d)" }, \
	{ "plugins", 0, ARG_TEXT, 0, "DIR", NULL, "its plugins (" AICX_PLUGINDIR ")" }
#define CHECKPOINT { "checkpoint", 0, ARG_TEXT, 0, "FILE", NULL, "a checkpoint that was kept elsewhere" }
static const struct arg audit_options[] = {
	{ "currency", 0, ARG_TEXT, 0, "CODE", "currency", "in this currency" },
	{ "data", 0, ARG_TEXT, 0, "DIR", NULL, "all records in this data folder, of a broker that does not run" },
	DATA_FOLDER, CHECKPOINT, END };
static const struct arg export_options[] = {
	{ "data", 0, ARG_TEXT, REQUIRED, "DIR", NULL, "data folder of a broker that does not run" },
	DATA_FOLDER,
	{ "save", 0, ARG_TEXT, 0, "FILE", NULL, "write it there" },
	END };
static const struct arg recover_options[] = {
	{ "data", 0, ARG_TEXT, REQUIRED, "DIR", NULL, "data folder whose store refuses to open" },
	DATA_FOLDER, CHECKPOINT, END };
static const struct arg consistency_options[] = {
	{ "from", 0, ARG_INT, REQUIRED, "N", "from", "records of the earlier checkpoint" },
	{ "to", 0, ARG_INT, 0, "N", "to", "records of the later one; without it the newest" },
	{ "save", 0, ARG_TEXT, 0, "FILE", NULL, "write it there" },
	END };
static const struct arg transaction[] = {
	{ "TRANSACTION", 0, ARG_TEXT, REQUIRED, NULL, "transaction_id", "a transaction's id" }, END };
static const struct arg clock_word[] = {
	{ "accept", 0, ARG_TEXT, REQUIRED, NULL, NULL, "go on with the system's clock as it is" }, END };
static const struct arg backup_name[] = {
	{ "NAME", 0, ARG_TEXT, 0, NULL, "name", "of the copy; without it the time" }, END };
static const struct arg archive_folder[] = {
	{ "DIR", 0, ARG_TEXT, REQUIRED, NULL, NULL, "folder of the archive" }, END };
static const struct arg archive_options[] = {
	{ "hot", 0, ARG_TEXT, 0, "TIME", NULL, "records that are younger stay out of it (30d)" },
	{ "keep", 0, ARG_TEXT, 0, "TIME", NULL, "files that ended longer ago go (365d)" }, END };
static const struct arg audit_export_options[] = {
	{ "after", 0, ARG_TEXT, 0, "N", NULL, "from the record after this one on" },
	{ "from", 0, ARG_TEXT, 0, "TIME", NULL, "from this time on" },
	{ "save", 0, ARG_TEXT, 0, "FILE", NULL, "write it there" }, END };
static const struct arg audit_list_options[] = {
	{ "agent", 0, ARG_TEXT, 0, "AGENT", "agent_id", "of this agent; without it your own, or all" },
	{ "deal", 0, ARG_TEXT, 0, "DEAL", "deal_id", "of this deal" },
	{ "from", 0, ARG_TIME, 0, "TIME", "from", "from this time on" },
	{ "to", 0, ARG_TIME, 0, "TIME", "to", "before this time" }, LIMIT, END };
static const struct arg ledger_options[] = {
	{ "agent", 0, ARG_TEXT, 0, "AGENT", "agent_id", "of this agent" }, LIMIT, END };
static const struct arg charge_options[] = {
	{ "to", 0, ARG_TEXT, REQUIRED, "AGENT", "to_agent_id", "who is paid" },
	{ "reservation", 0, ARG_TEXT, 0, "RESERVATION", "reservation_id", "pay from it, release the rest" },
	{ "budget", 0, ARG_TEXT, 0, "BUDGET", "budget_id", "the budget it counts in" },
	{ "contract", 0, ARG_TEXT, 0, "CONTRACT", "contract_id", "the contract it belongs to" },
	{ "amount", 0, ARG_MONEY, REQUIRED, "AMOUNT", "amount", "such as \"10 AIC\"" },
	{ "reference", 0, ARG_TEXT, 0, "TEXT", "reference", "what it is for" },
	KEY, END
};
static const struct arg reserve_options[] = {
	{ "amount", 0, ARG_MONEY, REQUIRED, "AMOUNT", "amount", "such as \"10 AIC\"" },
	{ "budget", 0, ARG_TEXT, 0, "BUDGET", "budget_id", "the budget it counts in" },
	{ "for", 0, ARG_MSEC, 0, "TIME", "expires_in_ms", "how long it stands (1h)" },
	{ "reference", 0, ARG_TEXT, 0, "TEXT", "reference", "what it is for" },
	KEY, END
};
static const struct arg refund_options[] = {
	{ "amount", 0, ARG_MONEY, 0, "AMOUNT", "amount", "how much; without it all that is left" },
	{ "reference", 0, ARG_TEXT, 0, "TEXT", "reference", "why" },
	KEY, END
};
static const struct arg settle_options[] = {
	{ "currency", 0, ARG_TEXT, 0, "CODE", "currency", "in this currency" }, KEY, END };
static const struct arg dispute_options[] = {
	{ "reason", 0, ARG_TEXT, REQUIRED, "TEXT", "reason", "what is wrong with the work" },
	{ "execution", 0, ARG_TEXT, 0, "EXECUTION", "execution_id", "which work; without it the last" },
	KEY, END
};
static const struct arg ruling_options[] = {
	{ "ruling", 0, ARG_TEXT, REQUIRED, "RULING", "ruling", "release or refund" },
	{ "amount", 0, ARG_MONEY, 0, "AMOUNT", "amount", "of a refund; without it all" },
	{ "reason", 0, ARG_TEXT, 0, "TEXT", "reason", "why" },
	KEY, END
};
static const struct arg certificate_options[] = {
	{ "save", 0, ARG_TEXT, REQUIRED, "FILE", NULL, "write the key and the certificate there" },
	{ "role", 0, ARG_TEXT, 0, "ROLE", "role", "agent; by the operator owner, auditor or operator" },
	{ "expires", 0, ARG_TIME, 0, "TIME", "expires", "2027-01-31T00:00:00Z, or +30d (+90d)" },
	END
};
static const struct arg self_options[] = {
	{ "save", 0, ARG_TEXT, 0, "STEM", NULL, "write STEM.key and STEM.pem (server)" },
	END
};
static const struct arg credential_options[] = {
	{ "kind", 0, ARG_TEXT, 0, "KIND", "kind", "api_key" },
	{ "role", 0, ARG_TEXT, 0, "ROLE", "role", "what the key may do; without it all its agent may" },
	{ "permission", 0, ARG_TEXTS, 0, "PERMISSION", "permissions", "only this of it, such as deal.read; may be repeated" },
	{ "principal", 0, ARG_TEXT, 0, "KIND", "principal", "who holds it: agent, user or service" },
	{ "expires", 0, ARG_TIME, 0, "TIME", "expires", "2027-01-31T00:00:00Z, or +30d" },
	{ "save", 0, ARG_TEXT, 0, "FILE", NULL, "write an identity file instead of showing the key" },
	END
};

static const struct arg rotate_options[] = {
	{ "overlap", 0, ARG_MSEC, 0, "TIME", "overlap_ms", "how long the old key stays good (1d)" },
	{ "save", 0, ARG_TEXT, 0, "FILE", NULL, "write an identity file instead of showing the key" },
	END
};
#define PERMISSION { "PERMISSION", 0, ARG_TEXT, REQUIRED, NULL, NULL, "such as deal.read or money.write" }
#define SCOPE { "scope", 0, ARG_TEXT, 0, "AGENT", "scope", "whose things; * is everybody's; without it your own" }
static const struct arg granted_permission[] = {
	{ "AGENT", 0, ARG_TEXT, REQUIRED, NULL, "agent_id", "who may" }, PERMISSION, END };
static const struct arg permission[] = { PERMISSION, END };
static const struct arg permission_id[] = {
	{ "ID", 0, ARG_TEXT, REQUIRED, NULL, "permission_id", "a permission's id" }, END };
static const struct arg grant_options[] = {
	SCOPE,
	{ "expires", 0, ARG_TIME, 0, "TIME", "expires", "2027-01-31T00:00:00Z, or +30d" },
	KEY, END
};
static const struct arg delegate_agent[] = {
	{ "AGENT", 0, ARG_TEXT, REQUIRED, NULL, "delegate", "who may act for you" }, END };
static const struct arg delegate_options[] = {
	{ "permission", 0, ARG_TEXTS, REQUIRED, "PERMISSION", "permissions", "such as deal.write, to buy under your mandates; may be repeated" },
	{ "expires", 0, ARG_TIME, REQUIRED, "TIME", "expires", "2027-01-31T00:00:00Z, or +30d" },
	{ "custody", 0, ARG_FLAG, 0, NULL, NULL, "let the broker sign, with the key it keeps for you" },
	KEY, END
};
static const struct arg check_options[] = {
	{ "agent", 0, ARG_TEXT, 0, "AGENT", "agent_id", "may this agent; without it you" }, SCOPE, END };
static const struct arg permissions_options[] = { LIMIT, END };

/* --- verbs ------------------------------------------------------------ */

static const char sell_more[] =
	"The program gets the input on its standard input (a text as it is, other JSON as\n"
	"JSON) and its standard output is the result.  A status other than 0 is a failure,\n"
	"which costs the buyer nothing.\n\n"
	"  aicx sell text.spellcheck --price \"0.001 AIC\" -- aspell list\n\n"
	"With --http a server that knows nothing of deals does the work: it gets the input as\n"
	"JSON and answers JSON or text.  A status other than 2xx costs the buyer nothing.\n\n"
	"  aicx sell text.count --price \"0.001 AIC\" --http http://127.0.0.1:9000/count\n\n"
	"With --mcp the program is an MCP server that stays, and each of its tools is sold:\n\n"
	"  aicx sell --mcp --price \"0.001 AIC\" --price \"draw=0.05 AIC\" -- my-mcp-server\n";
static const char buy_more[] =
	"The result goes to standard output, price and provider to standard error.\n\n"
	"  aicx buy text.spellcheck --input letter.txt --max \"0.01 AIC\" --save deal.json\n";
static const char verify_more[] =
	"Works offline.  Several files are also held against each other: two checkpoints of\n"
	"one size, two deals under one mandate, a ledger and what it must contain.\n"
	"Exit status: 0 good, 1 broken (the first broken link is named),\n"
	"2 unreadable, 3 sound but the broker's key is unknown.  The key never comes from\n"
	"the file itself.\n";
static const char audit_more[] =
	"With --data nobody is asked: the records in the folder are read, their chain, tree\n"
	"and money checked, and held against the last checkpoint.  Exit status as of verify.\n";
static const char recover_more[] =
	"Works on a copy, DIR.recovered.  What the store finds damaged is skipped.  When that\n"
	"is not enough, a second copy, DIR.recovered.repaired, gets a new manifest.  A copy\n"
	"is good only when every record that a checkpoint covers is there and as it was.\n"
	"What came after the last checkpoint (a second at most) may be missing; an end of it\n"
	"that is not whole is cut off, on the copy.\n";
static const char backup_more[] =
	"The copy lies in the broker's data folder, backups/NAME, and is of one moment; the\n"
	"files broker.identity, operator.identity and master.key are not in it.  To go back: stop\n"
	"the broker, put the copy in the place of the folder store, start.  When somebody\n"
	"has seen a later checkpoint, start it once with aicxd --restored.\n";
static const char audit_export_more[] =
	"The file has the records one after the other and the proof that the last is in the\n"
	"checkpoint's tree; aicx verify checks it offline.  One that ends in .gz is packed.\n";
static const char archive_more[] =
	"Writes records that are older than --hot (30d) into packed files of DIR, from where\n"
	"the last run ended, and removes files that ended more than --keep (365d) ago.  To be\n"
	"run once a day.  aicx verify checks the files offline.\n";
static const char master_more[] =
	"The broker makes a new key in its file, seals its keys under it and drops the old one.\n"
	"Where the key is not in a file, put a new one there yourself: aicxd(8).\n";
static const char certificate_more[] =
    "The key is made here and never leaves; the broker issues the certificate\nand knows the agent by it wherever a listener asks for one.  Show it with\n--certificate FILE --identity -.";
static const char self_more[] =
    "For a first start: the two lines that it prints belong into the section of\nthe listener, and clients trust STEM.pem by --ca.  It is good for a year.";
static const char message_more[] =
	"The message is a QUERY to the broker, signed by your own key; nothing is sent.  Any\n"
	"door takes it by itself for a minute, or as long as the broker takes times as fresh.\n";
static const char mandate_more[] =
	"  aicx mandate new --need text.spellcheck --max-each \"0.01 AIC\" \\\n"
	"      --max-total \"1 AIC\" --max-deals 100 --expires +30d\n";

const struct verb verbs[] = {
	{ "sell", "make a program or a server a paid agent", sold_capability, sell_options, true, run_sell,
	    { NULL, NULL, NULL, NULL }, sell_more },
	{ "buy", "buy a result", capability, buy_options, false, run_buy,
	    { "deal.buy", "POST", "/v1/deals", NULL }, buy_more },
	{ "verify", "check deals, receipts and ledgers offline", verified_file, verify_options, false, run_verify,
	    { NULL, NULL, NULL, NULL }, verify_more },
	{ "search", "find agents and what they cost", query, search_options, false, run_route,
	    { "discovery.search", "GET", "/v1/search", "agent_id name capability=capabilities.0.name price=capabilities.0.pricing.base_cost each=capabilities.0.pricing.unit_cost stars=reputation.overall_score online" }, NULL },

	{ "agent keygen", "make an identity file", NULL, NULL, false, run_agent_keygen,
	    { NULL, NULL, NULL, NULL }, NULL },
	{ "agent register", "register an agent", NULL, register_options, false, run_agent_register,
	    { "discovery.register", "POST", "/v1/agents", NULL }, NULL },
	{ "agent import", "register an agent from a JSON file", card_file, key_option, false, run_route,
	    { "discovery.register", "POST", "/v1/agents", NULL }, NULL },
	{ "agent list", "list agents", query, search_options, false, run_route,
	    { "discovery.search", "GET", "/v1/search", "agent_id name capability=capabilities.0.name online" }, NULL },
	{ "agent show", "show an agent", own_agent, NULL, false, run_route,
	    { "discovery.get_agent", "GET", "/v1/agents/{agent_id}", NULL }, NULL },
	{ "agent heartbeat", "renew an agent's lease", own_agent, NULL, false, run_route,
	    { "discovery.heartbeat", "POST", "/v1/agents/{agent_id}/heartbeat", NULL }, NULL },
	{ "agent unregister", "take an agent out of the register", own_agent, NULL, false, run_route,
	    { "discovery.unregister", "DELETE", "/v1/agents/{agent_id}", NULL }, NULL },

	{ "mandate new", "allow deals in your name, within limits", NULL, mandate_options, false, run_mandate_new,
	    { "negotiation.grant_mandate", "POST", "/v1/mandates", NULL }, mandate_more },
	{ "mandate revoke", "take a mandate back", mandate, NULL, false, run_route,
	    { "negotiation.revoke_mandate", "DELETE", "/v1/mandates/{mandate_id}", NULL }, NULL },

	{ "deal list", "list your deals", NULL, deals_options, false, run_route,
	    { "deal.list", "GET", "/v1/deals", "deal_id state provider_id created" }, NULL },
	{ "deal show", "show a deal", deal, NULL, false, run_route,
	    { "deal.get", "GET", "/v1/deals/{deal_id}", NULL }, NULL },
	{ "deal export", "fetch a deal's file, for aicx verify", deal, save_option, false, run_deal_export,
	    { "deal.export", "GET", "/v1/deals/{deal_id}/file", NULL }, NULL },

	{ "intent new", "say what you need, and gather offers", capability, intent_options, false, run_route,
	    { "negotiation.broadcast_intent", "POST", "/v1/intents", NULL }, NULL },
	{ "intent offers", "list the offers for an intent", intent, NULL, false, run_route,
	    { "negotiation.collect_offers", "GET", "/v1/intents/{intent_id}/offers", "offer_id provider_id price reputation expires" }, NULL },
	{ "offer make", "offer something for an intent", intent, offer_options, false, run_offer_make,
	    { "negotiation.offer", "POST", "/v1/intents/{intent_id}/offers", NULL }, NULL },
	{ "offer select", "choose an offer", offer, select_options, false, run_route,
	    { "negotiation.select_offer", "POST", "/v1/offers/{offer_id}/select", NULL }, NULL },

	{ "contract list", "list your contracts", NULL, contracts_options, false, run_route,
	    { "negotiation.list_contracts", "GET", "/v1/contracts", "contract_id status capability ceiling provider_id" }, NULL },
	{ "contract show", "show a contract", contract, NULL, false, run_route,
	    { "negotiation.get_contract", "GET", "/v1/contracts/{contract_id}", NULL }, NULL },
	{ "contract sign", "sign a contract", contract, NULL, false, run_contract_sign,
	    { "negotiation.sign_contract", "POST", "/v1/contracts/{contract_id}/signatures", NULL }, NULL },
	{ "contract cancel", "cancel a contract before work began", contract, NULL, false, run_route,
	    { "negotiation.cancel_contract", "DELETE", "/v1/contracts/{contract_id}", NULL }, NULL },

	{ "contract dispute", "object to what was paid under a contract", contract, dispute_options, false, run_route,
	    { "economics.dispute", "POST", "/v1/contracts/{contract_id}/dispute", NULL }, NULL },
	{ "contract rule", "rule on a dispute", dispute, ruling_options, false, run_route,
	    { "economics.resolve_dispute", "POST", "/v1/disputes/{dispute_id}/resolution", NULL }, NULL },

	{ "execution run", "order work under a contract", contract, execute_options, false, run_execution_run,
	    { "execution.execute", "POST", "/v1/contracts/{contract_id}/executions", NULL }, NULL },
	{ "execution show", "show an execution", execution, NULL, false, run_route,
	    { "execution.get_execution", "GET", "/v1/executions/{execution_id}", NULL }, NULL },
	{ "execution list", "list the work under a contract", contract, limit_option, false, run_route,
	    { "execution.list_executions", "GET", "/v1/executions", "execution_id state attempts duration_ms cost" }, NULL },

	{ "account fund", "put money into an agent's account", some_agent, amount_options, false, run_route,
	    { "economics.fund", "POST", "/v1/accounts/{agent_id}/fund", NULL }, NULL },
	{ "account withdraw", "take money out of an agent's account", some_agent, amount_options, false, run_route,
	    { "economics.withdraw", "POST", "/v1/accounts/{agent_id}/withdraw", NULL }, NULL },
	{ "account reserve", "set money of yours aside", own_agent, reserve_options, false, run_route,
	    { "economics.reserve_funds", "POST", "/v1/budgets/{agent_id}/reservations", NULL }, NULL },
	{ "account release", "give a reservation back", reservation, NULL, false, run_route,
	    { "economics.release_reservation", "DELETE", "/v1/reservations/{reservation_id}", NULL }, NULL },
	{ "account pay", "pay another agent from your account", own_agent, charge_options, false, run_route,
	    { "economics.charge", "POST", "/v1/accounts/{agent_id}/charges", NULL }, NULL },
	{ "budget create", "limit what an agent may spend", some_agent, budget_options, false, run_route,
	    { "economics.create_budget", "POST", "/v1/budgets", NULL }, NULL },
	{ "budget show", "show an agent's budget", own_agent, NULL, false, run_route,
	    { "economics.get_budget", "GET", "/v1/budgets/{agent_id}", NULL }, NULL },
	{ "ledger list", "list transactions", NULL, ledger_options, false, run_route,
	    { "economics.list_transactions", "GET", "/v1/transactions", "timestamp kind amount transaction_id reference" }, NULL },
	{ "ledger refund", "give a payment back", transaction, refund_options, false, run_route,
	    { "economics.refund", "POST", "/v1/transactions/{transaction_id}/refund", NULL }, NULL },
	{ "ledger settle", "settle what is pending, netted", NULL, settle_options, false, run_route,
	    { "economics.batch_settle", "POST", "/v1/settlements", NULL }, NULL },
	{ "ledger receipt", "fetch the proof of a transaction", transaction, save_option, false, run_ledger_fetch,
	    { "economics.get_receipt", "GET", "/v1/transactions/{transaction_id}/receipt", NULL }, NULL },
	{ "ledger checkpoint", "fetch the newest signed checkpoint", NULL, save_option, false, run_ledger_checkpoint,
	    { "economics.get_checkpoint", "GET", "/v1/ledger/checkpoint", NULL }, NULL },
	{ "ledger consistency", "fetch the proof that nothing before was changed", NULL, consistency_options, false, run_ledger_fetch,
	    { "economics.get_consistency", "GET", "/v1/ledger/consistency", NULL }, NULL },
	{ "ledger audit", "show an agent's balance, or check all records", own_agent, audit_options, false, run_ledger_audit,
	    { "economics.audit_balance", "GET", "/v1/audit/balance/{agent_id}", NULL }, audit_more },
	{ "ledger export", "write all records as a ledger file", NULL, export_options, false, run_ledger_export,
	    { NULL, NULL, NULL, NULL }, NULL },
	{ "ledger backup", "copy the store of a running broker", backup_name, NULL, false, run_route,
	    { "economics.backup", "POST", "/v1/ledger/backups", NULL }, backup_more },
	{ "audit list", "list what an agent did and was refused, newest first", NULL, audit_list_options, false, run_route,
	    { "security.get_audit_trail", "GET", "/v1/audit", "record timestamp actor_id action resource result cause count" }, NULL },
	{ "audit export", "write records that verify by themselves", NULL, audit_export_options, false, run_audit_export,
	    { "security.export_audit", "GET", "/v1/audit/records", NULL }, audit_export_more },
	{ "audit archive", "go on with an archive of what is old", archive_folder, archive_options, false, run_audit_archive,
	    { "security.export_audit", "GET", "/v1/audit/records", NULL }, archive_more },
	{ "master rotate", "have another master key seal the broker's keys", NULL, NULL, false, run_route,
	    { "security.rotate_master_key", "POST", "/v1/master-key/rotation", NULL }, master_more },
	{ "ledger recover", "try to save a store that refuses to open", NULL, recover_options, false, run_ledger_recover,
	    { NULL, NULL, NULL, NULL }, recover_more },

	{ "ledger clock", "accept the clock of a broker that waits for it", clock_word, NULL, false, run_ledger_clock,
	    { "economics.accept_clock", "POST", "/v1/ledger/clock", NULL }, NULL },

	{ "credential new", "make an API key for an agent", some_agent, credential_options, false, run_credential_new,
	    { "security.generate_credentials", "POST", "/v1/credentials", NULL }, NULL },
	{ "credential revoke", "make an API key invalid", credential, NULL, false, run_route,
	    { "security.revoke_credentials", "DELETE", "/v1/credentials/{credential_id}", NULL }, NULL },

	{ "credential rotate", "make a new API key in the place of an old one", credential, rotate_options, false, run_credential_rotate,
	    { "security.rotate_credentials", "POST", "/v1/credentials/{credential_id}/rotate", NULL }, NULL },
	{ "certificate new", "have a certificate made for an agent", some_agent, certificate_options, false, run_certificate_new,
	    { "security.generate_credentials", "POST", "/v1/credentials", NULL }, certificate_more },
	{ "certificate self", "make a certificate for a server of your own", server_names, self_options, false, run_certificate_self,
	    { NULL, NULL, NULL, NULL }, self_more },
	{ "credential show", "show whom your credential speaks for", NULL, NULL, false, run_route,
	    { "security.verify_credentials", "GET", "/v1/credentials/current", NULL }, NULL },
	{ "permission grant", "let another agent do something with your things", granted_permission, grant_options, false, run_permission,
	    { "security.grant_permission", "POST", "/v1/permissions", NULL }, NULL },
	{ "permission revoke", "let it no longer", permission_id, NULL, false, run_route,
	    { "security.revoke_permission", "DELETE", "/v1/permissions/{permission_id}", NULL }, NULL },
	{ "permission list", "list what was granted to an agent, and of its things", own_agent, permissions_options, false, run_route,
	    { "security.list_permissions", "GET", "/v1/permissions", "permission_id agent_id resource action scope expires_at" }, NULL },
	{ "permission delegate", "sign that another agent may act for you", delegate_agent, delegate_options, false, run_permission_delegate,
	    { "security.delegate", "POST", "/v1/delegations", NULL }, NULL },
	{ "permission check", "ask whether an agent may do something", permission, check_options, false, run_permission,
	    { "security.check_permission", "GET", "/v1/permissions/check", NULL }, NULL },

	{ "message", "print a signed message, for any door", method_name, message_options, false, run_message,
	    { NULL, NULL, NULL, NULL }, message_more },
	{ "health", "is the broker ready", NULL, NULL, false, run_health,
	    { NULL, NULL, NULL, NULL }, NULL },
	{ "metrics", "show the broker's metrics", NULL, NULL, false, run_metrics,
	    { NULL, NULL, NULL, NULL }, NULL },
	{ .words = NULL },
};
