/* SPDX-License-Identifier: Apache-2.0 */
/*
 * transport_nng.c - the protocol over NNG: requests by req, news of deals by
 * sub, intents by respondent; ipc, tcp and ws.
 *
 * NNG has threads of its own.  They meet the loop in pipes.c alone.
 *
 *     frame        the little that is to be known of a message
 *     pipes        connections as NNG's threads see them
 *     conn         one connection of a requester
 *     news         what is for everybody who listens
 *     listen door  the sockets, and who is connected
 */
#include "check.h"
#include "conn.h"
#include "door.h"
#include "listen.h"
#include "news.h"
#include "threads.h"

#include <aiconexus/transport.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { SWEEP_MS = 250 };

static const struct aicx_option nng_options[] = {
	{
	    AICX_FIELD(struct settings, listen),
	    .type = AICX_OPT_STR,
	    .fallback = "tcp://127.0.0.1:8701",
	    .help = "URLs where requests are taken, separated by commas: "
		    "tcp://, ipc://, ws://.",
	},
	{
	    AICX_FIELD(struct settings, publish),
	    .type = AICX_OPT_STR,
	    .fallback = "",
	    .help = "URLs where news of followed deals are published; whoever "
		    "connects sees all of them.",
	},
	{
	    AICX_FIELD(struct settings, survey),
	    .type = AICX_OPT_STR,
	    .fallback = "",
	    .help = "URLs where sellers are asked about intents; whoever "
		    "connects sees all of them.",
	},
	{
	    AICX_FIELD(struct settings, mode),
	    .type = AICX_OPT_STR,
	    .fallback = "0600",
	    .help = "Who may connect to ipc: 0600 the user the broker runs "
		    "as, 0660 its group too, 0666 everybody.",
	},
	{
	    AICX_FIELD(struct settings, insecure),
	    .type = AICX_OPT_BOOL,
	    .fallback = "no",
	    .help = "Listen although others can reach an address: there is no "
		    "TLS here.",
	},
	{
	    AICX_FIELD(struct settings, max_connections),
	    .type = AICX_OPT_INT,
	    .fallback = "1000",
	    .min = 1,
	    .max = 1000000,
	    .help = "Connections at a time, of all kinds.",
	},
	{
	    AICX_FIELD(struct settings, max_per_address),
	    .type = AICX_OPT_INT,
	    .fallback = "64",
	    .min = 1,
	    .max = 1000000,
	    .help = "Connections at a time from one address; this machine's "
		    "own are not counted.",
	},
	{
	    AICX_FIELD(struct settings, max_message),
	    .type = AICX_OPT_SIZE,
	    .fallback = "1m",
	    .min = 125,
	    .max = 1 << 30,
	    .help = "Bytes of a message; a larger one ends its connection.",
	},
	{
	    AICX_FIELD(struct settings, max_queue),
	    .type = AICX_OPT_SIZE,
	    .fallback = "4m",
	    .min = 1024,
	    .max = 1 << 30,
	    .help = "Bytes that may wait for a session that does not ask; "
		    "beyond, the session ends.",
	},
	{
	    AICX_FIELD(struct settings, max_pending),
	    .type = AICX_OPT_INT,
	    .fallback = "64",
	    .min = 1,
	    .max = 64,
	    .help = "Unanswered requests of one connection.",
	},
	{
	    AICX_FIELD(struct settings, buffer),
	    .type = AICX_OPT_INT,
	    .fallback = "1024",
	    .min = 1,
	    .max = 8192,
	    .help = "Messages that wait in a socket of NNG, each way; a "
		    "subscriber that is further behind misses news.",
	},
	{
	    AICX_FIELD(struct settings, poll_timeout),
	    .type = AICX_OPT_MSEC,
	    .fallback = "25s",
	    .min = 10,
	    .max = 3600000,
	    .help = "Time before a request for the next message is answered "
		    "with none.",
	},
	{
	    AICX_FIELD(struct settings, answer_timeout),
	    .type = AICX_OPT_MSEC,
	    .fallback = "2m",
	    .min = 10,
	    .max = 3600000,
	    .help = "Time before a request whose answer does not come is "
		    "given up.",
	},
	{
	    AICX_FIELD(struct settings, idle_timeout),
	    .type = AICX_OPT_MSEC,
	    .fallback = "5m",
	    .min = 10,
	    .max = 86400000,
	    .help = "Time without a request before a connection is closed.",
	},
	{
	    AICX_FIELD(struct settings, batch),
	    .type = AICX_OPT_BOOL,
	    .fallback = "yes",
	    .help = "NNG's threads run under SCHED_BATCH: a third less "
		    "processor time; no: answers are sooner where processors "
		    "are busy.",
	},
	{ .name = NULL },
};

static aicx_err
refuse(struct aicx_error *reterr, aicx_err code, const char *text)
{
	if (reterr != NULL) {
		*reterr = (struct aicx_error) { .code = code };
		(void)snprintf(reterr->text, sizeof reterr->text, "%s", text);
	}
	return code;
}

static void
door_free(struct door *door)
{
	pipes_fini(&door->pipes);
	free(door);
}

/* Posted by NNG's threads. */
static void
on_news(void *arg)
{
	struct door *door = arg;

	if (pipes_told(&door->pipes))
		door_free(door);
	else
		door_look(door);
}

static void
on_sweep(void *arg)
{
	struct door *door = arg;

	door_sweep(door);
	door->host->timer_set(door->sweep, SWEEP_MS);
}

/* The one method whose parameters are a message's text. */
static const struct aicx_method *
find_take(const struct door *door)
{
	size_t n = 0;
	const struct aicx_method *const *methods =
	    door->host->methods(door->self, &n);

	for (size_t i = 0; i < n; i++)
		if (methods[i]->raw_body && methods[i]->permission[0] == '\0')
			return methods[i];
	return NULL;
}

static aicx_err
nng_open(const struct aicx_host *host, struct aicx_self *self,
    const void *settings, void **ret_state, struct aicx_error *reterr)
{
	const struct settings *wish = settings;
	struct door *door;
	aicx_err err;

	if (line_mode(wish->mode) < 0)
		return refuse(
		    reterr, AICX_EINVAL, "mode is not 0600, 0660 or 0666");
	door = calloc(1, sizeof *door);
	if (door == NULL)
		return refuse(reterr, AICX_ENOMEM, "out of memory");
	door->host = host;
	door->self = self;
	door->settings = wish;
	door->mode = line_mode(wish->mode);
	door->pipes.host = host;
	door->pipes.self = self;
	door->pipes.on_news = on_news;
	door->pipes.arg = door;
	door->pipes.max = (size_t)wish->max_connections;
	door->pipes.max_per_address = (size_t)wish->max_per_address;
	pipes_init(&door->pipes);
	err = host->timer_new(self, on_sweep, door, &door->sweep);
	if (err != AICX_OK) {
		door_free(door);
		return refuse(reterr, err, "no timer for the deadlines");
	}
	*ret_state = door;
	return AICX_OK;
}

/* NNG's threads begin here: until now the process could still fork. */
static aicx_err
nng_start(void *state, const char *address, struct aicx_error *reterr)
{
	struct door *door = state;
	const struct settings *settings = door->settings;
	char ignored[URL_MAX] = "no";
	aicx_err err;

	if (address != NULL && strstr(address, "://") == NULL)
		return refuse(reterr, AICX_EINVAL,
		    "the address is not like tcp://127.0.0.1:8701");
	if (address != NULL && !settings->insecure) {
		err = check_urls(door->host, address, reterr);
		if (err != AICX_OK)
			return err;
	}
	threads_begin(settings->batch);
	door->take = find_take(door);
	if (door->take == NULL)
		return refuse(reterr, AICX_ESTATE,
		    "the broker has no method that takes signed messages");
	err = line_open(door, PIPE_REQUESTS,
	    address != NULL ? address : settings->listen, door->address,
	    reterr);
	if (err == AICX_OK)
		err = line_open(
		    door, PIPE_NEWS, settings->publish, ignored, reterr);
	if (err == AICX_OK)
		err = line_open(
		    door, PIPE_INTENTS, settings->survey, ignored, reterr);
	if (err == AICX_OK)
		door->host->timer_set(door->sweep, SWEEP_MS);
	return err;
}

static const char *
nng_address(void *state)
{
	return ((const struct door *)state)->address;
}

static void
nng_drain(void *state)
{
	struct door *door = state;

	door->draining = true;
	door_drain(door);
}

static void
nng_shut(void *state)
{
	struct door *door = state;
	bool posted;

	for (int kind = 0; kind < PIPE_KINDS; kind++)
		line_close(door, (enum pipe_kind)kind);
	posted = pipes_shut(&door->pipes);
	news_forget(door);
	door_look(door);
	door_forget_all(door);
	door->host->timer_free(door->sweep);
	door->sweep = NULL;
	if (!posted)
		door_free(door);
}

static const struct aicx_transport_ops nng_ops = {
	.size = sizeof nng_ops,
	.start = nng_start,
	.address = nng_address,
	.announce = news_announce,
};

const struct aicx_plugin aicx_plugin = {
	AICX_PLUGIN_HEAD(AICX_TRANSPORT),
	.name = "nng",
	.version = "0.1.0",
	.license = "Apache-2.0",
	.summary = "requests, news and surveys over NNG",
	.options = nng_options,
	.settings_size = sizeof(struct settings),
	.ops.transport = &nng_ops,
	.open = nng_open,
	.close = nng_shut,
	.drain = nng_drain,
	.check = nng_check,
};
