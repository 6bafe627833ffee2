# SPDX-License-Identifier: Apache-2.0
"""deals_test.py - every sort of deal of a real broker, and what the verifiers say of it."""
import json
import subprocess
import sys

from aicx_scene import (Daemon, Declined, Key, SessionAgent, broker_conf, crypto, equal, main,
                        place, scene, that, using, wire)

import fair
from aicxv import BROKEN, GOOD, Trust, verify


class Market:
    """A broker, a buyer whose key it keeps, and whoever sells."""

    def __init__(self, conf=None):
        self.broker = using(Daemon(conf))
        self.buyer = self.broker.agent("buyer", funds="10.00 AIC")
        self.buyer.mandate("text.*", "1.00 AIC", "9.00 AIC", 100)
        self.trust = Trust.from_bytes(self.broker.public_key().encode())
        self.key = self.broker.home / "key"
        self.key.write_text(self.broker.public_key())

    def file(self, deal_id):
        return self.broker.operator.get(f"/v1/deals/{deal_id}/file").ok_text().encode()

    def good(self, deal_id, *words):
        """Both verifiers find the deal good; ours says these words too."""
        data = self.file(deal_id)
        verdict = verify([(deal_id, data)], self.trust)
        said = "\n".join(verdict.lines)
        equal(verdict.status, GOOD, said)
        for word in words:
            that(word in said, f"{word} in {said}")
        self.our_own(data, GOOD)

    def our_own(self, data, status):
        """What `aicx verify` says of it."""
        path = self.broker.home / "deal"
        path.write_bytes(data)
        done = subprocess.run([place.AICX, "verify", path, "--trust", self.key], text=True,
                              check=False, capture_output=True)
        equal(done.returncode, status, done.stdout)

    def buy(self, need, given="one", **more):
        return self.buyer.buy(need, given, "1.00 AIC", **more)

    def last_deal(self):
        return self.buyer.rest.get("/v1/deals").ok()["deals"][0]["deal_id"]


@scene
def deals_whose_keys_the_broker_keeps():
    market = Market()
    market.broker.seller("echo", "text.echo", "0.001 AIC")
    market.good(market.buy("text.echo").ok()["deal_id"], "in the broker's keeping")
    market.good(market.buy("text.echo").ok()["deal_id"])


@scene
def texts_that_need_escapes_and_numbers_of_all_kinds():
    market = Market()
    seller = market.broker.seller("echo", "text.echo", "0.001 AIC")
    for given in ("\u00e9\U0001f600\\\"\n\t\u2028", [1.5, -0.0, 10 ** 30, None],
                  {"a b": {"": [True, {}]}, "\u0001": []}, ""):
        market.good(market.buy("text.echo", given).ok()["deal_id"])
    seller.work = lambda execute: {"z": [1, 2], "a": "\u00fc"}
    market.good(market.buy("text.echo").ok()["deal_id"])


@scene
def a_text_with_lines_stays_one_record():
    market = Market()
    market.broker.seller("echo", "text.echo", "0.001 AIC")
    body = '{"need":"text.echo","input":{\n  "a": [1,\n 2]\n},"max_price":{"amount":"1","currency":"AIC"}}'
    deal = market.buyer.rest.post("/v1/deals", body).ok()
    own = fair.Seller(market.broker, fair.counted("0.001 AIC", "0.0001 AIC", "words", 9), 2)
    own.sell("text.words", "0.001 AIC")
    market.good(market.buy("text.words", {"a": [1]}).ok()["deal_id"])
    own.leave()
    market.good(deal["deal_id"])
    for entry in json.loads(market.file(deal["deal_id"]))["entries"]:
        that("\n" not in entry["record"], "a line of the ledger is one line")


@scene
def work_that_fails_is_tried_again_or_given_back():
    market = Market()
    seller = market.broker.seller("sick", "text.sick", "0.001 AIC")
    tries = []

    def work(execute):
        tries.append(execute["attempt"])
        if len(tries) == 1:
            raise Declined("busy", "later", retryable=True)
        if execute["input"] == "never":
            raise Declined("no", "I cannot")
        return "done"
    seller.work = work
    market.good(market.buy("text.sick").ok()["deal_id"])
    equal(tries, [1, 2])
    market.buy("text.sick", "never").refused(502, "provider_failed")
    market.good(market.last_deal(), "failed")


@scene
def deals_without_an_offer_and_without_a_seller():
    market = Market()
    market.broker.seller("dear", "text.dear", "2.00 AIC")
    market.buy("text.dear").refused(404, "no_offer")
    market.good(market.last_deal(), "failed")


@scene
def standing_offers_by_key_and_by_the_broker():
    market = Market()
    echo = market.broker.seller("echo", "text.echo", "0.001 AIC")
    echo.rest.post("/v1/standing-offers", {"offer": {
        "agent_id": echo.id, "capability": "text.echo", "expires": wire.at(3600),
        "terms": {"pricing": {"model": "per_call", "base_cost": wire.money("0.002 AIC")}}}}).ok()
    own = SessionAgent(market.broker, Key()).sell("text.echo", "0.001 AIC")
    terms = wire.per_call_terms("0.001 AIC")
    own.call("negotiation.grant_standing_offer", {"terms": terms, **wire.sign_object(
        own.key, "offer", broker_id=market.broker.broker_id, capability="text.echo",
        provider_id=own.id, terms_sha256=crypto.b64(crypto.sha256(terms.encode())),
        expires=wire.at(3600))})
    for _ in range(2):
        market.good(market.buy("text.echo").ok()["deal_id"])
    own.leave()


@scene
def units_that_are_measured():
    market = Market()
    for unit, output in (("bytes", "x"), ("seconds", "x"), ("items", ["a", "b", "c"]), ("items", {})):
        seller = fair.Seller(market.broker, fair.counted("0.001 AIC", "0.0001 AIC", unit, 9), 1)
        seller.sell("text." + unit, "0.001 AIC")
        seller.work = lambda execute, output=output: output
        market.good(market.buy("text." + unit, "some words").ok()["deal_id"])
        seller.leave()


@scene
def a_badly_signed_offer_that_loses_spoils_nothing():
    market = Market()
    good = SessionAgent(market.broker, Key()).sell("text.sign", "0.001 AIC")
    bad = SessionAgent(market.broker, Key()).sell("text.sign", "0.002 AIC")
    offers_for = bad.offers_for

    def badly(intent):
        payload = offers_for(intent)
        payload["offer"]["signature"] = crypto.b64(bytes(64))
        return payload
    bad.offers_for = badly
    for price in ("0.002 AIC", "0.0005 AIC"):  # it would lose, it would win
        bad.price = price
        market.good(market.buy("text.sign").ok()["deal_id"], "it was not chosen from")
    good.leave()
    bad.leave()


def by_hand(market, seller_id, max_executions):
    """(deal id, contract id) of an intent whose offer was selected."""
    rest = market.buyer.rest
    intent = rest.post("/v1/intents", {"need": "text.hand", "max_price": wire.money("1.00 AIC"),
                                       "input": "x"}).ok()
    offers = rest.get(f"/v1/intents/{intent['intent_id']}/offers?timeout_ms=5000").ok()["offers"]
    equal([offer["provider_id"] for offer in offers], [seller_id])
    contract = rest.post(f"/v1/offers/{offers[0]['offer_id']}/select", {
        "max_executions": max_executions}).ok()
    return intent["intent_id"], contract["contract_id"]


@scene
def deals_by_hand_from_the_intent_to_the_last_execution():
    market = Market()
    seller = market.broker.seller("hand", "text.hand", "0.001 AIC")
    rest = market.buyer.rest
    deal_id, contract_id = by_hand(market, seller.id, 3)
    market.good(deal_id, "proposed")
    rest.post(f"/v1/contracts/{contract_id}/signatures", {}).ok()
    market.good(deal_id, "signed")
    for given in ("one", "two", "three"):
        rest.post(f"/v1/contracts/{contract_id}/executions", {"input": given}).ok()
        market.good(deal_id)
    market.good(deal_id, "settled")


@scene
def deals_that_are_cancelled_with_and_without_a_fee():
    market = Market()
    seller = fair.Seller(market.broker, wire.per_call_terms(
        "0.001 AIC", cancel_fee=wire.money("0.0005 AIC"))).sell("text.hand", "0.001 AIC")
    rest = market.buyer.rest
    deal_id, contract_id = by_hand(market, seller.id, 1)
    rest.delete(f"/v1/contracts/{contract_id}").ok()
    market.good(deal_id, "cancelled")
    deal_id, contract_id = by_hand(market, seller.id, 1)
    rest.post(f"/v1/contracts/{contract_id}/signatures", {}).ok()
    rest.delete(f"/v1/contracts/{contract_id}").ok()
    market.good(deal_id, "cancelled")
    seller.leave()


@scene
def contracts_that_two_agree_on_directly():
    market = Market()
    seller = market.broker.seller("hand", "text.hand", "0.001 AIC")
    rest = market.buyer.rest
    contract = rest.post("/v1/contracts", {
        "provider_id": seller.id, "capability": "text.hand", "terms": wire.per_call_terms("0.001 AIC"),
        "max_executions": 2, "expires": wire.at(60)}).ok()["contract_id"]
    for one in (rest, seller.rest):
        one.post(f"/v1/contracts/{contract}/signatures", {}).ok()
    rest.post(f"/v1/contracts/{contract}/executions", {"input": "one"}).ok()
    market.good(market.last_deal(), "signed")


def agreed(market, seller, price, n):
    """A contract that both signed, for n executions."""
    contract = market.buyer.rest.post("/v1/contracts", {
        "provider_id": seller.id, "capability": "text.hand", "terms": wire.per_call_terms(price),
        "max_executions": n, "expires": wire.at(600)}).ok()["contract_id"]
    for one in (market.buyer.rest, seller.rest):
        one.post(f"/v1/contracts/{contract}/signatures", {}).ok()
    return f"/v1/contracts/{contract}/executions"


@scene
def work_that_costs_nothing_is_one_record():
    market = Market()
    seller = market.broker.seller("hand", "text.hand", "0.00 AIC")
    path = agreed(market, seller, "0.00 AIC", 4)
    deal_id = market.last_deal()

    def records():
        return [json.loads(entry["record"]) for entry in json.loads(market.file(deal_id))["entries"]]
    n = len(records())
    for given in ("one", "two"):
        told = market.buyer.rest.request("POST", path, {"input": given}, key=given)
        equal(told.ok()["result"], given)
        n += 1
        equal([len(records()), records()[-1]["step"]], [n, "deal.settle"])
        again = market.buyer.rest.request("POST", path, {"input": given}, key=given)
        equal((again.status, again.body), (told.status, told.body))
        market.good(deal_id, "signed")
    seen = []

    def work(execute):  # somebody looks at it: then it is recorded before
        seen.append(market.buyer.rest.get(f"/v1/deals/{deal_id}").ok())
        if execute["input"] == "sick":
            raise Declined("no", "I cannot")
        return "done"
    seller.work = work
    market.buyer.rest.post(path, {"input": "sick"}).refused(502, "provider_failed")
    market.good(deal_id, "signed")
    market.buyer.rest.post(path, {"input": "last"}).ok()
    equal([one["state"] for one in seen], ["working", "working"])
    equal([len(records()), len([one for one in records() if one["step"] == "deal.execute"])], [n + 4, 2])
    market.good(deal_id, "settled")


@scene
def only_work_that_costs_nothing_goes_without_a_hold():
    market = Market()
    seller = market.broker.seller("hand", "text.hand", "0.00 AIC")
    deals = {}
    for price in ("0.00 AIC", "0.001 AIC"):
        path = agreed(market, seller, price, 1)
        deals[price] = market.last_deal()
        market.buyer.rest.post(path, {"input": "one"}).ok()
        market.good(deals[price], "settled")
    book = fair.book_of(market.broker, [market.file(deals["0.00 AIC"])])

    def bill_it(changed, deal_id):
        row = changed.rows("execution_status", deal_id)[-1]
        row["cost"] = row["bill"]["total"] = wire.money("0.000001 AIC")

    def charge_a_fee(changed, deal_id):
        changed.rows("execution_status", deal_id)[-1]["bill"]["fee"] = wire.money("0.000001 AIC")

    def hold_nothing(changed, deal_id):
        for row in changed.rows("execution", deal_id) + changed.rows("deal", deal_id):
            row.pop("hold_id", None)
        for record in changed.of_deal(deal_id):
            record.pop("entries", None)
            record["put"] = [put for put in record["put"] if "hold" not in put]
    for lie, price in ((bill_it, "0.00 AIC"), (charge_a_fee, "0.00 AIC"), (hold_nothing, "0.001 AIC")):
        changed = book.copy()
        lie(changed, deals[price])
        data = changed.seal().deal_file(deals[price], {})
        equal(verify([("deal", data)], market.trust).status, BROKEN, lie.__name__)
        market.our_own(data, BROKEN)
    data = book.copy().seal().deal_file(deals["0.00 AIC"], {})
    market.our_own(data, GOOD)


def priced(need, market, **pricing):
    """A seller on these terms; sla beside the pricing."""
    sla = {"sla": pricing.pop("sla")} if "sla" in pricing else {}
    terms = wire.dump({"pricing": pricing, **sla, "max_units": 9})
    return fair.Seller(market.broker, terms, 4).sell(need, "0.001 AIC")


@scene
def lateness_is_taken_off():
    market = Market()
    for each, cap in (("0.000001 AIC", "0.0009 AIC"), ("0.0001 AIC", "0.0001 AIC")):
        seller = priced("text.late", market, model="per_call", base_cost=wire.money("0.001 AIC"), sla={
            "max_latency_ms": 0, "penalty_per_ms": wire.money(each), "penalty_cap": wire.money(cap),
            "bonus_cap": wire.money("0.0002 AIC")})
        market.good(market.buy("text.late").ok()["deal_id"])
        seller.call("discovery.unregister")


@scene
def subscriptions_pay_for_a_period_and_what_is_beyond_it():
    market = Market()
    seller = priced("text.hand", market, model="subscription", subscription_period="monthly",
                    subscription_cost=wire.money("0.01 AIC"), unit_cost=wire.money("0.001 AIC"),
                    unit="words", included_units=6, base_cost=wire.money("0.0001 AIC"))
    rest = market.buyer.rest
    deal_id, contract_id = by_hand(market, seller.id, 4)
    rest.post(f"/v1/contracts/{contract_id}/signatures", {}).ok()
    prices = []
    for given in range(4):
        done = rest.post(f"/v1/contracts/{contract_id}/executions", {"input": given}).ok()
        prices.append(done["price"]["amount"])
        market.good(deal_id)
    equal(prices, ["0.010100", "0.002100", "0.004100", "0.004100"])
    market.good(deal_id, "settled")


@scene
def policies_price_and_say_what_they_were_asked():
    source = "return { price = function(usage) return 1234 + usage.units end }"
    conf = {"half.lua": source, "51-policies.conf": '[hook lua "half"]\nfile = half.lua\n'}
    market = Market(conf)
    for unit in ({}, {"unit": "words", "unit_cost": wire.money("0.001 AIC")}, {"unit": "bytes"}):
        seller = priced("text.policy", market, model="dynamic", base_cost=wire.money("0.01 AIC"),
                        policy_sha256=crypto.b64(crypto.sha256(source.encode())), **unit,
                        sla={"bonus_cap": wire.money("0.0002 AIC")})
        market.good(market.buy("text.policy").ok()["deal_id"], "price not recomputed")
        seller.call("discovery.unregister")


def money_that_moves():
    """The ledger of a broker that settles in batches, with refunds, reservations, a dispute."""
    conf = broker_conf(fee_ppm="100000", settlement="batch")
    market = Market({"40-broker.conf": conf})
    operator, buyer = market.broker.operator, market.buyer
    seller = market.broker.seller("echo", "text.echo", "0.001 AIC")

    def pay(payer, payee, amount, **more):
        return payer.rest.post(f"/v1/accounts/{payer.id}/charges", {
            "to_agent_id": payee.id, "amount": wire.money(amount), **more}).ok()["transaction_id"]

    def refund(payment, amount):
        seller.rest.post(f"/v1/transactions/{payment}/refund", {"amount": wire.money(amount)}).ok()
    held = [buyer.rest.post(f"/v1/budgets/{buyer.id}/reservations", {
        "amount": wire.money("0.25 AIC")}).ok()["reservation_id"] for _ in range(2)]
    deals = [market.buy("text.echo", str(i)).ok() for i in range(3)]
    pay(buyer, seller, "0.5 AIC")
    pay(buyer, seller, "0.2 AIC", reservation_id=held[0])
    buyer.rest.delete(f"/v1/reservations/{held[1]}").ok()
    payment = deals[0]["receipt"]["transaction_id"]
    refund(payment, "0.000333 AIC")
    operator.post("/v1/settlements", {"currency": "AIC"}).ok()
    refund(payment, "0.000333 AIC")
    pay(seller, buyer, "0.3 AIC")
    deals.append(market.buy("text.echo").ok())
    operator.post("/v1/settlements", {"currency": "AIC"}).ok()
    dispute = buyer.rest.post(f"/v1/contracts/{deals[-1]['contract_id']}/dispute", {
        "reason": "late"}).ok()["dispute_id"]
    operator.post(f"/v1/disputes/{dispute}/resolution", {
        "ruling": "refund", "amount": wire.money("0.0004 AIC"), "reason": "half"}).ok()
    for deal in deals:
        market.good(deal["deal_id"])
    return market, fair.book_of(market.broker)


@scene
def money_that_waits_goes_back_or_is_disputed():
    market, book = money_that_moves()

    def status(changed):
        return verify([("ledger", changed.seal().ledger())], market.trust).status
    equal(status(book), GOOD)
    equal([len(row["transactions"]) for row in book.rows("batch")], [5, 2])

    def row(changed, name):
        return changed.rows(name)[0]

    def entry(changed, kind):
        return next(entry for record in changed.records for entry in record.get("entries", ())
                    if entry["kind"] == kind)

    def less(one):
        one["amount"] = wire.money(f"{float(one['amount']['amount']) - 0.000001:.6f} AIC")
    for number, lie in enumerate((lambda changed: row(changed, "batch")["transactions"].pop(),
                lambda changed: row(changed, "batch")["transactions"].append(
                    row(changed, "batch")["transactions"][0]),
                lambda changed: row(changed, "batch")["parties"][0].update(net=-1),
                lambda changed: less(entry(changed, "settle")),
                lambda changed: less(entry(changed, "net")),
                lambda changed: less(entry(changed, "refund")),
                lambda changed: less(entry(changed, "fee_refund")),
                lambda changed: less(entry(changed, "thaw")),
                lambda changed: entry(changed, "freeze").update(of=wire.new_id()),
                lambda changed: entry(changed, "post").update(payee=wire.new_id()),
                lambda changed: row(changed, "transaction_state").update(refunded=1))):
        changed = book.copy()
        lie(changed)
        equal(status(changed), BROKEN, f"lie {number}")


if __name__ == "__main__":
    sys.exit(main(__doc__))
