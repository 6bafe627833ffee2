# SPDX-License-Identifier: Apache-2.0
"""walk.py - every method as everybody through every door, against the table a person can read.

`make authz` runs all of it.  A role's walk brings a member that no method has: who may call the
method is told so, who may not is refused before anything is looked at.  Strangers name what is
another's, and nothing changes.  The last line is `N passed, N failed`.
"""
import http.client
import json
import sys

from aicx_scene import Daemon, books, place, wire
from aicx_scene.agent import SessionAgent, capability
from aicx_scene.books import balance
from aicx_scene.nng import NngSession, lib
from aicx_scene.runner import Skip
from doors import METHODS, NOBODY, KeySocket, Messages, Session, UnixConnection
from doors import Rest as RestDoor
from gateways import GATEWAYS

ROLES = ("guest", "agent", "owner", "auditor", "operator", "reader")
NEED = "text.echo"


def table():
    """{method: {role: may, "other": word}} of abi/wire/permissions."""
    rows = {}
    for line in (place.SRC / "abi/wire/permissions").read_text().splitlines():
        words = line.split()
        if not words or words[0].startswith("#"):
            continue
        rows[words[0]] = {**{role: word == "y" for role, word in zip(ROLES, words[1:7])},
                          "other": words[7]}
    return rows


class Tally:
    """Counts, and says what went wrong."""

    def __init__(self):
        self.passed = self.failed = 0

    def note(self, good, *what):
        self.passed += good
        self.failed += not good
        if not good:
            print("not as the table says:", *what)


# --- who calls, and through which door -----------------------------------------------

def new_key(broker, agent_id, **members):
    return broker.operator.post("/v1/credentials", {"agent_id": agent_id, "kind": "api_key",
                                                    **members}).ok()


def credential_of(broker, role):
    """(agent id, credential) of somebody new with this role."""
    if role == "guest":
        return None, None
    agent_id = broker.operator.post("/v1/agents", {"name": role}).ok()["agent_id"]
    more = {"permissions": ["deal.read"]} if role == "reader" else {"role": role}
    return agent_id, new_key(broker, agent_id, **more)


def session_of(broker, role, url=None):
    """A session under an own key whose agent has a credential of this role; url: over NNG."""
    agent = SessionAgent(broker, socket=url and NngSession(url))
    agent.call("discovery.register", {"agent_id": agent.id, "name": role})
    if role in ("agent", "reader"):
        return Session(agent)
    new_key(broker, agent.id, role=role)
    agent.leave()
    agent.stop()
    return Session(SessionAgent(broker, agent.key, agent.id, socket=url and NngSession(url)))


def doors_of(broker, role):
    """{name: door} that this role can come through."""
    agent_id, made = credential_of(broker, role)
    key = made and made["api_key"]
    doors = {"rest": RestDoor(http.client.HTTPConnection(broker.address, timeout=30), key)}
    if role != "guest":
        doors["unix"] = RestDoor(UnixConnection(broker.data / "broker.sock"), key)
        doors["messages"] = Messages(broker, agent_id, made)
        doors["websocket key"] = KeySocket(broker, agent_id, made)
    if role not in ("guest", "reader"):  # an own key leaves nothing out
        doors["websocket"] = session_of(broker, role)
        if broker.nng:
            doors["nng"] = session_of(broker, role, broker.nng)
    return doors, key


def is_barred(status, problem, method):
    """Refused for who called it, before anything else was looked at."""
    return status in (401, 403) and problem.get("detail", "").startswith(f'method "{method}" needs')


def walk_roles(broker, rows, tally):
    for role in ROLES:
        doors, key = doors_of(broker, role)
        for name, door in doors.items():
            for method, row in rows.items():
                if METHODS[method]["params"] is None:
                    continue  # a whole envelope: `messages` is its walk
                status, problem = door.ask(method, {"no_such_member": "1"})
                tally.note(is_barred(status, problem, method) != row[role],
                           role, name, method, status, problem)
            door.close()
        for name, status_of in GATEWAYS.items():
            for method, refused in status_of(broker, key).items():
                row = rows[method]
                # A gateway may ask everybody for a key, and shows all what guests may see.
                if row[role] and role != "guest" or not row["guest"]:
                    tally.note(refused != row[role], role, name, method)


# --- what is another's ----------------------------------------------------------------

def victim_things(broker):
    """A buyer and a seller with one of everything, as {parameter: id}."""
    seller = broker.seller("seller", NEED, "0.001 AIC")
    buyer = broker.agent("buyer", funds="1.00 AIC")
    rest = buyer.rest
    mandate = buyer.mandate(NEED, "0.01 AIC", "0.50 AIC", max_deals=9)
    deal = buyer.buy(NEED, "hi", "0.01 AIC").ok()
    told = rest.get(f"/v1/deals/{deal['deal_id']}").ok()
    hand = rest.post("/v1/intents", {"need": NEED, "max_price": wire.money("0.01 AIC")}).ok()
    offers = rest.get(f"/v1/intents/{hand['intent_id']}/offers?timeout_ms=20000").ok()["offers"]
    draft = rest.post(f"/v1/offers/{offers[0]['offer_id']}/select", {}).ok()
    money = {"amount": wire.money("0.01 AIC")}
    held = rest.post(f"/v1/budgets/{buyer.id}/reservations", money).ok()
    made = new_key(broker, buyer.id)
    granted = rest.post("/v1/permissions", {"agent_id": seller.id, "resource": "money",
                                            "action": "read"}).ok()
    return buyer, seller, {
        "agent_id": buyer.id, "from_agent_id": buyer.id, "requester_id": buyer.id,
        "mandate_id": mandate, "deal_id": deal["deal_id"], "intent_id": hand["intent_id"],
        "offer_id": offers[0]["offer_id"], "contract_id": draft["contract_id"],
        "execution_id": told["executions"][0]["execution_id"],
        "transaction_id": told["transactions"][0],
        "reservation_id": held["reservation_id"], "credential_id": made["credential_id"],
        "permission_id": granted["permission_id"]}


def stranger_params(method, things, seller, stranger):
    """What a stranger sends to reach for another's things."""
    terms = wire.per_call_terms("0.001 AIC")
    more = {
        "deal.buy": {"need": NEED, "input": "x", "mandate_id": things["mandate_id"]},
        "discovery.register": {"agent_id": things["agent_id"], "name": "mine"},
        "discovery.update_capability": {
            "agent_id": seller.id, "capability_id": NEED, **capability(NEED, "0.001 AIC")},
        "negotiation.offer": {"agent_id": seller.id, "intent_id": things["intent_id"],
                              "terms": terms},
        "negotiation.create_contract": {"requester_id": things["agent_id"], "capability": NEED,
                                        "provider_id": seller.id, "terms": terms},
        "negotiation.grant_mandate": {"mandate": {
            "requester": things["agent_id"], "need": [NEED], "max_each": wire.money("0.01 AIC"),
            "max_total": wire.money("0.01 AIC")}},
        "negotiation.grant_standing_offer": {"offer": {
            "agent_id": seller.id, "capability": NEED, "terms": json.loads(terms),
            "expires": wire.at(60)}},
        "execution.execute": {"contract_id": things["contract_id"], "input": "x"},
        "execution.result": {"execution_id": things["execution_id"], "output": "x"},
        "execution.answer": {"execution_id": things["execution_id"], "answer": "x"},
        "execution.progress": {"execution_id": things["execution_id"], "progress": 1},
        "economics.charge": {"to_agent_id": stranger},
        "economics.get_payment": {"payment_id": NOBODY},
        "economics.dispute": {"contract_id": things["contract_id"], "reason": "x"},
        "economics.resolve_dispute": {"dispute_id": NOBODY, "ruling": "release"},
        "economics.record_transaction": {"to_agent_id": stranger},
        "security.delegate": {"delegation": {
            "delegator": things["agent_id"], "delegate": stranger, "permissions": ["deal.read"],
            "expires": wire.at(60)}},
        "security.check_permission": {"agent_id": things["agent_id"], "resource": "deal",
                                      "action": "read"},
        "security.grant_permission": {"agent_id": stranger, "resource": "deal",
                                      "action": "read", "scope": things["agent_id"]},
    }.get(method, {})
    schema = METHODS[method]["params"] or {}
    wanted = set(schema.get("required", ()))
    if "agent_id" in schema.get("properties", {}):
        wanted.add("agent_id")
    params = {name: things[name] for name in wanted if name in things}
    if "amount" in wanted:
        params["amount"] = wire.money("0.01 AIC")
    return {**params, **more}


def walk_strangers(broker, rows, tally):
    buyer, seller, things = victim_things(broker)
    agent_id = broker.operator.post("/v1/agents", {"name": "stranger"}).ok()["agent_id"]
    made = new_key(broker, agent_id)
    doors = {
        "rest": RestDoor(http.client.HTTPConnection(broker.address, timeout=30), made["api_key"]),
        "messages": Messages(broker, agent_id, made),
        "websocket key": KeySocket(broker, agent_id, made),
        "websocket": session_of(broker, "agent")}
    if broker.nng:
        doors["nng"] = session_of(broker, "agent", broker.nng)
    reaching = {method: stranger_params(method, things, seller, agent_id)
                for method, row in rows.items() if row["other"] == "-"}
    seen = books(broker), balance(broker, buyer), balance(broker, seller)
    for name, door in doors.items():
        for method, params in reaching.items():
            status, problem = door.ask(method, params)
            tally.note(status in (403, 404), "stranger", name, method, status, problem)
        door.close()
    tally.note((books(broker), balance(broker, buyer), balance(broker, seller)) == seen,
               "strangers moved money")
    known = RestDoor(http.client.HTTPConnection(broker.address, timeout=30), buyer.api_key)
    for method, params in reaching.items():
        if rows[method]["operator"] and not rows[method]["agent"] or "_id" not in str(params) or \
                seller.id in params.values() or NOBODY in params.values():
            continue
        if method in ("security.revoke_credentials", "discovery.unregister", "execution.result",
                      "execution.progress", "negotiation.grant_standing_offer",
                      "security.grant_permission", "economics.refund"):
            continue  # the seller's, or it would end what the others need
        status, problem = known.ask(method, params)
        tally.note(status not in (401, 403, 404), "whose it is", method, status, problem)
    known.close()


def nng_conf():
    """The configuration that listens for NNG, where there is any."""
    try:
        lib()
    except Skip as why:
        print(f"skipped: {why}")
        return None
    if not (place.PLUGINS / "transport_nng.so").exists():
        print("skipped: transport_nng was not built")
        return None
    return {"92-nng.conf": '[transport nng "nng"]\nlisten = tcp://127.0.0.1:0\n'}


def main():
    rows, tally = table(), Tally()
    for method in METHODS:
        tally.note(method in rows, "no row for", method)
    for method in rows:
        tally.note(method in METHODS, "no method for the row", method)
    conf = nng_conf()
    with Daemon(conf) as broker:
        broker.nng = conf and broker.event("transport.ready", transport="nng")["listen"]
        walk_roles(broker, rows, tally)
        walk_strangers(broker, rows, tally)
    print(f"{tally.passed} passed, {tally.failed} failed")
    return 1 if tally.failed else 0


if __name__ == "__main__":
    sys.exit(main())
