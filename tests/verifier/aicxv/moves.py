# SPDX-License-Identifier: Apache-2.0
"""moves.py - which state may follow which, and what of a row may never change."""
from .strict import Broken

DEAL = {None: {"open", "proposed"},
        "open": {"open", "proposed", "working", "failed", "expired", "cancelled"},
        "proposed": {"proposed", "signed", "expired", "cancelled"},
        "signed": {"signed", "working", "settled", "expired", "cancelled"},
        "working": {"working", "signed", "settled", "failed"}}
CONTRACT = {None: {"proposed", "signed"},
            "proposed": {"proposed", "signed", "cancelled", "expired"},
            "signed": {"signed", "completed", "failed", "cancelled", "expired"}}
EXECUTION = {None: {"IN_PROGRESS", "COMPLETED"},
             "IN_PROGRESS": {"IN_PROGRESS", "RETRYING", "COMPLETED", "FAILED", "TIMEOUT"},
             "RETRYING": {"IN_PROGRESS", "FAILED", "TIMEOUT"}}
HOLD = {None: {"open"}, "open": {"posted", "voided", "expired"}}
TABLES = {"deal": ("state", DEAL), "contract_state": ("status", CONTRACT),
          "execution_status": ("state", EXECUTION), "hold": ("state", HOLD)}

FIXED = {  # what stays once it is there
    "intent": None, "offer": None, "execution": None,  # None: all of it
    "contract": ("contract_id", "deal_id", "intent_id", "offer_id", "mandate_id", "requester_id",
                 "provider_id", "capability", "text", "key_id", "signature", "terms"),
    "hold": ("agent_id", "contract_id", "mandate_id", "amount", "created"),
    "deal": ("requester_id",),
}


def check(row, old, need):
    """That a row may stand after the one it replaces."""
    what = f"record {row.record.seq}: {row.table} {row.id}"
    if row.table in TABLES:
        member, moves = TABLES[row.table]
        before = old[member] if old else None
        known = {state for after in moves.values() for state in after}
        if row[member] not in known:
            raise Broken(f'{what}: no state "{row[member]}"')
        need("moves", row[member] in moves.get(before, ()),
             f"{what} went from {before or 'nothing'} to {row[member]}")
        at_once = {"deal": ("signed", "settled"), "execution_status": (None, "COMPLETED")}
        need("moves", at_once.get(row.table) != (before, row[member]) or any(
            work["hold_id"] is None for work in row.record.rows("execution")),
             f"{what} went to {row[member]} at once, though something was held for it")
    if old is None or row.table not in FIXED:
        return
    names = FIXED[row.table]
    same = row.said == old.said if names is None else \
        all(row.said.get(name) == old.said.get(name) for name in names)
    need("moves", same, f"{what} says something else than in record {old.record.seq}")
