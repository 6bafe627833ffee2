/* SPDX-License-Identifier: Apache-2.0 */
/*
 * load_nats.c - the same question and answer through a nats-server: each asker
 * publishes with an inbox of its own as the reply subject.
 *
 * The text protocol of
 * docs.nats.io/reference/reference-protocols/nats-protocol: PUB subject [reply]
 * n_bytes\r\n...\r\n    MSG subject sid [reply] n_bytes\r\n...\r\n
 */
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/mem.h"
#include "base/str.h"
#include "cli/net.h"
#include "cli/outside.h"
#include "load.h"

enum { PAYLOAD_BYTES = 512, WAIT_MS = 10000 };

struct client {
	struct nats *nats;
	struct net net;
	int number; /* 0: the answerer */
	struct buf in, out;
	struct watched watched;
	int64_t begun_us;
};

struct nats {
	struct client *clients;
	struct crowd *crowd;
	char payload[PAYLOAD_BYTES];
};

static void
must(aicx_err err, const struct aicx_error *error)
{
	if (err == AICX_OK)
		return;
	(void)fprintf(stderr, "load: nats-server: %s\n", error->text);
	exit(1);
}

static void
flush(struct client *client)
{
	struct aicx_error error = { 0 };

	must(net_write(&client->net, buf_view(&client->out),
		 outside_now_ms() + WAIT_MS, &error),
	    &error);
	buf_clear(&client->out);
}

static void
publish(struct client *client, struct aicx_str subject, struct aicx_str reply,
    struct aicx_str payload)
{
	buf_printf(&client->out, "PUB %.*s %.*s%s%zu\r\n", STR_ARG(subject),
	    STR_ARG(reply), reply.len > 0 ? " " : "", payload.len);
	buf_str(&client->out, payload);
	buf_text(&client->out, "\r\n");
}

static void
question(struct client *client)
{
	char inbox[32];

	client->begun_us = gauge_now_us();
	(void)snprintf(inbox, sizeof inbox, "inbox.%d", client->number);
	publish(client, STR("service"), str_of(inbox),
	    (struct aicx_str) { client->nats->payload, PAYLOAD_BYTES });
}

static void
on_payload(
    struct client *client, struct aicx_str reply, struct aicx_str payload)
{
	if (client->number == 0) {
		publish(client, reply, STR(""), payload);
		return;
	}
	crowd_note(client->nats->crowd, client->begun_us);
	question(client);
}

/* "subject sid [reply] n_bytes"; returns n_bytes. */
static size_t
message_head(struct aicx_str line, struct aicx_str *ret_reply)
{
	struct aicx_str words[4] = { { NULL, 0 } };
	size_t n = 0;

	for (size_t i = 0; i <= line.len && n < 4; i++) {
		size_t start = i;
		while (i < line.len && line.ptr[i] != ' ')
			i++;
		words[n++] = (struct aicx_str) { line.ptr + start, i - start };
	}
	*ret_reply = n == 4 ? words[2] : (struct aicx_str) { "", 0 };
	return n < 3 ? 0 : (size_t)strtoul(words[n - 1].ptr, NULL, 10);
}

/* Bytes of the operation at the front; 0: it is not complete. */
static size_t
take_one(struct client *client, struct aicx_str bytes)
{
	const char *end = memchr(bytes.ptr, '\n', bytes.len);
	struct aicx_str reply;

	if (end == NULL)
		return 0;
	size_t n_line = (size_t)(end - bytes.ptr) + 1;
	if (bytes.ptr[0] == '-') {
		(void)fprintf(stderr, "load: nats-server says %.*s",
		    (int)n_line, bytes.ptr);
		exit(1);
	}
	if (n_line >= 6 && memcmp(bytes.ptr, "PING\r\n", 6) == 0)
		buf_text(&client->out, "PONG\r\n");
	if (n_line < 6 || memcmp(bytes.ptr, "MSG ", 4) != 0)
		return n_line;
	size_t n_bytes = message_head(
	    (struct aicx_str) { bytes.ptr + 4, n_line - 6 }, &reply);
	if (bytes.len < n_line + n_bytes + 2)
		return 0;
	on_payload(
	    client, reply, (struct aicx_str) { bytes.ptr + n_line, n_bytes });
	return n_line + n_bytes + 2;
}

static bool
client_turn(void *arg)
{
	struct client *client = arg;
	struct aicx_error error = { 0 };
	size_t used = 0, step;
	bool eof = false;
	aicx_err err = net_read_ready(&client->net, &client->in, &eof, &error);

	if (err == AICX_EAGAIN)
		return true;
	must(err == AICX_OK && eof ? AICX_EIO : err, &error);
	while ((step = take_one(client,
		    (struct aicx_str) {
			client->in.ptr + used, client->in.len - used })) > 0)
		used += step;
	buf_shift(&client->in, used);
	flush(client);
	return true;
}

/* Waits for the PONG, so that the subscription is known. */
static void
client_open(struct client *client, const struct load *load)
{
	struct aicx_error error = { 0 };
	bool eof = false;

	must(net_connect(&load->town->url, &client->net, &error), &error);
	buf_text(&client->out,
	    "CONNECT {\"verbose\":false,\"pedantic\":false}\r\nSUB ");
	if (client->number == 0)
		buf_text(&client->out, "service 1\r\nPING\r\n");
	else
		buf_printf(
		    &client->out, "inbox.%d 1\r\nPING\r\n", client->number);
	flush(client);
	while (strstr(buf_cstr(&client->in), "PONG\r\n") == NULL && !eof)
		must(net_read(&client->net, &client->in,
			 outside_now_ms() + WAIT_MS, &eof, &error),
		    &error);
	buf_clear(&client->in);
	client->watched = (struct watched) { client_turn, client };
	crowd_add(client->nats->crowd, client->net.fd, &client->watched);
}

void
load_nats(const struct load *load)
{
	struct nats nats = { .crowd = &load->town->crowd };
	int n_clients = load->n_askers + 1;

	memset(nats.payload, 'x', sizeof nats.payload);
	nats.clients = mem_new((size_t)n_clients * sizeof *nats.clients);
	for (int i = 0; i < n_clients; i++) {
		nats.clients[i].nats = &nats;
		nats.clients[i].number = i;
		client_open(&nats.clients[i], load);
	}
	for (int i = 1; i < n_clients; i++) {
		question(&nats.clients[i]);
		flush(&nats.clients[i]);
	}
	crowd_run(nats.crowd, load->measure_us);
	load_print(nats.crowd, "nats");
}
