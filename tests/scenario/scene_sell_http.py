# SPDX-License-Identifier: Apache-2.0
"""scene_sell_http.py - `aicx sell --http URL`: a plain HTTP server is sold by a seller beside it.

The seller has the session and the key, so the broker never asks the server; the
server knows nothing of deals.
"""
import json
import sys
import threading
import time

from aicx_scene import equal, main, scene, that, using
from aicx_scene.outside import NEED, Server
from aicx_scene.shop import WAIT_S, Shop


def open_shop(*options):
    """A server, `aicx` that sells it, and a buyer."""
    shop, server = using(Shop()), using(Server())
    shop.sell_http("counter", NEED, "0.001 AIC", server.url, *options)
    shop.buyer("buyer")
    return shop, server


def spent(shop):
    return shop.json("buyer", "ledger", "audit")["spent"]


@scene
def a_server_is_sold_and_its_deal_file_proves_it_with_the_sellers_own_key():
    shop, server = open_shop()
    equal(json.loads(shop.buy("buyer", NEED, "one two three", "--save", str(shop.path("deal")))),
          {"words": 3})
    headers, given = server.asked[0]
    equal(given, "one two three")
    equal(headers["X-AIConexus-Capability"], NEED)
    equal(headers["Content-Type"], "application/json")
    report = shop.verify("deal")
    that(report.endswith("\ngood\n"), report)
    that("the provider's claim binds the contract and the output" in report, report)
    deal = json.loads(shop.path("deal").read_text())
    contract = json.loads(deal["contract"]["text"])
    equal(contract["custody"]["provider"], "own", "the seller signed with its own key")


@scene
def answers_that_are_no_results_cost_nothing():
    shop, server = open_shop()
    for answer, why in (
            ((400, {"error": "no"}), "the server answered 400"),
            ((302, {}), "redirects are not followed"),
            ((200, b"{broken"), "no JSON"),
            ((200, b"\xff\xfe", "text/plain"), "no UTF-8 text"),
            ((200, b"GIF89a", "image/gif"), "neither JSON nor text"),
            ((200, b"x" * 3000000, "text/plain"), "answered more than"),
            ((200, b"x" * 800000, "text/plain"), "is more than")):
        server.answers = [answer]
        shop.buy("buyer", NEED, "a b", status=1)
        shop.said("counter", why)
        equal(spent(shop), "0.000000")
        equal(server.answers, [], f"{why}: asked once")
    server.answers = [(200, b"two", "text/plain")]
    equal(shop.buy("buyer", NEED, "a b"), "two\n")
    equal(spent(shop), "0.001000")


@scene
def a_server_that_stalls_or_is_gone_costs_nothing():
    shop, server = open_shop("--timeout", "200ms")
    server.let_go.clear()
    shop.buy("buyer", NEED, "a b", status=1)
    shop.said("counter", "did not answer within 200 ms")
    server.let_go.set()
    server.server.shutdown()
    server.server.server_close()
    shop.buy("buyer", NEED, "a b", status=1)
    equal(spent(shop), "0.000000")


@scene
def four_are_asked_at_once_and_the_fifth_waits():
    shop, server = open_shop()
    server.let_go.clear()
    buyers = [threading.Thread(target=shop.buy, args=("buyer", NEED, f"n {n}")) for n in range(5)]
    for buyer in buyers:
        buyer.start()
    end = time.monotonic() + WAIT_S
    while len(server.asked) < 4 and time.monotonic() < end:
        time.sleep(0.01)
    equal(len(server.asked), 4)
    server.let_go.set()
    for buyer in buyers:
        buyer.join()
    equal(len(server.asked), 5)
    equal(spent(shop), "0.005000")


@scene
def what_cannot_be_sold_is_refused_before_anything_is_made():
    shop = using(Shop())
    for more, why in (
            ((), "needs a program"),
            (("--http", "http://127.0.0.1:1", "--", "cat"), "not both"),
            (("--http", "http://127.0.0.1:1", "--json"), "--json is for programs"),
            (("--http", "ftp://127.0.0.1"), "write it as http://"),
            (("--http", "http://me:word@127.0.0.1"), "write it as http://")):
        shop.start("nobody", "sell", NEED, "--price", "0.001 AIC", *more).wait(WAIT_S)
        shop.said("nobody", why)
        that(not shop.path("nobody").exists(), "no identity was made")


if __name__ == "__main__":
    sys.exit(main(__doc__))
