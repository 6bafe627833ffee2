# SPDX-License-Identifier: Apache-2.0
"""scene_sessions.py - whole deals over WebSocket sessions, by hand and in one call."""
import decimal
import sys
import threading

from aicx_scene import (Daemon, Deal, balanced, capability, equal, main, nothing_changes, scene, that,
                        using, wire)
from aicx_scene.crypto import b64, sha256

NEED = "text.shout"


def fund(broker, agent, amount="1.00 AIC"):
    broker.operator.post(f"/v1/accounts/{agent.id}/fund", {
        "amount": wire.money(amount), "reference": "r"}).ok()


def buyer_of(broker):
    buyer = broker.session()
    buyer.call("discovery.register", {"name": "buyer"})
    fund(broker, buyer)
    return buyer


def seller_of(broker, price="0.001 AIC"):
    seller = broker.session().sell(NEED, price)
    seller.work = lambda execute: execute["input"].upper()
    return seller


def mandate(buyer, **changed):
    members = {"broker_id": buyer.broker.broker_id, "requester": buyer.id, "need": [NEED],
               "max_each": wire.money("0.01 AIC"), "max_total": wire.money("0.10 AIC"),
               "max_deals": 1, "not_before": wire.at(-1), "expires": wire.at(60),
               "choose": "lowest_price", **changed}
    return wire.sign_object(buyer.key, "mandate", **members)


def earned(broker, agent):
    text = broker.operator.get(f"/v1/audit/balance/{agent.id}").ok()["earned"]
    return decimal.Decimal(text)


@scene
def an_agent_is_registered_found_changed_and_taken_out():
    broker = using(Daemon())
    seller, asker = broker.session(), broker.session()
    made = seller.call("discovery.register", {
        "name": "shouter", "description": "makes letters large", "tags": ["text"],
        "capabilities": [capability(NEED, "0.001 AIC")]})
    equal(made["agent_id"], seller.id)
    that(made["lease_ms"] > 0 and made["registration_token"], made)

    def found(**query):
        return [one["agent_id"] for one in asker.call("discovery.search", query)["agents"]]
    equal(found(q="large letters"), [seller.id])
    equal(found(tag="text"), [seller.id])
    equal(found(tag="text", max_price="0.0005 AIC"), [])
    equal(found(tag="text", min_reputation="4.9"), [])
    equal(found(q="nothing of that kind"), [])
    equal(asker.call("discovery.get_agent", {"agent_id": seller.id})["name"], "shouter")
    one = asker.call("discovery.get_capability", {"agent_id": seller.id, "capability_id": NEED})
    equal(one["name"], NEED)
    seller.call("discovery.update_capability", {
        "agent_id": seller.id, "capability_id": NEED, "name": NEED, "version": "1.1",
        "pricing": {"model": "per_call", "base_cost": wire.money("0.0001 AIC")}})
    equal(found(tag="text", max_price="0.0005 AIC"), [seller.id])
    equal(seller.call("discovery.heartbeat", {})["agent_id"], seller.id)
    equal(seller.answer_to(seller.send("HEARTBEAT", {})).type, "ACK")
    for method, more in (("discovery.unregister", {}), ("discovery.heartbeat", {}),
                         ("discovery.update_capability", {"capability_id": NEED, "name": NEED}),
                         ("discovery.register", {"name": "mine now"})):
        equal(asker.ask(method, {"agent_id": seller.id, **more}).payload["code"], "denied", method)
    seller.call("discovery.unregister")
    equal(found(q="large letters"), [])
    equal(asker.ask("discovery.get_agent", {"agent_id": seller.id}).payload["code"], "not_found")


@scene
def a_deal_by_hand_goes_step_by_step():
    broker = using(Daemon())
    buyer, seller, dear = buyer_of(broker), seller_of(broker), seller_of(broker, "0.002 AIC")
    intent = buyer.call("negotiation.broadcast_intent", {
        "need": NEED, "max_price": wire.money("0.01 AIC"), "parameters": {"voice": "loud"}})
    got = buyer.call("negotiation.collect_offers", {
        "intent_id": intent["intent_id"], "timeout_ms": 5000})["offers"]
    equal(sorted(one["provider_id"] for one in got), sorted([seller.id, dear.id]))
    equal(seller.inbox[-1].payload["parameters"], {"voice": "loud"})
    that("input" not in seller.inbox[-1].payload, "what is to be done is not told before a contract")
    offer = next(one for one in got if one["provider_id"] == seller.id)
    wire.read_object(offer["offer"], "offer", seller.key.public)
    drafted = buyer.call("negotiation.select_offer", {"offer_id": offer["offer_id"]})
    contract = drafted["contract_id"]
    text = drafted["text"].encode()
    equal(drafted["status"], "proposed")
    equal(buyer.ask("execution.execute", {"contract_id": contract, "input": "x"}).payload["code"],
          "wrong_state")
    signed = buyer.call("negotiation.sign_contract", {
        "contract_id": contract, "key_id": buyer.key.id,
        "signature": b64(buyer.key.sign("contract", text))})
    equal(signed["status"], "signed")
    one = wire.new_id()
    order = {"method": "execution.execute", "contract_id": contract, "input": "hello"}
    done = buyer.answer_to(buyer.send("QUERY", order, id=one))
    equal(done.payload.get("result"), "HELLO", done)
    # The same id again: the stored answer, no second charge.
    equal(buyer.answer_to(buyer.send("QUERY", order, id=one)).payload, done.payload)
    equal(buyer.answer_to(buyer.send("QUERY", {**order, "input": "y"}, id=one)).payload["code"],
          "conflict")
    equal(buyer.ask("execution.execute", {"contract_id": contract, "input": "x"}).payload["code"],
          "wrong_state")
    equal((earned(broker, seller), earned(broker, dear)), (decimal.Decimal("0.001"), 0))
    listed = buyer.call("execution.list_executions", {"contract_id": contract})["executions"]
    equal([(item["state"], item["output"]) for item in listed], [("COMPLETED", "HELLO")])
    for agent in (buyer, seller):
        equal([item["contract_id"] for item in agent.call("negotiation.list_contracts")["contracts"]],
              [contract])
    equal(dear.call("negotiation.list_contracts")["contracts"], [])
    for method, name, value in (("negotiation.get_contract", "contract_id", contract),
                                ("execution.get_execution", "execution_id",
                                 listed[0]["execution_id"]),
                                ("deal.get", "deal_id", intent["deal_id"])):
        equal(dear.ask(method, {name: value}).payload["code"], "not_found", method)
    balanced(broker)


@scene
def a_contract_without_an_intent_may_be_used_often_and_cancelled():
    broker = using(Daemon())
    buyer, seller = buyer_of(broker), seller_of(broker)
    made = buyer.call("negotiation.create_contract", {
        "provider_id": seller.id, "capability": NEED, "max_executions": 3,
        "terms": wire.per_call_terms("0.001 AIC")})
    for agent in (buyer, seller):
        state = agent.call("negotiation.sign_contract", {
            "contract_id": made["contract_id"], "key_id": agent.key.id,
            "signature": b64(agent.key.sign("contract", made["text"].encode()))})
    equal(state["status"], "signed")
    for word in ("one", "two"):
        done = buyer.call("execution.execute", {"contract_id": made["contract_id"], "input": word})
        equal(done["result"], word.upper())
    page = {"contract_id": made["contract_id"], "limit": 1}
    first = buyer.call("execution.list_executions", page)
    last = buyer.call("execution.list_executions", {**page, "cursor": first["cursor"]})
    equal([one["output"] for part in (first, last) for one in part["executions"]], ["ONE", "TWO"])
    that("cursor" not in last, last)
    equal(buyer.ask("execution.list_executions", {**page, "cursor": wire.new_id()}).payload["code"], "invalid_params")
    buyer.call("negotiation.cancel_contract", {"contract_id": made["contract_id"]})
    with nothing_changes(broker, buyer, seller):
        equal(buyer.ask("execution.execute", {"contract_id": made["contract_id"],
                                              "input": "x"}).payload["code"], "wrong_state")
        equal(buyer.ask("negotiation.cancel_contract",
                        {"contract_id": made["contract_id"]}).payload["code"], "wrong_state")
    equal(earned(broker, seller), decimal.Decimal("0.002"))


@scene
def one_call_buys_under_a_mandate_that_comes_with_it():
    broker = using(Daemon())
    buyer, seller, dear = buyer_of(broker), seller_of(broker), seller_of(broker, "0.002 AIC")
    signed = mandate(buyer)
    wish = {"method": "deal.buy", "need": NEED, "input": "hello", "mandate": signed,
            "max_price": wire.money("0.01 AIC")}
    one = wire.new_id()
    first = buyer.answer_to(buyer.send("QUERY", wish, id=one))
    equal((first.payload["state"], first.payload["result"]), ("settled", "HELLO"))
    equal((first.payload["provider_id"], first.payload["receipt"]["mandate_use"]), (seller.id, 1))
    equal(len(first.payload["why"]["offers"]), 2)
    for _ in range(3):
        equal(buyer.answer_to(buyer.send("QUERY", wish, id=one)).payload, first.payload)
    equal((earned(broker, seller), earned(broker, dear)), (decimal.Decimal("0.001"), 0))
    # The deal's file proves itself: mandate, offer, contract, each under its key.
    made = buyer.ask("deal.export", {"deal_id": first.payload["deal_id"]})
    held = Deal(wire.dump(made.payload))
    equal(held.signed("mandate", buyer.key.public)["requester"], buyer.id)
    contract = held.signed("contract", wire.crypto.unb64(broker.public_key()))
    equal(contract["custody"], {"requester": "own", "provider": "own"})
    that(held.chained(), "records follow each other")
    # The work came with the broker's signature on the contract.
    order = next(item for item in seller.inbox if item.type == "EXECUTE")
    equal(wire.read_object(order.payload["contract"], "contract",
                           wire.crypto.unb64(broker.public_key()))["id"], contract["id"])
    equal(order.payload["contract"]["text"], held.members["contract"]["text"])
    balanced(broker)


@scene
def standing_offers_sell_without_being_asked():
    broker = using(Daemon())
    buyer, seller = buyer_of(broker), seller_of(broker)
    seller.offers_for = lambda intent: None
    terms = wire.per_call_terms("0.003 AIC")
    text = {"broker_id": broker.broker_id, "capability": NEED, "provider_id": seller.id,
            "terms_sha256": b64(sha256(terms.encode())), "expires": wire.at(600)}
    wrong = wire.sign_object(seller.key, "offer", **{**text, "terms_sha256": "A" * 43})
    that(seller.ask("negotiation.grant_standing_offer", {**wrong, "terms": terms}).type == "ERROR",
         "terms that were not signed")
    foreign = wire.sign_object(buyer.key, "offer", **text)
    equal(seller.ask("negotiation.grant_standing_offer",
                     {**foreign, "terms": terms}).payload["code"], "bad_signature")
    seller.call("negotiation.grant_standing_offer",
                {**wire.sign_object(seller.key, "offer", **text), "terms": terms})
    wish = {"need": NEED, "input": "a", "max_price": wire.money("0.01 AIC"),
            "mandate": mandate(buyer)}
    done = buyer.call("deal.buy", wish)
    equal((done["result"], decimal.Decimal(done["price"]["amount"])),
          ("A", decimal.Decimal("0.003")))


def partners(broker):
    """A buyer and a seller whose contract is in force while the work goes on."""
    buyer, seller = buyer_of(broker), seller_of(broker)
    asked = threading.Event()

    def work(_execute):
        asked.set()
        return None
    seller.work = work
    buying = buyer.send("QUERY", {"method": "deal.buy", "need": NEED, "input": "x",
                                  "mandate": mandate(buyer), "max_price": wire.money("0.01 AIC")})
    that(asked.wait(10), "the work is ordered")
    return buyer, seller, buying


@scene
def partners_are_relayed_to_each_other_and_only_while_they_are():
    broker = using(Daemon())
    buyer, seller, buying = partners(broker)
    answer_of_broker = seller.answer

    def answer(envelope):
        if envelope.sender_id == buyer.id:
            seller.inbox.append(envelope)
            seller.send("RESULT", {"yes": envelope.payload["how"]}, receiver=buyer.id,
                        correlation_id=envelope.id)
        else:
            answer_of_broker(envelope)
    seller.answer = answer
    # Under the session's MAC each side gets the message under its own session.
    # (the reader refuses what is not the broker's; the sender is the partner here)
    seller.partners = buyer.partners = {buyer.id, seller.id}
    question = buyer.send("QUERY", {"how": "loud"}, receiver=seller.id)
    got = buyer.answer_to(question)
    equal((got.sender_id, got.payload, got.alg), (seller.id, {"yes": "loud"}, "hmac-sha256"))
    equal((seller.inbox[-1].key_id, seller.inbox[-1].id), (seller.macs.id, question))
    # Under Ed25519 it comes as it was sent: the receiver checks the sender itself.
    text = wire.sign_key(wire.head(buyer.id, seller.id, "QUERY", {"how": "far"}), buyer.key)
    seller.keys[buyer.key.id] = buyer.id, buyer.key.public
    buyer.send_text(text)
    got = buyer.answer_to(wire.json.loads(text)["id"])
    equal(got.payload, {"yes": "far"})
    equal((seller.inbox[-1].text, seller.inbox[-1].alg), (text, "ed25519"))
    # The work ends, and with it the acquaintance.
    execution = next(item for item in seller.inbox if item.type == "EXECUTE").payload
    seller.call("execution.result", {"execution_id": execution["execution_id"], "output": "X"})
    equal(buyer.answer_to(buying).payload["state"], "settled")
    refusal = buyer.answer_to(buyer.send("QUERY", {"how": "again"}, receiver=seller.id))
    equal((refusal.type, refusal.payload["code"]), ("ERROR", "not_party"))
    balanced(broker)


def agreed(broker, buyer, seller):
    """A contract between two, one of whose keys the broker keeps."""
    made = buyer.rest.post("/v1/contracts", {
        "provider_id": seller.id, "capability": NEED, "expires": wire.at(600),
        "terms": wire.per_call_terms("0.001 AIC")}).ok()
    buyer.rest.post(f"/v1/contracts/{made['contract_id']}/signatures", {}).ok()
    seller.call("negotiation.sign_contract", {
        "contract_id": made["contract_id"], "key_id": seller.key.id,
        "signature": b64(seller.key.sign("contract", made["text"].encode()))})


@scene
def a_partner_answers_the_post_that_asks_it():
    broker = using(Daemon())
    buyer, seller, other = broker.agent("asker"), seller_of(broker), seller_of(broker)
    for one in (seller, other):
        agreed(broker, buyer, one)

    def answer(envelope):
        how = envelope.payload["how"]
        if how == "falsely":  # another partner says it first: that is no answer
            other.send("RESULT", {"told": "lies"}, receiver=buyer.id, correlation_id=envelope.id)
        if how != "silent":
            seller.send("ERROR" if how == "badly" else "RESULT", {"told": how}, receiver=buyer.id,
                        correlation_id=envelope.id)
    seller.answer, seller.partners = answer, {buyer.id}

    def ask(how, **more):
        text = wire.head(buyer.id, seller.id, "QUERY", {"how": how}, **more)
        got = buyer.rest.post("/v1/messages", wire.sign_mac(text, buyer.macs.to_broker, buyer.macs.id))
        known = {buyer.macs.id: (got.json["sender_id"], buyer.macs.to_agent)}
        read = wire.read(got.body, lambda _alg, key_id: known.get(key_id))
        equal((read.receiver_id, read.correlation_id), (buyer.id, wire.json.loads(text + "}")["id"]))
        return got.status, read
    for how, kind in (("well", "RESULT"), ("badly", "ERROR"), ("falsely", "RESULT")):
        status, got = ask(how, expires_at=wire.at(60))
        equal((status, got.type, got.sender_id, got.payload), (200, kind, seller.id, {"told": how}))
    status, got = ask("well")  # who says no time does not wait
    equal((status, got.type, got.sender_id), (200, "ACK", broker.broker_id))
    for seconds in (1, 4, 16):
        status, got = ask("silent", expires_at=wire.at(seconds))
        if got.type != "ACK":  # it had not expired on its way here
            break
    equal((status, got.type, got.payload["code"]), (410, "ERROR", "expired"))


@scene
def an_api_key_opens_a_session_of_its_own():
    broker = using(Daemon())
    agent = broker.agent("keyholder", funds="1.00 AIC")
    socket = using(broker.socket({"Authorization": f"Bearer {agent.api_key}"}))
    socket.recv_text()  # the challenge, which it need not answer
    text = wire.head(agent.id, broker.broker_id, "QUERY", {"method": "economics.audit_balance"})
    socket.send_text(wire.sign_mac(text, agent.macs.to_broker, agent.macs.id))
    known = {agent.macs.id: (broker.broker_id, agent.macs.to_agent)}
    answer = wire.read(socket.recv_text(), lambda _alg, key_id: known.get(key_id))
    equal(decimal.Decimal(answer.payload["available"]), 1)


if __name__ == "__main__":
    sys.exit(main(__doc__))
