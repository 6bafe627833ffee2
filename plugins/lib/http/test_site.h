/* SPDX-License-Identifier: Apache-2.0 */
/* test_site.h - the plugin on a fake host, for its tests. */
#ifndef TEST_SITE_H
#define TEST_SITE_H

#include "fake_host.h"

#include <check.h>

#define HOST "Host: localhost\r\n"
#define HELLO "GET /hello HTTP/1.1\r\n" HOST "\r\n"
#define CHUNKED "POST / HTTP/1.1\r\n" HOST "Transfer-Encoding: chunked\r\n\r\n"

extern const struct aicx_plugin *plugin;
extern const char *site_file; /* which plugin; main() may name another */

struct site {
	struct fake *fake;
	void *settings;
	void *state;
};

struct site site_prepare(void); /* settings may be changed */
void site_start(struct site *site);
struct site site_open(void);
void site_close(struct site *site); /* and checks that nothing is left */
void site_forget(struct site *site); /* when the test closed the plugin */
struct fake_client *connect_to(struct site *site);

/* Status of the answer that begins at *at, which moves behind it; 0: none. */
int next_status(const char **at, bool has_body);
int status_of(const struct fake_client *client); /* of the first answer */
size_t count_answers(const struct fake_client *client);
bool has(const struct fake_client *client, const char *text);

/* Runs the suite on the built .so; main()'s status. */
int site_run(Suite *suite);

#endif
