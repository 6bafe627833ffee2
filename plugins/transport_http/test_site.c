/* SPDX-License-Identifier: Apache-2.0 */
/* test_site.c - the plugin on a fake host, for its tests. */
#include "test_site.h"

#include <aiconexus/transport.h>
#include <check.h>
#include <stdlib.h>

const struct aicx_plugin *plugin;

void
site_load(void)
{
	plugin = fake_plugin(".libs/transport_http.so");
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
