# SPDX-License-Identifier: Apache-2.0
"""records.py - one record: its members, its entries and its rows."""
import functools

from . import crypto
from .strict import FINE, Broken, parse_object, raw, read

HEAD = {"seq": "number", "time": "time", "epoch": "number", "prev": "hash", "shard": "str",
        "step": "str", "actor": "str", "deal": "id?", "entries": "list?", "put": "list?"}
ENTRY = {"id": "id", "kind": "str", "debit": "str", "credit": "str", "amount": "money",
         "contract_id": "id?", "execution_id": "id?", "payee": "id?", "of": "id?", "reference": "str?"}

ROWS = {  # table: (its id, its members)
    "intent": ("intent_id", {
        "intent_id": "id", "requester_id": "id", "provider_id": "id?", "need": "str", "input": "any",
        "max_price": "money",
        "max_units": "int?", "choose": "str?", "deadline": "time", "created": "time",
        "delegate_id": "id?", "delegation_id": "id?"}),
    "offer": ("offer_id", {
        "offer_id": "id", "intent_id": "id", "provider_id": "id", "text": "str", "key_id": "str",
        "signature": "str", "terms": "str", "price": "money", "expires": "time", "standing": "bool?",
        "received": "time"}),
    "contract": ("contract_id", {
        "contract_id": "id", "deal_id": "id", "intent_id": "id?", "offer_id": "id?",
        "mandate_id": "id?", "requester_id": "id", "provider_id": "id", "capability": "str",
        "text": "str", "key_id": "str", "signature": "str", "requester_key_id": "str?",
        "requester_signature": "str?", "provider_key_id": "str?", "provider_signature": "str?",
        "terms": "str", "ceiling": "money", "max_executions": "int", "timeout_ms": "int?",
        "max_units": "int?", "expires": "time", "created": "time"}),
    "contract_state": ("contract_id", {
        "contract_id": "id", "status": "str", "n_executions": "int"}),
    "execution": ("execution_id", {
        "execution_id": "id", "contract_id": "id", "deal_id": "id", "requester_id": "id",
        "provider_id": "id", "hold_id": "id?", "capability": "str", "input": "any",
        "created": "time", "deadline": "time"}),
    "execution_status": ("execution_id", {
        "execution_id": "id", "state": "str", "attempts": "int", "started_at": "time?",
        "completed_at": "time?", "duration_ms": "int?", "units": "int?", "unit": "str?",
        "cost": "money?", "bill": "dict?", "usage": "dict?", "quality": "int?", "period": "time?",
        "used_before": "int?", "decision": "dict?"}),
    "hold": ("hold_id", {
        "hold_id": "id", "agent_id": "id", "contract_id": "id?", "mandate_id": "id?",
        "amount": "money", "state": "str", "posted": "int?", "created": "time", "expires": "time"}),
    "mandate_use": ("mandate_id", {
        "mandate_id": "id", "uses": "int", "held": "int", "posted": "int"}),
    "deal": ("deal_id", {
        "deal_id": "id", "state": "str", "requester_id": "id", "provider_id": "id?",
        "contract_id": "id?", "offer_id": "id?", "mandate_id": "id?", "hold_id": "id?",
        "execution_id": "id?"}),
    "transaction_state": ("transaction_id", {
        "transaction_id": "id", "payer_id": "id", "payee_id": "id", "batch_id": "id?",
        "amount": "money", "fee": "int?", "refunded": "int?", "fee_back": "int?", "status": "str"}),
    "batch": ("batch_id", {
        "batch_id": "id", "total": "money", "transactions": "list", "parties": "list"}),
    "dispute": ("dispute_id", {
        "dispute_id": "id", "transaction_id": "id", "frozen": "int?", "refunded": "int?",
        "state": "str"}),
    "agent": ("agent_id", {"agent_id": "id", "public_key": "hash?"}),
}


class Row:
    """One row: .said is its JSON, .id its id, and members of the table by []."""
    __slots__ = ("table", "id", "said", "at", "record", "_read")

    def __init__(self, record, at, table, said):
        id_name, members = ROWS[table]
        self.record, self.at, self.table, self.said = record, at, table, said
        self._read = read(said, members, f"record {record.seq}: {table}")
        self.id = self._read[id_name]

    def __getitem__(self, name):
        return self._read[name]

    def raw(self, name):
        """The exact text of a member, or None."""
        if name not in self.said:
            return None
        return raw(self.record.text, "put", self.at, self.table, name)


class Entry:
    __slots__ = ("id", "kind", "debit", "credit", "amount", "said")

    def __init__(self, said, what):
        found = read(said, ENTRY, what)
        self.id, self.kind, self.debit = found["id"], found["kind"], found["debit"]
        self.credit, self.amount, self.said = found["credit"], found["amount"], found
        if self.amount.fine <= 0:
            raise Broken(f"{what} moves nothing")


class Record:
    """A record that was parsed, whether or not anything vouches for it."""

    def __init__(self, text):
        self.text = text
        self.data = text.encode()
        self.leaf = crypto.leaf_hash(self.data)
        said = parse_object(text, "a record")
        head = read(said, HEAD, "a record")
        self.said, self.seq, self.time, self.epoch = said, head["seq"], head["time"], head["epoch"]
        self.prev, self.step, self.deal = head["prev"], head["step"], head["deal"]
        if self.seq < 1 or head["shard"] != "0":
            raise Broken(f"record {self.seq}: a number or shard that cannot be")
        what = f"record {self.seq}"
        self.entries = [Entry(entry, f"{what}: entry") for entry in head["entries"] or []]
        self.puts = list(self._rows(head["put"] or [], what))

    def _rows(self, puts, what):
        for at, put in enumerate(puts):
            if not isinstance(put, dict) or len(put) != 1:
                raise Broken(f"{what}: a put without its table")
            (table, said), = put.items()
            if table in ROWS:
                yield Row(self, at, table, said)

    def rows(self, table):
        return [row for row in self.puts if row.table == table]

    def row(self, table, row_id=None):
        """The record's row of this table (with this id), or None."""
        for row in self.puts:
            if row.table == table and row_id in (None, row.id):
                return row
        return None


@functools.lru_cache(maxsize=4096)
def record_of(text):
    return Record(text)


class Scales:
    """How many decimals each currency has: what the broker writes has all of them."""

    def __init__(self):
        self._decimals = {}

    def learn(self, record):
        for entry in record.entries:
            self.check(entry.amount, f"record {record.seq}")

    def check(self, money, what):
        """An amount that the broker wrote."""
        known = self._decimals.setdefault(money.currency, money.decimals)
        if known != money.decimals:
            raise Broken(f"{what}: {money} has not all decimals of its currency")
        return money

    def check_decimals(self, money, more, what):
        """So many decimals more than its currency has."""
        if money.decimals != self._decimals.get(money.currency, money.decimals - more) + more:
            raise Broken(f"{what}: {money} is spelled otherwise than a line is")

    def fits(self, money, what):
        """An amount that somebody signed: no more decimals than there are."""
        if money.decimals > self._decimals.get(money.currency, FINE):
            raise Broken(f"{what}: {money} has more decimals than its currency")
        return money

    def minor_money(self, money):
        """As a policy reads it."""
        return {"minor": self.minor(money), "currency": money.currency}

    def fine(self, currency):
        """10^-12 in one minor unit."""
        return 10 ** (FINE - self._decimals.get(currency, FINE))

    def minor(self, money):
        """In minor units, as counts in rows are."""
        return money.fine // 10 ** (FINE - self._decimals.get(money.currency, money.decimals))


def neighbours(records, need):
    """Order, chain and time of records, some of which may be missing in between."""
    for before, after in zip(records, records[1:]):
        what = f"record {after.seq}"
        need("order", after.seq > before.seq, f"{what} stands after record {before.seq}")
        need("time", after.time >= before.time, f"{what}: its time goes back")
        need("time", after.epoch >= before.epoch, f"{what}: its epoch goes back")
        if after.seq == before.seq + 1:
            need("hash", after.prev == before.leaf,
                 f"{what}: its prev is not the hash of record {before.seq}")
    if records and records[0].seq == 1:
        need("hash", records[0].prev == bytes(32), "record 1: its prev is not zeros")
