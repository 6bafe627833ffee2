# SPDX-License-Identifier: Apache-2.0
"""scene_bad_deals.py - deals that go wrong: one precise error, money back, books at zero."""
import decimal
import sys
import threading
import time

from aicx_scene import (Daemon, Declined, Key, balanced, broker_conf, equal, eventually, main,
                        nothing_changes, scene, that, using, wire)
from aicx_scene.crypto import b64, sha256

NEED = "text.echo"
NOTHING = b64(sha256(b""))


def open_broker(files=None, **options):
    """A broker that waits long for a slow machine, but for the options a scene names."""
    return using(Daemon({"40-broker.conf": broker_conf(**options), **(files or {})}))


def buyer_of(broker, funds="1.00 AIC", max_deals=100):
    buyer = broker.agent("buyer", funds=funds)
    buyer.mandate(NEED, "0.10 AIC", "1.00 AIC", max_deals=max_deals)
    return buyer


def seller_of(broker, price="0.001 AIC"):
    return broker.session().sell(NEED, price)


def offer_of(seller, intent_id, terms=None, key=None, **changed):
    """An OFFER's payload, with what a scene wants changed in the signed text."""
    terms = terms or wire.per_call_terms(seller.price)
    text = {"broker_id": seller.broker.broker_id, "intent_id": intent_id,
            "provider_id": seller.id, "terms_sha256": b64(sha256(terms.encode())),
            "expires": wire.at(60), **changed}
    return {"method": "negotiation.offer", "intent_id": intent_id, "terms": terms,
            "offer": wire.sign_object(key or seller.key, "offer", **text)}


def spoil(signed):
    """The object with another signature of the right length."""
    return {**signed, "signature": ("B" if signed["signature"][0] == "A" else "A")
            + signed["signature"][1:]}


def good_for_a_moment(give):
    """give(expires) says whether it came in time; returns when it is over.  A busy machine
    needs more than a moment."""
    for seconds in (0.2, 1, 5, 20):
        end = time.monotonic() + seconds
        if give(wire.at(seconds)):
            # A little longer: the broker reads its clock before it compares.
            time.sleep(max(0, end - time.monotonic()) + 0.05)
            return
    raise AssertionError("never in time")


def spent(agent):
    return decimal.Decimal(agent.balance()["spent"])


# --- offers --------------------------------------------------------------------------

@scene
def an_offer_counts_only_when_it_is_in_time_and_fits():
    broker = open_broker()
    buyer, seller, other = buyer_of(broker), seller_of(broker), broker.session()
    seller.offers_for = lambda intent: None
    intent = buyer.rest.post("/v1/intents", {
        "need": NEED, "max_price": wire.money("0.01 AIC")}).ok()["intent_id"]

    def said(agent, payload):
        answer = agent.answer_to(agent.send("OFFER", payload))
        return answer.type, answer.payload.get("code")

    terms = wire.per_call_terms("0.02 AIC")
    with nothing_changes(broker, buyer, seller):
        equal(said(seller, offer_of(seller, intent, expires=wire.at(-1))), ("ERROR", "expired"))
        equal(said(seller, offer_of(seller, intent, key=Key())), ("ERROR", "bad_signature"))
        equal(said(seller, offer_of(seller, wire.new_id())), ("ERROR", "not_found"))
        equal(said(seller, offer_of(seller, intent, broker_id=wire.new_id()))[0], "ERROR")
        equal(said(seller, offer_of(seller, intent, provider_id=other.id))[0], "ERROR")
        equal(said(seller, offer_of(seller, intent, terms_sha256="A" * 43))[0], "ERROR")
        equal(said(seller, offer_of(seller, intent, terms)), ("ERROR", "budget_exceeded"))
        equal(said(other, offer_of(seller, intent)), ("ERROR", "denied"))
        got = buyer.rest.get(f"/v1/intents/{intent}/offers").ok()
        equal(got["offers"], [], "no wrong offer is kept")
        equal(said(seller, offer_of(seller, intent))[0], "RESULT")
        equal(said(seller, offer_of(seller, intent)), ("ERROR", "already_exists"))
    # An offer that was good when it came, selected when it is over.
    second = seller_of(broker)
    second.offers_for = lambda intent: None
    taken = []

    def offer(expires):
        answer = second.answer_to(second.send("OFFER", offer_of(second, intent, expires=expires)))
        taken.append(answer.payload.get("offer_id"))
        return answer.type == "RESULT"
    good_for_a_moment(offer)
    buyer.rest.post(f"/v1/offers/{taken[-1]}/select", {}).refused(410, "expired")


@scene
def a_forged_winner_is_found_out_and_the_next_offer_wins():
    broker = open_broker()
    buyer = buyer_of(broker)
    forger, honest = seller_of(broker, "0.001 AIC"), seller_of(broker, "0.002 AIC")

    def forged(intent):
        payload = offer_of(forger, intent["intent_id"])
        return {**payload, "offer": spoil(payload["offer"])}
    forger.offers_for = forged
    deal = buyer.buy(NEED, "hello", "0.01 AIC").ok()
    equal((deal["provider_id"], deal["result"]), (honest.id, "hello"))
    broker.event("offer.forged", provider=forger.id)

    def declined(_intent):
        raise Declined("declined", "not today")
    honest.offers_for = declined
    with nothing_changes(broker, buyer):
        buyer.buy(NEED, "hello", "0.01 AIC").refused(404, "no_offer")
    balanced(broker)


@scene
def nobody_there_or_nothing_that_fits_is_no_offer():
    broker = open_broker(offer_window="300ms")
    buyer = buyer_of(broker)
    with nothing_changes(broker, buyer):
        buyer.buy(NEED, "x", "0.01 AIC").refused(404, "no_offer")
        seller = seller_of(broker, "0.05 AIC")
        buyer.buy(NEED, "x", "0.01 AIC").refused(404, "no_offer")
        seller.offers_for = lambda intent: None
        buyer.buy(NEED, "x", "0.10 AIC").refused(404, "no_offer")

        def declined(_intent):
            raise Declined("declined", "not today")
        seller.offers_for = declined
        buyer.buy(NEED, "x", "0.10 AIC").refused(404, "no_offer")


# --- contracts ------------------------------------------------------------------------

@scene
def a_contract_is_signed_only_by_its_parties():
    broker = open_broker()
    buyer, seller, stranger = broker.session(), seller_of(broker), broker.session()
    stranger.call("discovery.register", {"name": "stranger"})
    made = buyer.call("negotiation.create_contract", {
        "provider_id": seller.id, "capability": NEED, "terms": wire.per_call_terms("0.001 AIC")})
    contract, text = made["contract_id"], made["text"].encode()

    def sign(agent, key, signed=text, kind="contract"):
        answer = agent.ask("negotiation.sign_contract", {
            "contract_id": contract, "key_id": key.id, "signature": b64(key.sign(kind, signed))})
        return answer.payload.get("code") or answer.payload["status"]

    def status():
        return buyer.call("negotiation.get_contract", {"contract_id": contract})["status"]

    with nothing_changes(broker, buyer, seller):
        equal(sign(stranger, stranger.key), "not_party")
        equal(sign(stranger, buyer.key), "not_party")
        equal(sign(buyer, stranger.key), "bad_signature")
        equal(sign(buyer, buyer.key, text + b" "), "bad_signature")
        equal(sign(buyer, buyer.key, kind="offer"), "bad_signature")
        equal(stranger.ask("negotiation.get_contract",
                           {"contract_id": contract}).payload["code"], "not_found")
        equal(buyer.ask("execution.execute", {"contract_id": contract, "input": 1}).payload["code"],
              "wrong_state")
        equal(status(), "proposed")
        equal(sign(buyer, buyer.key), "proposed")
        equal(sign(stranger, seller.key), "not_party")
        equal(status(), "proposed")
        equal(sign(seller, seller.key), "signed")
        # In force, but nobody paid in.
        equal(buyer.ask("execution.execute", {"contract_id": contract, "input": 1}).payload["code"],
              "insufficient_funds")
        equal(stranger.ask("execution.execute",
                           {"contract_id": contract, "input": 1}).payload["code"], "not_found")
        equal(stranger.ask("negotiation.cancel_contract",
                           {"contract_id": contract}).payload["code"], "not_found")


# --- mandates and budgets ---------------------------------------------------------------

@scene
def a_mandate_counts_only_for_whom_and_what_and_when_it_says():
    broker = open_broker()
    seller_of(broker)
    buyer, other = (broker.agent(name, funds="1.00 AIC") for name in ("buyer", "other"))

    def buy(who, **more):
        return who.buy(NEED, "x", "0.01 AIC", **more)

    used = buyer.mandate(NEED, "0.01 AIC", "1.00 AIC", max_deals=1)
    buy(buyer, mandate_id=used).ok()
    with nothing_changes(broker, buyer, other):
        buy(buyer, mandate_id=used).refused(403, "mandate_exhausted")
        buy(buyer).refused(403, "mandate_exhausted")
        little = buyer.mandate(NEED, "0.01 AIC", "0.000500 AIC", max_deals=9)
        buy(buyer, mandate_id=little).refused(404, "no_offer")
        gone = buyer.mandate(NEED, "0.01 AIC", "1.00 AIC", max_deals=9)
        buyer.rest.delete(f"/v1/mandates/{gone}").ok()
        equal(buy(buyer, mandate_id=gone).status, 403)
        over = buyer.mandate(NEED, "0.01 AIC", "1.00 AIC", not_before=wire.at(-60),
                             expires=wire.at(-1))
        later = buyer.mandate(NEED, "0.01 AIC", "1.00 AIC", not_before=wire.at(600))
        equal(buy(buyer, mandate_id=later).status, 403)
        buy(buyer, mandate_id=over).refused(403, "mandate_expired")
        another = buyer.mandate("text.other", "0.01 AIC", "1.00 AIC")
        buy(buyer, mandate_id=another).refused(403, "no_mandate")
        good = buyer.mandate(NEED, "0.01 AIC", "1.00 AIC")
        buy(other, mandate_id=good).refused(403, "denied")
        buy(other).refused(403, "no_mandate")
        buy(other, mandate_id=wire.new_id()).refused(404, "not_found")
        other.rest.delete(f"/v1/mandates/{good}").refused(404, "not_found")
    buy(buyer, mandate_id=good).ok()
    balanced(broker)


@scene
def a_mandate_in_the_call_is_signed_by_its_caller():
    broker = open_broker()
    seller_of(broker)
    buyer, stranger = broker.session(), Key()
    buyer.call("discovery.register", {"name": "buyer"})
    broker.operator.post(f"/v1/accounts/{buyer.id}/fund", {
        "amount": wire.money("1.00 AIC"), "reference": "r"}).ok()

    def mandate(key, **changed):
        members = {"broker_id": broker.broker_id, "requester": buyer.id, "need": [NEED],
                   "max_each": wire.money("0.01 AIC"), "max_total": wire.money("0.01 AIC"),
                   "max_deals": 1, "not_before": wire.at(-1), "expires": wire.at(60),
                   "choose": "lowest_price", **changed}
        return wire.sign_object(key, "mandate", **members)

    def buy(signed):
        answer = buyer.ask("deal.buy", {"need": NEED, "input": "x", "mandate": signed,
                                        "max_price": wire.money("0.01 AIC")})
        return answer.payload.get("code") or answer.payload["state"]

    with nothing_changes(broker, buyer):
        equal(buy(mandate(stranger)), "bad_signature")
        equal(buy(spoil(mandate(buyer.key))), "bad_signature")
        equal(buy(mandate(buyer.key, expires=wire.at(-0.5))), "mandate_expired")
        equal(buy(mandate(buyer.key, need=["text.other"])), "no_mandate")
        equal(buy(mandate(buyer.key, requester=wire.new_id())), "denied")
        that(buy(mandate(buyer.key, broker_id=wire.new_id())) in ("no_mandate", "misaddressed",
                                                                 "invalid_params"), "foreign broker")
    good = mandate(buyer.key)
    equal(buy(good), "settled")
    with nothing_changes(broker, buyer):
        equal(buy(good), "mandate_exhausted")


@scene
def a_budget_limits_and_is_no_money():
    broker = open_broker()
    seller_of(broker, "0.01 AIC")
    poor, tight = buyer_of(broker, funds=None), buyer_of(broker)
    for agent, amount in ((poor, "5.00 AIC"), (tight, "0.015 AIC")):
        broker.operator.post("/v1/budgets", {"agent_id": agent.id, "period": "unlimited",
                                             "amount": wire.money(amount)}).ok()
    with nothing_changes(broker, poor, tight):
        poor.buy(NEED, "x", "0.05 AIC").refused(402, "insufficient_funds")
        poor.rest.post("/v1/budgets", {"amount": wire.money("1 AIC")}).refused(
            409, "already_exists")
    tight.buy(NEED, "x", "0.05 AIC").ok()
    with nothing_changes(broker, tight):
        tight.buy(NEED, "x", "0.05 AIC").refused(402, "budget_exceeded")
    budget = tight.rest.get(f"/v1/budgets/{tight.id}").ok()
    equal([decimal.Decimal(budget[name]) for name in ("consumed", "held", "available")],
          [decimal.Decimal(text) for text in ("0.01", "0", "0.005")])


# --- providers ------------------------------------------------------------------------------

@scene
def a_provider_that_never_answers_is_not_paid():
    broker = open_broker()
    buyer, seller = buyer_of(broker), seller_of(broker)
    orders, terms = [], wire.per_call_terms("0.001 AIC", timeout_ms=10)
    seller.offers_for = lambda intent: offer_of(seller, intent["intent_id"], terms)
    seller.work = orders.append
    with nothing_changes(broker, buyer, seller):
        buyer.buy(NEED, "x", "0.01 AIC").refused(504, "timeout")
        # What comes after the end is told so.
        eventually(lambda: orders, "the work is ordered")
        execution = orders[0]["execution_id"]
        late = seller.ask("execution.result", {"execution_id": execution, "output": "late"})
        equal(late.payload["code"], "wrong_state")
    done = buyer.rest.get(f"/v1/executions/{execution}").ok()
    equal(done["state"], "TIMEOUT")


@scene
def a_provider_that_answers_twice_is_paid_once():
    broker = open_broker()
    buyer, seller = buyer_of(broker), seller_of(broker)
    buyer.buy(NEED, "x", "0.01 AIC").ok()
    execute = seller.inbox[-1]
    payload = {"execution_id": execute.payload["execution_id"], "output": "twice"}
    with nothing_changes(broker, buyer, seller):
        again = seller.answer_to(seller.send("RESULT", payload, correlation_id=execute.id))
        equal((again.type, again.payload["code"]), ("ERROR", "wrong_state"))
        again = seller.ask("execution.result", payload)
        equal((again.type, again.payload["code"]), ("ERROR", "wrong_state"))
    equal(spent(buyer), decimal.Decimal("0.001"))


@scene
def a_provider_that_answers_garbage_may_still_do_better():
    broker = open_broker()
    buyer, seller, stranger = buyer_of(broker), seller_of(broker), broker.session()
    stranger.call("discovery.register", {"name": "stranger"})
    asked = threading.Event()

    def silent(_execute):
        asked.set()
    seller.work = silent
    answers = []
    buying = threading.Thread(target=lambda: answers.append(buyer.buy(NEED, "x", "0.01 AIC")))
    buying.start()
    eventually(asked.is_set, "the work is ordered")
    execute = seller.inbox[-1]
    execution = execute.payload["execution_id"]

    def said(agent, payload):
        answer = agent.answer_to(agent.send("RESULT", payload, correlation_id=execute.id))
        return answer.payload["code"]
    equal(said(seller, {"execution_id": execution}), "invalid_params")
    equal(said(seller, {"execution_id": "x", "output": 1}), "not_found")
    equal(said(seller, {"execution_id": wire.new_id(), "output": 1}), "not_found")
    equal(said(stranger, {"execution_id": execution, "output": "mine"}), "not_party")
    equal(buyer.rest.get(f"/v1/executions/{execution}").ok()["state"], "IN_PROGRESS")
    equal(seller.ask("execution.result", {"execution_id": execution, "output": "good"}).type,
          "RESULT")
    buying.join()
    equal(answers[0].ok()["result"], "good")
    balanced(broker)


@scene
def a_provider_that_goes_away_has_its_grace_and_no_more():
    broker = open_broker(grace="300ms")
    buyer, seller = buyer_of(broker), seller_of(broker)
    seller.work = lambda execute: seller.leave()
    with nothing_changes(broker, buyer, seller):
        buyer.buy(NEED, "x", "0.01 AIC").refused(502, "provider_failed")
    # Gone right after its offer, before there was a contract.
    leaver, other = seller_of(broker), seller_of(broker, "0.002 AIC")

    def offer_and_go(envelope):
        if envelope.type == "QUERY":
            leaver.send("OFFER", offer_of(leaver, envelope.payload["intent_id"]),
                        correlation_id=envelope.id)
            leaver.leave()
    leaver.answer = offer_and_go

    def declined(_intent):
        eventually(lambda: not buyer.rest.get(f"/v1/agents/{leaver.id}").ok()["online"],
                   "it is away")
        raise Declined("declined", "not today")
    other.offers_for = declined
    with nothing_changes(broker, buyer):
        buyer.buy(NEED, "x", "0.01 AIC").refused(502, "provider_failed")


@scene
def a_provider_that_is_back_within_its_grace_is_paid():
    broker = open_broker()
    buyer, seller = buyer_of(broker), seller_of(broker)

    def swap(_execute):
        seller.leave()
        broker.session(seller.key, seller.id)  # it echoes what it is sent again
    seller.work = swap
    equal(buyer.buy(NEED, "back", "0.01 AIC").ok()["result"], "back")
    balanced(broker)


@scene
def a_provider_that_may_try_again_does():
    broker = open_broker()
    buyer, seller = buyer_of(broker), seller_of(broker)
    terms = wire.per_call_terms("0.001 AIC", retry_policy={
        "max_attempts": 3, "backoff_strategy": "linear", "initial_delay_ms": 10, "max_delay_ms": 50})
    seller.offers_for = lambda intent: offer_of(seller, intent["intent_id"], terms)

    def third_time(execute):
        if execute["attempt"] < 3:
            raise Declined("busy", "come again", retryable=True)
        return execute["attempt"]
    seller.work = third_time
    deal = buyer.buy(NEED, "x", "0.01 AIC").ok()
    equal(deal["result"], 3)
    file = buyer.rest.get(f"/v1/deals/{deal['deal_id']}").ok()
    equal([one["attempts"] for one in file["executions"]], [3])

    def never(_execute):
        raise Declined("busy", "come again", retryable=True)
    seller.work = never
    with nothing_changes(broker, buyer, seller):
        problem = buyer.buy(NEED, "x", "0.01 AIC").refused(502, "provider_failed")
        that("come again" in problem["detail"], problem)

        def no(_execute):
            raise Declined("no", "not this one")
        seller.work = no
        buyer.buy(NEED, "x", "0.01 AIC").refused(502, "provider_failed")
    equal([one.payload["attempt"] for one in seller.inbox if one.type == "EXECUTE"],
          [1, 2, 3, 1, 2, 3, 1])


# --- bills ------------------------------------------------------------------------------------

def per_unit(seller, unit, max_units, **more):
    terms = wire.dump({"pricing": {"model": "per_unit", "base_cost": wire.money("0.001 AIC"),
                                   "unit_cost": wire.money("0.0001 AIC"), "unit": unit},
                       "max_units": max_units, **more})
    seller.offers_for = lambda intent: offer_of(seller, intent["intent_id"], terms)


@scene
def units_are_measured_or_claimed_and_never_above_what_was_agreed():
    broker = open_broker()
    buyer, seller = buyer_of(broker), seller_of(broker)

    def price(given):
        return decimal.Decimal(buyer.buy(NEED, given, "0.01 AIC").ok()["price"]["amount"])

    per_unit(seller, "bytes", 20)
    equal(price("hello"), decimal.Decimal("0.0017"), "seven bytes with the quotes")
    equal(price("x" * 100), decimal.Decimal("0.003"), "twenty at most")
    per_unit(seller, "items", 20)
    equal(price([1, 2, 3]), decimal.Decimal("0.0013"))
    # Words are the provider's to count: it signs how many.
    per_unit(seller, "words", 20, timeout_ms=10)
    with nothing_changes(broker, buyer, seller):
        buyer.buy(NEED, "x", "0.01 AIC").refused(504, "timeout")
    per_unit(seller, "words", 20)

    def claim(units, key, spoiled=False, **hashes):
        def answer(envelope):
            if envelope.type != "EXECUTE":
                return seller_answer(envelope)
            execution = envelope.payload["execution_id"]
            usage = wire.sign_object(key, "usage", broker_id=broker.broker_id,
                                     execution_id=execution, units=units, unit="words", **hashes)
            seller.send("RESULT", {"execution_id": execution, "output": "done",
                                   "usage": spoil(usage) if spoiled else usage},
                        correlation_id=envelope.id)
            return None
        seller.answer = answer
    seller_answer = seller.answer
    claim(5, seller.key)
    equal(price("x"), decimal.Decimal("0.0015"))
    claim(5000, seller.key)
    equal(price("x"), decimal.Decimal("0.003"), "never above the agreed units")
    with nothing_changes(broker, buyer, seller):
        claim(5, seller.key, spoiled=True)
        buyer.buy(NEED, "x", "0.01 AIC").refused(502, "provider_failed")
        claim(5, Key())
        buyer.buy(NEED, "x", "0.01 AIC").refused(502, "provider_failed")
        claim(-5, seller.key)
        buyer.buy(NEED, "x", "0.01 AIC").refused(502, "provider_failed")
        # A claim binds the contract that was worked under, and the output.
        claim(5, seller.key, contract_sha256=NOTHING)
        buyer.buy(NEED, "x", "0.01 AIC").refused(502, "provider_failed")
        claim(5, seller.key, output_sha256=NOTHING)
        buyer.buy(NEED, "x", "0.01 AIC").refused(502, "provider_failed")
    claim(5, seller.key, output_sha256=b64(sha256(b'"done"')))
    equal(price("x"), decimal.Decimal("0.0015"))
    # The same where the broker measures: what is claimed then bills nothing.
    per_unit(seller, "bytes", 20)
    equal(price("hello"), decimal.Decimal("0.0017"), "seven bytes, whatever is claimed")
    with nothing_changes(broker, buyer, seller):
        claim(7, seller.key, output_sha256=NOTHING)
        buyer.buy(NEED, "x", "0.01 AIC").refused(502, "provider_failed")
        claim(7, Key())
        buyer.buy(NEED, "x", "0.01 AIC").refused(502, "provider_failed")


# --- policies ---------------------------------------------------------------------------------

PRICES = {
    "half": "return { price = function(usage, terms, call)\n"
            "\treturn muldiv(terms.base_cost.minor, 1, 2)\nend }\n",
    "signed": "return { price = function(usage, terms, call)\n"
              "\tassert(terms.unit == 'pages' and usage.attempts == 1)\n"
              "\treturn terms.unit_cost.minor * usage.calls\nend }\n",
    "wrong": "return { price = function(usage, terms, call)\n\n\treturn usage.no.such\nend }\n",
    "endless": "return { price = function(usage, terms, call)\n\twhile true do end\nend }\n",
    "wild": "return { price = function(usage, terms, call)\n\treturn -5\nend }\n",
    "huge": "return { price = function(usage, terms, call)\n\treturn call.ceiling.minor * 10\nend }\n",
    "text": "return { price = function(usage, terms, call)\n\treturn 'a lot'\nend }\n",
    "picky": "return { choose = function(offers, mandate)\n\treturn refuse 'none is good'\nend }\n",
    "broken": "return { choose = function(offers, mandate)\n\treturn offers[99].offer_id\nend }\n",
    "liar": "return { choose = function(offers, mandate)\n"
            "\treturn '01a20411-c2e5-7935-8555-d2a7365963f5', 'x'\nend }\n",
    "last": "return { choose = function(offers, mandate)\n"
            "\treturn offers[#offers].offer_id, 'the last'\nend }\n",
}


def policies():
    """conf.d files: each policy beside the section that names it."""
    files = {f"{name}.lua": text for name, text in PRICES.items()}
    files["51-policies.conf"] = "".join(
        f'[hook lua "{name}"]\nfile = {name}.lua\n' for name in PRICES)
    return files


def hash_of(name):
    return b64(sha256(PRICES[name].encode()))


@scene
def a_price_by_policy_is_paid_or_the_deal_fails_closed():
    broker = open_broker(policies())
    buyer, seller = buyer_of(broker), seller_of(broker)

    def by(name, **more):
        terms = wire.dump({"pricing": {"model": "dynamic", "base_cost": wire.money("0.01 AIC"),
                                       "policy_sha256": hash_of(name), **more}})
        seller.offers_for = lambda intent: offer_of(seller, intent["intent_id"], terms)

    by("half")
    equal(decimal.Decimal(buyer.buy(NEED, "x", "0.01 AIC").ok()["price"]["amount"]),
          decimal.Decimal("0.005"))
    by("signed", unit="pages", unit_cost=wire.money("0.002 AIC"))
    equal(decimal.Decimal(buyer.buy(NEED, "x", "0.01 AIC").ok()["price"]["amount"]),
          decimal.Decimal("0.002"))
    with nothing_changes(broker, buyer, seller):
        for name, line in (("wrong", 3), ("endless", 2), ("wild", None), ("text", None)):
            by(name)
            buyer.buy(NEED, "x", "0.01 AIC").refused(502, "policy_failed")
            where = f"{name}.lua:{line}" if line else f"{name}.lua"
            eventually(lambda part=where: any(
                part in event["reason"] for event in broker.events
                if event.get("event") == "policy.failed"), f"{where} is in the log")
    # Above the ceiling it is the ceiling, or nothing: never more.
    by("huge")
    before = spent(buyer)
    answer = buyer.buy(NEED, "x", "0.01 AIC")
    that(spent(buyer) - before <= decimal.Decimal("0.01"), answer)
    # A policy that nobody loaded prices nothing.
    PRICES["unknown"] = "return {}"
    by("unknown")
    with nothing_changes(broker, buyer, seller):
        buyer.buy(NEED, "x", "0.01 AIC").refused(404, "no_offer")
    del PRICES["unknown"]
    balanced(broker)


@scene
def a_choice_by_policy_is_made_or_the_deal_fails_closed():
    broker = open_broker(policies())
    buyer = broker.agent("buyer", funds="1.00 AIC")
    sellers = [seller_of(broker) for _ in range(2)]

    def buy(name):
        mandate = buyer.mandate(NEED, "0.01 AIC", "1.00 AIC", policy_sha256=hash_of(name))
        return buyer.buy(NEED, "x", "0.01 AIC", mandate_id=mandate)

    why = buy("last").ok()["why"]
    equal((why["rule"], why["reason"]), ("policy", "the last"))
    with nothing_changes(broker, buyer, *sellers):
        buy("picky").refused(403, "policy_refused")
        buy("broken").refused(502, "policy_failed")
        broker.event("policy.failed", hook="choose")
        buy("liar").refused(502, "policy_failed")


if __name__ == "__main__":
    sys.exit(main(__doc__))
