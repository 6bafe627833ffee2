/* SPDX-License-Identifier: Apache-2.0 */
/*
 * load.c - load on a running broker, or on a peer it is compared with.
 *
 *   load relay|deals|paid|rest|ask|sessions URL PID WORK_DIR OPERATOR_IDENTITY
 * ASKERS SECONDS load nng URL PID WORK_DIR http://HOST:PORT_OF_NNG ASKERS
 * SECONDS load nats|http http://HOST:PORT PID WORK_DIR - ASKERS SECONDS
 *
 * All agents live in this process, under one epoll loop: askers with one
 * exchange under way each, and who answers them.  What is reported is the
 * processor time of the process PID, which other load on the machine changes
 * little, and the rate and latencies, which it does.
 */
#include "load.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/str.h"

void
load_register(struct party *party, const char *capability, const char *amount,
    struct buf *buf)
{
	struct json_writer w = request_begin(buf, "discovery.register");

	json_key(&w, "agent_id");
	json_put_id(&w, &party->self.agent_id);
	json_key(&w, "name");
	json_put_text(&w, "load");
	json_key(&w, "endpoints");
	json_put_raw(&w, STR("[{\"kind\":\"session\"}]"));
	json_key(&w, "capabilities");
	json_open(&w, '[');
	json_open(&w, '{');
	json_key(&w, "name");
	json_put_text(&w, capability);
	json_key(&w, "version");
	json_put_text(&w, "1.0");
	json_key(&w, "pricing");
	json_open(&w, '{');
	json_key(&w, "model");
	json_put_text(&w, "per_call");
	put_money(&w, "base_cost", amount);
	json_close(&w);
	json_close(&w);
	json_close(&w);
	json_close(&w);
	(void)party_ask(party, buf);
}

void
load_fund(
    struct party *operator, const struct aicx_id * agent_id, struct buf *buf)
{
	struct json_writer w = request_begin(buf, "economics.fund");

	json_key(&w, "agent_id");
	json_put_id(&w, agent_id);
	put_money(&w, "amount", "1000000");
	json_key(&w, "reference");
	json_put_text(&w, "load");
	json_close(&w);
	(void)party_ask(operator, buf);
}

void
load_print(const struct crowd *crowd, const char *what)
{
	(void)printf("%ss_per_s %.0f /s\n", what, crowd_per_s(crowd));
	(void)printf("%s_p50_ms %.2f ms\n", what,
	    (double)spread_quantile_us(&crowd->spread, 500) / 1e3);
	(void)printf("%s_p99_ms %.2f ms\n", what,
	    (double)spread_quantile_us(&crowd->spread, 990) / 1e3);
	(void)printf("%s_cpu_us %.2f us\n", what, crowd->cpu_us);
}

int
main(int argc, char **argv)
{
	static const struct {
		const char *name;
		void (*run)(const struct load *load);
	} kinds[] = {
		{ "relay", load_relay },
		{ "nng", load_relay_nng },
		{ "deals", load_deals },
		{ "paid", load_paid },
		{ "nats", load_nats },
		{ "rest", load_rest },
		{ "http", load_http },
		{ "mcp", load_mcp },
		{ "ask", load_ask },
		{ "sessions", load_sessions },
	};
	struct town town;

	for (size_t i = 0; argc == 8 && i < sizeof kinds / sizeof *kinds; i++) {
		if (strcmp(argv[1], kinds[i].name) != 0)
			continue;
		town_init(
		    &town, argv[2], argv[4], (pid_t)strtol(argv[3], NULL, 10));
		struct load load = { &town, argv[5],
			(int)strtol(argv[6], NULL, 10),
			(int64_t)(strtod(argv[7], NULL) * 1e6) };
		kinds[i].run(&load);
		return 0;
	}
	(void)fprintf(stderr,
	    "usage: load relay|nng|deals|paid|nats|rest|http|mcp|ask|sessions "
	    "URL "
	    "PID "
	    "WORK_DIR IDENTITY ASKERS SECONDS\n");
	return 64;
}
