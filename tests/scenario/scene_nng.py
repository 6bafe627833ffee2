# SPDX-License-Identifier: Apache-2.0
"""scene_nng.py - NNG programs buy and sell: sessions by req, news by sub, intents by survey."""
import decimal
import json
import os
import pathlib
import queue
import secrets
import socket
import sys
import threading

from aicx_scene import Daemon, crypto, equal, main, place, scene, skip, that, using, wire
from aicx_scene.nng import NngError, NngSession, Socket, lib

NEED = "text.shout"
NEWS = 500  # more than a socket of ipc:// holds for one that does not read


def broker_with(**options):
    if not (place.PLUGINS / "transport_nng.so").exists():
        skip("transport_nng was not built: no libnng-dev")
    lib()
    options = {"listen": "tcp://127.0.0.1:0", **options}
    lines = "".join(f"{name} = {value}\n" for name, value in options.items())
    broker = using(Daemon({"92-nng.conf": f'[transport nng "nng"]\n{lines}'}))
    broker.nng = broker.event("transport.ready", transport="nng")["listen"]
    return broker


def session(broker, url=None, **more):
    return broker.session(socket=NngSession(url or broker.nng), **more)


def fund(broker, agent, amount="1.00 AIC"):
    broker.operator.post(f"/v1/accounts/{agent.id}/fund", {
        "amount": wire.money(amount), "reference": "r"}).ok()


def seller_of(broker, price="0.001 AIC", url=None):
    seller = session(broker, url).sell(NEED, price)
    seller.work = lambda execute: execute["input"].upper()
    return seller


def mandate(buyer):
    return wire.sign_object(
        buyer.key, "mandate", broker_id=buyer.broker.broker_id, requester=buyer.id, need=[NEED],
        max_each=wire.money("0.01 AIC"), max_total=wire.money("0.10 AIC"), max_deals=5,
        not_before=wire.at(-1), expires=wire.at(60), choose="lowest_price")


def buyer_of(broker, url=None):
    buyer = session(broker, url)
    buyer.call("discovery.register", {"name": "buyer"})
    fund(broker, buyer)
    return buyer


def buy(buyer, text):
    return buyer.call("deal.buy", {"need": NEED, "input": text, "mandate": mandate(buyer),
                                   "max_price": wire.money("0.01 AIC")})


def sign(buyer, offer):
    drafted = buyer.call("negotiation.select_offer", {"offer_id": offer["offer_id"]})
    buyer.call("negotiation.sign_contract", {
        "contract_id": drafted["contract_id"], "key_id": buyer.key.id,
        "signature": crypto.b64(buyer.key.sign("contract", drafted["text"].encode()))})
    return drafted["contract_id"]


def earned(broker, agent):
    text = broker.operator.get(f"/v1/audit/balance/{agent.id}").ok()["earned"]
    return decimal.Decimal(text)


def made_with(broker, key, kind, payload, sender):
    return wire.sign_key(wire.head(sender, broker.broker_id, kind, payload), key)


@scene
def a_deal_is_made_and_paid_over_tcp():
    broker = broker_with()
    seller, buyer = seller_of(broker), buyer_of(broker)
    deal = buy(buyer, "hello")
    equal((deal["state"], deal["result"], deal["provider_id"]), ("settled", "HELLO", seller.id))
    equal(earned(broker, seller), decimal.Decimal("0.001"))
    # A second one on the same sessions, and one with a seller and a buyer of other doors.
    equal(buy(buyer, "again")["result"], "AGAIN")
    other = broker.session()
    other.call("discovery.register", {"name": "other"})
    fund(broker, other)
    equal(buy(other, "across")["result"], "ACROSS")
    equal(earned(broker, seller), decimal.Decimal("0.003"))


@scene
def threads_of_nng_leave_the_loop_its_turn_or_not():
    for batch in ("yes", "no"):
        broker = broker_with(batch=batch)
        pid = broker.process.pid
        tasks = [int(task.name) for task in pathlib.Path(f"/proc/{pid}/task").iterdir()]
        equal(os.sched_getscheduler(pid), os.SCHED_OTHER)
        equal(any(os.sched_getscheduler(task) == os.SCHED_BATCH for task in tasks), batch == "yes")


@scene
def ipc_and_ws_carry_the_same():
    broker = broker_with(listen="ipc://nng.ipc, ws://127.0.0.1:0/nng")
    urls = [event["text"] for event in broker.events if event.get("event") == "nng.listening"]
    equal(broker.nng, "ipc://nng.ipc")
    that(urls[1].startswith("ws://127.0.0.1:") and ":0/" not in urls[1], urls)
    equal((broker.data / "nng.ipc").stat().st_mode & 0o777, 0o600)
    seller = seller_of(broker, url=urls[1])
    buyer = buyer_of(broker, url=f"ipc://{broker.data}/nng.ipc")
    equal(buy(buyer, "hello")["result"], "HELLO")
    equal(earned(broker, seller), decimal.Decimal("0.001"))


@scene
def a_message_by_itself_needs_no_session():
    broker = broker_with()
    key, me = crypto.Key(), wire.new_id()
    with Socket("req0", broker.nng) as client:
        text = made_with(broker, key, "QUERY", {
            "method": "discovery.register", "name": "alone",
            "public_key": crypto.b64(key.public)}, me)
        answer = json.loads(client.ask(text.encode() if isinstance(text, str) else text))
        equal((answer["type"], answer["payload"].get("agent_id")), ("RESULT", me), answer)
        # The same text again is the same request.
        again = json.loads(client.ask(text.encode() if isinstance(text, str) else text))
        equal(again["payload"], answer["payload"])
        forged = made_with(broker, crypto.Key(), "QUERY", {"method": "deal.list"}, me)
        refused = json.loads(client.ask(forged.encode() if isinstance(forged, str) else forged))
        equal(refused["code"], "sender_mismatch", refused)


@scene
def followed_deals_are_published_and_survey_finds_a_seller():
    broker = broker_with(publish="tcp://127.0.0.1:0", survey="tcp://127.0.0.1:0")
    urls = [event["text"] for event in broker.events if event.get("event") == "nng.listening"]
    seller, buyer = session(broker), buyer_of(broker)
    # Registered, and never asked by the session: it listens to the survey alone.
    seller.call("discovery.register", {
        "name": "listener", "endpoints": [{"kind": "session"}], "capabilities": [
            {"name": NEED, "version": "1.0", "pricing": {
                "model": "per_call", "base_cost": wire.money("0.002 AIC")}}]})
    seller.offers_for = lambda intent: None
    seller.work = lambda execute: execute["input"].upper()
    respondent = using(Socket("respondent0", urls[2]))
    listener = using(Socket("sub0", urls[1])).subscribe("deal.")
    wrong = using(Socket("sub0", urls[1])).subscribe("nothing.")
    heard = []

    def answer():
        intent = json.loads(respondent.recv())
        heard.append(intent)
        terms = wire.per_call_terms("0.0015 AIC")
        offer = wire.sign_object(
            seller.key, "offer", broker_id=broker.broker_id, intent_id=intent["intent_id"],
            provider_id=seller.id, terms_sha256=crypto.b64(crypto.sha256(terms.encode())),
            expires=wire.at(60))
        text = made_with(broker, seller.key, "QUERY", {
            "method": "negotiation.offer", "intent_id": intent["intent_id"], "terms": terms,
            "offer": offer}, seller.id)
        respondent.send(text.encode() if isinstance(text, str) else text)

    thread = threading.Thread(target=answer)
    thread.start()
    made = buyer.call("negotiation.broadcast_intent", {
        "need": NEED, "max_price": wire.money("0.01 AIC"), "parameters": {"voice": "loud"},
        "choose": "first_good"})
    got = buyer.call("negotiation.collect_offers", {
        "intent_id": made["intent_id"], "timeout_ms": 20000})["offers"]
    thread.join(20)
    equal([one["provider_id"] for one in got], [seller.id])
    equal((heard[0]["need"], heard[0]["intent_id"], heard[0]["parameters"]),
          (NEED, made["intent_id"], {"voice": "loud"}))
    that("input" not in heard[0] and "pricing" not in heard[0], heard[0])
    # Followed from here on.
    buyer.call("deal.watch", {"deal_id": made["intent_id"], "wait_ms": 0})
    contract = sign(buyer, got[0])
    done = buyer.call("execution.execute", {"contract_id": contract, "input": "hello"})
    equal(done["result"], "HELLO")
    equal(earned(broker, seller), decimal.Decimal("0.0015"))
    states = []
    while not states or states[-1] != "settled":
        topic, text = listener.recv().decode().split(" ", 1)
        news = json.loads(text)
        equal(topic, f"deal.{made['intent_id']}")
        equal(news["deal_id"], made["intent_id"])
        states.append(news["state"])
    that(len(states) >= 3, states)
    lib().nng_socket_set_ms(wrong.handle, b"recv-timeout", 1)
    try:
        raise AssertionError(f"came: {wrong.recv()}")
    except NngError:
        pass


def followed_work(buyer, seller):
    """Work of a followed deal that the seller keeps open, and what ends it."""
    came = queue.Queue()
    seller.work = came.put
    made = buyer.call("negotiation.broadcast_intent", {
        "need": NEED, "max_price": wire.money("0.01 AIC")})
    got = buyer.call("negotiation.collect_offers", {
        "intent_id": made["intent_id"], "timeout_ms": 20000})["offers"]
    buyer.call("deal.watch", {"deal_id": made["intent_id"], "wait_ms": 0})
    contract = sign(buyer, got[0])
    order = threading.Thread(target=buyer.ask, daemon=True, args=(
        "execution.execute", {"contract_id": contract, "input": "hello"}))
    order.start()
    work = {"execution_id": came.get(timeout=30)["execution_id"]}

    def finish():
        seller.send("RESULT", {**work, "output": "HELLO"}, correlation_id=seller.inbox[-1].id)
        order.join(30)

    return work, finish


def ipc_frames(peer):
    """The messages that a plain socket of ipc:// gets."""
    with peer.makefile("rb") as stream:
        while True:
            head = stream.read(9)
            equal(head[0], 1)
            yield stream.read(int.from_bytes(head[1:], "big"))


@scene
def a_subscriber_that_stalls_costs_nothing_and_misses_news():
    broker = broker_with(publish="ipc://news.ipc", buffer=4)
    seller, buyer = broker.session().sell(NEED, "0.001 AIC"), buyer_of(broker)
    # One greets as a subscriber and reads nothing: its socket fills, then its queue of 4.
    stalled = using(socket.socket(socket.AF_UNIX))
    stalled.settimeout(30)
    stalled.connect(str(broker.data / "news.ipc"))
    stalled.sendall(b"\0SP\0\0\x21\0\0")
    equal(stalled.recv(8, socket.MSG_WAITALL), b"\0SP\0\0\x20\0\0")
    reader = using(Socket("sub0", f"ipc://{broker.data}/news.ipc")).subscribe("deal.")
    work, finish = followed_work(buyer, seller)

    def next_news():
        seller.call("execution.progress", {**work, "progress": 1})
        while True:
            text = reader.recv()
            if b"execution.progress" in text:  # others are of before the work
                return text

    # One at a time: who listens has a queue of 4 too.
    told = [next_news() for _ in range(NEWS)]
    frames, seen = ipc_frames(stalled), []
    while not seen or seen[-1] != told[-1]:
        text = next(frames)
        if text in told:
            seen.append(text)
    # What its socket took, nothing of what came next, the newest 4.
    at = [told.index(text) for text in seen]
    held = len(at) - 4
    that(0 < held < NEWS - 4, held)
    equal(at, sorted(set(at)), "in order")  # a busy machine may drop some before the socket is full
    equal(at[-4:], [*range(NEWS - 4, NEWS)])
    # It goes on as if nothing had been.
    equal(next_news(), next(frames))
    finish()
    equal(earned(broker, seller), decimal.Decimal("0.001"))


@scene
def garbage_ends_nothing_but_itself():
    broker = broker_with(max_message="64k", max_connections="8")
    seller, buyer = seller_of(broker), buyer_of(broker)
    with Socket("req0", broker.nng, timeout_s=20) as client:
        for bad in (b"{", b"\0" * 1000, b"[]", b'{"id":"x"', b'{"type":"QUERY","signature":"a:b:c"}',
                    b'{"a":"\xff\xfe","signature":"ed25519:x:y"}', secrets.token_bytes(500)):
            refused = json.loads(client.ask(bad))
            that(refused["status"] in (400, 401, 403), (bad, refused))
    # Within a session it is refused by a signed ERROR; a session that is not open ends.
    fresh = NngSession(broker.nng)
    fresh.recv_text()
    fresh.send_text("{}")
    try:
        while True:  # its other thread may have opened the next session by now
            that("session.challenge" in fresh.recv_text(), "a challenge")
    except Exception as closed:  # pylint: disable=broad-exception-caught
        equal(getattr(closed, "code", None), 401, closed)
    fresh.close()
    with Socket("req0", broker.nng, timeout_s=0.5) as client:
        try:
            raise AssertionError(client.ask(b"x" * 70000))
        except NngError as late:
            equal(late.code, 5)
    equal(buy(buyer, "still here")["result"], "STILL HERE")
    # Beyond max_connections nobody is let in; who is in stays.
    crowd = [using(Socket("req0", broker.nng, timeout_s=0.3)) for _ in range(10)]
    answered = 0
    for one in crowd:
        try:
            answered += one.ask(b"") != b""
        except NngError as late:
            equal(late.code, 5)
    that(0 < answered <= 6, answered)
    equal(buy(buyer, "and here")["result"], "AND HERE")
    equal(earned(broker, seller), decimal.Decimal("0.002"))


@scene
def a_seller_that_goes_is_missed_at_once_and_may_come_back():
    broker = broker_with()
    seller, buyer = seller_of(broker), buyer_of(broker)
    seller.leave()
    refused = buyer.ask("deal.buy", {"need": NEED, "input": "x", "mandate": mandate(buyer),
                                     "max_price": wire.money("0.01 AIC"), "deadline_ms": 3000})
    equal(refused.type, "ERROR")
    back = session(broker, key=seller.key, agent_id=seller.id, price="0.001 AIC")
    back.work = lambda execute: execute["input"].upper()
    equal(buy(buyer, "hello")["result"], "HELLO")


@scene
def the_broker_drains_and_says_so():
    broker = broker_with()
    client = using(Socket("req0", broker.nng))
    that(b"session.challenge" in client.ask(b""), "a challenge")
    said = []
    thread = threading.Thread(target=lambda: said.append(json.loads(client.ask(b""))))
    thread.start()
    broker.stop()
    thread.join(20)
    equal([one["status"] for one in said], [503])


if __name__ == "__main__":
    sys.exit(main(__doc__))
