/* SPDX-License-Identifier: Apache-2.0 */
/* aicx.c - the command line: finds the verb and runs it. */
#include <signal.h>
#include <stdio.h>

#include "base/err.h"
#include "base/map.h"
#include "cli/help.h"
#include "cli/invocation.h"
#include "cli/outside.h"

static int
show_help(const struct words *words)
{
	struct buf text = { 0 };

	if (words->verb != NULL)
		help_verb(&text, words->verb);
	else
		help_program(&text, words->group);
	(void)fwrite(text.ptr, 1, text.len, stdout);
	buf_fini(&text);
	return STATUS_OK;
}

static int
show_usage(const struct words *words)
{
	(void)show_help(words);
	return words->group != NULL ? STATUS_USAGE : STATUS_OK;
}

static int
run(const struct words *words)
{
	struct invocation inv;
	struct aicx_error why = { 0 };

	aicx_err err = invocation_init(&inv, words, &why);
	int status =
	    err == AICX_OK ? words->verb->run(&inv) : invocation_fail(&why);
	invocation_fini(&inv);
	return status;
}

int
main(int argc, char **argv)
{
	struct words words;
	struct aicx_error why = { 0 };
	uint8_t seed[16];

	/* A reader that went away shows as a write error. */
	(void)signal(SIGPIPE, SIG_IGN);
	outside_random(seed, sizeof seed);
	map_seed(seed);
	if (words_parse(argc, argv, &words, &why) != AICX_OK)
		return invocation_fail(&why);
	if (words.version) {
		(void)printf("aicx " AICX_VERSION "\n");
		return STATUS_OK;
	}
	if (words.help)
		return show_help(&words);
	if (words.verb == NULL)
		return show_usage(&words);
	int status = run(&words);
	if (fflush(stdout) != 0 && status == STATUS_OK) {
		(void)err_set(&why, AICX_EIO, "cannot write the output");
		return invocation_fail(&why);
	}
	return status;
}
