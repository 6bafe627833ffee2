# SPDX-License-Identifier: Apache-2.0
"""scene_rest.py - every REST route with a success and a refusal; roles, lists, reload, ending."""
import decimal
import os
import shutil
import signal
import subprocess
import sys
import threading

from aicx_scene import (Daemon, balanced, capability, equal, main, nothing_changes, place, scene,
                        skip, that, using, wire)

NEED = "text.echo"
PRICE = wire.money("0.001 AIC")


class World:
    """A broker with a buyer, a seller, a stranger and one settled deal."""

    def __init__(self):
        self.broker = using(Daemon())
        self.operator = self.broker.operator
        self.seller = self.broker.seller("echo", NEED, "0.001 AIC")
        self.buyer = self.broker.agent("buyer", funds="1.00 AIC")
        self.stranger = self.broker.agent("stranger")
        self.mandate = self.buyer.mandate(NEED, "0.01 AIC", "1.00 AIC", max_deals=100)
        self.deal = self.buyer.buy(NEED, "hello", "0.01 AIC").ok()
        self.file = self.buyer.rest.get(f"/v1/deals/{self.deal['deal_id']}").ok()
        self.contract = self.file["contract"]["contract_id"]
        self.execution = self.file["executions"][0]["execution_id"]

    def by_hand(self):
        """An intent with an offer, selected: (intent, offer, contract)."""
        rest = self.buyer.rest
        intent = rest.post("/v1/intents", {"need": NEED, "max_price": PRICE}).ok()["intent_id"]
        offers = rest.get(f"/v1/intents/{intent}/offers?timeout_ms=5000").ok()["offers"]
        contract = rest.post(f"/v1/offers/{offers[0]['offer_id']}/select", {}).ok()
        return intent, offers[0]["offer_id"], contract["contract_id"]


@scene
def every_route_answers_who_may_and_refuses_who_may_not():
    world = World()
    buyer, seller, stranger = world.buyer.rest, world.seller.rest, world.stranger.rest
    deal, unknown = world.deal["deal_id"], wire.new_id()
    transaction = world.deal["receipt"]["transaction_id"]

    def refused(answer, *wanted):
        that((answer.status, answer.code) in wanted, f"{answer} not in {wanted}")
    gone, denied = (404, "not_found"), (403, "denied")
    before = world.operator.get(f"/v1/audit/balance/{world.seller.id}").ok()

    # Deals.
    equal(buyer.get(f"/v1/deals/{deal}").ok()["state"], "settled")
    equal(seller.get(f"/v1/deals/{deal}").ok()["state"], "settled")
    refused(stranger.get(f"/v1/deals/{deal}"), gone)
    refused(stranger.get(f"/v1/deals/{deal}/file"), gone)
    refused(buyer.get(f"/v1/deals/{unknown}"), gone)
    equal([one["deal_id"] for one in buyer.get("/v1/deals").ok()["deals"]], [deal])
    equal(stranger.get("/v1/deals").ok()["deals"], [])
    refused(stranger.get(f"/v1/deals?agent_id={world.buyer.id}"), denied)
    refused(stranger.post("/v1/deals", {"need": NEED, "input": 1, "max_price": PRICE}),
            (403, "no_mandate"))
    # Discovery.
    path = f"/v1/agents/{world.seller.id}"
    equal(buyer.get(path).ok()["name"], "echo")
    refused(buyer.get(f"/v1/agents/{unknown}"), gone)
    equal(buyer.get(f"{path}/capabilities/{NEED}").ok()["name"], NEED)
    refused(buyer.get(f"{path}/capabilities/none"), gone)
    seller.put(f"{path}/capabilities/{NEED}", capability(NEED, "0.001 AIC")).ok()
    refused(buyer.put(f"{path}/capabilities/{NEED}", capability(NEED, "9 AIC")), denied)
    seller.post(f"{path}/heartbeat", {}).ok()
    refused(buyer.post(f"{path}/heartbeat", {}), denied)
    refused(buyer.delete(path), denied)
    equal(len(buyer.get("/v1/search?q=echo").ok()["agents"]), 1)
    refused(buyer.get("/v1/search?limit=many"), (400, "invalid_params"))
    refused(buyer.get("/v1/search?nonsense=1"), (400, "invalid_params"))
    own = buyer.post("/v1/agents", {"name": "helper"}).ok()["agent_id"]
    refused(buyer.post("/v1/agents", {"name": 5}), (400, "invalid_params"))
    refused(buyer.delete(f"/v1/agents/{unknown}"), denied, gone)
    equal(buyer.delete(f"/v1/agents/{own}").status, 200)
    refused(buyer.get(f"/v1/agents/{own}"), gone)
    # Negotiation.
    intent, offer, contract = world.by_hand()
    refused(stranger.get(f"/v1/intents/{intent}/offers"), denied, gone)
    refused(seller.post(f"/v1/intents/{intent}/offers", {"terms": "{}"}), (409, "wrong_state"))
    free = buyer.post("/v1/intents", {"need": NEED, "max_price": PRICE}).ok()["intent_id"]
    refused(stranger.post(f"/v1/intents/{free}/offers", {
        "terms": wire.per_call_terms("0.001 AIC")}), denied)
    refused(seller.post(f"/v1/intents/{unknown}/offers", {"terms": "{}"}), gone)
    refused(stranger.post(f"/v1/offers/{offer}/select", {}), denied, gone)
    refused(buyer.post(f"/v1/offers/{offer}/select", {}), (409, "wrong_state"))
    refused(buyer.post("/v1/intents", {"need": NEED}), (400, "invalid_params"))
    equal(buyer.get(f"/v1/contracts/{contract}").ok()["status"], "proposed")
    refused(stranger.get(f"/v1/contracts/{contract}"), gone)
    equal(len(buyer.get("/v1/contracts").ok()["contracts"]), 2)
    refused(stranger.get(f"/v1/contracts?agent_id={world.buyer.id}"), denied)
    refused(stranger.post(f"/v1/contracts/{contract}/signatures", {}), (403, "not_party"))
    equal(buyer.post(f"/v1/contracts/{contract}/signatures", {}).ok()["status"], "signed")
    equal(buyer.post(f"/v1/contracts/{contract}/executions", {"input": "hand"}).ok()["result"],
          "hand")
    refused(buyer.post(f"/v1/contracts/{contract}/executions", {"input": "x"}),
            (409, "wrong_state"))
    refused(stranger.post(f"/v1/contracts/{contract}/executions", {"input": "x"}), gone)
    made = buyer.post("/v1/contracts", {"provider_id": world.seller.id, "capability": NEED,
                                        "terms": wire.per_call_terms("0.001 AIC")})
    equal(made.status, 201)
    refused(buyer.post("/v1/contracts", {"provider_id": world.stranger.id, "capability": NEED,
                                         "terms": wire.per_call_terms("1 AIC")}), gone)
    second = made.json["contract_id"]
    refused(stranger.delete(f"/v1/contracts/{second}"), gone)
    equal(buyer.delete(f"/v1/contracts/{second}").ok()["state"], "cancelled")
    refused(buyer.delete(f"/v1/contracts/{second}"), (409, "wrong_state"))
    refused(stranger.delete(f"/v1/mandates/{world.mandate}"), gone)
    refused(buyer.post("/v1/mandates", {}), (400, "invalid_params"))
    refused(buyer.post("/v1/mandates", {"mandate": {"requester": world.seller.id, "need": [NEED],
                                                    "max_each": PRICE, "max_total": PRICE}}), denied)
    standing = {"capability": NEED, "terms": {"pricing": {"model": "per_call", "base_cost": PRICE}}}
    equal(seller.post("/v1/standing-offers", {"offer": standing}).status, 201)
    refused(buyer.post("/v1/standing-offers", {"offer": {**standing, "agent_id": world.seller.id}}),
            denied)
    # Execution.
    equal(buyer.get(f"/v1/executions/{world.execution}").ok()["state"], "COMPLETED")
    refused(stranger.get(f"/v1/executions/{world.execution}"), gone)
    equal(len(buyer.get(f"/v1/executions?contract_id={world.contract}").ok()["executions"]), 1)
    refused(buyer.get("/v1/executions"), (400, "invalid_params"))
    refused(stranger.get(f"/v1/executions?contract_id={world.contract}"), gone)
    refused(stranger.post(f"/v1/executions/{world.execution}/result", {"output": 1}), denied)
    refused(seller.post(f"/v1/executions/{world.execution}/result", {"output": 1}),
            (409, "wrong_state"))
    # Money.
    account = f"/v1/accounts/{world.buyer.id}"
    refused(buyer.post(f"{account}/fund", {"amount": PRICE, "reference": "mine"}), denied)
    refused(buyer.post(f"{account}/withdraw", {"amount": PRICE, "reference": "mine"}), denied)
    refused(world.operator.post(f"{account}/withdraw", {
        "amount": wire.money("99 AIC"), "reference": "r"}), (402, "insufficient_funds"))
    equal(world.operator.post(f"{account}/withdraw", {"amount": PRICE, "reference": "r"}).status, 201)
    refused(world.operator.post(f"{account}/fund", {"amount": wire.money("0 AIC"),
                                                    "reference": "r"}), (400, "invalid_amount"))
    asked = {"method": "economics.check_balance", "agent_id": world.buyer.id,
             "amount": wire.money("0.5 AIC")}
    equal(world.buyer.send("QUERY", asked)["payload"]["sufficient"], True)
    equal(world.stranger.send("QUERY", asked)["payload"]["code"], "denied")
    asked = f"{account}/balance?amount="
    equal(buyer.get(asked + "0.5%20AIC").ok()["sufficient"], True)
    equal(buyer.get(asked + "5%20AIC").ok()["sufficient"], False)
    refused(buyer.get(asked + "much"), (400, "invalid_amount"))
    refused(buyer.get(f"{account}/balance"), (400, "invalid_params"))
    refused(stranger.get(asked + "0.5%20AIC"), denied)
    refused(buyer.get(f"/v1/budgets/{world.buyer.id}"), gone)
    equal(buyer.post("/v1/budgets", {"amount": wire.money("0.5 AIC"), "period": "daily"}).status, 201)
    equal(buyer.get(f"/v1/budgets/{world.buyer.id}").ok()["period"], "daily")
    refused(stranger.get(f"/v1/budgets/{world.buyer.id}"), denied)
    refused(stranger.post("/v1/budgets", {"agent_id": world.buyer.id, "amount": PRICE}), denied)
    equal(buyer.get(f"/v1/transactions/{transaction}").ok()["transaction_id"], transaction)
    refused(stranger.get(f"/v1/transactions/{transaction}"), gone)
    refused(stranger.get(f"/v1/transactions?agent_id={world.buyer.id}"), denied)
    refused(stranger.get(f"/v1/audit/balance/{world.buyer.id}"), denied)
    # Keys.
    made = buyer.post("/v1/credentials", {}).ok()
    equal(world.broker.rest(made["api_key"]).get("/v1/deals").status, 200)
    refused(stranger.delete(f"/v1/credentials/{made['credential_id']}"), gone)
    refused(buyer.post("/v1/credentials", {"role": "operator"}), denied)
    refused(stranger.post("/v1/credentials", {"agent_id": world.buyer.id}), denied)
    buyer.delete(f"/v1/credentials/{made['credential_id']}").ok()
    refused(world.broker.rest(made["api_key"]).get("/v1/deals"), (401, "unauthenticated"))
    # Two deals were paid, and no refusal moved anything.
    after = world.operator.get(f"/v1/audit/balance/{world.seller.id}").ok()
    equal(decimal.Decimal(after["earned"]) - decimal.Decimal(before["earned"]),
          decimal.Decimal("0.001"))
    balanced(world.broker)


@scene
def what_is_asked_wrongly_is_told_how_to_ask():
    broker = using(Daemon())
    buyer = broker.agent("buyer", funds="1.00 AIC")
    rest = buyer.rest
    with nothing_changes(broker, buyer):
        for path in ("/v1/deals", "/v1/contracts", "/v1/mailbox", "/v1/transactions"):
            answer = broker.rest().get(path)
            answer.refused(401, "unauthenticated")
            that("Bearer" in (answer.headers["www-authenticate"] or ""), path)
            broker.rest("aicx_" + "A" * 43).get(path).refused(401, "unauthenticated")
            broker.rest("nonsense").get(path).refused(401, "unauthenticated")
        answer = rest.delete("/v1/deals")
        equal(answer.status, 405)
        that({"GET", "POST"} <= set(answer.headers["allow"].split(", ")), answer.headers["allow"])
        that("DELETE" not in answer.headers["allow"], "what is allowed")
        equal(rest.request("POST", "/v1/deals", "{}", {"Content-Type": "text/plain"}).status, 415)
        equal(rest.get("/v1/nothing").status, 404)
        equal(rest.get("/v2/deals").status, 404)
        rest.post("/v1/deals", "{").refused(400, "malformed")
        rest.post("/v1/deals", "[]").refused(400, "malformed")
        equal(rest.post("/v1/deals", '{"need":"a","need":"b"}').status, 400)
        equal(rest.post("/v1/deals", b'{"need":"\xff"}').status, 400)
        equal(rest.post("/v1/deals", "[" * 5000).status, 400)
        equal(rest.post("/v1/deals", {"need": "x" * 2000000}).status, 413)
        equal(rest.post("/v1/deals", {}).refused(400, "invalid_params")["field"], "/need")
        equal(rest.get("/v1/deals/seven").refused(400, "invalid_params")["field"], "/deal_id")


@scene
def the_log_names_the_request_that_a_deal_came_from():
    world = World()
    body = {"need": NEED, "input": "hello", "max_price": PRICE}
    made = world.buyer.rest.request("POST", "/v1/deals", body, {"X-Request-Id": "order-77"}).ok()
    for event in "deal.contracted", "deal.settled":
        said = world.broker.event(event, deal=made["deal_id"])
        equal(said["correlation"], "order-77")
    lost = world.buyer.rest.request("POST", "/v1/deals", dict(body, need="text.unheard"),
                                    {"X-Request-Id": "order-78"})
    that(lost.status in (403, 404), str(lost))


@scene
def a_trace_goes_from_the_buyer_to_the_seller():
    world = World()
    trace, span = "0af7651916cd43dd8448eb211c80319c", "b7ad6b7169203331"
    body = {"need": NEED, "input": "hello", "max_price": PRICE}

    def bought(traceparent):
        seen = len(world.seller.inbox)
        answer = world.buyer.rest.request("POST", "/v1/deals", body, {
            "traceparent": traceparent, "X-Request-Id": "order-79"})
        answer.ok()
        asked = [one for one in world.seller.inbox[seen:] if one.type in ("QUERY", "EXECUTE")]
        equal([one.type for one in asked], ["QUERY", "EXECUTE"])
        return answer.headers["traceparent"], [one.members["traceparent"] for one in asked]
    that(not any("traceparent" in one.members for one in world.seller.inbox), "none asked, none made")
    back, sent = bought(f"00-{trace}-{span}-01")
    that(back.startswith(f"00-{trace}-") and back.endswith("-01") and span not in back, back)
    equal(sent, [back, back])
    back, sent = bought(f"00-{'0' * 32}-{span}-01")
    that(back.split("-")[1] not in ("0" * 32, trace) and span not in back, back)
    equal(sent, [back, back])


@scene
def a_repeated_post_is_marked_and_done_once():
    world = World()
    wish = {"need": NEED, "input": "again", "max_price": wire.money("0.01 AIC")}
    first = world.buyer.rest.post("/v1/deals", wish, key="seven")
    equal((first.status, first.headers["idempotency-replayed"]), (200, None))
    with nothing_changes(world.broker, world.buyer, world.seller):
        for _ in range(50):
            again = world.buyer.rest.post("/v1/deals", wish, key="seven")
            equal((again.status, again.json), (200, first.json))
            equal(again.headers["idempotency-replayed"], "true")
        world.buyer.rest.post("/v1/deals", {**wish, "input": "other"}, key="seven").refused(
            409, "conflict")
    # Another's same key is another request; other POSTs keep theirs too.
    world.stranger.rest.post("/v1/deals", wish, key="seven").refused(403, "no_mandate")
    fund = {"amount": PRICE, "reference": "r"}
    path = f"/v1/accounts/{world.buyer.id}/fund"
    one, two = (world.operator.post(path, fund, key="fund").ok() for _ in range(2))
    equal(one, two)
    # Fifty at once: one deal.
    answers = []
    threads = [threading.Thread(target=lambda: answers.append(
        world.buyer.rest.post("/v1/deals", wish, key="eight").json)) for _ in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    equal(len({wire.dump(answer) for answer in answers}), 1)
    equal(len(world.buyer.rest.get("/v1/deals").ok()["deals"]), 3)
    # A secret is shown once.
    key = world.buyer.rest.post("/v1/credentials", {}, key="key").ok()
    that("api_key" in key, key)
    that("api_key" not in world.buyer.rest.post("/v1/credentials", {}, key="key").ok(), "shown once")
    balanced(world.broker)


@scene
def roles_end_where_they_end():
    world = World()
    broker, operator = world.broker, world.operator
    watcher = broker.agent("watcher")
    made = operator.post("/v1/credentials", {"agent_id": watcher.id, "role": "auditor"}).ok()
    auditor, guest = broker.rest(made["api_key"]), broker.rest()
    deal = world.deal["deal_id"]
    for path in (f"/v1/deals/{deal}", f"/v1/audit/balance/{world.buyer.id}", f"/v1/deals/{deal}/file",
                 f"/v1/transactions?agent_id={world.buyer.id}", f"/v1/contracts/{world.contract}"):
        equal(auditor.get(path).status, 200, path)
        equal(guest.get(path).status, 401, path)
    that("books" in auditor.get(f"/v1/audit/balance/{world.buyer.id}").ok(), "the auditor's books")
    that("books" not in world.buyer.rest.get(f"/v1/audit/balance/{world.buyer.id}").ok(), "books")
    with nothing_changes(broker, world.buyer):
        for path, body in (("/v1/deals", {"need": NEED, "input": 1, "max_price": PRICE}),
                           ("/v1/agents", {"name": "x"}), ("/v1/intents", {"need": NEED,
                                                                          "max_price": PRICE}),
                           ("/v1/budgets", {"amount": PRICE}), ("/v1/credentials", {}),
                           (f"/v1/accounts/{world.buyer.id}/fund", {"amount": PRICE,
                                                                   "reference": "r"})):
            auditor.post(path, body).refused(403, "denied")
            guest.post(path, body).refused(401, "unauthenticated")
    equal(len(guest.get("/v1/search?q=echo").ok()["agents"]), 1)
    equal(guest.get(f"/v1/agents/{world.seller.id}").status, 200)
    # An owner acts for its agents, and for nobody else's.
    child = world.stranger.rest.post("/v1/agents", {"name": "child"}).ok()["agent_id"]
    equal(world.stranger.rest.get(f"/v1/audit/balance/{child}").status, 200)
    world.buyer.rest.get(f"/v1/audit/balance/{child}").refused(403, "denied")
    key = world.stranger.rest.post("/v1/credentials", {"agent_id": child}).ok()["api_key"]
    world.stranger.rest.post("/v1/budgets", {"agent_id": child, "amount": PRICE}).ok()
    broker.rest(key).get(f"/v1/audit/balance/{world.stranger.id}").refused(403, "denied")


@scene
def lists_come_in_pages():
    world = World()
    for i in range(6):
        world.buyer.buy(NEED, f"number {i}", "0.01 AIC").ok()

    def pages(path, name, id_name):
        seen, cursor = [], ""
        for _ in range(20):
            mark = "&" if "?" in path else "?"
            page = world.buyer.rest.get(f"{path}{mark}limit=3{cursor}").ok()
            that(len(page[name]) <= 3, page)
            seen += [one[id_name] for one in page[name]]
            if "cursor" not in page:
                break
            cursor = f"&cursor={page['cursor']}"
        equal(len(seen), len(set(seen)), path)
        return seen
    equal(len(pages("/v1/deals", "deals", "deal_id")), 7)
    equal(len(pages("/v1/deals?state=settled", "deals", "deal_id")), 7)
    equal(len(pages("/v1/contracts", "contracts", "contract_id")), 7)
    equal(len(pages("/v1/transactions", "transactions", "transaction_id")), 8)
    for i in range(4):
        world.broker.seller(f"copy {i}", NEED, "0.002 AIC")
    equal(len(pages("/v1/search?q=echo", "agents", "agent_id")), 5)
    world.buyer.rest.get("/v1/deals?limit=0").refused(400, "invalid_params")
    world.buyer.rest.get("/v1/deals?limit=100000").refused(400, "invalid_params")


@scene
def metrics_are_clean():
    world = World()
    answer = world.broker.rest().get("/metrics")
    equal(answer.status, 200)
    text = answer.body.decode()
    that('_requests_total{' in text and "_bucket{" in text, text[:2000])
    if not shutil.which("promtool"):
        skip("no promtool")
    done = subprocess.run(["promtool", "check", "metrics"], input=text, text=True, check=False,
                          capture_output=True)
    equal((done.returncode, done.stdout + done.stderr), (0, ""))


@scene
def a_reload_takes_what_is_good_and_keeps_what_was():
    broker = using(Daemon())
    broker.seller("echo", NEED, "0.001 AIC")
    buyer = broker.agent("buyer", funds="1.00 AIC")
    buyer.mandate(NEED, "0.01 AIC", "1.00 AIC", max_deals=9)
    conf = broker.conf / "40-broker.conf"
    good = conf.read_text()
    conf.write_text(good.replace("fee_ppm = 0", "fee_pm = 100000"))
    broker.reload()
    reason = broker.event("conf.kept")["reason"]
    that("40-broker.conf:" in reason and "fee_ppm" in reason, reason)
    equal(buyer.buy(NEED, "x", "0.01 AIC").ok()["result"], "x")
    equal(decimal.Decimal(buyer.balance()["fees"]), 0)
    conf.write_text(good.replace("fee_ppm = 0", "fee_ppm = 100000"))
    broker.reload()
    broker.event("conf.reloaded")
    deal = buyer.buy(NEED, "x", "0.01 AIC").ok()
    seller = broker.operator.get(f"/v1/audit/balance/{deal['provider_id']}").ok()
    equal(decimal.Decimal(seller["fees"]), decimal.Decimal("0.0001"), "a tenth of the second deal")
    balanced(broker)


@scene
def an_end_waits_for_the_work_that_is_under_way():
    broker = using(Daemon())
    seller = broker.session().sell(NEED, "0.001 AIC")
    buyer = broker.agent("buyer", funds="1.00 AIC")
    buyer.mandate(NEED, "0.01 AIC", "1.00 AIC", max_deals=9)
    asked, go_on = threading.Event(), threading.Event()

    def work(_execute):
        asked.set()
        go_on.wait(10)
        return "done"
    seller.work = work
    answers = []
    buying = threading.Thread(target=lambda: answers.append(buyer.buy(NEED, "x", "0.01 AIC")))
    buying.start()
    that(asked.wait(10), "the work is ordered")
    broker.process.send_signal(signal.SIGTERM)
    equal(broker.event("broker.draining")["deals"], 1)
    go_on.set()
    buying.join()
    equal(answers[0].ok()["result"], "done")
    equal(broker.wait(), 0)
    broker.start()
    equal(decimal.Decimal(buyer.balance()["spent"]), decimal.Decimal("0.001"))
    balanced(broker)


@scene
def a_store_of_a_newer_or_older_broker_is_refused():
    put = [str(place.BUILD / "tests/lib/store_put"), str(place.PLUGINS / "store_leveldb.so")]
    if not os.path.exists(put[0]):
        skip("no store_put in this build")
    broker = using(Daemon())
    broker.stop()
    subprocess.run([*put, str(broker.data / "store"), "format", "3"], check=True)
    status, said = broker.check("--listen", "127.0.0.1:0")
    equal(status, 78)
    that("format 3" in said and "a newer broker" in said, said)
    subprocess.run([*put, str(broker.data / "store"), "format", "1"], check=True)
    status, said = broker.check("--listen", "127.0.0.1:0")
    equal(status, 78)
    that("format 1" in said and "an older broker" in said, said)
    subprocess.run([*put, str(broker.data / "store"), "format", "x"], check=True)
    equal(broker.check("--listen", "127.0.0.1:0")[0], 74)
    subprocess.run([*put, str(broker.data / "store"), "format", "2"], check=True)
    broker.start()


@scene
def a_configuration_is_refused_for_each_thing_that_is_wrong():
    broker = using(Daemon())
    cases = [
        ("[transport http \"http\"]\nlisten = 127.0.0.1:1\n", "http"),
        ("[pricing nothing \"n\"]\n", "nothing"),
        ("[shop flat \"n\"]\n", "shop"),
        ("[pricing flat \"n\"]\nper_call = much\n", "per_call"),
        ("[pricing flat \"n\"]\nper_call = 1 EUR\n", "EUR"),
        ("[hook lua \"n\"]\n", "file"),
        ("[broker\n", "]"),
        ("lease = 5s\n", ""),
        ("[log]\nlevel = info\n", "twice"),
    ]
    for text, word in cases:
        (broker.conf / "99-wrong.conf").write_text(text)
        status, said = broker.check()
        equal(status, 78, text)
        that(word in said, f"{text!r}: {said}")
    (broker.conf / "99-wrong.conf").unlink()
    status, said = broker.check()
    equal(status, 0, said)
    status, said = broker.check("--dump")
    equal(status, 0, said)
    that("fee_ppm = 0" in said, said)


if __name__ == "__main__":
    sys.exit(main(__doc__))
