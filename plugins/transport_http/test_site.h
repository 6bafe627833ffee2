/* SPDX-License-Identifier: Apache-2.0 */
/* test_site.h - the plugin on a fake host, for its tests. */
#ifndef TEST_SITE_H
#define TEST_SITE_H

#include "fake_host.h"

extern const struct aicx_plugin *plugin;

struct site {
	struct fake *fake;
	void *settings;
	void *state;
};

void site_load(void); /* the built .so; once, first */
struct site site_prepare(void); /* settings may be changed */
void site_start(struct site *site);
struct site site_open(void);
void site_close(struct site *site); /* and checks that nothing is left */
void site_forget(struct site *site); /* when the test closed the plugin */
struct fake_client *connect_to(struct site *site);

#endif
