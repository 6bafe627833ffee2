# SPDX-License-Identifier: Apache-2.0
"""load.py - buyers, sellers and readers at one broker, while something is done to it, and what
must be true of their answers at the end."""
import decimal
import threading

from aicx_scene import PATIENCE_S, Buyer, Seller, balanced, equal, that
from script import NEED, PRICE, Reader

REFUSED = {"no_offer", "timeout", "provider_failed"}


class Load:
    """Buyers, sellers and readers at one broker, until the end.

    may_say: how a question may be refused besides.
    """

    def __init__(self, broker, buyers=4, may_say=()):
        self.broker, self.may_say = broker, REFUSED | set(may_say)
        self.end, self.closed = threading.Event(), threading.Event()
        self.sellers = [Seller(self.broker, NEED, "0.001 AIC", self.closed) for _ in range(2)]
        agents = [self.broker.agent(f"buyer {i}", funds="100.00 AIC") for i in range(buyers)]
        for agent in agents:
            agent.mandate(NEED, "0.01 AIC", "100.00 AIC", max_deals=1000000)
        self.buyers = [Buyer(agent, NEED, self.end) for agent in agents]
        self.reader = Reader(self.broker, agents[0].id)
        for thread in self.sellers + self.buyers + [self.reader]:
            thread.start()

    def check(self):
        """All that was acknowledged is there, the same as ever, and paid for once."""
        self.end.set()
        for thread in self.buyers:
            thread.join(2 * PATIENCE_S)
            that(not thread.is_alive(), "every question has its answer")
        self.reader.end.set()
        self.closed.set()
        n_settled = 0
        for buyer in self.buyers:
            odd = set(buyer.failed.values()) - self.may_say
            that(not odd, f"answers {odd}")
            for key, told in buyer.settled.items():
                again = buyer.agent.buy(NEED, key, "0.01 AIC", key=key, deadline_ms=10000)
                equal((again.status, again.body), (200, told.body), "asked again")
            equal(decimal.Decimal(buyer.agent.balance()["spent"]), PRICE * len(buyer.settled),
                  "paid for each deal once")
            n_settled += len(buyer.settled)
        equal(sum(decimal.Decimal(self.broker.operator.get(
            f"/v1/audit/balance/{seller.agent.id}").ok()["earned"]) for seller in self.sellers),
              PRICE * n_settled, "earned")
        balanced(self.broker)
        return n_settled
