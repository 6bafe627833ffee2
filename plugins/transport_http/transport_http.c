/* SPDX-License-Identifier: Apache-2.0 */
/*
 * transport_http.c - HTTP/1.1 and WebSocket over TCP.
 *
 * Bytes come from host->listen(); requests go to host->serve(), WebSocket
 * messages to host->deliver().  Nothing here knows a method or an agent.
 *
 *     bytes wheel origin     what grows, what is due, who has how many
 *     target head chunk      one request, judged by RFC 9112
 *     frame                  one WebSocket frame
 *     conn http ws upgrade   a connection and what it is at the moment
 *     answer                 a response as text
 *     server options         one listener with all of these
 *
 * All of it is in plugins/lib/http: transport_unix is made of it too.
 */
#include "options.h"
#include "server.h"

#include <aiconexus/transport.h>

static const struct aicx_option http_options[] = {
	{
	    AICX_FIELD(struct settings, listen),
	    .type = AICX_OPT_STR,
	    .fallback = "127.0.0.1:8700",
	    .help = "Address to listen on: host:port, or unix:/path.",
	},
	{
	    AICX_FIELD(struct settings, certificate),
	    .type = AICX_OPT_PATH,
	    .help = "PEM file of the server's certificate and its chain: then "
		    "TLS 1.3 is spoken, and nothing else.",
	},
	{
	    AICX_FIELD(struct settings, key),
	    .type = AICX_OPT_PATH,
	    .help = "PEM file of the certificate's private key.",
	},
	{
	    AICX_FIELD(struct settings, client_certificate),
	    .type = AICX_OPT_STR,
	    .fallback = "no",
	    .help = "Whether clients show a certificate that this broker "
		    "issued: no, optional, required.",
	},
	{
	    AICX_FIELD(struct settings, insecure),
	    .type = AICX_OPT_BOOL,
	    .fallback = "no",
	    .help = "Listen without TLS although others can reach the "
		    "address.",
	},
	{
	    AICX_FIELD(struct settings, proxies),
	    .type = AICX_OPT_STR,
	    .fallback = "",
	    .help = "Addresses and networks of proxies that are believed what "
		    "they say of their clients.",
	},
	{
	    AICX_FIELD(struct settings, client_from),
	    .type = AICX_OPT_STR,
	    .fallback = "connection",
	    .help = "Where those proxies say it: proxy (PROXY protocol "
		    "version 2), forwarded, x-forwarded-for.",
	},
	{
	    AICX_FIELD(struct settings, origins),
	    .type = AICX_OPT_STR,
	    .fallback = "",
	    .help = "Origins besides our own whose pages may open a WebSocket "
		    "and read answers (CORS), separated by commas; * for all.",
	},
	{
	    AICX_FIELD(struct settings, max_per_address),
	    .type = AICX_OPT_INT,
	    .fallback = "256",
	    .min = 1,
	    .max = 1000000,
	    .help =
		"Connections at a time from one address; this machine's own "
		"are not counted.",
	},
	HTTP_OPTIONS,
	{ .name = NULL },
};

static const struct aicx_transport_ops http_ops = {
	.size = sizeof http_ops,
	.start = server_start,
	.address = server_address,
	.url = server_url,
};

const struct aicx_plugin aicx_plugin = {
	AICX_PLUGIN_HEAD(AICX_TRANSPORT),
	.name = "http",
	.version = "0.1.0",
	.license = "Apache-2.0",
	.summary = "HTTP/1.1 and WebSocket",
	.options = http_options,
	.settings_size = sizeof(struct settings),
	.ops.transport = &http_ops,
	.open = server_open,
	.close = server_close,
	.drain = server_drain,
	.check = server_check,
};
