/* SPDX-License-Identifier: Apache-2.0 */
/* options.h - what every door that speaks HTTP can be told: rows of an option
   table. */
#ifndef OPTIONS_H
#define OPTIONS_H

#include "server.h"

/* clang-format off */
#define HTTP_OPTIONS \
	{ \
	    AICX_FIELD(struct settings, ws_path), \
	    .type = AICX_OPT_STR, \
	    .fallback = "/ws", \
	    .help = "Path at which a WebSocket is opened.", \
	}, \
	{ \
	    AICX_FIELD(struct settings, max_connections), \
	    .type = AICX_OPT_INT, \
	    .fallback = "10000", \
	    .min = 1, \
	    .max = 1000000, \
	    .help = "Connections at a time; further ones get 503.", \
	}, \
	{ \
	    AICX_FIELD(struct settings, max_header), \
	    .type = AICX_OPT_SIZE, \
	    .fallback = "32k", \
	    .min = 1024, \
	    .max = 65536, \
	    .help = "Bytes of a request's head; 431 beyond, 414 when its first line is longer.", \
	}, \
	{ \
	    AICX_FIELD(struct settings, max_body), \
	    .type = AICX_OPT_SIZE, \
	    .fallback = "1m", \
	    .min = 0, \
	    .max = 1 << 30, \
	    .help = "Bytes of a request's body; 413 beyond.", \
	}, \
	{ \
	    AICX_FIELD(struct settings, max_message), \
	    .type = AICX_OPT_SIZE, \
	    .fallback = "1m", \
	    .min = 125, \
	    .max = 1 << 30, \
	    .help = "Bytes of a WebSocket message; closed with 1009 beyond.", \
	}, \
	{ \
	    AICX_FIELD(struct settings, max_queue), \
	    .type = AICX_OPT_SIZE, \
	    .fallback = "4m", \
	    .min = 1024, \
	    .max = 1 << 30, \
	    .help = \
		"Bytes that may wait for a slow reader before it gets no more.", \
	}, \
	{ \
	    AICX_FIELD(struct settings, max_held), \
	    .type = AICX_OPT_SIZE, \
	    .fallback = "256m", \
	    .min = 65536, \
	    .max = INT64_MAX, \
	    .help = "Bytes of bodies and of unread answers that are kept for " \
		    "all clients; 503 beyond.", \
	}, \
	{ \
	    AICX_FIELD(struct settings, max_held_per_address), \
	    .type = AICX_OPT_SIZE, \
	    .fallback = "64m", \
	    .min = 65536, \
	    .max = INT64_MAX, \
	    .help = "The same for one address; not for loopback.", \
	}, \
	{ \
	    AICX_FIELD(struct settings, max_pipeline), \
	    .type = AICX_OPT_INT, \
	    .fallback = "64", \
	    .min = 1, \
	    .max = 10000, \
	    .help = \
		"Unanswered requests of one connection before it is read no " \
		"further.", \
	}, \
	{ \
	    AICX_FIELD(struct settings, header_timeout), \
	    .type = AICX_OPT_MSEC, \
	    .fallback = "10s", \
	    .min = 10, \
	    .max = 3600000, \
	    .help = "Time for a whole request head; 408 beyond.", \
	}, \
	{ \
	    AICX_FIELD(struct settings, body_rate), \
	    .type = AICX_OPT_SIZE, \
	    .fallback = "1k", \
	    .min = 0, \
	    .max = 1 << 30, \
	    .help = "Bytes per second that a body must bring on average, after " \
		    "header_timeout of grace; 0: only idle_timeout counts.", \
	}, \
	{ \
	    AICX_FIELD(struct settings, idle_timeout), \
	    .type = AICX_OPT_MSEC, \
	    .fallback = "60s", \
	    .min = 10, \
	    .max = 86400000, \
	    .help = "Time between requests before the connection is closed.", \
	}, \
	{ \
	    AICX_FIELD(struct settings, write_timeout), \
	    .type = AICX_OPT_MSEC, \
	    .fallback = "30s", \
	    .min = 10, \
	    .max = 3600000, \
	    .help = "Time without a byte leaving before the connection is " \
		    "dropped.", \
	}, \
	{ \
	    AICX_FIELD(struct settings, close_timeout), \
	    .type = AICX_OPT_MSEC, \
	    .fallback = "5s", \
	    .min = 10, \
	    .max = 3600000, \
	    .help = "Time to wait for the client's side after ours is closed.", \
	}, \
	{ \
	    AICX_FIELD(struct settings, ping_interval), \
	    .type = AICX_OPT_MSEC, \
	    .fallback = "30s", \
	    .min = 10, \
	    .max = 3600000, \
	    .help = "Time without a sign of a WebSocket client before it is " \
		    "pinged; the third such time drops it.", \
	}
/* clang-format on */

#endif
