# SPDX-License-Identifier: Apache-2.0
"""payments.py - what becomes of a payment: refunds, disputes, and batches in which only
the net of many is paid."""
import collections

from .money import key_of, move
from .strict import Broken, read

PAID = ("post", "charge", "record")
FREE = ("fund", "withdraw", "charge", "record", "refund", "fee_refund", "freeze", "thaw",
        "chargeback")
BACK = ("refund", "fee_refund", "freeze", "thaw")
PART = {"transaction_id": "id", "payer_id": "id", "payee_id": "id", "amount": "number",
        "fee": "number?"}
PARTY = {"agent_id": "id", "earned": "number?", "spent": "number?", "fee": "number?",
         "net": "balance"}


class Payment:
    """One post, charge or record, in minor units."""

    def __init__(self, entry, fee, scales):
        self.payer = entry.debit.partition(":")[0]
        self.payee = entry.said["payee"] or entry.credit.partition(":")[0]
        self.currency, self.amount, self.fee = entry.amount.currency, scales.minor(entry.amount), fee
        self.waits = entry.credit.endswith(":pending")
        self.refunded = self.frozen = 0
        self.batch = None
        self.disputed = self.ruled = False

    def fee_back(self):
        """What of the fee belongs to the part that was refunded."""
        return self.fee * self.refunded // self.amount


class Payments:
    """All payments of a ledger, or of one deal (not whole), by their transaction's id."""

    def __init__(self, need, scales, whole=True):
        self.need, self.scales, self.whole, self.all = need, scales, whole, {}

    # --- what a record may move because of payments -------------------------------------

    def wanted(self, record):
        """Entries that ask for themselves, and those of a batch."""
        if not self.whole:  # a batch is of many deals; what is charged is the deal's matter
            return [key_of(entry) for entry in record.entries if entry.kind in BACK]
        charged = {entry.id for entry in record.entries if entry.kind in ("charge", "record")}
        moves = [key_of(entry) for entry in record.entries
                 if entry.kind in FREE or (entry.kind == "fee" and entry.id in charged)]
        for row in record.rows("batch"):
            moves += self._batch(record, row)
        return moves

    def follow(self, record):
        """Takes note of new payments, and checks what happens to older ones."""
        for entry in record.entries:
            if entry.kind in PAID:
                self._paid(record, entry)
        changes = collections.defaultdict(collections.Counter)
        for row in record.rows("transaction_state"):  # its batch is in no deal's file
            if not self.whole and row["batch_id"] and row.id in self.all:
                self.all[row.id].waits = False
        for entry in record.entries:
            if entry.kind in BACK:
                kind = entry.kind + (" out" if entry.debit.startswith("suspense:") else "")
                changes[entry.said["of"]][kind] += self.scales.minor(entry.amount)
                self._parties(record, entry)
        for payment_id, change in changes.items():
            self._change(record, self.all[payment_id], change)
        for row in record.rows("dispute"):
            payment = self.all.get(row["transaction_id"])
            self._dispute(record, row, payment, changes[row["transaction_id"]])
            self.need("money", payment is not None and payment.frozen == (
                (row["frozen"] or 0) if row["state"] == "open" else 0),
                      f"record {record.seq}: dispute {row.id} is {row['state']}, and other money frozen")
        for payment_id, change in changes.items():
            self._only_ruled(record, payment_id, change)
        for row in record.rows("transaction_state"):
            payment = self.all.get(row.id)
            self.need("money", payment is not None and
                      (row["payer_id"], row["payee_id"], self.scales.minor(row["amount"]),
                       row["fee"] or 0, row["refunded"] or 0, row["fee_back"] or 0) ==
                      (payment.payer, payment.payee, payment.amount, payment.fee, payment.refunded,
                       payment.fee_back()),
                      f"record {record.seq}: transaction {row.id} is another than its entries say")

    def _dispute(self, record, row, payment, change):
        """Opened once and ruled once; the ruling's refund is the one it names."""
        what, is_open = f"record {record.seq}: dispute {row.id}", row["state"] == "open"
        if payment is None:
            raise Broken(f"{what} is about no payment")
        self.need("money", not payment.ruled and not (is_open and payment.disputed),
                  f"{what}: its payment was disputed or ruled before")
        self.need("money", (0 if is_open else row["refunded"] or 0) ==
                  change["refund"] + change["refund out"], f"{what}: another sum is refunded")
        payment.disputed, payment.ruled = True, not is_open

    def _only_ruled(self, record, payment_id, change):
        """While it is disputed only a ruling moves a payment, and only a dispute freezes it."""
        payment, what = self.all[payment_id], f"record {record.seq}: {payment_id}"
        if any(row["transaction_id"] == payment_id for row in record.rows("dispute")):
            return
        self.need("money", not (change["freeze"] or change["thaw out"] or change["refund out"]),
                  f"{what} is frozen or thawed without a dispute")
        self.need("money", not payment.disputed or payment.ruled or not change["refund"],
                  f"{what} is refunded while it is disputed")

    def _paid(self, record, entry):
        what = f"record {record.seq}: transaction {entry.id}"
        self.need("money", entry.id not in self.all, f"{what} was made before")
        row = record.row("transaction_state", entry.id)
        fee = sum(self.scales.minor(one.amount) for one in record.entries
                  if one.kind == "fee" and one.id == entry.id)
        if entry.credit.endswith(":pending"):
            self.need("money", row is not None and entry.said["payee"] is not None and fee == 0,
                      f"{what} waits for nobody")
            fee = (row and row["fee"]) or 0
        payment = self.all[entry.id] = Payment(entry, fee, self.scales)
        self.need("money", fee <= payment.amount, f"{what}: the fee is more than the payment")

    def _parties(self, record, entry):
        payment = self.all.get(entry.said["of"])
        what = f"record {record.seq}: {entry.kind}"
        if payment is None:
            raise Broken(f"{what} of a payment that was never made")
        parties = {payment.payer, payment.payee, "suspense", "fees"}
        self.need("money", entry.amount.currency == payment.currency and
                  {entry.debit.partition(":")[0], entry.credit.partition(":")[0]} <= parties,
                  f"{what} is not between the parties of its payment")
        if entry.kind == "refund":
            self.need("money", entry.credit == f"{payment.payer}:available",
                      f"{what} does not go to the payer")

    def _change(self, record, payment, change):
        """Refunds and freezes of one payment in one record."""
        what, before = f"record {record.seq}", payment.fee_back()
        payment.refunded += change["refund"] + change["refund out"]
        payment.frozen += change["freeze"] - change["refund out"] - change["thaw out"]
        self.need("money", payment.refunded <= payment.amount, f"{what}: more is refunded than was paid")
        self.need("money", 0 <= payment.frozen <= payment.amount,
                  f"{what}: more is frozen than was paid, or thawed than was frozen")
        wanted = 0 if payment.waits else payment.fee_back() - before
        self.need("money", change["fee_refund out"] + change["fee_refund"] == wanted,
                  f"{what}: {change['fee_refund']} of the fee go back, not {wanted}")

    # --- batches ---------------------------------------------------------------------------

    def _batch(self, record, row):
        """The entries of a batch, after its sums are made again from its list."""
        what = f"record {record.seq}: batch {row.id}"
        earned, spent, fees = (collections.Counter() for _ in range(3))
        for one in row["transactions"]:
            part = read(one, PART, what)
            payment = self.all.get(part["transaction_id"])
            if payment is None:
                raise Broken(f"{what}: {part['transaction_id']} was never made")
            self.need("money", payment.waits and payment.batch is None,
                      f"{what}: {part['transaction_id']} does not wait for a batch")
            self.need("money", (part["payer_id"], part["payee_id"], part["amount"], part["fee"] or 0) ==
                      (payment.payer, payment.payee, payment.amount - payment.refunded,
                       payment.fee - payment.fee_back()) and payment.currency == row["total"].currency,
                      f"{what}: {part['transaction_id']} is another than it was made")
            payment.waits, payment.batch = False, row.id
            earned[payment.payee] += part["amount"]
            spent[payment.payer] += part["amount"]
            fees[payment.payee] += part["fee"] or 0
        parties = [read(one, PARTY, what) for one in row["parties"]]
        self.need("money", {one["agent_id"]: (one["earned"] or 0, one["spent"] or 0, one["fee"] or 0,
                                              one["net"]) for one in parties} ==
                  {agent: (earned[agent], spent[agent], fees[agent], earned[agent] - spent[agent])
                   for agent in set(earned) | set(spent)} and
                  len(parties) == len(set(earned) | set(spent)),
                  f"{what}: its parties' sums are not those of its transactions")
        self.need("money", sum(one["net"] for one in parties) == 0, f"{what}: its nets do not cancel")
        self.need("money", self.scales.minor(row["total"]) == sum(earned.values()),
                  f"{what}: its total is not that of its transactions")
        return [step for one in parties for step in self._settled(row, one)]

    def _settled(self, row, party):
        agent, fine = party["agent_id"], self.scales.fine(row["total"].currency)
        free, waits = f"{agent}:available", f"{agent}:pending"
        both = min(party["earned"] or 0, party["spent"] or 0)
        steps = [("net", row.id, waits, free, both), ("fee", None, free, "fees:available",
                                                      party["fee"] or 0),
                 ("settle", row.id, waits, "clearing:available", -party["net"]),
                 ("settle", row.id, "clearing:available", free, party["net"])]
        return [move(*step[:4], row["total"].like(step[4] * fine)) for step in steps if step[4] > 0]
