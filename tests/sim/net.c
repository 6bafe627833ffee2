/* SPDX-License-Identifier: Apache-2.0 */
/* net.c - packets on their way, as events. */
#include "net.h"

#include "base/buf.h"
#include "base/mem.h"
#include "broker/inside.h"
#include "player.h"
#include "watch.h"

#include <stdlib.h>

enum { TO_BROKER, TO_AGENT };

struct link {
	struct list node; /* in sim->links */
	struct sim *sim;
	struct player *agent; /* NULL: it hung up */
	struct aicx_peer *peer; /* NULL: the broker's end is gone */
	bool closing; /* the broker asked for the end */
	int64_t last_ms[2]; /* arrival of the last packet, each way */
};

struct packet {
	struct list node; /* in sim->packets */
	struct link *link;
	int way;
	struct buf text;
};

static void
packet_free(struct packet *packet)
{
	list_remove(&packet->node);
	buf_fini(&packet->text);
	free(packet);
}

static void
on_arrival(void *arg)
{
	struct packet *packet = arg;
	struct link *link = packet->link;
	struct aicx_str text = buf_view(&packet->text);

	if (packet->way == TO_BROKER && link->peer != NULL && !link->closing) {
		trace_bytes(&link->sim->trace, text);
		peer_deliver(link->peer, text);
	} else if (packet->way == TO_AGENT && link->agent != NULL)
		player_message(link->agent, text);
	packet_free(packet);
}

static void
post(struct link *link, int way, struct aicx_str text)
{
	struct sim *sim = link->sim;
	struct chance *chance = &sim->net_chance;
	const uint32_t *ppm = sim->faults.ppm;
	struct packet *packet = MEM_NEW(struct packet);
	int64_t delay_ms = chance_between(chance, 1, 4);

	if (chance_hit(chance, ppm[FAULT_DELAY])) {
		mark(fault_names[FAULT_DELAY]);
		delay_ms += chance_between(chance, 10, 6000);
	}
	int64_t at_ms = sim->now_ms + delay_ms;
	if (chance_hit(chance, ppm[FAULT_REORDER]))
		mark(fault_names[FAULT_REORDER]);
	else if (at_ms < link->last_ms[way])
		at_ms = link->last_ms[way];
	if (at_ms > link->last_ms[way])
		link->last_ms[way] = at_ms;
	packet->link = link;
	packet->way = way;
	buf_str(&packet->text, text);
	list_push(&sim->packets, &packet->node);
	(void)sim_at(sim, at_ms - sim->now_ms,
	    way == TO_BROKER ? "to broker" : "to agent", on_arrival, packet);
}

static void
on_break(void *arg)
{
	struct link *link = arg;

	net_break(link);
}

static void
send_one(struct link *link, int way, struct aicx_str text)
{
	struct sim *sim = link->sim;
	struct chance *chance = &sim->net_chance;
	const uint32_t *ppm = sim->faults.ppm;

	if (chance_hit(chance, ppm[FAULT_LOSS]))
		mark(fault_names[FAULT_LOSS]);
	else
		post(link, way, text);
	if (chance_hit(chance, ppm[FAULT_DUPLICATE])) {
		mark(fault_names[FAULT_DUPLICATE]);
		post(link, way, text);
	}
	if (chance_hit(chance, ppm[FAULT_RESET])) {
		mark(fault_names[FAULT_RESET]);
		(void)sim_at(sim, chance_between(chance, 0, 20), "reset",
		    on_break, link);
	}
}

void
net_send(struct link *link, struct aicx_str text)
{
	if (link->peer != NULL)
		send_one(link, TO_BROKER, text);
}

/* --- the broker's side ---------------------------------------------------- */

static aicx_err
on_send(void *conn, struct aicx_str message)
{
	struct link *link = conn;
	struct sim *sim = link->sim;

	watch_sent(sim, link->agent, message);
	if (link->closing)
		return AICX_OK;
	if (chance_hit(&sim->net_chance, sim->faults.ppm[FAULT_SLOW_READER])) {
		mark(fault_names[FAULT_SLOW_READER]);
		return AICX_ELIMIT;
	}
	trace_bytes(&sim->trace, message);
	send_one(link, TO_AGENT, message);
	return AICX_OK;
}

static void
on_close(void *conn, uint16_t code, const char *why)
{
	struct link *link = conn;

	if (link->closing)
		return;
	trace_line(
	    &link->sim->trace, link->sim->now_ms, "close %u %s", code, why);
	link->closing = true;
	(void)sim_at(link->sim, 0, "close", on_break, link);
}

static const struct aicx_peer_ops ops = {
	.size = sizeof ops,
	.send = on_send,
	.close = on_close,
};

struct link *
net_connect(struct sim *sim, struct player *agent)
{
	struct aicx_peer_info info = { .size = sizeof info, .secure = 1 };
	struct link *link;

	if (sim->broker == NULL)
		return NULL;
	link = MEM_NEW(struct link);
	link->sim = sim;
	link->agent = agent;
	list_push(&sim->links, &link->node);
	if (peer_new(sim->broker, &ops, link, &info, &link->peer, NULL) ==
	    AICX_OK)
		return link;
	link->peer = NULL;
	link->agent = NULL;
	return NULL;
}

static void
drop_peer(struct link *link)
{
	struct aicx_peer *peer = link->peer;

	link->peer = NULL;
	if (peer != NULL)
		peer_free(peer);
}

void
net_hang_up(struct link *link)
{
	link->agent = NULL;
	drop_peer(link);
}

void
net_break(struct link *link)
{
	struct player *agent = link->agent;

	link->agent = NULL;
	drop_peer(link);
	if (agent != NULL)
		player_lost(agent);
}

void
net_broker_ends(struct sim *sim)
{
	LIST_EACH (node, &sim->links)
		net_break(LIST_ITEM(node, struct link, node));
}

void
net_fini(struct sim *sim)
{
	LIST_EACH (node, &sim->packets)
		packet_free(LIST_ITEM(node, struct packet, node));
	LIST_EACH (node, &sim->links) {
		struct link *link = LIST_ITEM(node, struct link, node);
		drop_peer(link);
		free(link);
	}
	list_init(&sim->links);
}
