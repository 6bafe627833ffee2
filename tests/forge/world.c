/* SPDX-License-Identifier: Apache-2.0 */
/* world.c - messages that are honest until a trick changes them, and a
   connection that eve opens. */
#include "forge.h"

#include "base/id.h"
#include "broker/peer.h"
#include "broker/testdata/stage_inside.h"

#include <string.h>

size_t
chance_below(struct world *world, size_t n)
{
	world->chance = world->chance * 6364136223846793005u + 1;
	return (size_t)(world->chance >> 33) % n;
}

struct envelope_head
honest_head(struct world *world)
{
	return (struct envelope_head) {
		.id = broker_new_id(world->stage.broker),
		.sender_id = world->alice->id,
		.receiver_id = *broker_id(world->stage.broker),
		.type = MSG_QUERY,
		.timestamp_ms = world->stage.wall_ms,
	};
}

void
put_text(struct world *world, const struct envelope_head *head)
{
	envelope_print(&world->text, head,
	    STR("{\"method\":\"discovery.search\",\"q\":\"anything\"}"));
}

void
sign_as(struct world *world, struct actor *actor)
{
	envelope_sign_mac(&world->text, 0, actor->out,
	    str_of(id_text(&actor->session_id).text));
}

void
sign_by_key(struct world *world, struct actor *actor)
{
	envelope_sign_key(&world->text, 0, actor->key);
}

/* --- a connection ------------------------------------------------------- */

struct line {
	struct world *world;
	char word[32];
};

static aicx_err
on_send(void *conn, struct aicx_str message)
{
	struct world *world = ((struct line *)conn)->world;

	buf_clear(&world->answer);
	buf_str(&world->answer, message);
	return AICX_OK;
}

static void
on_close(void *conn, uint16_t code, const char *why)
{
	struct line *line = conn;

	(void)code;
	(void)str_copy(str_of(why), line->word, sizeof line->word);
}

void
knock(struct world *world, void (*make)(struct world *world), char *ret_word,
    size_t size)
{
	static const struct aicx_peer_ops ops = {
		.size = sizeof ops, .send = on_send, .close = on_close
	};
	struct aicx_peer_info info = { .size = sizeof info, .secure = 1 };
	struct line line = { .world = world };
	struct aicx_peer *peer = NULL;

	ret_word[0] = '\0';
	if (peer_new(world->stage.broker, &ops, &line, &info, &peer, NULL) !=
	    AICX_OK)
		return;
	stage_run(&world->stage);
	make(world);
	peer_deliver(peer, buf_view(&world->text));
	stage_run(&world->stage);
	peer_free(peer);
	(void)str_copy(str_of(line.word), ret_word, size);
}
