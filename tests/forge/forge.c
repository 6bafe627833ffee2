/* SPDX-License-Identifier: Apache-2.0 */
/*
 * forge.c - TRIES messages that must be refused, each by its name, while honest
 * ones go on beside them; none of the bad changes anything.
 *
 *	forge TRIES [SEED]
 *
 * A whole broker under a fake clock, in this process: what sockets add is tried
 * by forge_sockets.py.
 */
#include "forge.h"

#include "base/err.h"
#include "base/id.h"
#include "broker/peer.h"
#include "broker/testdata/stage_inside.h"
#include "protocol/session.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { HONEST_EVERY = 16, KEY_EVERY = 64, OPEN_EVERY = 512, PAY_EVERY = 1024 };

struct tally {
	size_t n_tried, n_refused;
	bool told; /* one failure of a kind is shown */
};

static size_t n_passed, n_failed;

static void
is(bool good, const char *what)
{
	(void)printf("%s - %s\n", good ? "ok" : "not ok", what);
	n_passed += good;
	n_failed += !good;
}

/* --- what the broker says ------------------------------------------------ */

/* The last message that came to an actor, copied into world->answer. */
static bool
hear(struct world *world, struct actor *actor)
{
	bool any = actor->n_in > 0;

	if (any) {
		buf_clear(&world->answer);
		buf_str(
		    &world->answer, buf_view(&actor->inbox[actor->n_in - 1]));
	}
	actor->n_in = actor->n_read = 0;
	return any;
}

/* The word of a problem, in an envelope or alone; "" when it is none. */
static void
word_of(struct aicx_str said, char *ret_word, size_t size)
{
	const char *at = memmem(said.ptr, said.len, "\"code\":\"", 8);

	ret_word[0] = '\0';
	if (at == NULL)
		return;
	at += 8;
	said.len -= (size_t)(at - said.ptr);
	said.ptr = at;
	(void)str_copy(str_cut(said, '"', &said), ret_word, size);
}

static void
try_session(
    struct world *world, const struct trick *trick, char *ret_word, size_t size)
{
	struct actor *actor =
	    trick->door == DOOR_ALICE ? world->alice : world->eve;

	trick->make(world);
	peer_deliver(actor->peer, buf_view(&world->text));
	if (actor->n_in == 0)
		stage_run(&world->stage);
	ret_word[0] = '\0';
	if (actor->n_in > 0)
		word_of(
		    buf_view(&actor->inbox[actor->n_in - 1]), ret_word, size);
	actor->n_in = actor->n_read = 0;
}

static void
try_post(
    struct world *world, const struct trick *trick, char *ret_word, size_t size)
{
	struct buf said = { 0 };

	trick->make(world);
	(void)stage_call(&world->stage, NULL, "session.message",
	    buf_cstr(&world->text), NULL, &said);
	word_of(buf_view(&said), ret_word, size);
	buf_fini(&said);
}

static bool
is_one_of(const char *word, const char *const *words)
{
	for (size_t i = 0; i < WORDS_MAX && words[i] != NULL; i++)
		if (strcmp(word, words[i]) == 0)
			return true;
	return false;
}

static void
try(struct world *world, const struct trick *trick, struct tally *tally)
{
	uint64_t seq = broker_seq(world->stage.broker);
	char word[32];
	bool good;

	buf_clear(&world->text);
	if (trick->door == DOOR_POST)
		try_post(world, trick, word, sizeof word);
	else if (trick->door == DOOR_OPEN)
		knock(world, trick->make, word, sizeof word);
	else
		try_session(world, trick, word, sizeof word);
	good = is_one_of(word, trick->words) &&
	    broker_seq(world->stage.broker) == seq;
	tally->n_tried++;
	tally->n_refused += good;
	if (good || tally->told)
		return;
	tally->told = true;
	(void)printf("# %s: said \"%s\"%s of %.*s\n", trick->name, word,
	    broker_seq(world->stage.broker) == seq ? "" : ", and did it,",
	    (int)world->text.len, world->text.ptr);
}

/* --- what is honest ------------------------------------------------------ */

static bool
say(struct world *world, const char *wanted)
{
	peer_deliver(world->alice->peer, buf_view(&world->text));
	stage_run(&world->stage);
	buf_clear(&world->good);
	buf_str(&world->good, buf_view(&world->text));
	return hear(world, world->alice) &&
	    memmem(world->answer.ptr, world->answer.len, wanted,
		strlen(wanted)) != NULL;
}

static void
search(struct world *world)
{
	struct envelope_head head;

	world->stage.wall_ms += 10;
	head = honest_head(world);
	world->good_id = head.id;
	buf_clear(&world->text);
	put_text(world, &head);
	sign_as(world, world->alice);
	world->n_honest++;
	world->n_served += say(world, "\"agents\":[]");
}

/* A payment, and the same message again: paid once, answered twice. */
static void
pay(struct world *world, struct tally *replays)
{
	struct envelope_head head = honest_head(world);
	struct buf payload = { 0 };
	uint64_t seq = broker_seq(world->stage.broker);

	buf_printf(&payload,
	    "{\"method\":\"economics.charge\",\"agent_id\":\"%s\","
	    "\"to_agent_id\":\"%s\",\"amount\":{\"amount\":\"0.000001\","
	    "\"currency\":\"AIC\"}}",
	    id_text(&world->alice->id).text, id_text(&world->bob->id).text);
	buf_clear(&world->text);
	envelope_print(&world->text, &head, buf_view(&payload));
	buf_fini(&payload);
	sign_as(world, world->alice);
	world->good_id = head.id;
	world->n_honest++;
	world->n_served += say(world, "\"transaction_id\":") &&
	    broker_seq(world->stage.broker) == seq + 1;
	replays->n_tried++;
	replays->n_refused += say(world, "\"transaction_id\":") &&
	    broker_seq(world->stage.broker) == seq + 1;
}

/* --- the run ------------------------------------------------------------- */

static void
open_world(struct world *world, uint64_t seed)
{
	struct stage *stage = &world->stage;
	struct buf params = { 0 }, said = { 0 };

	stage_open(stage);
	stage->unchecked = true;
	stage->seed = world->chance = seed;
	world->alice = actor_new(stage, "alice");
	world->bob = actor_new(stage, "bob");
	world->eve = actor_new(stage, "eve");
	actor_open(world->bob);
	actor_open(world->eve);
	actor_open(world->alice);
	world->old_out = world->alice->out;
	world->old_session = world->alice->session_id;
	world->alice->out = NULL; /* ours now */
	actor_close(world->alice);
	actor_open(world->alice);
	buf_printf(&params,
	    "{\"agent_id\":\"%s\",\"amount\":{\"amount\":\"1000\","
	    "\"currency\":\"AIC\"}}",
	    id_text(&world->alice->id).text);
	ENSURE(stage_call(stage, stage->operator_key, "economics.fund",
		   buf_cstr(&params), NULL, &said) == 201);
	buf_fini(&params);
	buf_fini(&said);
}

static void
close_world(struct world *world)
{
	mac_free(world->old_out);
	buf_fini(&world->text);
	buf_fini(&world->good);
	buf_fini(&world->answer);
	stage_close(&world->stage);
}

static const struct trick *
trick_of(size_t nth, size_t *ret_place)
{
	if (nth % OPEN_EVERY == OPEN_EVERY - 1) {
		*ret_place = nth / OPEN_EVERY % n_open_tricks;
		return &open_tricks[*ret_place];
	}
	if (nth % KEY_EVERY == KEY_EVERY - 1) {
		*ret_place = nth / KEY_EVERY % n_key_tricks;
		return &key_tricks[*ret_place];
	}
	*ret_place = nth % n_mac_tricks;
	return &mac_tricks[*ret_place];
}

static struct tally *
tally_of(struct tally *tallies, const struct trick *trick, size_t place)
{
	if (trick->door == DOOR_OPEN)
		return &tallies[n_mac_tricks + n_key_tricks + place];
	return &tallies[place + (trick->door == DOOR_POST ? n_mac_tricks : 0)];
}

static void
report(const struct trick *tricks, size_t n, const struct tally *tallies)
{
	char line[160];

	for (size_t i = 0; i < n; i++) {
		(void)snprintf(line, sizeof line,
		    "%s: %zu of %zu refused as %s", tricks[i].name,
		    tallies[i].n_refused, tallies[i].n_tried,
		    tricks[i].words[0]);
		is(tallies[i].n_tried > 0 &&
			tallies[i].n_refused == tallies[i].n_tried,
		    line);
	}
}

int
main(int argc, char **argv)
{
	static struct world world;
	static struct tally tallies[TRICKS_MAX];
	struct tally replays = { 0 };
	size_t tries = argc > 1 ? strtoul(argv[1], NULL, 10) : 20000;
	char line[160];

	open_world(&world, argc > 2 ? strtoull(argv[2], NULL, 10) : 1);
	for (size_t i = 0; i < tries; i++) {
		size_t place;
		const struct trick *trick = trick_of(i, &place);

		if (i % PAY_EVERY == 0)
			pay(&world, &replays);
		if (i % HONEST_EVERY == 0)
			search(&world);
		try(&world, trick, tally_of(tallies, trick, place));
	}
	report(mac_tricks, n_mac_tricks, tallies);
	report(key_tricks, n_key_tricks, tallies + n_mac_tricks);
	report(
	    open_tricks, n_open_tricks, tallies + n_mac_tricks + n_key_tricks);
	(void)snprintf(line, sizeof line,
	    "replayed: %zu of %zu payments done once and answered twice",
	    replays.n_refused, replays.n_tried);
	is(replays.n_refused == replays.n_tried, line);
	(void)snprintf(line, sizeof line, "honest: %zu of %zu answered",
	    world.n_served, world.n_honest);
	is(world.n_served == world.n_honest, line);
	world.stage.unchecked = false;
	stage_check(&world.stage);
	is(true,
	    "the books are sound, and a replay of the records is the same");
	close_world(&world);
	(void)printf("%zu passed, %zu failed\n", n_passed, n_failed);
	return n_failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
