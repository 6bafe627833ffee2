# SPDX-License-Identifier: Apache-2.0
"""ledger.py - the whole ledger: every record, every balance, the tree over it."""
from . import crypto, money, moves
from .payments import Payments
from .records import Scales, neighbours, record_of
from .strict import Broken
from .terms import Bill


class Ledger:
    """Balances, holds and rows that follow from all records."""

    def __init__(self, need):
        self.need, self.scales = need, Scales()
        self.holds = money.Holds(need, self.scales, whole=True)
        self.payments = Payments(need, self.scales)
        self.balances, self.rows = {}, {}

    def follow(self, texts):
        """The records, after checking each; a balance is below zero in none of them."""
        records = [record_of(text) for text in texts]
        for number, record in enumerate(records, 1):
            self.need("order", record.seq == number, f"record {record.seq} stands at {number}")
            self.scales.learn(record)
        neighbours(records, self.need)
        for record in records:
            self._record(record)
        return records

    def _record(self, record):
        for row in record.puts:
            moves.check(row, self.rows.get((row.table, row.id)), self.need)
            self.rows[row.table, row.id] = row
        wanted = self.holds.wanted(record, self._payee, lambda hold: self._billed(record, hold))
        money.form(record, self.need)
        money.match(record, wanted + self.payments.wanted(record), self.need)
        self.payments.follow(record)
        self._move(record)

    def _move(self, record):
        touched = set()
        for entry in record.entries:
            for place, fine in ((entry.debit, -entry.amount.fine), (entry.credit, entry.amount.fine)):
                at = place, entry.amount.currency
                self.balances[at] = self.balances.get(at, 0) + fine
                touched.add(at)
        for place, currency in touched:
            fine = self.balances[place, currency]
            self.need("money", fine == 0 if place == "clearing:available" else
                      fine >= 0 or place in ("funding:available", "losses:available"),
                      f"record {record.seq}: {place} has {fine} x 10^-12 {currency}")

    def _work_of(self, hold):
        for row in hold.record.rows("execution"):
            if row["hold_id"] == hold.id:
                return row
        first = self.holds.holds.get(hold.id)
        for row in first.record.rows("execution") if first else ():
            if row["hold_id"] == hold.id:
                return row
        return None

    def _payee(self, hold):
        if hold["contract_id"] is None:
            post = self._charge(hold)
            return post and (post.said["payee"] or post.credit.partition(":")[0])
        work = self._work_of(hold)
        return work and work["provider_id"]

    @staticmethod
    def _charge(hold):
        """The post that ends a reservation, which nothing but its owner asks for."""
        return next((entry for entry in hold.record.entries if entry.kind == "post" and
                     entry.debit == f"{hold['agent_id']}:reserved"), None)

    def _billed(self, record, hold):
        if hold["contract_id"] is None:
            post = self._charge(hold)
            fees = [entry.amount for entry in record.entries
                    if entry.kind == "fee" and post and entry.id == post.id]
            return post and (post.amount, fees[0] if fees else post.amount.like(0))
        work = self._work_of(hold)
        status = work and record.row("execution_status", work.id)
        if not status or status["bill"] is None:
            return None
        bill = Bill(status["bill"], self.scales, f"bill of {work.id}")
        return bill.total, bill.fee

    def keys(self):
        """agent id -> public key, as the records have them."""
        return {row.id: row["public_key"] for (table, _), row in self.rows.items()
                if table == "agent" and row["public_key"] is not None}


def root(records, size):
    """Of the first `size` records."""
    if size > len(records):
        raise Broken(f"a tree of {size} records, where there are {len(records)}")
    return crypto.root_of(record.leaf for record in records[:size])
