# SPDX-License-Identifier: Apache-2.0
"""files.py - which kind a file is, how each is verified, and what several say together."""
import gzip
import zlib

from . import copies, crypto
from .deal import Deal
from .ledger import Ledger, root
from .note import Note
from .records import neighbours, record_of
from .strict import BROKEN, GOOD, UNKNOWN_KEY, UNREADABLE, Broken, Unreadable, b64, parse, read

BROKER = {"id": "id", "key_id": "hash"}


class Verdict:
    """status, and the lines to print: one for each link that holds."""

    def __init__(self, status, lines):
        self.status, self.lines = status, lines


class Facts:
    """What files say that others may contradict; each with the file's name."""

    def __init__(self):
        self.checkpoints = {}  # (origin, size) -> (root, file)
        self.pairs = []  # proven consistent: (origin, size, size)
        self.ledgers = []  # (origin, records, file)
        self.leaves, self.contracts, self.uses, self.agents = {}, {}, {}, {}

    @staticmethod
    def once(known, key, value, name, what):
        """The value that is there already, from whichever file, must be this one."""
        first = known.setdefault(key, (value, name))
        if first[0] != value:
            raise Broken(f"{what} is one thing in {first[1]} and another in {name}")


class Verifier:
    """Verifies one file after the other under one trust."""

    def __init__(self, trust, without=()):
        self.trust, self.without = trust, frozenset(without)
        self.facts, self.lines, self.unknown = Facts(), [], False

    def need(self, check, fact, why):
        if not fact and check not in self.without:
            raise Broken(why)

    def say(self, text):
        self.lines.append(text)

    # --- what all kinds have -----------------------------------------------------------

    def broker(self, said):
        """(id, key or None, key id) of a file's `broker`."""
        found = read(said, BROKER, "broker")
        key = self.trust.broker_key(found["id"], said["key_id"])
        self.unknown = self.unknown or key is None
        return found["id"], key

    def note(self, text, broker_id, key, name):
        note = Note(text)
        self.need("copies", broker_id in (None, note.broker_id), "the checkpoint is another broker's")
        if key is not None:
            self.need("note", note.signed_by(key), "the checkpoint is not signed by the broker's key")
        self.facts.once(self.facts.checkpoints, (note.origin, note.size), note.root, name,
                        f"checkpoint {note.size} of {note.origin}: the root")
        self.say(f"checkpoint: {note.size} records of {note.origin}"
                 + (", signed" if key is not None else ""))
        return note

    def included(self, record, index, proof, note):
        try:
            steps = [b64(step, 32) for step in proof]
        except (ValueError, TypeError) as error:
            raise Broken(f"record {record.seq}: its proof: {error}") from error
        self.need("order", record.seq == index + 1, f"record {record.seq} is leaf {index}")
        self.need("hash", crypto.included(record.leaf, index, note.size, steps, note.root),
                  f"record {record.seq} is not in the checkpoint's tree")

    def leaf(self, note, record, name):
        self.facts.once(self.facts.leaves, (note.origin, record.seq), record.leaf, name,
                        f"record {record.seq} of {note.origin}")

    # --- the kinds -----------------------------------------------------------------------

    def deal(self, said, name):
        broker_id, key = self.broker(said.get("broker"))
        deal = Deal(said, broker_id, key, self.trust, self.need, None)
        deal.note = note = self.note(deal.file["checkpoint"], broker_id, key, name)
        records = []
        for entry in deal.file["entries"]:
            found = read(entry, {"record": "str", "index": "number", "proof": "list"}, "an entry")
            record = record_of(found["record"])
            self.included(record, found["index"], found["proof"], note)
            self.leaf(note, record, name)
            records.append(record)
        neighbours(records, self.need)
        self.say(f"records: {len(records)} of the deal, included and in order")
        deal.follow(records)
        copies.check(deal)
        self._deal_facts(deal, name)
        state = deal.last["deal"]["state"]
        self.say(f"deal {deal.id}: {state}; offers, contract, bill and money follow from each other")
        for error in deal.forged.values():
            self.say(f"note: {error}; it was not chosen from")
        for agent_id, custody in deal.custody.items():
            if custody == "broker":
                self.say(f"note: the key of {agent_id} is in the broker's keeping")
        if not deal.recomputed:
            self.say("price not recomputed")

    def _deal_facts(self, deal, name):
        facts = self.facts
        for (table, row_id), row in deal.rows.items():
            if table == "contract":
                facts.once(facts.contracts, (deal.broker_id, deal.id), row["text"], name,
                           f"the contract of deal {deal.id}")
        for record in {id(row.record): row.record for row in deal.rows.values()}.values():
            for use in record.rows("mandate_use"):
                holds = [row.id for row in record.rows("hold") if row["state"] == "open"]
                for hold_id in holds:
                    facts.once(facts.uses, (deal.broker_id, use.id, use["uses"]), hold_id, name,
                               f"use {use['uses']} of mandate {use.id}")
        for agent_id, public in deal.keys.items():
            facts.once(facts.agents, (deal.broker_id, agent_id), public, name,
                       f"the key of agent {agent_id}")

    def receipt(self, said, name):
        found = read(said, {"broker": "dict", "transaction_id": "id", "record": "str",
                            "index": "number", "proof": "list", "checkpoint": "str"}, "the receipt")
        broker_id, key = self.broker(found["broker"])
        note = self.note(found["checkpoint"], broker_id, key, name)
        record = record_of(found["record"])
        self.included(record, found["index"], found["proof"], note)
        self.leaf(note, record, name)
        entries = [entry for entry in record.entries if entry.id == found["transaction_id"]]
        self.need("copies", bool(entries), "the receipt's transaction is not in its record")
        for entry in entries:
            self.say(f"{entry.kind}: {entry.amount} from {entry.debit} to {entry.credit}")

    def consistency(self, said, name):
        found = read(said, {"broker": "dict", "from": "str", "to": "str", "proof": "list"}, "the file")
        broker_id, key = self.broker(found["broker"])
        before = self.note(found["from"], broker_id, key, name)
        after = self.note(found["to"], broker_id, key, name)
        try:
            steps = [b64(step, 32) for step in found["proof"]]
        except (ValueError, TypeError) as error:
            raise Broken(f"the proof: {error}") from error
        self.need("copies", before.origin == after.origin, "the checkpoints are of two origins")
        self.need("hash", crypto.consistent(before.size, before.root, after.size, after.root, steps),
                  f"the tree of {after.size} records does not begin with that of {before.size}")
        self.facts.pairs.append((before.origin, before.size, after.size))
        self.say(f"consistent: {before.size} records are the beginning of {after.size}")

    def checkpoint(self, text, name):
        note = Note(text)
        key = self.trust.key if self.trust.broker_id in (None, note.broker_id) else None
        self.unknown = self.unknown or key is None
        self.note(text, None, key, name)

    def ledger(self, head, lines, name):
        broker_id, key = self.broker(head.get("broker"))
        try:
            tail = parse(lines[-1])
        except ValueError as error:
            raise Unreadable(f"the last line is no JSON: {error}") from error
        note = self.note(read(tail, {"checkpoint": "str"}, "the last line")["checkpoint"],
                         broker_id, key, name)
        ledger = Ledger(self.need)
        records = ledger.follow(lines[:-1])
        self.need("order", note.size == len(records),
                  f"{len(records)} records under a checkpoint of {note.size}")
        self.need("hash", "hash" in self.without or root(records, note.size) == note.root,
                  "the records' tree has another root than the checkpoint")
        for record in records:
            self.leaf(note, record, name)
        for agent_id, public in ledger.keys().items():
            self.trust.check_agent(agent_id, public)
            self.facts.once(self.facts.agents, (broker_id, agent_id), public, name,
                            f"the key of agent {agent_id}")
        self.facts.ledgers.append((note.origin, records, name))
        self.say(f"ledger: {len(records)} records, chained; every sum is zero")

    def audit(self, head, lines, name):
        """A part of a ledger: one proof, that of the last record, is good for all of them."""
        broker_id, key = self.broker(head.get("broker"))
        try:
            tail = parse(lines[-1])
        except ValueError as error:
            raise Unreadable(f"the last line is no JSON: {error}") from error
        found = read(tail, {"index": "number", "proof": "list", "checkpoint": "str"}, "the last line")
        note = self.note(found["checkpoint"], broker_id, key, name)
        records = [record_of(text) for text in lines[:-1]]
        self.need("order", bool(records), "there is no record in it")
        for before, after in zip(records, records[1:]):
            self.need("order", after.seq == before.seq + 1,
                      f"record {after.seq} stands after record {before.seq}")
        neighbours(records, self.need)
        self.included(records[-1], found["index"], found["proof"], note)
        for record in records:
            self.leaf(note, record, name)
        self.say(f"records {records[0].seq} to {records[-1].seq}: chained, the last is in the tree")

    # --- one file ------------------------------------------------------------------------

    def file(self, name, data):
        if data[:2] == b"\x1f\x8b":
            try:
                data = gzip.decompress(data)
            except (OSError, EOFError, zlib.error) as error:
                raise Unreadable(f"no gzip: {error}") from error
        try:
            text = data.decode()
        except UnicodeDecodeError as error:
            raise Unreadable(f"no UTF-8: {error}") from error
        if not text.lstrip(" \t\r\n").startswith("{"):
            if not text.startswith("aiconexus/"):
                raise Unreadable("neither JSON nor a checkpoint")
            self.checkpoint(text, name)
            return
        try:
            said = parse(text)
        except ValueError as error:
            self._ledger_text(text, name, error)
            return
        self._json(said, name)

    def _json(self, said, name):
        if said.get("version") != 1 or type(said.get("version")) is not int:
            raise Unreadable("no version 1 of a file")
        kind = said.get("kind")
        if kind is None and "deal_id" in said:
            self.deal(said, name)
        elif kind == "receipt":
            self.receipt(said, name)
        elif kind == "consistency":
            self.consistency(said, name)
        else:
            raise Unreadable("no kind that is known")

    def _ledger_text(self, text, name, error):
        """JSON lines; else it is no JSON at all, for the reason given."""
        lines = text.split("\n")
        if lines[-1] == "":
            lines.pop()
        try:
            head = parse(lines[0])
        except ValueError:
            raise Unreadable(f"no JSON: {error}") from error
        kinds = {"ledger": self.ledger, "audit": self.audit}
        kind = head.get("kind") if isinstance(head, dict) and head.get("version") == 1 else None
        if kind not in kinds or len(lines) < 2:
            raise Unreadable(f"no JSON: {error}")
        kinds[kind](head, lines[1:], name)

    # --- all of them ---------------------------------------------------------------------

    def together(self):
        """Checkpoints and leaves that no file contradicted so far, against the ledgers."""
        facts, n_checked = self.facts, 0
        for origin, records, name in facts.ledgers:
            for (other, size), (said, where) in facts.checkpoints.items():
                if other != origin or size > len(records):
                    continue
                self.need("histories", root(records, size) == said,
                          f"checkpoint {size} in {where} is not the beginning of {name}")
                n_checked += 1
        for origin in sorted({origin for origin, _ in facts.checkpoints}):
            self._connected(origin)
        self.say(f"together: no contradiction, {n_checked} checkpoints recomputed")

    def _connected(self, origin):
        sizes = sorted(size for other, size in self.facts.checkpoints if other == origin)
        group = {size: size for size in sizes}

        def top(size):
            while group[size] != size:
                size = group[size]
            return size
        covered = [len(records) for other, records, _ in self.facts.ledgers if other == origin]
        links = [pair[1:] for pair in self.facts.pairs if pair[0] == origin]
        links += [(size, max(covered)) for size in sizes if covered and size <= max(covered)]
        for one, other in links:
            group[top(one)] = top(other)
        if len({top(size) for size in sizes}) > 1:
            self.say(f"note: nothing here connects the checkpoints of {origin} at "
                     + ", ".join(map(str, sizes)))


def verify(files, trust, without=()):
    """files: [(name, bytes)]; gives a Verdict over all of them."""
    verifier = Verifier(trust, without)
    try:
        for name, data in files:
            if len(files) > 1:
                verifier.say(f"{name}:")
            verifier.file(name, data)
        if len(files) > 1:
            verifier.together()
    except Broken as error:
        return Verdict(BROKEN, verifier.lines + [f"BAD {error}", "broken"])
    except Unreadable as error:
        return Verdict(UNREADABLE, verifier.lines + [f"unreadable: {error}"])
    if verifier.unknown:
        return Verdict(UNKNOWN_KEY, verifier.lines + ["sound, but the broker's key is unknown"])
    return Verdict(GOOD, verifier.lines + ["good"])
