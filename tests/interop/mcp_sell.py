# SPDX-License-Identifier: Apache-2.0
"""mcp_sell.py - MCP servers of the public packages sell their tools: over standard input and output
by `aicx sell --mcp`, and at an address; beside ours the packages' own demo server."""
import os
import pathlib
import subprocess
import sys
import threading
import time

from aicx_scene import Daemon, place, wire

INTEROP = os.environ["AICX_INTEROP"]
WAIT_S = 60
ERAS = {"old": "sdk 1.32.2", "new": "server 2.4.0", "modern": "server 2.4.0, 2026-07-28 alone"}
failed = []


def test(name, fact, why=""):
    print(f"{'ok' if fact else 'not ok'} - {name}{'' if fact else ': ' + str(why)[:300]}", flush=True)
    if not fact:
        failed.append(name)


def buyer_of(broker, *needs):
    buyer = broker.agent("buyer", funds="1.00 AIC")
    buyer.rest.post("/v1/mandates", {"mandate": {
        "need": list(needs), "max_deals": 100, "max_each": wire.money("0.01 AIC"),
        "max_total": wire.money("0.10 AIC")}}).ok()
    return buyer


def sold(broker, name):
    """The four tools of mcp_seller.mjs, once they are there."""
    buyer = buyer_of(broker, "add", "say.it", "fail", "steps")
    answer = buyer.buy("add", {"a": 2, "b": 3}, "0.01 AIC")
    test(f"{name}: a tool with an output schema", (answer.json or {}).get("result") == {"sum": 5}, answer)
    answer = buyer.buy("say.it", {"text": "hällo"}, "0.01 AIC")
    test(f"{name}: a text, its argument in a field too",
         (answer.json or {}).get("result") == {"content": [{"type": "text", "text": "hällo"}]}, answer)
    answer = buyer.buy("steps", {}, "0.01 AIC")
    test(f"{name}: a tool that tells its progress", (answer.json or {}).get("state") == "settled", answer)
    for need, given in (("fail", {}), ("add", {"a": "two", "b": 3})):
        answer = buyer.buy(need, given, "0.01 AIC")
        test(f"{name}: {need} that fails", answer.code == "provider_failed", answer)
    test(f"{name}: three deals are paid", float(buyer.balance()["spent"]) == 0.006, buyer.balance())


class Selling:
    """aicx sell --mcp over a program, ready."""

    def __init__(self, broker, *program):
        env = dict(os.environ, XDG_CONFIG_HOME=str(broker.home))
        self.lines, self.news = [], threading.Condition()
        # pylint: disable-next=consider-using-with
        self.process = subprocess.Popen(
            [str(place.AICX), "--broker", f"http://{broker.address}", "--identity",
             str(broker.home / "seller"), "sell", "--mcp", "--price", "0.002 AIC", "--", *program],
            env=env, cwd=INTEROP, text=True, stdin=subprocess.DEVNULL, stderr=subprocess.PIPE)
        threading.Thread(target=self.read, daemon=True).start()

    def read(self):
        for line in self.process.stderr:
            with self.news:
                self.lines.append(line)
                self.news.notify_all()

    def __enter__(self):
        end = time.monotonic() + WAIT_S
        with self.news:
            while not any(line.startswith("ready: ") for line in self.lines):
                if not self.news.wait(max(0, end - time.monotonic())):
                    raise TimeoutError("".join(self.lines))
        return self

    def __exit__(self, *_):
        self.process.terminate()
        self.process.wait(WAIT_S)


def over_stdio():
    for era, name in ERAS.items():
        with Daemon() as broker, Selling(broker, "node", "mcp_seller.mjs", era, "stdio"):
            sold(broker, f"stdio, {name}")


def everything():
    demo = pathlib.Path(INTEROP) / "node_modules/@modelcontextprotocol/server-everything/dist/index.js"
    with Daemon() as broker, Selling(broker, "node", str(demo), "stdio"):
        buyer = buyer_of(broker, "echo", "get-sum")
        answer = buyer.buy("echo", {"message": "hello"}, "0.01 AIC")
        test("stdio, server-everything: echo", "hello" in str((answer.json or {}).get("result")), answer)
        answer = buyer.buy("get-sum", {"a": 2, "b": 3}, "0.01 AIC")
        test("stdio, server-everything: get-sum", "5" in str((answer.json or {}).get("result")), answer)


def at_an_address():
    for era, name in ERAS.items():
        with Daemon({"81-mcp.conf": "[gateway mcp \"mcp\"]\nallow = 127.0.0.1\n"}) as broker, \
                subprocess.Popen(["node", "mcp_seller.mjs", era, "http"], cwd=INTEROP, text=True,
                                 stdout=subprocess.PIPE) as server:
            try:
                url = f"http://127.0.0.1:{int(server.stdout.readline())}/mcp"
                answer = broker.operator.post("/v1/agents", {
                    "name": "public", "endpoints": [{"kind": "mcp", "url": url}],
                    "pricing": {"model": "per_call", "base_cost": wire.money("0.002 AIC")}})
                test(f"http, {name}: it is registered by its address", answer.status == 201, answer)
                sold(broker, f"http, {name}")
            finally:
                server.terminate()


if __name__ == "__main__":
    for part in (over_stdio, everything, at_an_address):
        try:
            part()
        except Exception as error:  # pylint: disable=broad-except
            test(part.__name__, False, repr(error))
    sys.exit(1 if failed else 0)
