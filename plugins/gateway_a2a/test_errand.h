/* SPDX-License-Identifier: Apache-2.0 */
/*
 * test_errand.h - the plugin on a fake host, with one errand for agents of
 * others: what is asked of them stands in `host`, and the test answers.
 */
#ifndef GATEWAY_A2A_TEST_ERRAND_H
#define GATEWAY_A2A_TEST_ERRAND_H

#include <aiconexus/gateway.h>
#include <check.h>

#include "fake_host.h"

extern const struct aicx_plugin *plugin;
extern struct fake *fake;
extern void *settings, *state;

/* The host's part: the last request, and the only errand. */
struct errand_host {
	char url[512], method[8], body[1024], headers[512], progress[256];
	char question[256]; /* "": nothing is asked */
	aicx_err ask_err; /* what the host says to it */
	aicx_http_done_fn *done;
	aicx_http_part_fn *part;
	void *arg;
	int64_t timeout_ms, body_max;
	int n_asked, n_cancelled, n_done, n_verified;
	bool open; /* a request waits for its answer */
	aicx_err err;
	char output[1024], code[64], detail[256];
	bool retryable;
};

extern struct errand_host host;

#define STR(literal) ((struct aicx_str) { (literal), sizeof(literal) - 1 })
#define TRACE "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
#define ERRAND ((struct aicx_errand *)&host)
#define CARD_URL "http://a.example/.well-known/agent-card.json"
#define DOOR(url, binding)                                                     \
	"{\"url\":\"" url "\",\"protocolBinding\":\"" binding                  \
	"\",\"protocolVersion\":\"1.0\"}"
#define CARD_OF(doors, more)                                                   \
	"{\"name\":\"them\",\"description\":\"d\","                            \
	"\"supportedInterfaces\":[" doors "],"                                 \
	"\"skills\":[{\"id\":\"Echo!\",\"tags\":[\"t\",\"\"]}]" more "}"
#define RPC DOOR("http://a.example/rpc", "JSONRPC")
#define REST DOOR("http://a.example/rest/", "HTTP+JSON")
#define STREAMS ",\"capabilities\":{\"streaming\":true}"
#define RESULT(inner) "{\"jsonrpc\":\"2.0\",\"id\":\"1\",\"result\":" inner "}"
#define TASK(state)                                                            \
	"{\"id\":\"t/1\",\"status\":{\"state\":\"TASK_STATE_" state "\"}}"
#define DONE                                                                   \
	"{\"id\":\"t/1\",\"status\":{\"state\":\"TASK_STATE_COMPLETED\"},"     \
	"\"artifacts\":[{\"artifactId\":\"a\",\"parts\":[{\"data\":1.50}]}]}"
#define OUTPUT                                                                 \
	"{\"artifacts\":[{\"artifactId\":\"a\",\"parts\":[{\"data\":1.5}]}]}"

/* For each test. */
void setup(void);
void teardown(void);
/* Runs the cases with the plugin from .libs; main's result. */
int errand_run(Suite *suite);
/* With one setting changed, unless name is NULL. */
aicx_err open_plugin(const char *name, int64_t number, const char *text);
void reopen(const char *name, int64_t number, const char *text);

/* What the broker asks of the plugin. */
void execute(const char *input);
void describe(const char *url);
void recall(void);
/* For fake->table.errand_pass: "X-API-Key: s3cret". */
aicx_err show_pass(
    const struct aicx_errand *errand, struct aicx_header *ret_header);
void tell(const char *answer_to_question);

/* What the other agent says to the request that is open. */
void answer_with(aicx_err err, uint16_t status, const char *body,
    const struct aicx_header *headers, size_t n_headers);
void answer(const char *body);
void part(const char *bytes);
void stream_ends(aicx_err err);

#endif
