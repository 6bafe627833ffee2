# SPDX-License-Identifier: Apache-2.0
"""model.py - the rules of money in the plainest way: dictionaries, no faults,
no disk, no network.  Reads histories of the simulator (`simulate -h FILE`): what
agents asked and were answered, and in which order the records were made; and
must agree with every answer that moves money, and with what is there in the end.

    model.py FILE ...      the last line is `N passed, N failed`

It knows abi/wire/protocol.md and nothing of the broker's code.
"""
import json
import sys
from collections import defaultdict


class Disagrees(Exception):
    """The model would have answered otherwise."""


def need(holds, text, *values):
    if not holds:
        raise Disagrees(text % values)


def minor(money):
    """Decimal strings to whole numbers, without a float."""
    need(money["currency"] == "AIC", "currency %s", money["currency"])
    whole, _, part = money["amount"].partition(".")
    return int(whole) * 1000000 + int((part + "000000")[:6])


class Payment:
    def __init__(self, payer, payee, amount, fee):
        self.payer, self.payee, self.amount, self.fee = payer, payee, amount, fee
        self.refunded = self.fee_back = 0

    def left(self):
        return self.amount - self.refunded


class Books:
    """What each agent has, wherever it lies: available, reserved or pending."""

    def __init__(self, begin):
        self.fee_ppm = begin["fee_ppm"]
        self.batch = begin["settlement"] == "batch"
        self.has = defaultdict(int)
        self.fees = 0
        self.payments = {}
        self.base_cost = {}  # seller -> what a call costs
        self.mandates = {}  # id -> [each, total, deals, n, sum]
        self.contracts = {}  # id -> [buyer, seller, cancel fee, signed]
        self.disputed = {}  # id -> transaction
        self.frozen = set()  # agents of whom something lies in suspense

    # --- money in and out ----------------------------------------------------

    def fund(self, _, ask, answer):
        self.has[ask["agent_id"]] += minor(ask["amount"])
        self.balance(ask["agent_id"], answer["balance"])

    def withdraw(self, _, ask, answer):
        agent, amount = ask["agent_id"], minor(ask["amount"])
        need(self.has[agent] >= amount, "withdraws %d of %d", amount, self.has[agent])
        self.has[agent] -= amount
        self.balance(agent, answer["balance"])

    def balance(self, agent, said):
        both = minor({"amount": said["available"], "currency": "AIC"}) + minor(
            {"amount": said["reserved"], "currency": "AIC"})
        exact = not self.batch and agent not in self.frozen
        need(both <= self.has[agent] and (not exact or both == self.has[agent]),
             "%s has %d, not %d", agent, self.has[agent], both)

    # --- payments ------------------------------------------------------------

    def pay(self, transaction, payer, payee, amount, fee):
        need(transaction not in self.payments, "%s is paid twice", transaction)
        need(fee == amount * self.fee_ppm // 1000000, "fee %d of %d", fee, amount)
        need(self.has[payer] >= amount, "%s pays %d of %d", payer, amount,
             self.has[payer])
        self.payments[transaction] = Payment(payer, payee, amount, fee)
        self.has[payer] -= amount
        self.has[payee] += amount - fee
        self.fees += fee

    def bill(self, seller, bill, price, ceiling):
        exact = 0
        for line in bill["lines"]:
            each = minor(line["each"])
            exact += line["quantity"] * each
            if line["label"] == "base":
                need(each == self.base_cost[seller], "base cost %d", each)
        total = min(exact, ceiling)
        need(minor(bill["total"]) == minor(price) == total, "price %s, not %d",
             price["amount"], total)
        return total

    def settled(self, sender, answer):
        """An order's answer: deal.buy or execution.execute."""
        receipt = answer["receipt"]
        held, released = minor(receipt["held"]), minor(receipt["released"])
        total = self.bill(answer["provider_id"], answer["bill"], answer["price"], held)
        need(held == total + released, "held %d, released %d", held, released)
        if held == 0:
            need("transaction_id" not in receipt, "nothing was paid")
            return total
        if "transaction_id" not in receipt:
            need(held == 0, "held %d, but no transaction", held)
            return total
        self.pay(receipt["transaction_id"], sender, answer["provider_id"], total,
                 minor(answer["bill"]["fee"]))
        return total

    def execute(self, sender, _, answer):
        self.settled(sender, answer)

    def buy(self, sender, ask, answer):
        total = self.settled(sender, answer)
        need(total <= minor(ask["max_price"]), "price %d", total)
        if "mandate" in ask:
            self.grant(sender, ask["mandate"], None)
        mandate = self.mandates[answer["receipt"]["mandate_id"]]
        mandate[3] += 1
        mandate[4] += total
        need(total <= mandate[0] and mandate[4] <= mandate[1]
             and mandate[3] <= mandate[2], "mandate %s", mandate)

    def grant(self, sender, signed, _):
        text = json.loads(signed["text"])
        need(text["requester"] == sender, "mandate of %s", text["requester"])
        self.mandates.setdefault(text["id"], [
            minor(text["max_each"]), minor(text["max_total"]),
            text.get("max_deals", 1), 0, 0])

    def charge(self, sender, ask, answer):
        need(ask["agent_id"] == sender, "charges another")
        self.pay(answer["transaction_id"], sender, ask["to_agent_id"],
                 minor(ask["amount"]), minor(answer["fee"]))

    # --- and back ------------------------------------------------------------

    def give_back(self, paid, amount):
        need(0 <= amount <= paid.left(), "gives %d of %d back", amount, paid.left())
        paid.refunded += amount
        fee_back = (paid.fee * paid.refunded // paid.amount - paid.fee_back
                    if paid.amount else 0)
        paid.fee_back += fee_back
        self.has[paid.payer] += amount
        self.has[paid.payee] -= amount - fee_back
        self.fees -= fee_back
        return fee_back

    def refund(self, sender, ask, answer):
        paid = self.payments[ask["transaction_id"]]
        need(paid.payee == sender, "%s refunds", sender)
        amount = minor(ask["amount"]) if "amount" in ask else paid.left()
        need(amount == minor(answer["amount"]), "refund of %d", amount)
        need(self.give_back(paid, amount) == minor(answer["fee_back"]), "fee back")
        need(paid.left() == minor(answer["left"]), "left %d", paid.left())

    def dispute(self, sender, _, answer):
        paid = self.payments[answer["transaction_id"]]
        need(paid.payer == sender, "%s objects", sender)
        self.disputed[answer["dispute_id"]] = paid
        self.frozen.add(paid.payee)

    def rule(self, _, ask, answer):
        paid = self.disputed[ask["dispute_id"]]
        back = minor(answer["refunded"]) if "refunded" in answer else 0
        need(back == (paid.left() if ask["ruling"] == "refund" else 0),
             "ruling gives %d of %d back", back, paid.left())
        self.give_back(paid, back)

    # --- contracts by hand -----------------------------------------------------

    def draft(self, sender, _, answer):
        terms = json.loads(answer["terms"])
        fee = minor(terms["cancel_fee"]) if "cancel_fee" in terms else 0
        self.contracts[answer["contract_id"]] = [
            sender, answer["provider_id"], fee, answer["status"] == "signed"]
        if "offer_id" not in answer:
            self.base_of_contract(answer["provider_id"], terms)

    def base_of_contract(self, seller, terms):
        """Buyers name the price in a contract without an offer."""
        self.base_cost[seller] = Either(self.base_cost.get(seller),
                                        minor(terms["pricing"]["base_cost"]))

    def sign(self, _, ask, answer):
        if answer["status"] == "signed":
            self.contracts[ask["contract_id"]][3] = True

    def cancel(self, _, ask, answer):
        buyer, seller, fee, signed = self.contracts[ask["contract_id"]]
        need(answer["state"] == "cancelled", "state %s", answer["state"])
        if signed and fee > 0:
            need(self.has[buyer] >= fee, "cancel fee of %d", fee)
            self.has[buyer] -= fee
            self.has[seller] += fee

    def offer(self, sender, ask, _):
        cost = minor(json.loads(ask["terms"])["pricing"]["base_cost"])
        self.base_cost[sender] = Either(self.base_cost.get(sender), cost)


class Either:
    """One of the prices a seller has named or agreed to."""

    def __init__(self, before, cost):
        self.costs = (before.costs if before else frozenset()) | {cost}

    def __eq__(self, cost):
        return cost in self.costs

    __hash__ = None


RULES = {
    "economics.fund": Books.fund, "economics.withdraw": Books.withdraw,
    "deal.buy": Books.buy, "execution.execute": Books.execute,
    "economics.charge": Books.charge, "economics.refund": Books.refund,
    "economics.dispute": Books.dispute, "economics.resolve_dispute": Books.rule,
    "negotiation.grant_mandate": Books.grant, "negotiation.offer": Books.offer,
    "negotiation.grant_standing_offer": Books.offer,
    "negotiation.select_offer": Books.draft, "negotiation.create_contract": Books.draft,
    "negotiation.sign_contract": Books.sign, "negotiation.cancel_contract": Books.cancel,
}


def kept_answers(kept, asked, answers):
    """The answers in the records.  What was said is what is kept; and what was
    kept and never said still moves money: a late copy of a request that was
    refused before is tried anew, and who took the refusal does not ask again.
    Returns how many were not said."""
    unsaid = 0
    for key, payload in kept.items():
        method = asked[key]["method"] if key in asked else None
        if method not in RULES:
            continue
        if key in answers:
            need(answers[key]["payload"] == payload,
                 "%s %s is answered otherwise than recorded", method, key[1])
        else:
            answers[key] = {"method": method, "payload": payload}
            unsaid += 1
    return unsaid


def check(run):
    """run: the lines of one seed.  Returns how many answers were compared, and
    how many of them only the records have."""
    books = Books(run[0])
    asked, answers, order, kept = {}, {}, {}, {}
    for line in run:
        if line["what"] == "request":
            asked[line["sender"], line["id"]] = line["payload"]
        elif line["what"] == "record" and "request" in line:
            key = line["request"]["sender"], line["request"]["id"]
            order[key] = line["seq"]
            if line.get("answer", {}).get("status", 500) < 300:
                need(key not in kept, "%s has two answers", key)
                kept[key] = line["answer"]["body"]
        elif line["what"] == "answer" and line["type"] == "RESULT":
            key = line["sender"], line["id"]
            before = answers.setdefault(key, line)
            need(line["method"] not in RULES or before["payload"] == line["payload"],
                 "%s %s is answered in two ways", line["method"], line["id"])
    unsaid = kept_answers(kept, asked, answers)
    effects = sorted((order[key], key) for key in answers if key in order)
    n = 0
    for _, key in effects:
        line = answers[key]
        rule = RULES.get(line["method"])
        if rule is None:
            continue
        try:
            rule(books, key[0], asked[key], line["payload"])
        except Disagrees as why:
            raise Disagrees("%s %s: %s" % (line["method"], key[1], why)) from None
        n += 1
    for key, line in answers.items():
        need(key in order or line["method"] not in RULES,
             "%s %s was answered and is not recorded", line["method"], key[1])
    for agent, available in run[-1]["available"].items():
        need(books.has[agent] == available, "%s has %d in the end, not %d", agent,
             books.has[agent], available)
    need(books.fees == run[-1]["fees"], "fees %d, not %d", books.fees, run[-1]["fees"])
    return n, unsaid


def runs(path):
    run = []
    with open(path, encoding="utf-8") as file:
        for text in file:
            line = json.loads(text)
            if line["what"] == "begin":
                run = []
            run.append(line)
            if line["what"] == "end":
                yield run


def main():
    passed = failed = n = unsaid = 0
    for path in sys.argv[1:]:
        for run in runs(path):
            try:
                compared, kept = check(run)
                n += compared
                unsaid += kept
                passed += 1
            except (Disagrees, KeyError) as why:
                failed += 1
                print("not ok - seed %d: %r" % (run[0]["seed"], why))
    print("%d answers that move money agree, %d of them only recorded" % (n, unsaid))
    print("%d passed, %d failed" % (passed, failed))
    return 1 if failed or not passed else 0


if __name__ == "__main__":
    sys.exit(main())
