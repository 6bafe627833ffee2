# SPDX-License-Identifier: Apache-2.0
"""scene_mcp_sell.py - MCP servers that know nothing of us sell their tools.

`aicx sell --mcp` runs one and talks to it over its standard input and output; one at an
address is registered by it, and the broker asks it itself.
"""
import contextlib
import json
import os
import pathlib
import signal
import subprocess
import sys
import threading
import time

import aicx_scene
from aicx_scene import (Daemon, Late, equal, eventually, main, mcp_server, place, scene, that, using,
                        wire)

SERVER = pathlib.Path(aicx_scene.__file__).parent / "mcp_server.py"
WAIT_S = 30


class Seller:
    """`with Seller(broker, "both") as seller:` is aicx sell --mcp over a small server."""

    def __init__(self, broker, era, prices=("0.002 AIC", "fail=0.003 AIC"), options=(),
                 prefix=("tools",)):
        self.home, self.lines = broker.home, []
        self.news = threading.Condition()
        command = [str(place.AICX), "--broker", f"http://{broker.address}", "--identity",
                   str(self.home / f"seller-{era}"), "sell", *prefix, "--mcp", *options]
        for price in prices:
            command += ["--price", price]
        self.command = [*command, "--", sys.executable, str(SERVER), era]

    def __enter__(self):
        env = dict(os.environ, XDG_CONFIG_HOME=str(self.home))
        # pylint: disable-next=consider-using-with
        self.process = subprocess.Popen(self.command, env=env, text=True, errors="replace",
                                        stdin=subprocess.DEVNULL, stderr=subprocess.PIPE)
        threading.Thread(target=self.read, daemon=True).start()
        return self

    def __exit__(self, *_):
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            self.process.wait(WAIT_S)

    def read(self):
        for line in self.process.stderr:
            with self.news:
                self.lines.append(line.rstrip("\n"))
                self.news.notify_all()

    def said(self, text, n=1):
        """Waits until it was said n times."""
        end = time.monotonic() + WAIT_S
        with self.news:
            while sum(text in line for line in self.lines) < n:
                if not self.news.wait(end - time.monotonic()) and time.monotonic() > end:
                    raise Late(f'"{text}" {n} times not in:\n' + "\n".join(self.lines))
            return [line for line in self.lines if text in line]


def market(era, **more):
    broker = using(Daemon())
    seller = using(Seller(broker, era, **more))
    seller.said("ready: ")
    buyer = broker.agent("buyer", funds="1.00 AIC")
    buyer.mandate("tools.*", "0.01 AIC", "0.10 AIC", max_deals=100)
    return broker, seller, buyer


def spent(buyer):
    return float(buyer.balance()["spent"])


def given_up(buyer, need, is_told):
    """Work that never ends: longer each time, until a slow server was asked and is told."""
    for deadline_ms in (2000, 6000, 20000):
        answer = buyer.buy(need, {}, "0.01 AIC", deadline_ms=deadline_ms)
        that(answer.code in ("timeout", "provider_failed"), answer)
        with contextlib.suppress(Late):
            eventually(is_told, "the server is told", seconds=2)
            return
    raise Late("the server is never told")


def sells_its_tools(era):
    broker, seller, buyer = market(era)
    goods = {one["name"]: one for one in
             broker.operator.get("/v1/capabilities?limit=100").ok()["capabilities"]}
    given = {tool["name"]: tool for tool in mcp_server.Tools().list()}
    equal(set(goods), {"tools." + name.lower() for name in given}, "each tool is a capability")
    for name, tool in given.items():
        good = goods["tools." + name.lower()]
        equal((good["input_schema"], good.get("output_schema"), good["description"]),
              (tool["inputSchema"], tool.get("outputSchema"), tool["description"]))
    equal([float(goods[name]["pricing"]["base_cost"]["amount"]) for name in ("tools.echo", "tools.fail")],
          [0.002, 0.003])

    deal = buyer.buy("tools.add.numbers", {"a": 2, "b": 3}, "0.01 AIC").ok()
    equal((deal["state"], deal["result"], float(deal["price"]["amount"])),
          ("settled", {"sum": 5}, 0.002))
    deal = buyer.buy("tools.echo", {"text": "hällo"}, "0.01 AIC").ok()
    equal(deal["result"], {"content": [{"type": "text", "text": "hällo"}]})
    path, trust = broker.home / "deal.json", broker.home / "trust"
    path.write_text(broker.operator.get(f"/v1/deals/{deal['deal_id']}/file").ok_text())
    trust.write_text(broker.public_key() + "\n")
    that("good" in broker.cli("verify", str(path), "--trust", str(trust)), "the deal verifies")
    seller.said("stderr: small server is up")
    return broker, seller, buyer


@scene
def a_server_of_both_protocols_sells_its_tools():
    sells_its_tools("both")


@scene
def a_server_with_the_handshake_alone_sells_its_tools():
    sells_its_tools("legacy")


@scene
def a_server_that_ends_at_what_it_does_not_know_sells_its_tools():
    sells_its_tools("dies")


@scene
def a_server_without_the_handshake_sells_its_tools():
    sells_its_tools("modern")


@scene
def what_a_tool_does_badly_is_not_paid():
    _, seller, buyer = market("both")
    for name, given, why in (("fail", {}, "the disk is full"),
                             ("bare", {}, "structured content"),
                             ("large", {}, "is more than"),
                             ("crash", {}, "it ended with status 3")):
        answer = buyer.buy("tools." + name, given, "0.01 AIC")
        that(why in answer.refused(502, "provider_failed")["detail"], answer)
    for given in ({"text": 5}, "a text"):
        buyer.buy("tools.echo", given, "0.01 AIC").refused(422, "invalid_input")
    equal(spent(buyer), 0)
    equal(buyer.buy("tools.noise", {}, "0.01 AIC").ok()["state"], "settled", "it was started again")
    seller.said("server: a line of its output is no message")
    _, seller, buyer = market("both", options=("--timeout", "2s"))
    answer = buyer.buy("tools.never", {}, "0.01 AIC")
    that(answer.code in ("timeout", "provider_failed"), answer)
    seller.said("stderr: cancelled ")
    equal(spent(buyer), 0)


@scene
def progress_is_told_to_who_follows():
    broker, _, buyer = market("legacy")
    deal = buyer.buy("tools.steps", {}, "0.01 AIC").ok()
    equal(deal["state"], "settled")
    that(broker.operator.get(f"/v1/deals/{deal['deal_id']}").ok()["state"] == "settled", "it ended")


@scene
def a_tool_that_changes_is_sold_as_it_is():
    broker, seller, buyer = market("both")
    buyer.buy("tools.grow", {}, "0.01 AIC").ok()
    seller.said("back: ")
    equal(set(broker.operator.get("/v1/capabilities?name=tools.add.numbers").ok()["capabilities"][0]
              ["input_schema"]["properties"]), {"a", "b", "c"})
    equal(buyer.buy("tools.add.numbers", {"a": 1, "b": 2, "c": 3}, "0.01 AIC").ok()["result"], {"sum": 6})


@scene
def a_tool_that_changes_under_a_contract_is_not_paid():
    broker, seller, buyer = market("both")
    rest = buyer.rest
    intent = rest.post("/v1/intents", {"need": "tools.add.numbers",
                                       "max_price": wire.money("0.01 AIC")}).ok()["intent_id"]
    offers = rest.get(f"/v1/intents/{intent}/offers?timeout_ms=20000").ok()["offers"]
    contract = rest.post(f"/v1/offers/{offers[0]['offer_id']}/select",
                         {"max_executions": 2}).ok()["contract_id"]
    rest.post(f"/v1/contracts/{contract}/signatures", {}).ok()
    path = f"/v1/contracts/{contract}/executions"
    equal(rest.post(path, {"input": {"a": 1, "b": 2}}).ok()["result"], {"sum": 3})
    before = spent(buyer)
    buyer.buy("tools.grow", {}, "0.01 AIC").ok()
    seller.said("back: ")
    rest.post(path, {"input": {"a": 1, "b": 2}}).refused(422, "invalid_input")
    answer = rest.post(path, {"input": {"a": 1, "b": 2, "c": 3}})
    that("has changed since" in answer.refused(502, "provider_failed")["detail"], answer)
    equal(round(spent(buyer) - before, 9), 0.002, "grow alone was paid")


@scene
def what_cannot_be_sold_is_said_at_once():
    broker = using(Daemon())
    for prices, words in ((("nosuch=1 AIC",), "does not have"), (("echo=much",), "much")):
        with Seller(broker, "both", prices=prices) as seller:
            equal(seller.process.wait(WAIT_S) != 0, True, "it ends")
            seller.said(words)
    plain = using(Seller(broker, "modern", prices=("echo=0.001 AIC",), prefix=()))
    equal(len(plain.said("ready: echo at 0.001 AIC as ")), 1)


# --- at an address -----------------------------------------------------------------


def asked(era, events=False, conf="", **more):
    """A broker that sells the tools of a server that is there."""
    broker = using(Daemon({"81-mcp.conf": "[gateway mcp \"mcp\"]\nallow = 127.0.0.1\n" + conf}))
    server = using(mcp_server.Server(era, events))
    answer = broker.operator.post("/v1/agents", {
        "name": "small", "endpoints": [{"kind": "mcp", "url": server.url}],
        "pricing": {"model": "per_call", "base_cost": wire.money("0.002 AIC")}, **more})
    buyer = broker.agent("buyer", funds="1.00 AIC")
    buyer.rest.post("/v1/mandates", {"mandate": {
        "need": [tool["name"].lower() for tool in server.tools.list()], "max_deals": 100,
        "max_each": wire.money("0.01 AIC"), "max_total": wire.money("0.10 AIC")}}).ok()
    return broker, server, buyer, answer


def is_asked(era, events):
    broker, server, buyer, answer = asked(era, events, "prices = fail=0.005 AIC, echo=0.004 AIC\n")
    agent = answer.ok()["agent_id"]
    goods = {one["name"]: one for one in broker.operator.get(f"/v1/agents/{agent}").ok()["capabilities"]}
    given = {tool["name"]: tool for tool in server.tools.list()}
    equal(set(goods), {name.lower() for name in given}, "each tool is a capability")
    for name, tool in given.items():
        good = goods[name.lower()]
        equal((good["input_schema"], good.get("output_schema"), good["description"], good["remote"]),
              (tool["inputSchema"], tool.get("outputSchema"), tool["description"], name))
    equal([float(goods[name]["pricing"]["base_cost"]["amount"]) for name in ("echo", "fail", "steps")],
          [0.004, 0.005, 0.002])
    server.asked.clear()
    deal = buyer.buy("add.numbers", {"a": 2, "b": 3}, "0.01 AIC").ok()
    equal((deal["state"], deal["result"], float(deal["price"]["amount"])),
          ("settled", {"sum": 5}, 0.002))
    equal([message["method"] for _, message in server.asked], ["tools/call"], "the rest is known")
    meta = server.tools.called[-1][2]
    equal(meta["example.aiconexus/idempotency_key"], deal["execution_id"])
    deal = buyer.buy("echo", {"text": "hällo"}, "0.01 AIC").ok()
    equal(deal["result"], {"content": [{"type": "text", "text": "hällo"}]})
    path, trust = broker.home / "deal.json", broker.home / "trust"
    path.write_text(broker.operator.get(f"/v1/deals/{deal['deal_id']}/file").ok_text())
    trust.write_text(broker.public_key() + "\n")
    that("in the broker's keeping" in broker.cli("verify", str(path), "--trust", str(trust)),
         "the deal verifies and names the custody")


@scene
def a_server_at_an_address_sells_its_tools():
    is_asked("both", False)


@scene
def one_with_sessions_and_streams_sells_its_tools():
    is_asked("legacy", True)


@scene
def one_of_the_newer_protocol_with_streams_sells_its_tools():
    is_asked("modern", True)


@scene
def aicx_registers_a_server_by_its_address():
    broker = using(Daemon({"81-mcp.conf": "[gateway mcp \"mcp\"]\nallow = 127.0.0.1\n"}))
    server = using(mcp_server.Server())
    said = json.loads(broker.cli("-o", "json", "agent", "register", "--url", server.url,
                                 "--endpoint", "mcp", "--price", "0.003 AIC", "--name", "small"))
    entry = broker.operator.get(f"/v1/agents/{said['agent_id']}").ok()
    equal(len(entry["capabilities"]), len(server.tools.list()))


@scene
def what_a_server_does_badly_is_not_paid():
    _, server, buyer, answer = asked("legacy")
    answer.ok()
    for name, why in (("fail", "the disk is full"), ("bare", "structured content"),
                      ("large", "too large")):
        that(why in buyer.buy(name, {}, "0.01 AIC").refused(502, "provider_failed")["detail"], why)
    for given in ({"text": 5}, "a text"):
        buyer.buy("echo", given, "0.01 AIC").refused(422, "invalid_input")
    event = b'data: {"jsonrpc":"2.0","id":99999,"result":{"content":[]}}\n\n'
    for raw, why in (((500, "text/html", b"<p>oops"), "answered 500"),
                     ((302, "text/html", b""), "answered 302"),
                     ((200, "text/html", b"<p>hello"), "answered 200"),
                     ((200, "application/json", b'{"broken'), "no JSON-RPC"),
                     ((200, "application/json", b'{"jsonrpc":"2.0","id":99999,"result":{}}'), "answered 200"),
                     ((200, "text/event-stream", event), "ended before the answer"),
                     ((200, "text/event-stream", b"data: hello\n\n"), "no JSON-RPC"),
                     ((200, "text/event-stream", b"data: " + b"x" * 2_000_000), "too large")):
        server.next = [raw]
        told = buyer.buy("echo", {"text": "x"}, "0.01 AIC").refused(502, "provider_failed")
        that(why in told["detail"], f"{why}: {told}")
    given_up(buyer, "never", server.tools.cancelled.is_set)
    equal(spent(buyer), 0)
    equal(buyer.buy("steps", {}, "0.01 AIC").ok()["state"], "settled")


@scene
def a_session_that_is_lost_is_begun_again_and_paid_once():
    _, server, buyer, answer = asked("legacy")
    answer.ok()
    buyer.buy("echo", {"text": "one"}, "0.01 AIC").ok()
    server.sessions.clear()
    server.tools.called.clear()
    buyer.buy("echo", {"text": "two"}, "0.01 AIC").ok()
    equal([given["text"] for _, given, _ in server.tools.called], ["two"])
    equal(round(spent(buyer), 9), 0.004)


@scene
def a_tool_that_changed_since_it_was_registered_is_not_called():
    broker, server, buyer, answer = asked("modern")
    agent = answer.ok()["agent_id"]
    buyer.buy("grow", {}, "0.01 AIC").ok()  # and says that its list is another
    before, server.tools.called = spent(buyer), []
    told = buyer.buy("add.numbers", {"a": 1, "b": 2}, "0.01 AIC").refused(502, "provider_failed")
    that("another than was registered" in told["detail"], told)
    equal((server.tools.called, spent(buyer)), ([], before))
    broker.operator.post("/v1/agents", {
        "agent_id": agent, "endpoints": [{"kind": "mcp", "url": server.url}],
        "pricing": {"model": "per_call", "base_cost": wire.money("0.002 AIC")}}).ok()
    equal(buyer.buy("add.numbers", {"a": 1, "b": 2, "c": 3}, "0.01 AIC").ok()["result"], {"sum": 6})


@scene
def nobody_has_the_broker_ask_into_its_own_network():
    broker = using(Daemon({"81-mcp.conf": "[gateway mcp \"mcp\"]\n"}))
    server = using(mcp_server.Server())
    told = broker.operator.post("/v1/agents", {
        "endpoints": [{"kind": "mcp", "url": server.url}],
        "pricing": {"model": "per_call", "base_cost": wire.money("0.002 AIC")}})
    that("not public" in told.refused(502, "provider_failed")["detail"], told)
    equal(server.asked, [])


if __name__ == "__main__":
    sys.exit(main(__doc__))
