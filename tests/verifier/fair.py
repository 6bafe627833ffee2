# SPDX-License-Identifier: Apache-2.0
"""fair.py - a real broker's run to verify, to forge and to damage: agents with keys of
their own deal through aicxd, and every file that proves it is kept."""
import json
import subprocess

from aicx_scene import Daemon, Key, SessionAgent, crypto, place, skip, using, wire

import paper

FUNDS = "10.00 AIC"
STORE = "store"


class Seller(SessionAgent):
    """Signs a usage claim for each result: under this contract, for this output."""

    def __init__(self, broker, terms, n_units=1):
        super().__init__(broker, Key())
        self.own_terms, self.n_units = terms, n_units

    def offers_for(self, intent):
        return {"method": "negotiation.offer", "intent_id": intent["intent_id"],
                "terms": self.own_terms, "offer": wire.sign_object(
                    self.key, "offer", broker_id=self.broker.broker_id,
                    intent_id=intent["intent_id"], provider_id=self.id,
                    terms_sha256=crypto.b64(crypto.sha256(self.own_terms.encode())),
                    expires=wire.at(60))}

    def _decide(self, envelope):
        answer = super()._decide(envelope)
        if answer and answer[0] == "RESULT":
            contract, output = envelope.payload["contract"]["text"], wire.dump(answer[1]["output"])
            answer[1]["usage"] = wire.sign_object(
                self.key, "usage", broker_id=self.broker.broker_id,
                execution_id=answer[1]["execution_id"], units=self.n_units,
                contract_sha256=crypto.b64(crypto.sha256(contract.encode())),
                output_sha256=crypto.b64(crypto.sha256(output.encode())))
        return answer


class Buyer(SessionAgent):
    """Signs its own mandates."""

    def __init__(self, broker):
        super().__init__(broker, Key())
        self.call("discovery.heartbeat", {})
        broker.operator.post(f"/v1/accounts/{self.id}/fund", {
            "amount": wire.money(FUNDS), "reference": "fair"}).ok()

    def mandate(self, need, max_deals, choose="lowest_price"):
        signed = wire.sign_object(
            self.key, "mandate", broker_id=self.broker.broker_id, requester=self.id, need=[need],
            max_each=wire.money("0.50 AIC"), max_total=wire.money("1.00 AIC"), max_deals=max_deals,
            not_before=wire.at(-60), expires=wire.at(3600), choose=choose)
        return self.call("negotiation.grant_mandate", signed)["mandate_id"], signed


def flat(price):
    return wire.per_call_terms(price)


def counted(price, each, unit, max_units):
    return wire.dump({"pricing": {"model": "per_unit", "base_cost": wire.money(price),
                                  "unit_cost": wire.money(each), "unit": unit},
                      "max_units": max_units})


class Fair:
    """deals: ids; files: their bytes; ledger: the records' texts; and the broker's key."""

    def __init__(self, n_deals):
        broker = using(Daemon())
        self.folder = broker.home  # as long as the scene
        self.broker_id, self.public_key = broker.broker_id, broker.public_key()
        self.deals, self.files, self.mandates, self.needs = [], {}, {}, {}
        self.receipts, self.checkpoints = [], []
        self._open(broker)
        self._trade(broker, n_deals)
        for deal_id in self.deals:
            self.files[deal_id] = broker.operator.get(f"/v1/deals/{deal_id}/file").ok_text().encode()
        self.honest = book_of(broker, self.files.values())
        self.key, self.ledger = self.honest.key, list(self.honest.texts)

    @staticmethod
    def _open(broker):
        """Sellers by the call, by units the broker measures and by units they count."""
        for need, terms, n_units in (
                ("fair.call", flat("0.001 AIC"), 1), ("fair.call", flat("0.002 AIC"), 1),
                ("fair.call", flat("0.003 AIC"), 1),
                ("fair.bytes", counted("0.001 AIC", "0.0001 AIC", "bytes", 100), 1),
                ("fair.bytes", counted("0.002 AIC", "0.0001 AIC", "bytes", 100), 1),
                ("fair.words", counted("0.001 AIC", "0.0002 AIC", "words", 50), 3),
                ("fair.words", counted("0.002 AIC", "0.0002 AIC", "words", 50), 4),
                ("fair.words", counted("0.001 AIC", "0.0003 AIC", "words", 50), 2)):
            Seller(broker, terms, n_units).sell(need, "0.001 AIC")

    def _trade(self, broker, n_deals):
        buyers = {}
        for i in range(n_deals):
            need = ("fair.words", "fair.call", "fair.bytes")[i % 3]
            if need not in buyers:
                buyers[need] = Buyer(broker)
                self.mandates.update([buyers[need].mandate(need, (n_deals + 2 - i % 3) // 3)])
            done = buyers[need].call("deal.buy", {
                "need": need, "input": f"one two three {i}", "max_price": wire.money("0.50 AIC")})
            self.deals.append(done["deal_id"])
            self.needs[done["deal_id"]] = need
            if i % 3 == 1:
                self._regret(broker, buyers[need], done, i // 3 % 4)
            if i % 3 == 0:
                self.receipts.append(broker.operator.get(
                    f"/v1/transactions/{done['receipt']['transaction_id']}/receipt").body)
                self.checkpoints.append(broker.operator.get(
                    "/v1/ledger/checkpoint").ok()["checkpoint"].encode())

    @staticmethod
    def _regret(broker, buyer, done, which):
        """What becomes of a payment of 0.001: refunded in two parts, disputed, ruled both ways."""
        paid = done["receipt"]["transaction_id"]
        if which == 0:
            for part in ("0.0003 AIC", "0.0002 AIC"):
                broker.operator.post(f"/v1/transactions/{paid}/refund", {
                    "amount": wire.money(part), "reference": "sorry"}).ok()
            return
        file = broker.operator.get(f"/v1/deals/{done['deal_id']}/file").ok()
        contract = json.loads(file["contract"]["text"])["id"]
        dispute = buyer.call("economics.dispute", {
            "contract_id": contract, "reason": "not what was said"})["dispute_id"]
        if which > 1:
            broker.operator.post(f"/v1/disputes/{dispute}/resolution", {
                "ruling": "release", "reason": "it was"} if which == 2 else {
                    "ruling": "refund", "amount": wire.money("0.0004 AIC"), "reason": "in part"}).ok()


def tool_of(name):
    tool = place.BUILD / "tests/lib" / name
    if not tool.exists():
        skip(f"no {name} in this build")
    return tool


def records_of(broker):
    """The records' texts out of the store of a broker, which has to have stopped."""
    tool = tool_of("store_records")
    data = subprocess.run([tool, place.PLUGINS / "store_leveldb.so", broker.data / STORE],
                          capture_output=True, check=True).stdout
    texts = []
    while data:
        size, _, data = data.partition(b"\n")
        texts.append(data[:int(size)].decode())
        data = data[int(size):]
    return texts


def book_of(broker, files=()):
    """Stops a broker and gives its ledger on paper, with its key: what it signed can be
    signed again.  files: of its deals, to know the agents by."""
    broker.stop()
    seed = subprocess.run([tool_of("broker_seed"), broker.data], capture_output=True, check=True,
                          text=True).stdout.strip()
    texts = records_of(broker)
    book = paper.Paper.load(texts, Key(crypto.unb64(seed)), broker.broker_id)
    for data in files:
        for agent in json.loads(data)["registrations"]:
            book.agents[agent["agent_id"]] = agent["public_key"], agent["custody"]
    if book.seal().texts != texts:
        raise AssertionError("the paper broker writes something else than the real one wrote")
    return book
