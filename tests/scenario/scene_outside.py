# SPDX-License-Identifier: Apache-2.0
"""scene_outside.py - a plain HTTP server, that knows nothing of us, is a seller.

The server is Python's own.  It gets the input by POST and answers the result.
"""
import json
import sys
import threading
import time

from aicx_scene import Daemon, equal, main, scene, that, using, wire
from aicx_scene.outside import NEED, Server

GATEWAY = "[gateway rest \"rest\"]\n[gateway http \"outside\"]\n"
CONF = {"80-gateways.conf": GATEWAY + "allow = 127.0.0.1\n"}


def register(broker, server, **more):
    """The agent behind the server's address; the server says what it sells."""
    return broker.operator.post("/v1/agents", {
        "endpoints": [{"kind": "http", "url": server.url}],
        "pricing": {"model": "per_call", "base_cost": wire.money("0.002 AIC")}, **more})


def buyer_of(broker, max_deals=3):
    buyer = broker.agent("buyer", funds="1.00 AIC")
    buyer.mandate(NEED, "0.01 AIC", "0.05 AIC", max_deals=max_deals)
    return buyer


def verify(broker, deal):
    """The deal's file, checked by aicx against the broker's key."""
    path, trust = broker.home / "deal.json", broker.home / "trust"
    path.write_text(broker.operator.get(f"/v1/deals/{deal['deal_id']}/file").ok_text())
    trust.write_text(broker.public_key() + "\n")
    return broker.cli("verify", str(path), "--trust", str(trust))


@scene
def a_plain_http_server_sells_by_its_address_alone():
    broker, server = using(Daemon(CONF)), using(Server())
    seller_id = register(broker, server).ok()["agent_id"]
    entry = broker.rest().get(f"/v1/agents/{seller_id}")
    if entry.status == 401:
        entry = broker.operator.get(f"/v1/agents/{seller_id}")
    that(entry.ok()["online"], "it counts as there")
    buyer = buyer_of(broker)

    deal = buyer.buy(NEED, "one two three", "0.01 AIC").ok()
    equal((deal["state"], deal["result"], deal["provider_id"]),
          ("settled", {"words": 3}, seller_id))
    equal(float(deal["price"]["amount"]), 0.002)
    headers, given = server.asked[0]
    equal((given, headers["Idempotency-Key"], headers["X-AIConexus-Capability"]),
          ("one two three", deal["execution_id"], "Count Words"))
    said = verify(broker, deal)
    that("in the broker's keeping" in said, f"the report names the custody: {said}")


@scene
def aicx_registers_a_server_by_its_address():
    broker, server = using(Daemon(CONF)), using(Server())
    said = json.loads(broker.cli("-o", "json", "agent", "register", "--url", server.url,
                                 "--price", "0.003 AIC"))
    entry = broker.operator.get(f"/v1/agents/{said['agent_id']}").ok()
    equal((entry["name"], entry["endpoints"]), ("counter", [{"kind": "http", "url": server.url}]))
    equal(float(entry["capabilities"][0]["pricing"]["base_cost"]["amount"]), 0.003)


@scene
def work_that_fails_costs_nothing_and_may_be_tried_again():
    broker, server = using(Daemon(CONF)), using(Server())
    register(broker, server).ok()
    buyer = buyer_of(broker)
    server.answers = [(503, {}), (200, b"thrice", "text/plain")]
    deal = buyer.buy(NEED, "one", "0.01 AIC").ok()
    equal(deal["result"], "thrice")
    equal(len({headers["Idempotency-Key"] for headers, _ in server.asked}), 1)
    before = buyer.balance()
    server.answers = [(422, {"error": "no"})]
    buyer.buy(NEED, "two", "0.01 AIC").refused(502, "provider_failed")
    server.answers = [(200, b"{broken")]
    buyer.buy(NEED, "three", "0.01 AIC").refused(502, "provider_failed")
    equal({name: before[name] for name in ("spent", "available", "reserved")},
          {name: buyer.balance()[name] for name in ("spent", "available", "reserved")})


@scene
def after_a_crash_the_server_is_asked_again_and_paid_once():
    broker, server = using(Daemon(CONF)), using(Server())
    register(broker, server).ok()
    buyer = buyer_of(broker)
    server.let_go.clear()
    answers = []

    def buy():
        try:
            answers.append(buyer.buy(NEED, "one two", "0.01 AIC", key="once"))
        except OSError:
            pass  # the broker was killed meanwhile
    thread = threading.Thread(target=buy)
    thread.start()
    until = time.monotonic() + 20
    while not server.asked and time.monotonic() < until:
        thread.join(0.02)
    broker.kill()
    thread.join()
    server.let_go.set()
    broker.start()
    deal = buyer.buy(NEED, "one two", "0.01 AIC", key="once").ok()
    equal(deal["result"], {"words": 2})
    equal(len(server.asked), 2)
    equal(len({headers["Idempotency-Key"] for headers, _ in server.asked}), 1)
    equal(float(buyer.balance()["spent"]), 0.002)
    verify(broker, deal)


@scene
def nobody_has_the_broker_ask_its_neighbours():
    broker, server = using(Daemon({"80-gateways.conf": GATEWAY})), using(Server())
    register(broker, server).refused(502, "provider_failed")
    seller_id = register(broker, server, capabilities=[{"name": NEED}]).ok()["agent_id"]
    buyer = buyer_of(broker)
    buyer.buy(NEED, "one", "0.01 AIC").refused(502, "provider_failed")
    equal(server.asked, [])
    that(seller_id, "it is registered all the same: its address may be allowed later")


@scene
def who_follows_a_deal_sees_it_end():
    broker, server = using(Daemon(CONF)), using(Server())
    register(broker, server).ok()
    buyer = buyer_of(broker)
    deal_id = wire.new_id()
    server.let_go.clear()
    thread = threading.Thread(
        target=lambda: buyer.buy(NEED, "one", "0.01 AIC", deal_id=deal_id))
    thread.start()
    until = time.monotonic() + 20
    while not server.asked and time.monotonic() < until:
        thread.join(0.02)
    told = buyer.rest.get(f"/v1/deals/{deal_id}/events").ok()
    equal((told["events"][0]["state"], told["final"]), ("working", False))
    server.let_go.set()
    states = []
    while not told["final"]:
        told = buyer.rest.get(f"/v1/deals/{deal_id}/events?wait_ms=10000"
                              f"&after={told['cursor']}").ok()
        states += [event["state"] for event in told["events"]]
    thread.join()
    equal(states[-1], "settled")
    # The same as server-sent events, all at once now that it is over.
    stream = buyer.rest.get(f"/v1/deals/{deal_id}/events", headers={"Accept": "text/event-stream"})
    equal((stream.status, stream.headers["content-type"]), (200, "text/event-stream"))
    that(stream.body.startswith(b"id: ") and b'"state":"settled"' in stream.body, stream.body)


if __name__ == "__main__":
    sys.exit(main(__doc__))
