# SPDX-License-Identifier: Apache-2.0
"""forgeries.py - what a dishonest broker can do to its ledger, with its own key and no
other.  Each forgery changes a paper broker's records for one deal and redoes all that
follows from it: scores, contract, hold, bill, entries, counts; seal() does the rest.

A forgery gives the files to look at, or None when the deal is not of that sort.
"""
import decimal
import json

from aicx_scene import Key, crypto, wire

import paper

MINOR = decimal.Decimal("0.000001")
FORGERIES = []


def forgery(function):
    FORGERIES.append(function)
    return function


def more(money, n=1):
    """n minor units more."""
    return {**money, "amount": str(decimal.Decimal(money["amount"]) + n * MINOR)}


def minor(money):
    return int(decimal.Decimal(money["amount"]) / MINOR)


class Deal:
    """One deal inside a forger's ledger, and what of it can be redone."""

    def __init__(self, run, book, deal_id, chance):
        self.run, self.book, self.id, self.chance = run, book, deal_id, chance
        self.row = book.rows("deal", deal_id)[-1]
        self.offers = book.rows("offer", deal_id)
        self.contract = book.rows("contract", deal_id)[-1]
        self.status = book.rows("execution_status", deal_id)[-1]
        self.hold = book.rows("hold", deal_id)[-1]
        self.text = json.loads(self.contract["text"])

    def loser(self):
        losing = [row for row in self.offers if row["offer_id"] != self.row["offer_id"]]
        return self.chance.choice(losing) if losing else None

    def counted(self):
        """Sold by units that only the seller counts: its signed claim is required."""
        return self.run.needs[self.id] == "fair.words"

    def entry(self, kind):
        return next(entry for record in self.book.of_deal(self.id)
                    for entry in record.get("entries", ()) if entry["kind"] == kind)

    def settle(self):
        """The record of the result and its payment."""
        return self.with_entry("post")[-1]

    def with_entry(self, kind):
        """The records of the deal in which something of this kind moved."""
        return [record for record in self.book.of_deal(self.id)
                if any(entry["kind"] == kind for entry in record.get("entries", ()))]

    # --- redoing ----------------------------------------------------------------------

    def score_again(self):
        """Prices against the lowest, the other parts as they are, the mean."""
        offers = self.text["choose"]["offers"]
        lowest = min(minor(one["price"]) for one in offers)
        for one in offers:
            parts = one["parts"]
            parts["price"] = lowest * 1000 // minor(one["price"])
            one["score"] = (50 * parts["price"] + 35 * parts["reputation"] + 15 * parts["latency"]) // 100
        winner = next(one for one in offers if one["offer_id"] == self.text["choose"]["offer_id"])
        self.text["choose"] |= {"score": winner["score"], "parts": winner["parts"]}

    def sign_again(self):
        """The contract with its new text, in every row that has it."""
        text = wire.dump(self.text)
        for row in self.book.rows("contract", self.id):
            row |= paper.sign(self.book.key, "contract", text)
        for row in self.book.rows("deal", self.id):
            if "why" in row:
                row["why"] = self.text["choose"]

    def hold_more(self, n):
        """The ceiling, and what was held under it."""
        self.text["ceiling"] = more(self.text["ceiling"], n)
        for row in self.book.rows("contract", self.id):
            row["ceiling"] = self.text["ceiling"]
        for row in self.book.rows("hold", self.id):
            row["amount"] = self.text["ceiling"]
        self.entry("reserve")["amount"] = self.text["ceiling"]
        self.sign_again()

    def bill_more(self, n):
        """n minor units more paid; the lines are the forger's affair."""
        bill = self.status["bill"]
        bill["total"] = self.status["cost"] = self.entry("post")["amount"] = more(bill["total"], n)
        self.hold["posted"] += n
        settle = self.settle()
        rest = minor(self.hold["amount"]) - minor(bill["total"])
        settle["entries"] = [entry for entry in settle["entries"] if entry["kind"] != "release"]
        if rest > 0:
            settle["entries"].append({
                "id": self.hold["hold_id"], "kind": "release", "debit": self.entry("post")["debit"],
                "credit": self.entry("reserve")["debit"], "amount": more(
                    {"amount": "0.000000", "currency": "AIC"}, rest),
                "contract_id": self.contract["contract_id"]})
        if "body" in settle["answer"]:  # else it follows from the rows
            settle["answer"]["body"] |= {"price": bill["total"], "bill": bill}

    def finish(self):
        """The deal's file, out of a ledger that was made anew."""
        count_again(self.book)
        self.book.seal()
        return [self.book.deal_file(self.id, self.run.mandates)]


def count_again(book):
    """Every use of every mandate, as if the ledger had always been so."""
    uses = {}
    for record in book.records:
        holds = [put["hold"] for put in record.get("put", ()) if "hold" in put]
        for put in record.get("put", ()):
            for hold in holds if "mandate_use" in put else ():
                use = uses.setdefault(hold["mandate_id"], [0, 0, 0])
                amount = minor(hold["amount"])
                if hold["state"] == "open":
                    use[0], use[1] = use[0] + 1, use[1] + amount
                else:
                    use[1], use[2] = use[1] - amount, use[2] + hold.get("posted", 0)
                put["mandate_use"] |= dict(zip(("uses", "held", "posted"), use))


# --- the forgeries ----------------------------------------------------------------------

@forgery
def bill_plus_one(deal):
    """A line costs one minor unit more; the ceiling grows with it."""
    line = deal.chance.choice(deal.status["bill"]["lines"])
    n = line["quantity"]
    line["each"], line["amount"] = more(line["each"]), more(line["amount"], n)
    if minor(deal.status["bill"]["total"]) + n > minor(deal.hold["amount"]):
        deal.hold_more(n)
    deal.bill_more(n)
    return deal.finish()


@forgery
def bill_with_one_more_line(deal):
    """The terms know no such line."""
    deal.status["bill"]["lines"].append({
        "label": "service", "quantity": 1, "each": {"amount": "0.000001", "currency": "AIC"},
        "amount": {"amount": "0.000001", "currency": "AIC"}})
    if minor(deal.status["bill"]["total"]) + 1 > minor(deal.hold["amount"]):
        deal.hold_more(1)
    deal.bill_more(1)
    return deal.finish()


@forgery
def terms_made_dearer(deal):
    """The winner's terms, with their hash in offer and contract; the seller did not sign."""
    terms = json.loads(deal.contract["terms"])
    terms["pricing"]["base_cost"] = more(terms["pricing"]["base_cost"])
    text = wire.dump(terms)
    offer = next(row for row in deal.offers if row["offer_id"] == deal.row["offer_id"])
    said = json.loads(offer["text"]) | {"terms_sha256": paper.text_hash(text)}
    offer |= {"terms": text, "text": wire.dump(said), "price": more(offer["price"])}
    for one in deal.text["choose"]["offers"]:
        if one["offer_id"] == offer["offer_id"]:
            one["price"] = offer["price"]
    deal.score_again()
    for row in deal.book.rows("contract", deal.id):
        row["terms"] = text
    deal.text["terms_sha256"] = paper.text_hash(text)
    line = deal.status["bill"]["lines"][0]
    line["each"], line["amount"] = more(line["each"]), more(line["amount"])
    deal.hold_more(1)
    deal.bill_more(1)
    return deal.finish()


@forgery
def offer_dropped(deal):
    """A losing offer was never made, says the broker."""
    lost = deal.loser()
    if lost is None:
        return None
    deal.book.records.remove(next(record for record in deal.book.of_deal(deal.id)
                                  if any(put.get("offer") is lost for put in record["put"])))
    choose = deal.text["choose"]
    choose["offers"] = [one for one in choose["offers"] if one["offer_id"] != lost["offer_id"]]
    deal.score_again()
    deal.sign_again()
    return deal.finish()


@forgery
def offer_not_listed(deal):
    """It was made, but the choice leaves it out."""
    lost = deal.loser()
    if lost is None:
        return None
    choose = deal.text["choose"]
    choose["offers"] = [one for one in choose["offers"] if one["offer_id"] != lost["offer_id"]]
    deal.score_again()
    deal.sign_again()
    return deal.finish()


def invent(deal, provider_id, key, price, **more):
    """An offer by this agent, signed by whatever key the broker has."""
    first = next(record for record in deal.book.of_deal(deal.id) if record["step"] == "deal.offer")
    record = json.loads(json.dumps(first))
    terms = wire.per_call_terms(price)
    signed = wire.sign_object(
        key, "offer", broker_id=deal.book.broker_id, intent_id=deal.id, provider_id=provider_id,
        terms_sha256=paper.text_hash(terms), expires=deal.offers[0]["expires"])
    row = {**record["put"][0]["offer"], **signed, **more, "offer_id": json.loads(signed["text"])["id"],
           "provider_id": provider_id, "terms": terms, "price": wire.money(price)}
    record |= {"actor": provider_id, "put": [{"offer": row}]}
    record.pop("request", None)
    last = [record for record in deal.book.of_deal(deal.id) if record["step"] == "deal.offer"][-1]
    deal.book.records.insert(deal.book.records.index(last) + 1, record)
    record["time"] = last["time"]
    deal.text["choose"]["offers"].append({
        "offer_id": row["offer_id"], "provider_id": provider_id, "price": row["price"],
        "score": 0, "parts": {"price": 0, "reputation": 600, "latency": 500}})
    deal.score_again()
    deal.sign_again()
    return deal.finish()


@forgery
def offer_invented_for_a_seller(deal):
    """By an agent that sells something else and did not offer."""
    known = {row["provider_id"] for row in deal.offers} | {deal.row["requester_id"]}
    others = [agent for agent in deal.book.agents if agent not in known]
    if not others:
        return None
    return invent(deal, deal.chance.choice(others), deal.book.key, "0.400000 AIC")


@forgery
def offer_invented_under_a_sellers_key_id(deal):
    """The same, naming that agent's key; only the signature cannot be made."""
    known = {row["provider_id"] for row in deal.offers} | {deal.row["requester_id"]}
    others = [agent for agent in deal.book.agents if agent not in known]
    if not others:
        return None
    provider_id = deal.chance.choice(others)
    return invent(deal, provider_id, deal.book.key, "0.400000 AIC",
                  key_id=crypto.key_id(crypto.unb64(deal.book.agents[provider_id][0])))


@forgery
def offer_invented_with_its_seller(deal):
    """By an agent that the broker made up, key and all."""
    key, made_up = Key(), wire.new_id()
    deal.book.agents[made_up] = crypto.b64(key.public), "own"
    return invent(deal, made_up, key, "0.400000 AIC")


def give_to(deal, other):
    """The whole deal to another seller on that one's own offer."""
    was = deal.row["provider_id"]
    for record in deal.book.of_deal(deal.id):
        if record["step"] == "deal.offer":
            continue
        text = json.dumps(record).replace(was, other["provider_id"])
        record.clear()
        record.update(json.loads(text))
    book, deal_id = deal.book, deal.id
    fresh = Deal(deal.run, book, deal_id, deal.chance)
    fresh.text |= {"offer_id": other["offer_id"], "provider_id": other["provider_id"],
                   "terms_sha256": paper.text_hash(other["terms"])}
    # The replacement above also renamed the loser in the list: put the list back.
    return fresh


@forgery
def another_winner(deal):
    """The work and the money go to a seller who lost."""
    other = deal.loser()
    if other is None:
        return None
    choose = json.loads(deal.contract["text"])["choose"]
    fresh = give_to(deal, other)
    chosen = next(one for one in choose["offers"] if one["offer_id"] == other["offer_id"])
    if deal.chance.random() < 0.5:  # a rule that takes it, in the intent too
        choose["rule"] = "best_score"
        for one in choose["offers"]:
            one["parts"]["reputation"] = 1000 if one is chosen else 0
            one["parts"]["latency"] = 1000 if one is chosen else 0
        for row in fresh.book.rows("intent", fresh.id):
            row["choose"] = "best_score"
    choose["offer_id"] = other["offer_id"]
    fresh.text["choose"] = choose
    fresh.score_again()
    for row in fresh.book.rows("contract", fresh.id):
        row |= {"offer_id": other["offer_id"], "terms": other["terms"],
                "provider_key_id": other["key_id"], "provider_signature": other["signature"]}
    for row in fresh.book.rows("deal", fresh.id):
        if "offer_id" in row:
            row["offer_id"] = other["offer_id"]
    grows = minor(other["price"]) - minor(fresh.text["ceiling"])
    fresh.hold_more(grows)
    old = json.loads(deal.contract["terms"])["pricing"]
    new = json.loads(other["terms"])["pricing"]
    total = 0
    for line, name in zip(fresh.status["bill"]["lines"], ("base_cost", "unit_cost")):
        each = minor(new[name]) - minor(old[name])
        line["each"], line["amount"] = more(line["each"], each), more(line["amount"], each * line["quantity"])
        total += each * line["quantity"]
    fresh.bill_more(total)
    return fresh.finish()


def raise_units(deal, n):
    deal.status["units"] += n
    line = next(line for line in deal.status["bill"]["lines"] if line["label"] == "units")
    line["quantity"] += n
    cost = minor(line["each"]) * n
    line["amount"] = more(line["amount"], cost)
    deal.bill_more(cost)


@forgery
def usage_raised(deal):
    """One unit more than was measured or claimed."""
    if "unit" not in deal.status or deal.status["units"] >= deal.text["max_units"]:
        return None
    raise_units(deal, 1)
    return deal.finish()


@forgery
def usage_raised_with_its_claim(deal):
    """And the claim says so, though its signature cannot."""
    if not deal.counted():
        return None
    raise_units(deal, 1)
    claim = deal.status["usage"]
    claim["text"] = wire.dump(json.loads(claim["text"]) | {"units": deal.status["units"]})
    return deal.finish()


@forgery
def claim_left_out(deal):
    """Units that only the seller could have counted, without its word."""
    if not deal.counted():
        return None
    del deal.status["usage"]
    return (deal.chance.random() < 0.5 and offer_dropped(deal)) or deal.finish()


@forgery
def output_exchanged(deal):
    """The result is another than the seller delivered."""
    deal.status["output"] = "something else"
    answer = deal.settle()["answer"]
    if "body" in answer:
        answer["body"]["result"] = "something else"
    return deal.finish()


def once_more(deal):
    """The whole deal again behind the rest, with ids of its own, for a seller that the broker
    made up: offer and claim are signed by that one's key."""
    key, seller = Key(), wire.new_id()
    deal.book.agents[seller] = crypto.b64(key.public), "own"
    fresh = {deal.id: wire.new_id(), deal.row["provider_id"]: seller,
             deal.entry("post")["id"]: wire.new_id(),
             **{deal.row[name]: wire.new_id() for name in (
                 "contract_id", "hold_id", "execution_id", "offer_id")}}
    records = [record for record in deal.book.of_deal(deal.id) if record["step"] != "deal.offer"
               or record["put"][0]["offer"]["offer_id"] == deal.row["offer_id"]]
    text = json.dumps(records)
    for old, new in fresh.items():
        text = text.replace(old, new)
    added = json.loads(text)
    for record in added:
        record.pop("request", None)
        record["time"] = deal.book.records[-1]["time"]
    deal.book.records += added
    again = Deal(deal.run, deal.book, fresh[deal.id], deal.chance)
    offer = again.offers[0]
    said = json.loads(offer["text"])
    offer |= paper.sign(key, "offer", wire.dump(said | {"expires": wire.at(3600)}))
    offer["expires"] = again.text["expires"]
    again.text["choose"]["offers"] = [one for one in again.text["choose"]["offers"]
                                      if one["offer_id"] == offer["offer_id"]]
    created = again.book.records[-1]["time"]
    again.text["created"] = created
    for row in deal.book.rows("contract", again.id):
        row |= {"created": created, "provider_key_id": offer["key_id"],
                "provider_signature": offer["signature"]}
    again.score_again()
    again.sign_again()
    claim = json.loads(again.status["usage"]["text"]) | {
        "contract_sha256": paper.text_hash(deal.book.rows("contract", again.id)[-1]["text"])}
    again.status["usage"] = paper.sign(key, "usage", wire.dump(claim))
    return again


@forgery
def mandate_used_once_more(deal):
    """The buyer never asked for this one."""
    return once_more(deal).finish()


@forgery
def mandate_use_counted_twice(deal):
    """The same, under the number of a use that another deal has: both files together."""
    again = once_more(deal)
    uses = [json.loads(json.dumps(row)) for row in deal.book.rows("mandate_use", deal.id)]
    again.finish()
    for row, was in zip(deal.book.rows("mandate_use", again.id), uses):
        row |= was
    deal.book.seal()
    return [deal.book.deal_file(deal.id, deal.run.mandates),
            deal.book.deal_file(again.id, deal.run.mandates)]


@forgery
def second_history(deal):
    """Nothing that one file shows: only a checkpoint from before says otherwise."""
    honest = deal.run.honest
    size = deal.chance.randrange(1, len(honest.texts) + 1)
    record = deal.book.records[deal.chance.randrange(size)]
    record["actor"] = wire.new_id()
    deal.book.seal()
    forged = deal.book
    return deal.chance.choice([
        lambda: [honest.checkpoint(size).encode(), forged.checkpoint(size).encode()],
        lambda: [honest.checkpoint(size).encode(), forged.ledger()],
        lambda: [_between(honest, forged, size)]])()


def _between(honest, forged, size):
    """A proof that the forged tree begins with the honest one: as good as can be had."""
    if size == len(forged.texts):
        forged.append("account.fund", wire.new_id(), forged.records[-1]["time"])
        forged.seal()
    file = json.loads(forged.consistency(size, len(forged.texts)))
    return wire.dump(file | {"from": honest.checkpoint(size)}).encode()


@forgery
def money_made(deal):
    """The ledger itself: an account gets what nobody paid."""
    fund = next(record for record in deal.book.records if record["step"] == "account.fund")
    entry = fund["entries"][0]
    entry["amount"] = more(entry["amount"], -minor(entry["amount"]) + 1)
    deal.book.seal()
    return [deal.book.ledger()]


# --- what went back ----------------------------------------------------------------------

def refunded(deal):
    """The record of the last refund, its entry and the payment's row; or None."""
    records = deal.with_entry("refund")
    if not records:
        return None
    entry = next(one for one in records[-1]["entries"] if one["kind"] == "refund")
    row = next(put["transaction_state"] for put in records[-1]["put"] if "transaction_state" in put)
    return records[-1], entry, row


@forgery
def refund_above_what_was_left(deal):
    """The seller gives back more than it was paid; entry, row and ruling agree."""
    found = refunded(deal)
    if found is None:
        return None
    record, entry, row = found
    n = minor(row["amount"]) - row["refunded"] + 1
    entry["amount"] = more(entry["amount"], n)
    row["refunded"] += n
    for put in record["put"]:
        if "dispute" in put:
            put["dispute"]["refunded"] += n
    return deal.finish()


@forgery
def refund_kept_in_part(deal):
    """The payer gets a unit less than its payment's row says."""
    found = refunded(deal)
    if found is None:
        return None
    found[1]["amount"] = more(found[1]["amount"], -1)
    return deal.finish()


@forgery
def refund_dropped(deal):
    """The first of two refunds never was; the second still counts it."""
    records = deal.with_entry("refund")
    if len(records) < 2:
        return None
    deal.book.records.remove(records[0])
    return deal.finish()


@forgery
def dispute_ruled_twice(deal):
    """The same ruling again: what is frozen goes out a second time."""
    records = [record for record in deal.book.of_deal(deal.id) if record["step"] == "dispute.rule"]
    if not records:
        return None
    again = json.loads(json.dumps(records[-1]))
    again.pop("request", None)
    deal.book.records.insert(deal.book.records.index(records[-1]) + 1, again)
    return deal.finish()


@forgery
def frozen_without_a_dispute(deal):
    """Money of the seller is laid aside, and no dispute says why."""
    records = [record for record in deal.book.of_deal(deal.id) if record["step"] == "contract.dispute"]
    if not records:
        return None
    records[0]["put"] = [put for put in records[0]["put"] if "dispute" not in put]
    return deal.finish()
