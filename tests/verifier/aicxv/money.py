# SPDX-License-Identifier: Apache-2.0
"""money.py - the entries of a record are those that its rows ask for."""
import re

from .strict import Broken

HOLD_KINDS = {"reserve", "post", "release", "void", "expire"}
ENDS = {"voided": "void", "expired": "expire"}
_place = re.compile(r"(?:([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}):(available|reserved|pending)"
                    r"|(funding|fees|clearing|suspense|losses):available)", re.ASCII).fullmatch
PLACES = {  # kind: its ways; a, r and p are an agent's columns
    "fund": {"funding a"}, "withdraw": {"a funding", "a p", "p funding", "p a"}, "reserve": {"a r"}, "post": {"r a", "r p"},
    "release": {"r a"}, "void": {"r a"}, "expire": {"r a"}, "fee": {"a fees"},
    "charge": {"a a", "a p"}, "record": {"a a", "a p"}, "refund": {"a a", "p a", "suspense a"},
    "fee_refund": {"fees a"}, "freeze": {"a suspense"}, "thaw": {"suspense a"},
    "settle": {"p clearing", "clearing a"}, "net": {"p a"},
    "chargeback": {"a funding", "losses funding"},
}
SAME_AGENT = {"reserve": True, "release": True, "void": True, "expire": True, "net": True,
              "a p": True, "r p": True, "p a": True, "a a": False, "r a": False}


def move(kind, entry_id, debit, credit, amount):
    return (kind, entry_id, debit, credit, amount.currency, amount.fine)


def key_of(entry):
    """What of an entry its rows decide; a payment that waits for a batch goes to its payee."""
    named = None if entry.kind in ("post", "fee", "charge") else entry.id
    credit = entry.credit
    if entry.kind in ("post", "charge") and credit.endswith(":pending"):
        credit = f"{entry.said['payee']}:available"
    return move(entry.kind, named, entry.debit, credit, entry.amount)


class Holds:
    """Follows holds and what mandates count, from record to record."""

    def __init__(self, need, scales, whole):
        self.need, self.scales = need, scales
        self.whole = whole  # all records are here: counts can be followed exactly
        self.holds, self.uses = {}, {}

    def wanted(self, record, payee_of, bill_of):
        """The entries that the record's holds ask for."""
        moves = []
        for row in record.rows("hold"):
            old = self.holds.get(row.id)
            owner, amount = row["agent_id"], self.scales.check(row["amount"], "a hold")
            free, held = f"{owner}:available", f"{owner}:reserved"
            if row["state"] == "open":
                moves.append(move("reserve", row.id, free, held, amount))
            elif row["state"] == "posted":
                moves += self._posted(row, amount, payee_of(row), bill_of(row), free, held)
            elif row["state"] in ENDS:
                moves.append(move(ENDS[row["state"]], row.id, held, free, amount))
            self._count(record, row, old)
            self.holds[row.id] = row
        return [move for move in moves if move[-1] != 0]

    def _posted(self, row, amount, payee, bill, free, held):
        what = f"record {row.record.seq}: hold {row.id}"
        if payee is None or bill is None:
            raise Broken(f"{what} is posted, but no work was done and billed")
        total, fee = bill
        self.need("bill", total.fine <= amount.fine, f"{what}: {total} is more than {amount}")
        self.need("money", (row["posted"] or 0) == self.scales.minor(total),
                  f"{what}: posted is not {total}")
        waits = any(entry.kind == "post" and entry.credit.endswith(":pending")
                    for entry in row.record.entries)  # the fee is the batch's then
        return [move("post", None, held, f"{payee}:available", total),
                move("release", row.id, held, free, amount.like(amount.fine - total.fine)),
                *([] if waits else [move("fee", None, f"{payee}:available", "fees:available", fee)])]

    def _count(self, record, row, old):
        """mandate_use beside each hold under a mandate."""
        if row["mandate_id"] is None:
            return
        what = f"record {record.seq}: mandate {row['mandate_id']}"
        use = record.row("mandate_use", row["mandate_id"])
        if use is None:
            raise Broken(f"{what} is used and not counted")
        amount, posted = self.scales.minor(row["amount"]), row["posted"] or 0
        said = (use["uses"], use["held"], use["posted"])
        before = self.uses.get(use.id, (0, 0, 0))
        if not self.whole:  # other deals stand between these records: only what it came to
            held = (amount, 0) if old is None else (0, posted)
            self.need("uses", use["uses"] >= max(before[0], 1) and use["held"] >= held[0] and
                      use["posted"] >= held[1], f"{what} counts {said}")
        else:
            after = (before[0] + 1, before[1] + amount, before[2]) if old is None else \
                (before[0], before[1] - amount, before[2] + posted)
            self.need("uses", said == after, f"{what} counts {said}, not {after}")
        self.uses[use.id] = said


def match(record, wanted, need):
    """Both ways: nothing moves that was not asked for, and all that was."""
    what = f"record {record.seq}"
    left = list(wanted)
    for entry in record.entries:
        key = key_of(entry)
        if key in left:
            left.remove(key)
            continue
        need("money", False, f"{what}: {entry.kind} of {entry.amount} from {entry.debit} to "
             f"{entry.credit} follows from nothing")
    need("money", not left, f"{what}: {left[0][0] if left else ''} is missing")


def place(text):
    """"a", "r" or "p" for an agent's columns, else the name of one of the broker's own."""
    found = _place(text)
    if not found:
        raise Broken(f'"{text}" is no place')
    return found[3] or found[2][0]


def form(record, need):
    """Each entry goes one of the ways of its kind."""
    for entry in record.entries:
        what = f"record {record.seq}: {entry.kind} from {entry.debit} to {entry.credit}"
        way = f"{place(entry.debit)} {place(entry.credit)}"
        need("money", way in PLACES.get(entry.kind, ()), what)
        same = entry.debit.partition(":")[0] == entry.credit.partition(":")[0]
        wanted = SAME_AGENT.get(entry.kind, SAME_AGENT.get(way, False))
        need("money", same == wanted, what)
