# SPDX-License-Identifier: Apache-2.0
"""script.py - a scripted paid deal that goes on through kills and restarts, and its accounts.

Every request carries a key and is sent until it is answered; what was answered is asked
again after each restart and must be answered the same, byte for byte.
"""
import contextlib
import decimal
import threading
import time

from aicx_scene import (GONE, PATIENCE_S, Declined, SessionAgent, broker_conf, crypto, equal, eventually,
                        that, wire)

NEED = "text.echo"
PRICE = decimal.Decimal("0.001")
GIVE_UP_S = 2 * PATIENCE_S
CONF = broker_conf(timeout="600s", deadline="600s")


class Echo(SessionAgent):
    """A seller whose work is what was given, unless it is to be refused."""
    gifts = {}  # input of free work -> ids of the executions that brought it

    def work(self, execute):
        if str(execute["input"]).startswith("free"):
            self.gifts.setdefault((self.id, execute["input"]), set()).add(execute["execution_id"])
        if execute["input"] == "refuse":
            raise Declined("failed", "as asked for")
        return execute["input"]


class Script:
    """One buyer and one seller at a broker that may be killed at any moment.

    back: called when the broker is gone; starts it again.
    """

    def __init__(self, broker, back=None):
        self.broker, self.back = broker, back or self._nobody
        self.seller = Echo(broker).sell(NEED, "0.001 AIC")
        self.buyer = broker.agent("buyer", funds="1.00 AIC")
        self.buyer.mandate(NEED, "0.01 AIC", "1000.00 AIC", max_deals=1000000)
        self.operator = broker.operator
        self.free = self._free_contract()
        self.n_funds = self.n_paid = self.n_void = 0
        self.answered = []  # (name, request, status, body) of the present deal
        self.n_deals = self.n_again = 0

    def _free_contract(self):
        """Both signed that the seller works for nothing; the path of its executions."""
        made = self.buyer.rest.post("/v1/contracts", {
            "provider_id": self.seller.id, "capability": NEED, "max_executions": 1000000,
            "terms": wire.per_call_terms("0.00 AIC"), "expires": wire.at(86400)}).ok()
        path = f"/v1/contracts/{made['contract_id']}"
        self.buyer.rest.post(f"{path}/signatures", {}).ok()
        key = self.seller.key
        self.seller.call("negotiation.sign_contract", {
            "contract_id": made["contract_id"], "key_id": key.id,
            "signature": crypto.b64(key.sign("contract", made["text"].encode()))})
        return f"{path}/executions"

    @staticmethod
    def _nobody():
        raise AssertionError("the broker is gone")

    def returned(self):
        """After a restart: the seller is there again, and no answer was lost or changed."""
        self.seller = Echo(self.broker, self.seller.key, self.seller.id, price=self.seller.price)
        for name, send, status, body in self.answered:
            again = send()
            equal((again.status, again.body), (status, body), f"{name} asked again")
            self.n_again += 1

    def ask(self, name, rest, method, path, body, status):
        """One durable request, until it is answered."""
        key = f"{self.buyer.id}/{self.n_deals}/{name}"

        def send():
            return rest.request(method, path, body, key=key)
        until = time.monotonic() + GIVE_UP_S
        while time.monotonic() < until:
            try:
                answer = send()
            except GONE:
                self.back()
                continue
            equal(answer.status, status, f"{name}: {answer.body}")
            self.answered.append((name, send, answer.status, answer.body))
            return answer.json
        raise AssertionError(f"{name} is not answered")

    def read(self, path):
        """One question that changes nothing, until it is answered."""
        while True:
            try:
                return self.buyer.rest.get(path).ok()
            except GONE:
                self.back()

    def deal(self):
        """Money in, a deal by hand, work for nothing, one that fails, one in a single call, money out."""
        self.n_deals += 1
        self.answered = []
        rest, most = self.buyer.rest, wire.money("0.01 AIC")
        self.ask("fund", self.operator, "POST", f"/v1/accounts/{self.buyer.id}/fund",
                 {"amount": most, "reference": "script"}, 201)
        intent = self.ask("intent", rest, "POST", "/v1/intents",
                          {"need": NEED, "max_price": most}, 201)["intent_id"]
        offers = self.read(f"/v1/intents/{intent}/offers?timeout_ms=20000")["offers"]
        equal(len(offers), 1, "offers")
        contract = self.ask("select", rest, "POST", f"/v1/offers/{offers[0]['offer_id']}/select",
                            {}, 201)["contract_id"]
        path = f"/v1/contracts/{contract}"
        self.ask("sign", rest, "POST", f"{path}/signatures", {}, 201)
        done = self.ask("execute", rest, "POST", f"{path}/executions", {"input": "hand"}, 200)
        equal(done["result"], "hand")
        free = f"free {self.n_deals}"
        given = self.ask("free", rest, "POST", self.free, {"input": free}, 200)
        equal(given["result"], free)
        equal(len(Echo.gifts[self.seller.id, free]), 1, "executions of one request")
        self.ask("refused", rest, "POST", "/v1/deals",
                 {"need": NEED, "input": "refuse", "max_price": most}, 502)
        bought = self.ask("buy", rest, "POST", "/v1/deals",
                          {"need": NEED, "input": "once", "max_price": most}, 200)
        equal(bought["result"], "once")
        self.ask("withdraw", self.operator, "POST", f"/v1/accounts/{self.buyer.id}/withdraw",
                 {"amount": wire.money("0.008 AIC"), "reference": "script"}, 201)
        self.n_paid += 2
        self.settled()

    def hold(self):
        """Work that is ordered, its money held; the seller keeps it to itself."""
        orders = []
        self.seller.work = orders.append  # gives None: silence

        def order():
            with contextlib.suppress(*GONE):
                self.buyer.buy(NEED, "later", "0.01 AIC", deadline_ms=600000)
        threading.Thread(target=order, daemon=True).start()
        eventually(lambda: orders, "the work is ordered")
        del self.seller.work
        return orders[0]["execution_id"]

    def settled(self):
        """Paid for each deal once, nothing held, nothing made or lost."""
        now = self.read(f"/v1/audit/balance/{self.buyer.id}")
        equal(decimal.Decimal(now["spent"]), PRICE * self.n_paid, "spent")
        equal(decimal.Decimal(now["reserved"]), 0, "reserved")
        equal(decimal.Decimal(now["available"]), 1, "available")
        books = self.operator.get(f"/v1/audit/balance/{self.buyer.id}").ok()["books"]
        equal((decimal.Decimal(books["sum"]), books["open_holds"]), (0, 0), "books")


class Reader(threading.Thread):
    """Only reads, all the time; what it was shown may never be undone."""

    def __init__(self, broker, agent_id):
        super().__init__(daemon=True)
        self.rest, self.agent_id, self.end = broker.operator, agent_id, threading.Event()
        self.spent, self.transactions, self.n_reads = decimal.Decimal(0), 0, 0

    def look(self):
        now = self.rest.get(f"/v1/audit/balance/{self.agent_id}").ok()
        return decimal.Decimal(now["spent"]), now["books"]["transactions"]

    def run(self):
        while not self.end.is_set():
            try:
                spent, transactions = self.look()
            except GONE:
                self.end.wait(0.01)
                continue
            self.n_reads += 1
            time.sleep(0.001)
            self.spent = max(spent, self.spent)
            self.transactions = max(transactions, self.transactions)

    def still_there(self):
        """After a restart, before anything new."""
        seen = self.spent, self.transactions
        spent, transactions = self.look()
        that(spent >= seen[0] and transactions >= seen[1],
             f"read before the kill: {seen}, after it: {(spent, transactions)}")
