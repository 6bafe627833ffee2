# SPDX-License-Identifier: Apache-2.0
"""copies.py - what a deal file says beside its records is what the records say."""
from . import crypto
from .strict import Broken, parse_object


def _same(deal, name, said, wanted):
    deal.need("copies", said == wanted, f'"{name}" is not what the records say')


def _part(said, wanted):
    """The members of `wanted`, as they are in said; None in wanted: must not be there."""
    if not isinstance(said, dict):
        raise Broken("an item of the file is no object")
    return {name: said.get(name) for name in sorted(wanted)}


def _list(deal, name, wanted):
    said = deal.file[name]
    _same(deal, name, [_part(one, want) for one, want in zip(said, wanted)], wanted)
    _same(deal, name, len(said), len(wanted))


def _raw_hash(row, name):
    text = row.raw(name)
    return None if text is None else crypto.text_hash(text)


def _rows(deal, table):
    return [row for (name, _), row in deal.rows.items() if name == table]


def _work(deal):
    executions, usage = [], []
    for work in _rows(deal, "execution"):
        status = deal.rows.get(("execution_status", work.id))
        if status is None:
            raise Broken(f"execution {work.id} has no state")
        executions.append({
            "execution_id": work.id, "state": status["state"], "attempts": status["attempts"],
            "input_sha256": _raw_hash(work, "input"), "output_sha256": _raw_hash(status, "output"),
            "latency_ms": status["duration_ms"] or 0})
        if status["state"] == "COMPLETED":
            usage.append({"execution_id": work.id, "calls": 1, "units": status["units"] or 0,
                          "unit": status["unit"] or "calls", "latency_ms": status["duration_ms"] or 0,
                          "quality": status["quality"], "used_before": status["used_before"],
                          "period": status.said.get("period"), "object": status["usage"]})
    _list(deal, "executions", executions)
    _list(deal, "usage", usage)


def _contract(deal, row):
    if row is None:
        _same(deal, "contract", deal.file["contract"], None)
        _same(deal, "policy", deal.file["policy"], None)
        return
    signatures = [
        {"text": row["text"], "key_id": row[f"{party}_key_id"], "signature": row[f"{party}_signature"]}
        for party in ("requester", "provider") if row[f"{party}_signature"] and not (
            party == "provider" and row["offer_id"])]
    wanted = {"text": row["text"], "key_id": row["key_id"], "signature": row["signature"],
              "terms": row["terms"], "signatures": signatures}
    _same(deal, "contract", _part(deal.said["contract"], wanted), wanted)
    policy = parse_object(row["terms"], "terms")["pricing"].get("policy_sha256")
    if policy is None:
        _same(deal, "policy", deal.file["policy"], None)
        return
    said = _part(deal.file["policy"], {"sha256": 0, "source": 0})
    _same(deal, "policy", said["sha256"], policy)
    if said["source"] is not None:
        if not isinstance(said["source"], str):
            raise Broken("the policy's source is no text")
        deal.need("hash", crypto.text_hash(said["source"]) == policy,
                  "the policy's source has another hash")


def check(deal):
    """After all records went by."""
    last = deal.last["deal"]
    intent = deal.last.get("intent")
    _same(deal, "intent", deal.said["intent"], intent and intent.said)
    offers = [{"offer": {name: row[name] for name in ("key_id", "signature", "text")},
               "terms": row["terms"]} for row in _rows(deal, "offer")]
    for one in deal.file["offers"]:
        if not isinstance(one, dict) or not isinstance(one.get("offer"), dict):
            raise Broken("an offer of the file is no object")
    said = [{"offer": _part(one["offer"], {"text", "key_id", "signature"}),
             "terms": one.get("terms")} for one in deal.file["offers"]]
    _same(deal, "offers", sorted(said, key=repr), sorted(offers, key=repr))
    _same(deal, "rounds", deal.file["rounds"], [])
    _contract(deal, deal.rows.get(("contract", last["contract_id"])))
    deal.check_delegation()
    _same(deal, "mandate", deal.mandate and deal.mandate["id"], last["mandate_id"])
    _work(deal)
    hold = deal.rows.get(("hold", last["hold_id"]))
    _same(deal, "hold", deal.file["hold"], hold and hold.said)
    status = deal.rows.get(("execution_status", last["execution_id"]))
    _same(deal, "bill", deal.file["bill"], status and status["bill"])
    wanted = {last["requester_id"], *(row["provider_id"] for row in _rows(deal, "offer"))}
    if last["provider_id"]:
        wanted.add(last["provider_id"])
    _same(deal, "registrations", set(deal.custody), wanted)
    if last["state"] in ("settled", "failed", "expired", "cancelled"):
        left = [row for row in _rows(deal, "hold") if row["state"] == "open"]
        deal.need("money", not left, f"hold {left[0].id if left else ''} was never resolved")
