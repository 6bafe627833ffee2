/* SPDX-License-Identifier: Apache-2.0 */
/* aicxd.c - the daemon's command line. */
#include "main/daemon.h"

#include <getopt.h>
#include <stdio.h>
#include <string.h>
#include <sysexits.h>
#include <time.h>

static const char usage[] =
    "usage: aicxd [-c CONF_DIR] [-d DATA_DIR] [--listen ADDR:PORT]\n"
    "             [--plugins DIR] [--rebuild] [--restored]\n"
    "             [-t] [--dump] [--version]\n"
    "  -c, --conf DIR       configuration folder (default " AICX_SYSCONFDIR
    "/conf.d)\n"
    "  -d, --data DIR       data folder (default " AICX_STATEDIR ")\n"
    "      --listen A:P     address of the first transport; port 0 picks one\n"
    "      --plugins DIR    plugin folder (default " AICX_PLUGINDIR ")\n"
    "      --rebuild        read all records and make the index of the store "
    "anew\n"
    "      --restored       after a restore: checkpoints begin anew\n"
    "  -t, --test           check the configuration and end\n"
    "      --dump           print the configuration with all fallbacks and "
    "end\n"
    "      --version        print the version and end\n";

static int64_t
monotonic_us(void)
{
	struct timespec now;

	(void)clock_gettime(CLOCK_BOOTTIME, &now);
	return (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

int
main(int argc, char **argv)
{
	enum {
		OPT_LISTEN = 256,
		OPT_PLUGINS,
		OPT_REBUILD,
		OPT_RESTORED,
		OPT_DUMP,
		OPT_VERSION
	};
	static const struct option longs[] = {
		{ "conf", required_argument, NULL, 'c' },
		{ "data", required_argument, NULL, 'd' },
		{ "listen", required_argument, NULL, OPT_LISTEN },
		{ "plugins", required_argument, NULL, OPT_PLUGINS },
		{ "rebuild", no_argument, NULL, OPT_REBUILD },
		{ "restored", no_argument, NULL, OPT_RESTORED },
		{ "test", no_argument, NULL, 't' },
		{ "dump", no_argument, NULL, OPT_DUMP },
		{ "version", no_argument, NULL, OPT_VERSION },
		{ "help", no_argument, NULL, 'h' },
		{ NULL, 0, NULL, 0 },
	};
	struct daemon_options options = {
		.conf_dir = AICX_SYSCONFDIR "/conf.d",
		.data_dir = AICX_STATEDIR,
		.plugin_dir = AICX_PLUGINDIR,
		.started_us = monotonic_us(),
	};
	int test = 0, dump = 0, c;

	while ((c = getopt_long(argc, argv, "c:d:th", longs, NULL)) != -1) {
		switch (c) {
		case 'c':
			options.conf_dir = optarg;
			break;
		case 'd':
			options.data_dir = optarg;
			break;
		case OPT_LISTEN:
			options.listen = optarg;
			break;
		case OPT_PLUGINS:
			options.plugin_dir = optarg;
			break;
		case OPT_REBUILD:
			options.rebuild = 1;
			break;
		case OPT_RESTORED:
			options.restored = 1;
			break;
		case 't':
			test = 1;
			break;
		case OPT_DUMP:
			dump = 1;
			break;
		case OPT_VERSION:
			(void)puts("aicxd " AICX_VERSION);
			return EX_OK;
		case 'h':
			(void)fputs(usage, stdout);
			return EX_OK;
		default:
			(void)fputs(usage, stderr);
			return EX_USAGE;
		}
	}
	if (optind < argc) {
		(void)fprintf(
		    stderr, "aicxd: what is \"%s\"?\n%s", argv[optind], usage);
		return EX_USAGE;
	}
	if (test || dump)
		return daemon_check(&options, dump);
	return daemon_run(&options);
}
