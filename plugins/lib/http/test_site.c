/* SPDX-License-Identifier: Apache-2.0 */
/* test_site.c - the plugin on a fake host, for its tests. */
#include "test_site.h"

#include <aiconexus/transport.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const struct aicx_plugin *plugin;
const char *site_file = ".libs/transport_http.so";

static void
site_load(void)
{
	plugin = fake_plugin(site_file);
}

struct site
site_prepare(void)
{
	return (struct site) { fake_new(), fake_settings(plugin), NULL };
}

void
site_start(struct site *site)
{
	struct aicx_error error = { 0 };

	ck_assert_int_eq(plugin->open(&site->fake->table, fake_self(site->fake),
			     site->settings, &site->state, &error),
	    AICX_OK);
	ck_assert_int_eq(
	    plugin->ops.transport->start(site->state, NULL, &error), AICX_OK);
}

struct site
site_open(void)
{
	struct site site = site_prepare();

	site_start(&site);
	return site;
}

void
site_forget(struct site *site)
{
	ck_assert_ptr_null(site->fake->timers);
	ck_assert_ptr_null(site->fake->listener);
	ck_assert_uint_eq(site->fake->n_peers, 0);
	fake_free(site->fake);
	free(site->settings);
}

void
site_close(struct site *site)
{
	plugin->close(site->state);
	site_forget(site);
}

struct fake_client *
connect_to(struct site *site)
{
	return fake_connect(site->fake, "127.0.0.1:40000");
}

int
next_status(const char **at, bool has_body)
{
	const char *end = strstr(*at, "\r\n\r\n");
	const char *length;
	int status;

	if (end == NULL || strncmp(*at, "HTTP/1.1 ", 9) != 0)
		return 0;
	status = (int)strtol(*at + 9, NULL, 10);
	length = strstr(*at, "Content-Length: ");
	*at = end + 4;
	if (has_body && length != NULL && length < end)
		*at += strtol(length + 16, NULL, 10);
	return status;
}

int
status_of(const struct fake_client *client)
{
	const char *at = client->got.ptr;

	return next_status(&at, true);
}

size_t
count_answers(const struct fake_client *client)
{
	const char *at = client->got.ptr;
	size_t n = 0;

	while (next_status(&at, true) != 0)
		n++;
	return n;
}

bool
has(const struct fake_client *client, const char *text)
{
	return strstr(client->got.ptr, text) != NULL;
}

int
site_run(Suite *suite)
{
	SRunner *runner = srunner_create(suite);
	int n_failed;

	site_load();
	srunner_run_all(runner, CK_ENV);
	n_failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return n_failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
