# SPDX-License-Identifier: Apache-2.0
"""scene_bad_messages.py - each wrong message gets its one error and changes nothing."""
import json
import secrets
import sys

from aicx_scene import (Closed, Daemon, Key, WebSocket, equal, main, nothing_changes, refused, scene,
                        that, using, wire)


def query(agent, payload, **more):
    """The text of a QUERY to the broker, without its signature."""
    receiver = more.pop("receiver", agent.broker.broker_id)
    sender = more.pop("sender", agent.id)
    return wire.head(sender, receiver, more.pop("kind", "QUERY"), payload, **more)


def mac(agent, text):
    return wire.sign_mac(text, agent.macs.to_broker, agent.macs.id)


SEARCH = {"method": "discovery.search", "q": "x"}


def told(agent, text, code, to=None):
    """What the broker says to a text on this agent's session: an ERROR with that code."""
    agent.send_text(text)
    answer = agent.answer_to(to)
    equal((answer.type, answer.payload["code"]), ("ERROR", code), answer.payload)
    return answer.payload


def posted(broker, text, status, code):
    """The same through POST /v1/messages: a problem, or an ERROR envelope around one."""
    answer = broker.rest().post("/v1/messages", text)
    said = answer.json.get("payload", answer.json)
    equal((answer.status, said.get("code")), (status, code), answer.body)
    return said


@scene
def what_is_no_message_is_malformed():
    broker = using(Daemon())
    agent = broker.session()
    with nothing_changes(broker, agent):
        told(agent, "hello", "malformed")
        told(agent, "{}", "malformed")
        good = mac(agent, query(agent, SEARCH))
        told(agent, good + " ", "malformed")
        told(agent, good[:-1], "malformed")
        twice = query(agent, SEARCH).replace('"type":"QUERY"', '"type":"QUERY","type":"QUERY"')
        told(agent, mac(agent, twice), "malformed")
        deep = query(agent, {"method": "discovery.search", "q": json.loads("[" * 70 + "]" * 70)})
        told(agent, mac(agent, deep), "malformed")
        surrogate = query(agent, SEARCH).replace('"q":"x"', '"q":"\\ud800"')
        told(agent, mac(agent, surrogate), "malformed")
        told(agent, mac(agent, query(agent, SEARCH, kind="SHOUT")), "malformed")
        told(agent, mac(agent, query(agent, SEARCH, id="seven")), "malformed")
        old = query(agent, SEARCH).replace('"version":"1.0"', '"version":"2.0"')
        told(agent, mac(agent, old), "unsupported_version")
    equal(agent.call("discovery.search", {"q": "x"})["agents"], [], "the session goes on")


@scene
def the_same_is_said_over_plain_http():
    broker = using(Daemon())
    agent = broker.agent("poller")
    with nothing_changes(broker, agent):
        posted(broker, "hello", 400, "malformed")
        posted(broker, "", 400, "malformed")
        bad = mac(agent, query(agent, {"method": "discovery.search", "q": "X"})).encode()
        posted(broker, bad.replace(b'"X"', b'"\xff"'), 401, "bad_signature")
        equal(agent.send("QUERY", SEARCH)["type"], "RESULT")


@scene
def what_is_too_large_is_refused_before_it_is_read():
    broker = using(Daemon())
    agent = broker.agent("poller")
    sessions = broker.session()
    with nothing_changes(broker, agent):
        big = mac(agent, query(agent, {"method": "discovery.search", "q": "x" * (1 << 20)}))
        answer = broker.rest().post("/v1/messages", big)
        equal(answer.status, 413)
        sessions.send_text(mac(sessions, query(sessions, {"q": "x" * (1 << 20)})))
        why = sessions.closed()
        equal((type(why), why.code), (Closed, 1009), why)


@scene
def a_message_counts_only_under_its_senders_key():
    broker = using(Daemon())
    alice, bob = broker.session(), broker.session()
    with nothing_changes(broker, alice, bob):
        good = mac(alice, query(alice, SEARCH))
        told(alice, good.replace('"q":"x"', '"q":"y"'), "bad_signature")
        told(bob, good, "bad_signature")  # a session's MAC is no other session's
        other = wire.sign_mac(query(alice, SEARCH), secrets.token_bytes(32), alice.macs.id)
        told(alice, other, "bad_signature")
        # One's own key over another's name, by MAC and by Ed25519.
        forged = query(bob, SEARCH, sender=alice.id)
        bad = json.loads(forged + "}")["id"]
        told(bob, mac(bob, forged), "sender_mismatch", to=bad)
        told(bob, wire.sign_key(forged, alice.key), "sender_mismatch")
        bob.send_text(wire.sign_key(forged, bob.key))
        equal(bob.answer_to(None).payload["code"], "sender_mismatch")
        # Nobody else is the broker.
        forged = query(bob, SEARCH, sender=broker.broker_id)
        told(bob, mac(bob, forged), "sender_mismatch", to=json.loads(forged + "}")["id"])
        posted(broker, wire.sign_key(forged, bob.key), 401, "unauthenticated")
        forged = query(bob, {**SEARCH, "public_key": wire.crypto.b64(bob.key.public)},
                       sender=broker.broker_id)
        posted(broker, wire.sign_key(forged, bob.key), 403, "sender_mismatch")
        broker.operator.post("/v1/agents", {"agent_id": broker.broker_id}).refused(
            403, "sender_mismatch")


@scene
def a_stranger_over_http_must_bring_its_key():
    broker = using(Daemon())
    stranger = broker.session()  # for its id and key only
    unknown = wire.new_id()
    key = Key()
    text = wire.head(unknown, broker.broker_id, "QUERY", SEARCH)
    with nothing_changes(broker, stranger):
        posted(broker, wire.sign_key(text, key), 401, "unauthenticated")
        text = wire.head(unknown, broker.broker_id, "QUERY", {**SEARCH, "public_key": "zz"})
        posted(broker, wire.sign_key(text, key), 401, "unauthenticated")
        text = wire.head(stranger.id, broker.broker_id, "QUERY", SEARCH)
        posted(broker, wire.sign_key(text, key), 403, "sender_mismatch")
        posted(broker, wire.sign_mac(text, bytes(32), wire.new_id()), 401, "bad_signature")


@scene
def an_old_or_future_message_is_stale():
    broker = using(Daemon())
    agent = broker.session()
    with nothing_changes(broker, agent):
        for offset_s in (-61, 61):
            text = query(agent, SEARCH, timestamp=wire.at(offset_s))
            told(agent, mac(agent, text), "stale", to=json.loads(text + "}")["id"])
        agent.call("discovery.search", {"q": "x"}, timestamp=wire.at(-50))


@scene
def a_message_goes_only_where_it_may():
    broker = using(Daemon())
    alice, bob = broker.session(), broker.session()
    with nothing_changes(broker, alice, bob):
        for kind, receiver, code in (("QUERY", wire.new_id(), "misaddressed"),
                                     ("QUERY", bob.id, "not_party"), ("RESULT", bob.id, "not_party"),
                                     ("EXECUTE", bob.id, "denied"), ("EXECUTE", alice.id, "denied")):
            more = {"correlation_id": wire.new_id()} if kind == "RESULT" else {}
            answer = alice.answer_to(alice.send(kind, {"hello": 1}, receiver=receiver, **more))
            equal((answer.type, answer.payload["code"]), ("ERROR", code), kind)
        bob.call("discovery.search", {"q": "x"})
        equal(bob.inbox, [], "nothing reached a stranger")


@scene
def the_same_message_again_gets_the_same_answer():
    broker = using(Daemon())
    agent = broker.session()
    agent.call("discovery.register", {"name": "one"})
    wish = {"method": "negotiation.broadcast_intent", "need": "text.none",
            "max_price": wire.money("0.01 AIC")}
    with nothing_changes(broker, agent):
        one = wire.new_id()
        first = agent.answer_to(agent.send("QUERY", wish, id=one))
        equal(first.type, "RESULT", first)
        again = agent.answer_to(agent.send("QUERY", wish, id=one, timestamp=wire.at(1)))
        equal(again.payload, first.payload)
        other = agent.answer_to(agent.send("QUERY", {**wish, "need": "text.other"}, id=one))
        equal((other.type, other.payload["code"]), ("ERROR", "conflict"))
        equal(len(agent.call("deal.list")["deals"]), 1, "one intent")
    # The answer is there for ever: also for a broker that was killed meanwhile.
    broker.restart()
    back = broker.session(agent.key, agent.id)
    equal(back.answer_to(back.send("QUERY", wish, id=one)).payload, first.payload)
    other = back.answer_to(back.send("QUERY", {**wish, "need": "text.other"}, id=wire.new_id()))
    equal(other.type, "RESULT")
    wrong = back.answer_to(back.send("QUERY", {**wish, "need": "text.third"}, id=one))
    equal((wrong.type, wrong.payload["code"]), ("ERROR", "conflict"))
    equal(len(back.call("deal.list")["deals"]), 2)


@scene
def parameters_are_refused_by_name():
    broker = using(Daemon())
    agent = broker.session()
    price = wire.money("0.01 AIC")
    cases = [
        ("no.such_method", {}, "unknown_method", None),
        ("session.message", {}, "unknown_method", None),
        ("deal.buy", {}, "invalid_params", "/need"),
        ("deal.buy", {"need": "x"}, "invalid_params", "/input"),
        ("deal.buy", {"need": "x", "input": 1}, "no_mandate", None),
        ("deal.buy", {"need": 7, "input": 1, "max_price": price}, "invalid_params", "/need"),
        ("deal.buy", {"need": "", "input": 1, "max_price": price}, "invalid_params", "/need"),
        ("deal.buy", {"need": "x", "input": 1, "max_price": 5}, "invalid_params", "/max_price"),
        ("deal.buy", {"need": "x", "input": 1, "max_price": {"amount": "x", "currency": "AIC"}},
         "invalid_amount", "/max_price/amount"),
        ("deal.buy", {"need": "x", "input": 1, "max_price": wire.money("0.01 EUR")},
         "unknown_currency", "/max_price/currency"),
        ("deal.buy", {"need": "x", "input": 1, "max_price": wire.money("0 AIC")},
         "invalid_amount", "/max_price/amount"),
        ("deal.buy", {"need": "x", "input": 1, "max_price": wire.money("-1 AIC")},
         "invalid_amount", "/max_price/amount"),
        ("deal.buy", {"need": "x", "input": 1, "max_price": price, "choose": "worst"},
         "invalid_params", "/choose"),
        ("deal.buy", {"need": "x", "input": 1, "max_price": price, "deadline_ms": 0},
         "invalid_params", "/deadline_ms"),
        ("deal.get", {"deal_id": "seven"}, "invalid_params", "/deal_id"),
        ("deal.get", {"deal_id": wire.new_id()}, "not_found", None),
        ("deal.get", {}, "invalid_params", "/deal_id"),
        ("discovery.register", {"capabilities": [{"name": 5}]}, "invalid_params",
         "/capabilities/0/name"),
        ("execution.result", {"execution_id": wire.new_id(), "output": 1}, "not_found", None),
    ]
    with nothing_changes(broker, agent):
        for method, parameters, code, field in cases:
            answer = agent.ask(method, parameters)
            equal((answer.type, answer.payload.get("code"), answer.payload.get("field")),
                  ("ERROR", code, field), f"{method} {parameters}: {answer.payload.get('detail')}")


@scene
def before_a_session_is_open_there_is_only_its_opening():
    broker = using(Daemon())
    agent = broker.session()
    with nothing_changes(broker, agent):
        for text in ("hello", mac(agent, query(agent, SEARCH)),
                     wire.sign_key(query(agent, SEARCH), agent.key)):
            socket = using(WebSocket(broker.address))
            challenge = socket.recv_text()
            that('"session.challenge"' in challenge, challenge)
            socket.send_text(text)
            equal(refused(Closed, socket.recv_text).code, 1008)


def opening(broker, agent, key, **changed):
    """A session.open with something wrong in it; gives the close frame's reason."""
    socket = using(WebSocket(broker.address))
    nonce = json.loads(socket.recv_text())["payload"]["nonce"]
    payload = {"method": "session.open", "nonce": nonce, "x25519": "A" * 42 + "E",
               "public_key": agent.macs and wire.crypto.b64(key.public)}
    head = {name: changed.pop(name) for name in ("timestamp",) if name in changed}
    receiver = changed.pop("receiver", broker.broker_id)
    sender = changed.pop("sender", agent.id)
    payload.update(changed)
    socket.send_text(wire.sign_key(wire.head(sender, receiver, "QUERY", payload, **head), key))
    closed = refused(Closed, socket.recv_text)
    equal(closed.code, 1008)
    return closed.reason


@scene
def a_session_is_opened_only_by_its_agent():
    broker = using(Daemon())
    agent, stranger = broker.session(), Key()
    with nothing_changes(broker, agent):
        equal(opening(broker, agent, stranger), "sender_mismatch")
        equal(opening(broker, agent, agent.key, nonce="A" * 43), "bad_signature")
        equal(opening(broker, agent, agent.key, timestamp=wire.at(-100)), "stale")
        equal(opening(broker, agent, agent.key, receiver=wire.new_id()), "misaddressed")
        equal(opening(broker, agent, agent.key, sender=broker.broker_id), "sender_mismatch")
        equal(opening(broker, agent, agent.key, x25519="A" * 43), "bad_key")
        equal(opening(broker, agent, agent.key,
                      public_key=wire.crypto.b64(stranger.public)), "bad_signature")
        equal(opening(broker, agent, agent.key, x25519=5), "malformed")


if __name__ == "__main__":
    sys.exit(main(__doc__))
