# SPDX-License-Identifier: Apache-2.0
"""crowd.py - buyers and sellers that go on while their broker dies and comes back."""
import http.client
import threading
import time

from .patience import PATIENCE_S

GONE = (OSError, http.client.HTTPException)  # what a call meets when the broker is away


class Buyer(threading.Thread):
    """Buys for up to 0.01 AIC until told to end; asks each question until it has an answer."""

    def __init__(self, agent, need, end, patience_s=2 * PATIENCE_S):
        super().__init__(daemon=True)
        self.agent, self.need, self.end, self.patience_s = agent, need, end, patience_s
        self.settled, self.failed = {}, {}  # question -> answer, question -> error code

    def run(self):
        number = 0
        while not self.end.is_set():
            number += 1
            self.ask(f"{self.agent.id}/{number}")

    def ask(self, key):
        until = time.monotonic() + self.patience_s
        while time.monotonic() < until:
            try:
                answer = self.agent.buy(self.need, key, "0.01 AIC", key=key, deadline_ms=10000)
            except GONE:
                time.sleep(0.01)
                continue
            if answer.status == 200:
                self.settled[key] = answer
            else:
                self.failed[key] = answer.code
            return
        self.failed[key] = "unanswered"


class Seller(threading.Thread):
    """Sells and keeps a session open, through every restart."""

    def __init__(self, broker, need, price, end):
        super().__init__(daemon=True)
        self.agent, self.broker, self.end = broker.session().sell(need, price), broker, end

    def run(self):
        while not self.end.is_set():
            if self.agent.closed(0.05) is None:
                continue
            try:
                self.agent = self.broker.session(self.agent.key, self.agent.id,
                                                 price=self.agent.price)
            except Exception:  # pylint: disable=broad-except
                time.sleep(0.01)  # the broker is away
