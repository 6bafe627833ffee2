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
    "             [--plugins DIR] [--user NAME] [--rebuild] [--restored]\n"
    "             [-t] [--dump] [--version]\n"
    "  -c, --conf DIR       configuration folder (default " AICX_SYSCONFDIR
    "/conf.d)\n"
    "  -d, --data DIR       data folder (default " AICX_STATEDIR ")\n"
    "      --listen A:P     address of the first transport; port 0 picks one\n"
    "      --plugins DIR    plugin folder (default " AICX_PLUGINDIR ")\n"
    "      --user NAME      when started as root: the user to become\n"
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

enum {
	OPT_LISTEN = 256,
	OPT_PLUGINS,
	OPT_USER,
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
	{ "user", required_argument, NULL, OPT_USER },
	{ "rebuild", no_argument, NULL, OPT_REBUILD },
	{ "restored", no_argument, NULL, OPT_RESTORED },
	{ "test", no_argument, NULL, 't' },
	{ "dump", no_argument, NULL, OPT_DUMP },
	{ "version", no_argument, NULL, OPT_VERSION },
	{ "help", no_argument, NULL, 'h' },
	{ NULL, 0, NULL, 0 },
};

/* What the process is there for; RUN unless an option says otherwise. */
enum task { RUN, TEST, DUMP, VERSION, HELP, WRONG };

static enum task
take_option(int option, struct daemon_options *options, enum task task)
{
	switch (option) {
	case 'c':
		options->conf_dir = optarg;
		return task;
	case 'd':
		options->data_dir = optarg;
		return task;
	case OPT_LISTEN:
		options->listen = optarg;
		return task;
	case OPT_PLUGINS:
		options->plugin_dir = optarg;
		return task;
	case OPT_USER:
		options->user = optarg;
		return task;
	case OPT_REBUILD:
		options->rebuild = 1;
		return task;
	case OPT_RESTORED:
		options->restored = 1;
		return task;
	case 't':
		return task == DUMP ? DUMP : TEST;
	case OPT_DUMP:
		return DUMP;
	case OPT_VERSION:
		return VERSION;
	case 'h':
		return HELP;
	default:
		return WRONG;
	}
}

/* The first of --version, --help and a mistake ends the reading. */
static enum task
take_options(int argc, char **argv, struct daemon_options *options)
{
	enum task task = RUN;
	int option;

	while (task < VERSION &&
	    (option = getopt_long(argc, argv, "c:d:th", longs, NULL)) != -1)
		task = take_option(option, options, task);
	return task;
}

int
main(int argc, char **argv)
{
	struct daemon_options options = {
		.conf_dir = AICX_SYSCONFDIR "/conf.d",
		.data_dir = AICX_STATEDIR,
		.plugin_dir = AICX_PLUGINDIR,
		.started_us = monotonic_us(),
	};
	enum task task = take_options(argc, argv, &options);

	if (task < VERSION && optind < argc) {
		(void)fprintf(
		    stderr, "aicxd: what is \"%s\"?\n%s", argv[optind], usage);
		return EX_USAGE;
	}
	switch (task) {
	case RUN:
		break;
	case TEST:
	case DUMP:
		return daemon_check(&options, task == DUMP);
	case VERSION:
		(void)puts("aicxd " AICX_VERSION);
		return EX_OK;
	case HELP:
		(void)fputs(usage, stdout);
		return EX_OK;
	case WRONG:
		(void)fputs(usage, stderr);
		return EX_USAGE;
	}
	return daemon_run(&options);
}
