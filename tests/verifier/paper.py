# SPDX-License-Identifier: Apache-2.0
"""paper.py - a broker on paper: records in a list, and every file made from them.

It holds a broker's key and writes what abi/wire says, honest or not: tests take its
files as they should be, forgers load a real broker's ledger into it, change rows and
have everything the broker can redo redone.
"""
import base64
import json
import re

from aicx_scene import crypto, wire

EXECUTION_NAMES = ("execution_id", "state", "input_sha256", "output_sha256", "latency_ms", "attempts")


def text_hash(text):
    return crypto.b64(crypto.sha256(text.encode()))


def sign(key, kind, text):
    return {"text": text, "key_id": key.id, "signature": crypto.b64(key.sign(kind, text.encode()))}


# --- the tree, slow and plain ----------------------------------------------------------

def _node(left, right):
    return crypto.sha256(b"\1" + left + right)


def _half(n):
    return 1 << (n - 1).bit_length() - 1


class Tree:
    """MTH, PATH and PROOF of RFC 6962, section 2.1, word for word; subtrees are kept."""

    def __init__(self, leaves):
        self.leaves, self._roots = leaves, {}

    def root(self, start=0, end=None):
        end = len(self.leaves) if end is None else end
        if end - start == 0:
            return crypto.sha256(b"")
        if end - start == 1:
            return self.leaves[start]
        if (start, end) not in self._roots:
            half = start + _half(end - start)
            self._roots[start, end] = _node(self.root(start, half), self.root(half, end))
        return self._roots[start, end]

    def path(self, index, size, start=0):
        if size - start == 1:
            return []
        half = start + _half(size - start)
        if index < half:
            return self.path(index, half, start) + [self.root(half, size)]
        return self.path(index, size, half) + [self.root(start, half)]

    def proof(self, old, size, start=0, whole=True):
        if old == size:
            return [] if whole else [self.root(start, size)]
        half = start + _half(size - start)
        if old <= half:
            return self.proof(old, half, start, whole) + [self.root(half, size)]
        return self.proof(old, size, half, False) + [self.root(start, half)]


# --- records ------------------------------------------------------------------------------

class Paper:
    """records: a list of dicts as in the protocol; seal() gives each its number and prev."""

    def __init__(self, key, broker_id, records=()):
        self.key, self.broker_id, self.records = key, broker_id, list(records)
        self.agents = {}  # id -> (public key in base64url, custody)
        self.texts, self.tree = [], None

    @classmethod
    def load(cls, ledger, key, broker_id):
        """From the texts of a ledger's records."""
        return cls(key, broker_id, [json.loads(text) for text in ledger])

    def copy(self):
        other = Paper(self.key, self.broker_id, json.loads(json.dumps(self.records)))
        other.agents = dict(self.agents)
        return other

    def seal(self):
        prev, self.texts = bytes(32), []
        for number, record in enumerate(self.records, 1):
            record["seq"], record["prev"] = number, crypto.b64(prev)
            self.texts.append(wire.dump(record))
            prev = crypto.sha256(b"\0" + self.texts[-1].encode())
        self.tree = Tree([crypto.sha256(b"\0" + text.encode()) for text in self.texts])
        return self

    def append(self, step, actor, at, deal=None, entries=(), puts=(), **more):
        record = {"seq": 0, "time": at, "epoch": 1, "prev": "", "shard": "0", "step": step,
                  "actor": actor, **({"deal": deal} if deal else {}),
                  **({"entries": list(entries)} if entries else {}),
                  "put": [{table: row} for table, row in puts], **more}
        self.records.append(record)
        return record

    def of_deal(self, deal_id):
        return [record for record in self.records if record.get("deal") == deal_id]

    def rows(self, table, deal_id=None):
        """Every row of this table, in order: the dicts inside the records."""
        return [put[table] for record in (self.of_deal(deal_id) if deal_id else self.records)
                for put in record.get("put", ()) if table in put]

    def last(self, table, deal_id, name, value):
        found = [row for row in self.rows(table, deal_id) if row[name] == value]
        return found[-1] if found else None

    # --- files --------------------------------------------------------------------------

    def checkpoint(self, size=None):
        size = len(self.texts) if size is None else size
        origin = f"aiconexus/{self.broker_id}/0"
        text = f"{origin}\n{size}\n{base64.b64encode(self.tree.root(0, size)).decode()}\n"
        name_hash = crypto.sha256(origin.encode() + b"\n\x01" + self.key.public)[:4]
        signature = base64.b64encode(name_hash + self.key.sign_plain(text.encode())).decode()
        return f"{text}\n\u2014 {origin} {signature}\n"

    def broker(self):
        return {"id": self.broker_id, "key_id": self.key.id}

    def included(self, seq):
        size = len(self.texts)
        return {"record": self.texts[seq - 1], "index": seq - 1,
                "proof": [crypto.b64(step) for step in self.tree.path(seq - 1, size)]}

    def receipt(self, transaction_id):
        seq = next(record["seq"] for record in self.records for entry in record.get("entries", ())
                   if entry["id"] == transaction_id)
        return wire.dump({"version": 1, "kind": "receipt", "broker": self.broker(),
                          "transaction_id": transaction_id, **self.included(seq),
                          "checkpoint": self.checkpoint()}).encode()

    def consistency(self, old, size):
        return wire.dump({"version": 1, "kind": "consistency", "broker": self.broker(),
                          "from": self.checkpoint(old), "to": self.checkpoint(size), "proof": [
                              crypto.b64(step) for step in self.tree.proof(old, size)]}).encode()

    def ledger(self, size=None):
        size = len(self.texts) if size is None else size
        return "\n".join([wire.dump({"version": 1, "kind": "ledger", "broker": self.broker()}),
                          *self.texts[:size], wire.dump({"checkpoint": self.checkpoint(size)}),
                          ""]).encode()

    def audit(self, first, last):
        """The records from first to last."""
        proof = self.included(last)
        del proof["record"]
        return "\n".join([wire.dump({"version": 1, "kind": "audit", "broker": self.broker()}),
                          *self.texts[first - 1:last],
                          wire.dump({**proof, "checkpoint": self.checkpoint()}), ""]).encode()

    def deal_file(self, deal_id, mandates):
        """mandates: id -> signed object."""
        deal = self.rows("deal", deal_id)[-1]
        contract = self.last("contract", deal_id, "contract_id", deal.get("contract_id"))
        offers = self.rows("offer", deal_id)
        agents = [deal["requester_id"], *(row["provider_id"] for row in offers)]
        if deal.get("provider_id") and deal["provider_id"] not in agents:
            agents.append(deal["provider_id"])
        status = self.last("execution_status", deal_id, "execution_id", deal.get("execution_id"))
        intents = self.rows("intent", deal_id)
        return wire.dump({
            "version": 1, "deal_id": deal_id, "broker": self.broker(),
            "registrations": [{"agent_id": one, "public_key": self.agents[one][0],
                               "custody": self.agents[one][1]} for one in agents],
            "intent": intents[-1] if intents else None,
            "mandate": mandates.get(deal.get("mandate_id")),
            "offers": [{"offer": _object(row, "", row["text"]), "terms": row["terms"]}
                       for row in offers],
            "rounds": [], "contract": contract and self._contract(contract),
            "policy": contract and _policy(contract), **self._work(deal_id),
            "hold": self.last("hold", deal_id, "hold_id", deal.get("hold_id")),
            "bill": status and status.get("bill"),
            "entries": [self.included(record["seq"]) for record in self.of_deal(deal_id)],
            "checkpoint": self.checkpoint()}).encode()

    @staticmethod
    def _contract(row):
        return {**_object(row, "", row["text"]), "terms": row["terms"], "signatures": [
            _object(row, party, row["text"]) for party in ("requester_", "provider_")
            if party + "signature" in row and not (party == "provider_" and "offer_id" in row)]}

    def _work(self, deal_id):
        executions, usage = [], []
        for work in self.rows("execution", deal_id):
            status = self.last("execution_status", deal_id, "execution_id", work["execution_id"])
            given = {"input_sha256": text_hash(wire.dump(work["input"]))}
            if "output" in status:
                given["output_sha256"] = text_hash(wire.dump(status["output"]))
            one = {**given, "execution_id": work["execution_id"], "state": status["state"],
                   "latency_ms": status.get("duration_ms", 0), "attempts": status["attempts"]}
            executions.append({name: one[name] for name in EXECUTION_NAMES if name in one})
            if status["state"] == "COMPLETED":
                usage.append({"execution_id": work["execution_id"], "calls": 1,
                              "units": status.get("units", 0), "unit": status.get("unit", "calls"),
                              "latency_ms": status.get("duration_ms", 0),
                              **({"object": status["usage"]} if "usage" in status else {})})
        return {"executions": executions, "usage": usage}


def _object(row, prefix, text):
    return {"text": text, "key_id": row[prefix + "key_id"], "signature": row[prefix + "signature"]}


def _policy(contract):
    found = re.search(r'"policy_sha256":"([^"]*)"', contract["terms"])
    return {"sha256": found[1]} if found else None
