# SPDX-License-Identifier: Apache-2.0
"""choice.py - why this offer: the list, the scores and the rule, computed again."""
from .strict import Broken, read

WHY = {"rule": "str", "offer_id": "id", "score": "number", "parts": "dict", "reason": "str?",
       "offers": "list"}
CANDIDATE = {"offer_id": "id", "provider_id": "id", "price": "money", "score": "number",
             "parts": "dict"}
PARTS = {"price": "number", "reputation": "number", "latency": "number"}
RULES = ("lowest_price", "best_score", "first_good", "policy")


def _candidate(said):
    found = read(said, CANDIDATE, "the choice")
    found["parts"] = read(found["parts"], PARTS, "the choice: parts")
    return found


def _scores(listed, need):
    cheapest = min(one["price"].fine for one in listed)
    for one in listed:
        what, parts, own = f"the choice: offer {one['offer_id']}", one["parts"], one["price"].fine
        price = 1000 if own <= cheapest else cheapest * 1000 // own
        need("choice", parts["price"] == price, f"{what}: its part for price is not {price}")
        need("choice", parts["reputation"] <= 1000 and parts["latency"] <= 1000,
             f"{what}: a part above 1000")
        score = (50 * parts["price"] + 35 * parts["reputation"] + 15 * parts["latency"]) // 100
        need("choice", one["score"] == score, f"{what}: its score is not {score}")


def winner_of(listed, rule):
    """The offer that the rule takes; None when the rule is somebody's own."""
    if rule == "first_good":
        return listed[0]
    if rule == "lowest_price":
        return min(listed, key=lambda one: (one["price"].fine, -one["score"], one["offer_id"]))
    if rule == "best_score":
        return min(listed, key=lambda one: (-one["score"], one["offer_id"]))
    return None


def check(why, offers, made, wanted_rule, need):
    """why: the contract's `choose`; offers: the offer rows recorded before it, in order;
    made: when the contract was made.  Gives the chosen offer's id, and the rule."""
    rows = {row.id: row for row in offers}
    if isinstance(why, dict) and why.get("rule") == "by_hand":  # the buyer looked for itself
        said = read(why, {"offer_id": "id"}, "the choice")
        if said["offer_id"] not in rows:
            raise Broken("the choice is an offer that was never recorded")
        return said["offer_id"], "by_hand"
    said = read(why, WHY, "the choice")
    said["parts"] = read(said["parts"], PARTS, "the choice: parts")
    listed = [_candidate(one) for one in said["offers"]]
    if said["rule"] not in RULES or not listed:
        raise Broken("the choice names no rule, or no offers")
    ids = [one["offer_id"] for one in listed]
    for one in listed:
        row = rows.get(one["offer_id"])
        need("offers", row is not None, f"the choice: offer {one['offer_id']} was never recorded")
        need("offers", row is None or (row["provider_id"], row["price"]) ==
             (one["provider_id"], one["price"]),
             f"the choice: offer {one['offer_id']} was made otherwise")
    for row in offers:
        need("offers", row.id in ids or row["expires"] <= made,
             f"the choice: offer {row.id} of record {row.record.seq} was dropped")
    need("offers", [row.id for row in offers if row.id in ids] == ids,
         "the choice: its offers stand in another order than they were recorded in")
    _scores(listed, need)
    chosen = next((one for one in listed if one["offer_id"] == said["offer_id"]), None)
    if chosen is None:
        raise Broken("the choice: the winner is not in its list")
    need("choice", (said["score"], said["parts"]) == (chosen["score"], chosen["parts"]),
         "the choice: the winner's score is another than in the list")
    need("choice", said["rule"] == "policy" or wanted_rule in (None, said["rule"]),
         f"the choice: by {said['rule']}, where {wanted_rule} was asked for")
    best = winner_of(listed, said["rule"])
    need("choice", best is None or best is chosen,
         f"the choice: {said['rule']} takes offer {best and best['offer_id']}")
    return said["offer_id"], said["rule"]
