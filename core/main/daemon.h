/* SPDX-License-Identifier: Apache-2.0 */
/* daemon.h - the running broker process: start, signals, reload, end. */
#ifndef MAIN_DAEMON_H
#define MAIN_DAEMON_H

#include <stdint.h>

struct daemon_options {
	const char *conf_dir, *data_dir, *plugin_dir;
	const char *user; /* to become, when it is root; NULL: nobody else */
	const char *listen; /* NULL: as configured */
	int restored; /* checkpoints begin anew after a restore */
	int rebuild; /* read all records, and make the index anew */
	int64_t started_us; /* of the monotonic clock, when main() began */
};

/* Exit codes of sysexits.h: 78 configuration, 74 disk. */
int daemon_run(const struct daemon_options *options);
/* Reads and checks everything without opening anything; dump prints it. */
int daemon_check(const struct daemon_options *options, int dump);

#endif
