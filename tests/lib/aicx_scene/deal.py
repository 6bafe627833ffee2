# SPDX-License-Identifier: Apache-2.0
"""deal.py - a deal file, looked at with public keys only and without the broker's code."""
import json

from . import crypto, wire


class Deal:
    """The JSON text of GET /v1/deals/{id}/file, or of `aicx buy --save`."""

    def __init__(self, text):
        self.members = json.loads(text)
        self.records = [json.loads(entry["record"]) for entry in self.members["entries"]]

    def signed(self, name, public):
        """The members of the file's mandate or contract, verified under a raw public key."""
        return wire.read_object(self.members[name], name, public)

    def moves(self):
        """(kind, debit, credit, amount, currency) of each ledger entry, in order."""
        return [(entry["kind"], entry["debit"], entry["credit"], entry["amount"]["amount"],
                 entry["amount"]["currency"])
                for record in self.records for entry in record.get("entries", [])]

    def chained(self):
        """True when each record that follows its neighbour carries that neighbour's hash."""
        texts = [entry["record"] for entry in self.members["entries"]]
        for before, after, text in zip(self.records, self.records[1:], texts):
            if after["seq"] == before["seq"] + 1 and \
                    after["prev"] != crypto.b64(crypto.sha256(b"\0" + text.encode())):
                return False
        return True
