# SPDX-License-Identifier: Apache-2.0
"""scene_rights.py - keys that are narrow, rotated and revoked; what one lets another do."""
import http.client
import json
import sys
import threading

from aicx_scene import Closed, Daemon, equal, main, refused, scene, that, using, wire
from aicx_scene.agent import SessionAgent

FUNDS = "1.00 AIC"


def new_key(caller, agent_id, **members):
    return caller.post("/v1/credentials", {"agent_id": agent_id, "kind": "api_key", **members}).ok()


def grant(caller, agent_id, permission, **members):
    resource, action = permission.split(".")
    return caller.post("/v1/permissions", {"agent_id": agent_id, "resource": resource,
                                           "action": action, **members})


def may(caller, permission, **named):
    resource, action = permission.split(".")
    more = "".join(f"&{name}={value}" for name, value in named.items())
    return caller.get(f"/v1/permissions/check?resource={resource}&action={action}{more}").ok()


@scene
def a_narrow_key_does_what_it_names_and_makes_no_wider_one():
    broker = using(Daemon())
    agent = broker.agent("reader", funds=FUNDS)
    made = new_key(agent.rest, agent.id, permissions=["deal.read", "credential.write"],
                   principal="service")
    narrow = broker.rest(made["api_key"])
    equal(narrow.get("/v1/deals").status, 200)
    refusal = narrow.get(f"/v1/budgets/{agent.id}").refused(403, "denied")
    that("leaves it out" in refusal["detail"], refusal["detail"])
    told = narrow.get("/v1/credentials/current").ok()
    equal((told["principal"], told["permissions"]), ("service", ["deal.read", "credential.write"]))
    narrow.post("/v1/credentials", {"kind": "api_key"}).refused(403, "denied")
    narrow.post("/v1/credentials", {"kind": "api_key", "permissions": ["money.read"]}).refused(
        403, "denied")
    again = new_key(narrow, agent.id, permissions=["deal.read"])
    equal(broker.rest(again["api_key"]).get("/v1/deals").status, 200)
    agent.rest.post("/v1/credentials", {"kind": "api_key", "permissions": ["deal.eat"]}).refused(
        400, "invalid_params")
    agent.rest.post("/v1/credentials", {"kind": "api_key", "expires": wire.at(-5)}).refused(
        400, "invalid_params")
    agent.rest.post("/v1/credentials", {"kind": "api_key", "role": "operator"}).refused(
        403, "denied")


@scene
def a_rotated_key_is_good_until_its_time_and_its_successor_after_it():
    broker = using(Daemon())
    agent = broker.agent("agent")
    old = new_key(agent.rest, agent.id, permissions=["deal.read", "credential.write"])
    rest = broker.rest(old["api_key"])
    made = rest.post(f"/v1/credentials/{old['credential_id']}/rotate", {"overlap_ms": 3600000}).ok()
    equal((made["replaces"], made["agent_id"]), (old["credential_id"], agent.id))
    new = broker.rest(made["api_key"])
    equal((rest.get("/v1/deals").status, new.get("/v1/deals").status), (200, 200))
    new.get(f"/v1/budgets/{agent.id}").refused(403, "denied")

    # Without an overlap the old one ends at once.
    last = new.post(f"/v1/credentials/{made['credential_id']}/rotate", {"overlap_ms": 0}).ok()
    new.get("/v1/deals").refused(401, "unauthenticated")
    equal(broker.rest(last["api_key"]).get("/v1/deals").status, 200)
    agent.rest.post(f"/v1/credentials/{made['credential_id']}/rotate", {}).refused(
        409, "wrong_state")

    # Nor does a key make one of a stronger role.
    mine = broker.identity()
    weak = broker.rest(new_key(broker.operator, mine["agent_id"])["api_key"])
    strong = broker.operator.get("/v1/credentials/current").ok()["credential_id"]
    weak.post(f"/v1/credentials/{strong}/rotate", {}).refused(403, "denied")
    agent.rest.post(f"/v1/credentials/{strong}/rotate", {}).refused(404, "not_found")

    broker.restart()
    equal(rest.get("/v1/deals").status, 200, "the overlap survives a restart")
    new.get("/v1/deals").refused(401, "unauthenticated")


@scene
def a_key_and_a_grant_end_at_their_time_and_what_came_under_them():
    broker = using(Daemon())
    agent, deputy = broker.agent("agent", funds=FUNDS), broker.agent("deputy")
    end = wire.at(5)
    made = new_key(agent.rest, agent.id, expires=end)
    grant(agent.rest, deputy.id, "money.read", expires=end).ok()
    waiting = broker.rest(made["api_key"])
    socket = using(broker.socket({"Authorization": f"Bearer {made['api_key']}"}))
    socket.recv_text()
    waiting.get("/v1/mailbox?wait_ms=30000").refused(401, "unauthenticated")
    equal(refused(Closed, socket.recv_text).code, 1008)
    waiting.get("/v1/deals").refused(401, "unauthenticated")
    deputy.rest.get(f"/v1/audit/balance/{agent.id}").refused(403, "denied")


@scene
def a_revoked_key_ends_its_sessions_and_its_waiting_calls_and_no_others():
    broker = using(Daemon())
    agent = broker.agent("agent")
    made = new_key(agent.rest, agent.id)
    rest, answers = broker.rest(made["api_key"]), []
    socket = using(broker.socket({"Authorization": f"Bearer {made['api_key']}"}))
    socket.recv_text()
    other = using(broker.socket({"Authorization": f"Bearer {agent.api_key}"}))
    other.recv_text()
    poll = threading.Thread(
        target=lambda: answers.append(rest.get("/v1/mailbox?wait_ms=60000")), daemon=True)
    poll.start()
    agent.rest.delete(f"/v1/credentials/{made['credential_id']}").ok()
    equal(refused(Closed, socket.recv_text).code, 1008)
    poll.join(30)
    equal([answer.code for answer in answers], ["unauthenticated"])
    rest.get("/v1/deals").refused(401, "unauthenticated")
    macs = wire.api_key_macs(made["api_key"], made["credential_id"])
    text = wire.sign_mac(wire.head(agent.id, broker.broker_id, "HEARTBEAT", {}), macs.to_broker,
                         macs.id)
    broker.rest().post("/v1/messages", text).refused(401, "bad_signature")
    other.send_text("{}")  # is still there to be refused for what it says
    equal(agent.rest.get("/v1/deals").status, 200)


@scene
def a_stream_ends_with_the_key_that_it_came_under():
    broker = using(Daemon())
    seller = broker.seller("slow", "text.slow", "0.001 AIC")
    seller.work = lambda execute: None
    buyer = broker.agent("buyer", funds=FUNDS)
    buyer.mandate("text.slow", "0.01 AIC", "0.10 AIC")
    deal = wire.new_id()
    threading.Thread(target=lambda: buyer.buy("text.slow", "x", "0.01 AIC", deal_id=deal),
                     daemon=True).start()
    for _ in range(3000):  # until the deal is there
        if buyer.rest.get(f"/v1/deals/{deal}").status == 200:
            break
    made = new_key(buyer.rest, buyer.id)
    connection = http.client.HTTPConnection(broker.address, timeout=30)
    connection.request("GET", f"/v1/deals/{deal}/events", headers={
        "Accept": "text/event-stream", "Authorization": f"Bearer {made['api_key']}"})
    answer = connection.getresponse()
    equal((answer.status, answer.headers["Content-Type"]), (200, "text/event-stream"))
    that(answer.readline().startswith(b"id:"), "it began")
    buyer.rest.delete(f"/v1/credentials/{made['credential_id']}").ok()
    try:
        rest = answer.read()
    except http.client.IncompleteRead as cut:
        rest = cut.partial
    that(b'"settled"' not in rest, rest)
    connection.close()
    buyer.rest.post(f"/v1/deals/{deal}/cancel", {})


@scene
def an_own_key_loses_the_role_with_the_credential_that_gave_it():
    broker = using(Daemon())
    auditor = broker.session()
    auditor.call("discovery.register", {"agent_id": auditor.id, "name": "auditor"})
    made = new_key(broker.operator, auditor.id, role="auditor")
    auditor.stop()
    auditor = using_session(broker, auditor)
    equal(auditor.call("security.verify_credentials")["role"], "auditor")
    broker.operator.delete(f"/v1/credentials/{made['credential_id']}").ok()
    equal(auditor.call("security.verify_credentials")["role"], "agent")


def using_session(broker, agent):
    """The same agent on a new session."""
    broker.agents.append(SessionAgent(broker, agent.key, agent.id))
    return broker.agents[-1]


@scene
def what_is_granted_is_done_and_nothing_beyond_it():
    broker = using(Daemon())
    owner, deputy = broker.agent("owner", funds=FUNDS), broker.agent("deputy")
    deputy.rest.get(f"/v1/budgets/{owner.id}").refused(403, "denied")
    equal(may(deputy.rest, "money.read", scope=owner.id)["allowed"], False)
    made = grant(owner.rest, deputy.id, "money.read").ok()
    equal((made["scope"], made["granted_by"], made["delegated"]), (owner.id, owner.id, False))
    equal(may(deputy.rest, "money.read", scope=owner.id)["by"], "grant")
    equal(may(owner.rest, "money.read", agent_id=owner.id)["by"], "role")
    deputy.rest.get(f"/v1/audit/balance/{owner.id}").ok()

    # Not another permission, not another's things, and it is not passed on.
    deputy.rest.post(f"/v1/budgets/{owner.id}/reservations", {
        "amount": wire.money("0.01 AIC")}).refused(403, "denied")
    third = broker.agent("third")
    deputy.rest.get(f"/v1/audit/balance/{third.id}").refused(403, "denied")
    grant(deputy.rest, third.id, "money.read", scope=owner.id).refused(403, "denied")
    third.rest.delete(f"/v1/permissions/{made['permission_id']}").refused(404, "not_found")

    listed = deputy.rest.get("/v1/permissions").ok()["permissions"]
    equal([row["permission_id"] for row in listed], [made["permission_id"]])
    equal(owner.rest.get("/v1/permissions").ok()["permissions"], listed)
    third.rest.get(f"/v1/permissions?agent_id={owner.id}").refused(403, "denied")

    broker.restart()
    deputy.rest.get(f"/v1/audit/balance/{owner.id}").ok()
    owner.rest.delete(f"/v1/permissions/{made['permission_id']}").ok()
    deputy.rest.get(f"/v1/audit/balance/{owner.id}").refused(403, "denied")
    equal(owner.rest.get("/v1/permissions").ok()["permissions"], [])


@scene
def nobody_grants_what_it_does_not_have_or_what_would_give_all_away():
    broker = using(Daemon())
    owner, deputy = broker.agent("owner"), broker.agent("deputy")
    grant(owner.rest, deputy.id, "money.issue").refused(403, "denied")
    grant(owner.rest, deputy.id, "money.read", scope="*").refused(403, "denied")
    grant(owner.rest, deputy.id, "credential.write").refused(403, "denied")
    grant(owner.rest, deputy.id, "permission.write").refused(403, "denied")
    grant(owner.rest, deputy.id, "money.eat").refused(400, "invalid_params")
    grant(owner.rest, deputy.id, "money.read", scope="me").refused(400, "invalid_params")
    grant(owner.rest, deputy.id, "money.read", expires=wire.at(-1)).refused(400, "invalid_params")
    grant(owner.rest, owner.id, "money.read").refused(400, "invalid_params")
    grant(owner.rest, wire.new_id(), "money.read").refused(404, "not_found")
    narrow = broker.rest(new_key(owner.rest, owner.id, permissions=["permission.write"])["api_key"])
    grant(narrow, deputy.id, "money.read").refused(403, "denied")
    equal(deputy.rest.get("/v1/permissions").ok()["permissions"], [])


@scene
def the_operator_lets_a_cashier_take_money_in():
    broker = using(Daemon())
    cashier = broker.agent("cashier")
    payment = {"amount": wire.money(FUNDS), "reference": "till"}
    fund = f"/v1/accounts/{cashier.id}/fund"
    cashier.rest.post(fund, payment).refused(403, "denied")
    grant(broker.operator, cashier.id, "money.issue", scope=cashier.id).refused(
        400, "invalid_params")
    made = grant(broker.operator, cashier.id, "money.issue", scope="*").ok()
    cashier.rest.post(fund, payment).ok()
    broker.operator.delete(f"/v1/permissions/{made['permission_id']}").ok()
    cashier.rest.post(fund, payment).refused(403, "denied")


@scene
def the_command_line_rotates_keys_and_grants():
    broker = using(Daemon())
    owner, deputy = broker.agent("owner", funds=FUNDS), broker.agent("deputy")
    mine = str(broker.home / "owner.identity")
    broker.cli("credential", "new", owner.id, "--save", mine, "--principal", "user")
    shown = json.loads(broker.cli("credential", "show", "-o", "json", identity=mine))
    equal((shown["agent_id"], shown["principal"]), (owner.id, "user"))
    next_file = str(broker.home / "next.identity")
    broker.cli("credential", "rotate", shown["credential_id"], "--overlap", "1h", "--save",
               next_file, identity=mine)
    broker.cli("credential", "show", identity=mine)
    broker.cli("credential", "revoke", shown["credential_id"], identity=next_file)
    broker.cli("credential", "show", identity=mine, status=1)
    made = json.loads(broker.cli("permission", "grant", deputy.id, "money.read", "--expires",
                                 "+1d", "-o", "json", identity=next_file))
    deputy.rest.get(f"/v1/audit/balance/{owner.id}").ok()
    that(made["permission_id"] in broker.cli("permission", "list", identity=next_file), "listed")
    that("grant" in broker.cli("permission", "check", "money.read", "--agent", deputy.id,
                               "--scope", owner.id), "checked")
    broker.cli("permission", "revoke", made["permission_id"], identity=next_file)
    broker.cli("permission", "delegate", deputy.id, "--permission", "money.read", "--expires",
               "+1d", "--custody", identity=next_file)
    listed = json.loads(broker.cli("permission", "list", "-o", "json", identity=next_file))
    equal([row["delegated"] for row in listed["permissions"]], [True])
    broker.cli("permission", "revoke", listed["permissions"][0]["permission_id"],
               identity=next_file)
    deputy.rest.get(f"/v1/audit/balance/{owner.id}").refused(403, "denied")


if __name__ == "__main__":
    sys.exit(main(__doc__))
