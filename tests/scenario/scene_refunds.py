# SPDX-License-Identifier: Apache-2.0
"""scene_refunds.py - what becomes of a payment is in its deal's file: refunds, disputes and
rulings, of payments that were settled at once and of those that wait for a batch."""
import json
import pathlib
import subprocess
import sys

from aicx_scene import Daemon, broker_conf, equal, main, place, scene, skip, that, using, wire

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "verifier"))

# pylint: disable=wrong-import-position
import fair
from aicxv import BROKEN, GOOD, Trust, verify

BATCH = broker_conf(settlement="batch", settle_every="24h", fee_ppm="100000")
NEED = "text.echo"


class World:
    """A seller, a buyer, an operator, and both verifiers."""

    def __init__(self, conf=None):
        if not place.AICX.exists():
            skip("no aicx in this build")
        self.broker = using(Daemon({"40-broker.conf": conf} if conf else {}))
        self.seller = self.broker.seller("echo", NEED, "0.25 AIC")
        self.buyer = self.broker.agent("buyer", funds="2 AIC")
        self.buyer.mandate(NEED, "0.25 AIC", "2 AIC", max_deals=10)
        self.key = self.broker.home / "key"
        self.key.write_text(self.broker.public_key() + "\n")

    def buy(self):
        deal = self.buyer.buy(NEED, "hello", "0.25 AIC").ok()
        return deal["deal_id"], deal["receipt"]["transaction_id"]

    def refund(self, paid, amount):
        return self.broker.operator.post(f"/v1/transactions/{paid}/refund", {
            "amount": wire.money(f"{amount} AIC"), "reference": "sorry"})

    def dispute(self, deal_id):
        contract = json.loads(json.loads(self.file(deal_id))["contract"]["text"])["id"]
        return self.buyer.rest.post(f"/v1/contracts/{contract}/dispute", {
            "reason": "not that"}).ok()["dispute_id"]

    def rule(self, dispute, **ruling):
        return self.broker.operator.post(f"/v1/disputes/{dispute}/resolution", ruling)

    def file(self, deal_id):
        return self.buyer.rest.get(f"/v1/deals/{deal_id}/file").ok_text()

    def steps(self, deal_id):
        return [json.loads(entry["record"])["step"]
                for entry in json.loads(self.file(deal_id))["entries"]]

    def judge(self, deal_id, *words):
        """Good to both, who see the same; the report of aicx has these words."""
        text = self.file(deal_id)
        path = self.broker.home / "deal.json"
        path.write_text(text)
        verdict = verify([("the deal", text.encode())], Trust.from_bytes(self.key.read_bytes()))
        equal(verdict.status, GOOD, "\n".join(verdict.lines))
        done = subprocess.run([place.AICX, "verify", path, "--trust", self.key], text=True,
                              check=False, capture_output=True, timeout=60)
        equal(done.returncode, 0, done.stdout + done.stderr)
        for word in words:
            that(word in done.stdout, done.stdout)
        self._one_record_less(text, path)

    def _one_record_less(self, text, path):
        """Without its second record the file is broken to both."""
        said = json.loads(text)
        del said["entries"][1]
        path.write_text(json.dumps(said))
        verdict = verify([("the deal", path.read_bytes())], Trust.from_bytes(self.key.read_bytes()))
        equal(verdict.status, BROKEN)
        equal(subprocess.run([place.AICX, "verify", path, "--trust", self.key], check=False,
                             capture_output=True, timeout=60).returncode, 1)


@scene
def what_was_settled_at_once_goes_back_in_parts_or_by_a_ruling():
    world = World()
    deal_id, paid = world.buy()
    world.refund(paid, "0.1").ok()
    world.judge(deal_id, "0.100000 AIC of it refunded")
    world.refund(paid, "0.2").refused(400, "invalid_amount")
    world.refund(paid, "0.15").ok()
    equal(world.steps(deal_id).count("transaction.refund"), 2)
    world.judge(deal_id, "0.250000 AIC of it refunded")

    deal_id, paid = world.buy()
    world.refund(paid, "0.01").ok()
    dispute = world.dispute(deal_id)
    world.judge(deal_id, "0.010000 AIC of it refunded, 0.240000 AIC frozen")
    world.refund(paid, "0.01").refused(409, "wrong_state")
    world.rule(dispute, ruling="refund", amount=wire.money("0.2 AIC"), reason="mostly").ok()
    world.judge(deal_id, "0.210000 AIC of it refunded, 0.000000 AIC frozen, its dispute is ruled")
    world.rule(dispute, ruling="release", reason="again").refused(409, "wrong_state")
    world.refund(paid, "0.01").ok()
    world.judge(deal_id, "0.220000 AIC of it refunded")


@scene
def what_waits_for_a_batch_goes_back_too():
    world = World(BATCH)
    deals = [world.buy() for _ in range(4)]
    world.refund(deals[0][1], "0.1").ok()
    dispute = world.dispute(deals[1][0])
    for deal_id, _ in deals[:3]:
        world.judge(deal_id)
    world.rule(dispute, ruling="refund", amount=wire.money("0.05 AIC"), reason="some").ok()
    world.judge(deals[1][0], "0.050000 AIC of it refunded")
    batch = world.broker.operator.post("/v1/settlements", {}).ok()
    equal(len(batch["transactions"]), 4)
    world.refund(deals[0][1], "0.05").ok()  # settled now: the fee's share goes back
    world.refund(deals[2][1], "0.25").ok()
    dispute = world.dispute(deals[3][0])
    for deal_id, _ in deals:
        world.judge(deal_id)
        that("settlement.batch" not in world.steps(deal_id), "what others paid is in no deal's file")
    world.rule(dispute, ruling="release", reason="fine").ok()
    world.judge(deals[3][0], "its dispute is ruled")


def batch_of(book):
    """The record of the batch and its row."""
    record = next(one for one in book.records if one["step"] in ("settlement.batch", "batch.settle")
                  or any("batch" in put for put in one.get("put", ())))
    return record, next(put["batch"] for put in record["put"] if "batch" in put)


def one_more(money):
    return {**money, "amount": f"{float(money['amount']) + 0.000001:.6f}"}


def net_moved(record, row):
    """A unit more from the one party to the other; sums stay zero."""
    for party in row["parties"]:
        party["net"] += 1 if party["net"] > 0 else -1
    for entry in record["entries"]:
        if entry["kind"] == "settle":
            entry["amount"] = one_more(entry["amount"])


def only_entries_moved(record, _):
    """The row is right, a unit more is paid."""
    for entry in record["entries"]:
        if entry["kind"] == "settle":
            entry["amount"] = one_more(entry["amount"])


def payment_left_out(_, row):
    """Paid for, and not in the list."""
    row["transactions"].pop()


def fee_forgotten(record, _):
    record["entries"] = [entry for entry in record["entries"] if entry["kind"] != "fee"]


@scene
def a_batch_that_is_not_the_net_of_its_payments_is_found_in_the_ledger():
    world = World(BATCH)
    deals = [world.buy() for _ in range(3)]
    world.refund(deals[0][1], "0.1").ok()
    world.broker.operator.post("/v1/settlements", {}).ok()
    book = fair.book_of(world.broker)
    path = world.broker.home / "ledger"

    def judge(data, wanted):
        path.write_bytes(data)
        verdict = verify([("the ledger", data)], Trust.from_bytes(world.key.read_bytes()))
        done = subprocess.run([place.AICX, "verify", path, "--trust", world.key], text=True,
                              check=False, capture_output=True, timeout=60)
        equal((verdict.status, done.returncode), (wanted, wanted),
              "\n".join(verdict.lines) + done.stdout + done.stderr)

    judge(book.copy().seal().ledger(), GOOD)
    for forge in (net_moved, only_entries_moved, payment_left_out, fee_forgotten):
        forged = book.copy()
        forge(*batch_of(forged))
        judge(forged.seal().ledger(), BROKEN)


if __name__ == "__main__":
    sys.exit(main(__doc__))
