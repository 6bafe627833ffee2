# SPDX-License-Identifier: Apache-2.0
"""scene_kill.py - kill -9 at any moment: what was acknowledged stays, nobody pays twice.

KILLS says how often the random scene kills; a long run is KILLS=1000.
"""
import decimal
import os
import random
import sys
import threading
import time

from aicx_scene import (GONE, PATIENCE_S, Buyer, Daemon, Deal, Seller, balanced, books, broker_conf,
                        equal, eventually, main, scene, that, using, wire)

NEED = "text.echo"
PRICE = decimal.Decimal("0.001")
NO_TIME = broker_conf(offer_window="500ms", grace="1s")  # nobody waits for who was killed


class World:
    """A broker, a buyer with a key in the broker's keeping, a seller on a session."""

    def __init__(self, conf=None):
        self.broker = using(Daemon(conf))
        self.seller = self.broker.session().sell(NEED, "0.001 AIC")
        self.buyer = self.broker.agent("buyer", funds="1.00 AIC")
        self.buyer.mandate(NEED, "0.01 AIC", "1.00 AIC", max_deals=100)
        self.moment = threading.Event()
        self.answers = []

    def buying(self, key="the-one"):
        """Asks in a thread; its connection may die under it."""
        def ask():
            try:
                self.answers.append(self.buyer.buy(NEED, "hello", "0.01 AIC", key=key,
                                                   deadline_ms=60000))
            except GONE:
                pass
        thread = threading.Thread(target=ask)
        thread.start()
        return thread

    def back(self):
        """The seller on a new session after a restart, as good as it should be."""
        self.seller = self.broker.session(self.seller.key, self.seller.id,
                                          price=self.seller.price)

    def kill_at_the_moment(self, thread):
        eventually(self.moment.is_set, f"the moment comes: {self.answers}")
        self.broker.kill()
        thread.join()
        equal(self.answers, [], "nobody was answered")
        self.broker.start()

    def ask_again(self):
        answer = self.buyer.buy(NEED, "hello", "0.01 AIC", key="the-one", deadline_ms=60000)
        equal(answer.ok()["result"], "hello")
        return answer.json

    def settled_once(self, deal):
        """The one deal there is, paid once, and its answer for ever."""
        equal([one["deal_id"] for one in self.buyer.rest.get("/v1/deals").ok()["deals"]],
              [deal["deal_id"]])
        equal(decimal.Decimal(self.buyer.balance()["spent"]), PRICE)
        equal(self.ask_again(), deal)
        balanced(self.broker)
        held = Deal(self.buyer.rest.get(f"/v1/deals/{deal['deal_id']}/file").ok_text())
        that(held.chained(), "the records follow each other, through the kill too")
        self.broker.restart()
        equal(self.ask_again(), deal)
        equal(decimal.Decimal(self.buyer.balance()["spent"]), PRICE)
        balanced(self.broker)


@scene
def killed_after_the_intent_before_any_offer():
    world = World()

    def silent(_intent):
        world.moment.set()
    world.seller.offers_for = silent
    world.kill_at_the_moment(world.buying())
    equal(len(world.buyer.rest.get("/v1/deals?state=open").ok()["deals"]), 1, "the intent is there")
    world.back()
    world.settled_once(world.ask_again())


@scene
def killed_after_an_offer_was_acknowledged():
    world = World()
    slow = world.broker.session().sell(NEED, "0.002 AIC")
    slow.offers_for = lambda intent: None
    ask = world.seller.answer

    def offer(envelope):
        ask(envelope)
        # (a reader cannot wait for its own answer: another thread does)
        threading.Thread(target=acknowledged, args=(envelope,)).start()

    def acknowledged(envelope):
        if envelope.type == "QUERY":
            deal = envelope.payload["intent_id"]
            while not world.broker.operator.get(f"/v1/deals/{deal}").ok()["offers"]:
                time.sleep(0.005)
            world.moment.set()
    world.seller.answer = offer
    world.kill_at_the_moment(world.buying())
    deal = world.buyer.rest.get("/v1/deals").ok()["deals"][0]
    held = world.buyer.rest.get(f"/v1/deals/{deal['deal_id']}").ok()
    equal([one["provider_id"] for one in held["offers"]], [world.seller.id], "the offer is there")
    world.back()
    world.broker.session(slow.key, slow.id, price="0.002 AIC")  # is asked again, and offers now
    world.settled_once(world.ask_again())


@scene
def killed_after_the_hold_while_the_work_goes_on():
    world = World()

    def silent(_execute):
        world.moment.set()
    world.seller.work = silent
    world.kill_at_the_moment(world.buying())
    now = books(world.broker)
    equal((now["open_holds"], decimal.Decimal(now["reserved"])), (1, PRICE), "the hold is there")
    world.back()
    deal = world.ask_again()
    equal([one.payload["attempt"] for one in world.seller.inbox if one.type == "EXECUTE"], [1])
    world.settled_once(deal)


@scene
def killed_after_the_hold_and_the_seller_never_comes_back():
    world = World({"40-broker.conf": NO_TIME})

    def silent(_execute):
        world.moment.set()
    world.seller.work = silent
    world.kill_at_the_moment(world.buying())
    equal(books(world.broker)["open_holds"], 1)
    answer = world.buyer.buy(NEED, "hello", "0.01 AIC", key="the-one", deadline_ms=60000)
    answer.refused(502, "provider_failed")
    equal(decimal.Decimal(world.buyer.balance()["spent"]), 0)
    equal(decimal.Decimal(world.buyer.balance()["available"]), 1)
    balanced(world.broker)


@scene
def killed_after_the_result_was_sent():
    world = World()
    ask = world.seller.answer

    def result(envelope):
        ask(envelope)
        if envelope.type == "EXECUTE":
            world.moment.set()
    world.seller.answer = result
    thread = world.buying()
    eventually(world.moment.is_set, "the moment comes")
    world.broker.kill()  # before, while or after the bill is written
    thread.join()
    world.broker.start()
    world.back()
    deal = world.ask_again()
    if world.answers:
        equal(world.answers[0].json, deal, "what was answered before the kill")
    world.settled_once(deal)


@scene
def killed_after_each_acknowledged_step_by_hand():
    world = World()
    rest, broker = world.buyer.rest, world.broker

    def again():
        broker.restart()
        world.back()
    intent = rest.post("/v1/intents", {"need": NEED, "max_price": wire.money("0.01 AIC")},
                       key="intent").ok()
    again()
    equal(rest.post("/v1/intents", {"need": NEED, "max_price": wire.money("0.01 AIC")},
                    key="intent").ok(), intent)
    path = f"/v1/intents/{intent['intent_id']}/offers?timeout_ms=20000"
    offers = rest.get(path).ok()["offers"]
    equal(len(offers), 1)
    again()
    equal([one["offer_id"] for one in rest.get(path).ok()["offers"]], [offers[0]["offer_id"]])
    select = f"/v1/offers/{offers[0]['offer_id']}/select"
    contract = rest.post(select, {}, key="select").ok()
    again()
    equal(rest.post(select, {}, key="select").ok(), contract)
    path = f"/v1/contracts/{contract['contract_id']}"
    equal(rest.get(path).ok()["status"], "proposed")
    equal(rest.post(f"{path}/signatures", {}, key="sign").ok()["status"], "signed")
    again()
    equal(rest.get(path).ok()["status"], "signed")
    done = rest.post(f"{path}/executions", {"input": "hand"}, key="execute").ok()
    again()
    equal(rest.post(f"{path}/executions", {"input": "hand"}, key="execute").ok(), done)
    equal(decimal.Decimal(world.buyer.balance()["spent"]), PRICE)
    equal(len(rest.get("/v1/deals").ok()["deals"]), 1)
    balanced(broker)


# --- at random, under load -----------------------------------------------------------------------

@scene
def killed_at_random_under_load():
    n_kills = int(os.environ.get("KILLS", "20"))
    dice = random.Random(int(os.environ.get("SEED", "7")))
    broker = using(Daemon({"40-broker.conf": NO_TIME}))
    end, closed = threading.Event(), threading.Event()
    sellers = [Seller(broker, NEED, "0.001 AIC", closed) for _ in range(2)]
    agents = [broker.agent(f"buyer {i}", funds="100.00 AIC") for i in range(4)]
    for agent in agents:
        agent.mandate(NEED, "0.01 AIC", "100.00 AIC", max_deals=100000)
    buyers = [Buyer(agent, NEED, end) for agent in agents]
    for thread in sellers + buyers:
        thread.start()
    for _ in range(n_kills):
        time.sleep(dice.uniform(0.02, 0.25))
        broker.restart()
    eventually(lambda: sum(len(buyer.settled) for buyer in buyers) > n_kills, "more deals than kills")
    end.set()
    for buyer in buyers:
        buyer.join(2 * PATIENCE_S)
        that(not buyer.is_alive(), "every question has its answer")
    closed.set()
    failed = [code for buyer in buyers for code in buyer.failed.values()]
    that(set(failed) <= {"no_offer", "timeout", "provider_failed"}, sorted(set(failed)))
    n_settled = 0
    for agent, buyer in zip(agents, buyers):
        # Each acknowledged deal is there, settled, and paid once.
        deals = {key: told.json for key, told in buyer.settled.items()}
        for key, deal in deals.items():
            equal(deal["result"], key)
            equal(agent.rest.get(f"/v1/deals/{deal['deal_id']}").ok()["state"], "settled")
        ids = {deal["deal_id"] for deal in deals.values()}
        equal(len(ids), len(deals), "a deal for each question")
        spent = decimal.Decimal(agent.balance()["spent"])
        if spent != PRICE * len(ids):
            paid = agent.rest.get("/v1/deals?state=settled&limit=100").ok()["deals"]
            print(f"# {buyer.failed} {[one for one in paid if one['deal_id'] not in ids]}")
        equal(spent, PRICE * len(ids), "nobody pays twice")
        equal(decimal.Decimal(agent.balance()["reserved"]), 0)
        n_settled += len(ids)
    earned = sum(decimal.Decimal(
        broker.operator.get(f"/v1/audit/balance/{seller.agent.id}").ok()["earned"])
                 for seller in sellers)
    equal(earned, PRICE * n_settled)
    balanced(broker)
    print(f"# {n_kills} kills, {n_settled} deals settled, {len(failed)} failed: {sorted(set(failed))}")


if __name__ == "__main__":
    sys.exit(main(__doc__))
