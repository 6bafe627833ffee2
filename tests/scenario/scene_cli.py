# SPDX-License-Identifier: Apache-2.0
"""scene_cli.py - aicx sells programs, buys, and proves deals, against a real broker."""
import json
import sys
import time

from aicx_scene import equal, main, scene, that, using, wire
from aicx_scene.shop import WAIT_S, Shop


@scene
def a_program_is_sold_and_bought_and_its_deal_file_proves_it():
    shop = using(Shop())
    shop.sell("loud", "text.up", "0.001 AIC", "tr", "a-z", "A-Z")
    shop.buyer("buyer")
    equal(shop.buy("buyer", "text.up", "hello", "--save", str(shop.path("deal"))), "HELLO\n")
    report = shop.verify("deal")
    that("not compared: there is no other checkpoint" in report and report.endswith("\ngood\n"), report)
    that("bill: 0.001000 AIC, recomputed" in report, report)
    that("the provider's claim binds the contract and the output" in report, report)

    text = shop.path("deal").read_text()
    for was, now, why in (
            ('"latency_ms":', '"latency_ms":1', "latency_ms is 1"),
            ('"state":"posted"', '"state":"voided"', 'hold: "state" is "voided", but record'),
            ('\\"step\\":\\"deal.settle\\"', '\\"step\\":\\"deal.cettle\\"', "it is not in the checkpoint's tree"),
            ('\\"amount\\":\\"0.001\\"', '\\"amount\\":\\"0.002\\"', "the hash of the terms")):
        that(was in text, f"{was} in the file")
        shop.path("forged").write_text(text.replace(was, now, 1))
        report = shop.verify("forged", status=1)
        that("BAD " in report and why in report, f"{why} in {report}")
    shop.path("forged").write_text(text[:-10])
    that("unreadable" in shop.verify("forged", status=2), "half a file is unreadable")


@scene
def the_brokers_key_comes_from_outside_of_the_file():
    shop = using(Shop())
    shop.sell("loud", "text.up", "0.001 AIC", "tr", "a-z", "A-Z")
    shop.buyer("buyer")
    shop.buy("buyer", "text.up", "hello", "--save", str(shop.path("deal")))
    shop.env = dict(shop.env, XDG_CONFIG_HOME=str(shop.path("empty")))
    that("key is unknown" in shop.verify("deal", status=3), "nobody knows the broker")
    key = shop.broker.public_key()
    shop.path("key").write_text(key + "\n")
    shop.verify("deal", "--trust", str(shop.path("key")))
    shop.path("key").write_text(key[:5] + ("A" if key[5] != "A" else "B") + key[6:])
    that("the key trusted by" in shop.verify("deal", "--trust", str(shop.path("key")), status=1),
         "another key is a broken link")


@scene
def a_buyer_with_a_key_of_its_own_signs_for_one_deal():
    shop = using(Shop())
    shop.sell("loud", "text.up", "0.001 AIC", "tr", "a-z", "A-Z")
    agent_id = shop.json("own", "agent", "keygen")["agent_id"]
    shop.aicx("own", "agent", "heartbeat")  # its first message binds id and key
    shop.aicx("data/operator.identity", "account", "fund", agent_id, "--amount", "1 AIC")
    equal(shop.buy("own", "text.up", "mine", "--save", str(shop.path("deal"))), "MINE\n")
    that("in the broker's keeping" not in shop.verify("deal"), "both keys are the parties' own")
    for _ in range(3):  # the same key is the same purchase
        equal(shop.buy("own", "text.up", "again", "--key", "k"), "AGAIN\n")
    equal(shop.json("own", "ledger", "audit")["spent"], "0.002000")
    shop.buy("own", "text.up", "other", "--key", "k", status=1)  # and no other one
    shop.buy("own", "text.up", "hello", "--standing", status=1)  # no mandate was granted
    equal(shop.json("own", "ledger", "audit")["spent"], "0.002000")


@scene
def a_buyer_asks_again_when_the_broker_was_killed():
    shop = using(Shop())
    wait = f"until [ -e {shop.path('go')} ]; do sleep 0.02; done; cat"
    shop.sell("slow", "text.slow", "0.001 AIC", "sh", "-c", wait)
    shop.buyer("buyer")
    buying = shop.start("buyer", "buy", "text.slow", "--input", "-", "--max", "0.01 AIC",
                        stdin="patience")
    shop.said("slow", "offer: ")
    end = time.monotonic() + WAIT_S
    while "working" not in [deal["state"] for deal in shop.json("buyer", "deal", "list")["deals"]]:
        that(time.monotonic() < end, "the deal is being worked on")
    shop.broker.restart()
    shop.said("slow", "back: ")
    shop.path("go").touch()
    equal(buying.stdout.read(), "patience\n")
    equal(buying.wait(WAIT_S), 0)
    shop.said("buyer", "asking again")
    equal([deal["state"] for deal in shop.json("buyer", "deal", "list")["deals"]], ["settled"])
    equal(shop.json("buyer", "ledger", "audit")["spent"], "0.001000")


@scene
def work_ordered_by_hand_is_proved_too():
    shop = using(Shop())
    shop.sell("count", "text.words", "0.0001 AIC", "tr", " ", "\\n",
              options=("--unit-price", "0.00001 AIC", "--unit", "words"))
    shop.buyer("buyer", mandate=False)
    intent = shop.json("buyer", "intent", "new", "text.words", "--max", "0.01 AIC", "--input",
                       '"x"', "--max-units", "3")["intent_id"]
    offers = shop.json("buyer", "intent", "offers", intent)["offers"]
    contract = shop.json("buyer", "offer", "select", offers[0]["offer_id"],
                         "--max-executions", "3")["contract_id"]
    shop.aicx("buyer", "contract", "sign", contract)
    for text, price in (("one two", "0.000120"), ("a b c d e", "0.000130")):
        done = shop.json("buyer", "execution", "run", contract, "--input", "-", stdin=text)
        equal((done["result"], done["price"]["amount"]), (text.replace(" ", "\n"), price))
        shop.aicx("buyer", "deal", "export", intent, "--save", str(shop.path("deal")))
        report = shop.verify("deal")
    that("0.000250 AIC posted" in report and "signed by requester" in report, report)


@scene
def a_standing_offer_and_a_failed_deal_are_proved_too():
    shop = using(Shop())
    seller = shop.broker.seller("echo", "text.echo", "0.001 AIC")
    seller.offers_for = lambda intent: None
    seller.rest.post("/v1/standing-offers", {"offer": {
        "agent_id": seller.id, "capability": "text.echo", "expires": wire.at(3600),
        "terms": json.loads(wire.per_call_terms("0.001 AIC"))}}).ok()
    shop.buyer("buyer")
    equal(shop.buy("buyer", "text.echo", "hello", "--save", str(shop.path("deal"))), "hello\n")
    that("chosen" in shop.verify("deal"), "the standing offer was chosen")

    shop.sell("bad", "text.bad", "0.001 AIC", "sh", "-c", "echo no dictionary >&2; exit 4")
    shop.buy("buyer", "text.bad", "hello", status=1)
    shop.said("bad", "sh ended with status 4: no dictionary")
    failed = [deal for deal in shop.json("buyer", "deal", "list")["deals"]
              if deal["state"] == "failed"]
    shop.aicx("buyer", "deal", "export", failed[0]["deal_id"], "--save", str(shop.path("deal")))
    that("0.001000 AIC returned, 0 left" in shop.verify("deal"), "the money came back")
    equal(shop.json("buyer", "ledger", "audit")["spent"], "0.001000")


@scene
def money_is_reserved_paid_refunded_and_disputed():
    shop = using(Shop())
    operator = "data/operator.identity"
    shop.buyer("ann")
    shop.buyer("bob", funds="0.1 AIC")
    bob = shop.json("bob", "agent", "show")["agent_id"]
    shop.aicx("ann", "budget", "show", status=1)
    ann = shop.json("ann", "agent", "show")["agent_id"]
    top = shop.json(operator, "budget", "create", ann, "--amount", "0.5 AIC", "--period", "daily")
    part = shop.json(operator, "budget", "create", ann, "--amount", "0.3 AIC", "--parent",
                     top["budget_id"])
    held = shop.json("ann", "account", "reserve", "--amount", "0.2 AIC", "--budget",
                     part["budget_id"])["reservation_id"]
    equal(shop.json("ann", "budget", "show")["held"], "0.200000")
    paid = shop.json("ann", "account", "pay", "--to", bob, "--amount", "0.15 AIC",
                     "--reservation", held)
    shop.aicx("ann", "account", "release", held, status=1)
    equal(shop.json("ann", "budget", "show")["available"], "0.350000")
    back = shop.json("bob", "ledger", "refund", paid["transaction_id"], "--amount", "0.05 AIC")
    equal(back["left"]["amount"], "0.100000")
    equal(shop.json("ann", "ledger", "audit")["available"], "0.900000")
    shop.aicx(operator, "ledger", "settle", status=1)

    shop.sell("loud", "text.up", "0.001 AIC", "tr", "a-z", "A-Z")
    shop.buy("ann", "text.up", "hello")
    deal = shop.json("ann", "deal", "list")["deals"][0]["deal_id"]
    contract = shop.json("ann", "deal", "show", deal)["contract"]["contract_id"]
    dispute = shop.json("ann", "contract", "dispute", contract, "--reason", "too loud")
    equal((dispute["state"], dispute["frozen"]["amount"]), ("open", "0.001000"))
    ruled = shop.json(operator, "contract", "rule", dispute["dispute_id"], "--ruling", "refund")
    equal((ruled["state"], ruled["status"]), ("refunded", "refunded"))
    equal(shop.json("ann", "ledger", "audit")["available"], "0.900000")
    books = shop.json(operator, "ledger", "audit", ann)["books"]
    equal((books["sum"], books["clearing"], books["suspense"]), ("0.000000",) * 3)


@scene
def a_seller_leaves_well_and_can_come_back():
    shop = using(Shop())
    for _ in range(2):
        selling = shop.sell("loud", "text.up", "0.001 AIC", "tr", "a-z", "A-Z")
        equal(len(shop.json("nobody", "search", "up")["agents"]), 1)
        selling.terminate()
        equal(selling.wait(WAIT_S), 0)
        equal(shop.json("nobody", "search", "up")["agents"], [])


@scene
def what_goes_wrong_has_its_status_and_words():
    shop = using(Shop())
    shop.aicx("nobody", "sel", "x", status=64)
    shop.aicx("nobody", "mandate", status=64)
    shop.aicx("nobody", "verify", str(shop.path("missing")), status=2)
    shop.aicx("nobody", "mandate", "revoke", "x", status=1)
    shop.buyer("buyer")
    shop.buy("buyer", "text.nothing", "x", status=1)
    shop.aicx("buyer", "buy", "text.up", "--input", "/no/file", "--max", "1 AIC", status=66)
    shop.aicx("nobody", "buy", "text.up", "--input", "/no/file", "--max", "1 AIC", status=66)
    shop.aicx("buyer", "ledger", "clock", "accept", status=1)
    shop.aicx("data/operator.identity", "ledger", "clock", "reject", status=64)
    that("time" in shop.json("data/operator.identity", "ledger", "clock", "accept"), "no time")
    shop.aicx("nobody", "message", "deal.list", status=66)
    shop.aicx("buyer", "message", "deal.list", status=64)
    shop.aicx("carol", "agent", "keygen")
    shop.aicx("carol", "message", "deal.list", "--params", "[]", status=64)
    that('"limit":1' in shop.aicx("carol", "message", "deal.list", "--params", '{"limit":1}'), "no params")
    shop.aicx("nobody", "health")
    shop.broker.kill()
    shop.aicx("nobody", "health", status=69)
    shop.aicx("buyer", "deal", "list", status=69)
    shop.broker.start()


if __name__ == "__main__":
    sys.exit(main(__doc__))
