# SPDX-License-Identifier: Apache-2.0
"""scene_forge.py - forged messages over real sockets while honest ones go on beside them, and
what comes too fast is told when to come again.

FORGE_TRIES is how many are forged in all.
"""
import os
import random
import secrets
import sys
import threading

from aicx_scene import (Closed, Daemon, Key, WebSocket, equal, main, nothing_changes, scene, that,
                        using, wire)
from aicx_scene.daemon import BROKER_CONF, broker_conf

TRIES = int(os.environ.get("FORGE_TRIES", "400"))
SEARCH = {"method": "discovery.search", "q": "x"}


def query(agent, **more):
    sender, receiver = more.pop("sender", agent.id), more.pop("receiver", agent.broker.broker_id)
    return wire.head(sender, receiver, "QUERY", SEARCH, **more)


def mac(agent, text):
    return wire.sign_mac(text, agent.macs.to_broker, agent.macs.id)


class Honest:
    """An agent that asks, and asks again when it is answered, until it is stopped."""

    def __init__(self, broker):
        self.agent = broker.session()
        self.n_answered, self.error = 0, None
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def _run(self):
        try:
            while not self._stop.is_set():
                equal(self.agent.call("discovery.search", {"q": "x"})["agents"], [])
                self.n_answered += 1
        except Exception as error:  # pylint: disable=broad-exception-caught
            self.error = error

    def end(self):
        self._stop.set()
        self._thread.join()
        that(self.error is None, f"an honest agent was refused: {self.error}")
        return self.n_answered


def altered(text):
    at = text.index('"q":"') + 5
    return text[:at] + "y" + text[at + 1:]


def session_tricks(alice, eve):
    """Name, text and word of what eve sends over a session she has a hand on."""
    good = mac(alice, query(alice))
    return [
        ("forged", alice, wire.sign_mac(query(alice), secrets.token_bytes(32), alice.macs.id),
         "bad_signature"),
        ("altered", alice, altered(good), "bad_signature"),
        ("truncated", alice, good[:random.randrange(1, len(good))], "malformed"),
        ("cross-session", eve, good, "bad_signature"),
        ("stale", alice, mac(alice, query(alice, timestamp=wire.at(-3600))), "stale"),
        ("early", alice, mac(alice, query(alice, timestamp=wire.at(3600))), "stale"),
        ("for another broker", alice, mac(alice, query(alice, receiver=wire.new_id())),
         "misaddressed"),
        ("another's name", eve, mac(eve, query(alice)), "sender_mismatch"),
    ]


def post_tricks(alice, eve):
    good = wire.sign_key(query(alice), alice.key)
    return [
        ("Ed25519 forged", wire.sign_key(query(alice), alice.key)[:-30] + "A" * 28 + '"}',
         "bad_signature"),
        ("Ed25519 altered", altered(good), "bad_signature"),
        ("Ed25519 another's name", wire.sign_key(query(alice), eve.key), "sender_mismatch"),
        ("Ed25519 nobody", wire.sign_key(query(alice, sender=wire.new_id()), Key()),
         "unauthenticated"),
    ]


def try_session(agent, text, word):
    """The id says which ERROR is ours; what cannot be trusted is answered without one."""
    agent.send_text(text)
    told = word in ("stale", "misaddressed", "sender_mismatch")
    answer = agent.answer_to(wire.json.loads(text)["id"] if told else None)
    return answer.payload["code"]


@scene
def what_is_forged_is_refused_by_name_while_honest_agents_are_served():
    broker = using(Daemon())
    alice, eve = broker.session(), broker.session()
    honest = [Honest(broker) for _ in range(2)]
    with nothing_changes(broker, alice, eve):
        n = 0
        while n < TRIES:
            for name, agent, text, word in session_tricks(alice, eve):
                equal(try_session(agent, text, word), word, name)
                n += 1
            for name, text, word in post_tricks(alice, eve):
                answer = broker.rest().post("/v1/messages", text)
                equal((answer.json.get("payload") or answer.json)["code"], word, name)
                n += 1
    served = sum(each.end() for each in honest)
    that(served > 0, "honest agents were served")
    equal(alice.call("discovery.search", {"q": "x"})["agents"], [], "the session goes on")


def limited(**options):
    """A broker that counts loopback, too."""
    return using(Daemon(conf={BROKER_CONF: broker_conf(limit_local="yes", **options)}))


@scene
def signatures_that_are_nobodys_count_against_their_address():
    broker = limited(unproven_rate=1, rate_burst="1s")
    alice = broker.session()
    codes = set()
    for _ in range(12):
        text = altered(wire.sign_key(query(alice), alice.key))
        answer = broker.rest().post("/v1/messages", text)
        codes.add((answer.status, answer.code))
        if answer.status == 429:
            that(int(answer.headers["retry-after"]) >= 1, answer.headers)
    equal(codes, {(401, "bad_signature"), (429, "rate_limited")})
    equal(alice.call("discovery.search", {"q": "x"})["agents"], [], "who is there is served")


@scene
def who_asks_too_much_is_told_when_to_come_again():
    broker = limited(agent_rate=1, rate_burst="1s", method_rates="monitoring.live=1")
    buyer = broker.agent("buyer")
    answers = [buyer.rest.get("/v1/search?q=x") for _ in range(30)]
    equal({answer.status for answer in answers}, {200, 429})
    refused = [answer for answer in answers if answer.status == 429][0]
    equal(refused.code, "rate_limited")
    that(0 < refused.json["retry_after_ms"] <= 1000 and refused.headers["retry-after"] == "1",
         refused)
    statuses = {broker.rest().get("/healthz").status for _ in range(30)}
    equal(statuses, {200, 429})
    session = broker.session()
    asked = [session.ask("discovery.search", {"q": "x"}) for _ in range(30)]
    equal({(one.type, one.payload.get("code")) for one in asked},
          {("RESULT", None), ("ERROR", "rate_limited")})
    broker.operator.get("/v1/search?q=x").ok()


@scene
def connections_without_a_session_are_few():
    broker = limited(unopened_per_address=3)
    sockets = [WebSocket(broker.address) for _ in range(3)]
    for socket in sockets:
        socket.recv_text()  # the challenge
    try:
        WebSocket(broker.address)
        that(False, "a fourth came in")
    except Exception as error:  # pylint: disable=broad-exception-caught
        that("503" in str(error), error)


@scene
def a_connection_that_opens_no_session_is_closed():
    broker = limited(open_timeout="1s")
    socket = WebSocket(broker.address)
    socket.recv_text()
    try:
        that(False, f"it was told more: {socket.recv_text()}")
    except Closed as why:
        equal(why.code, 1008, why)


@scene
def above_its_ceiling_of_memory_the_broker_reads_and_begins_nothing():
    broker = using(Daemon(conf={BROKER_CONF: broker_conf(memory_max="1m")}))
    answer = broker.operator.post("/v1/agents", {"name": "one more"})
    answer.refused(503, "unavailable")
    equal(answer.headers["retry-after"], "1")
    broker.operator.get("/v1/search?q=x").ok()
    equal(broker.rest().get("/healthz").status, 200)
    broker.event("memory.high")


if __name__ == "__main__":
    sys.exit(main(__doc__))
