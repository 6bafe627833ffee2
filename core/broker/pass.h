/* SPDX-License-Identifier: Apache-2.0 */
/*
 * pass.h - what a seller's server wants to see from whoever orders there: a
 * header field with a bearer token or an API key, as its owner gave it.  Kept
 * sealed beside the records; no record, answer or log line has it.
 */
#ifndef BROKER_PASS_H
#define BROKER_PASS_H

#include "broker/inside.h"
#include "discovery/agent.h"

enum { PASS_BYTES = 1280 }; /* sealed: its length tells nothing */

struct pass {
	struct aicx_str header; /* absent: Authorization */
	struct aicx_str value; /* absent: there is none */
};

extern const struct field pass_fields[];

/* The shape of it, and that all endpoints are such that it is not overheard. */
aicx_err pass_check(const struct pass *pass, const struct field_list *endpoints,
    struct aicx_error *reterr);
/* "Name: value", ended by NUL; wipe it. */
void pass_print(const struct pass *pass, char ret_line[PASS_BYTES]);
/* With the next record; no value: drops what was kept. */
void pass_keep(struct broker *broker, const struct aicx_id *agent_id,
    const struct pass *pass);
bool pass_get(struct broker *broker, const struct aicx_id *agent_id,
    char ret_line[PASS_BYTES]);

#endif
