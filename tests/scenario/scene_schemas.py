# SPDX-License-Identifier: Apache-2.0
"""scene_schemas.py - what a capability says of its input and output is held to, before money."""
import sys
import threading

from aicx_scene import (Daemon, balanced, equal, eventually, main, nothing_changes, scene, that,
                        using, wire)

NEED = "text.count"
INPUT = {"type": "object", "properties": {"text": {"type": "string", "maxLength": 5}},
         "required": ["text"], "additionalProperties": False}
OUTPUT = {"type": "integer", "minimum": 0}


def pair(**schemas):
    """A broker, a buyer with a mandate, and a seller that counts letters."""
    broker = using(Daemon())
    buyer = broker.agent("buyer", funds="1.00 AIC")
    buyer.mandate(NEED, "0.10 AIC", "1.00 AIC", max_deals=100)
    seller = broker.session()
    seller.work = lambda execute: len(execute["input"]["text"])
    seller.sell(NEED, "0.001 AIC", **{"input_schema": INPUT, "output_schema": OUTPUT, **schemas})
    return broker, buyer, seller


@scene
def input_that_does_not_fit_costs_nothing_and_reaches_nobody():
    broker, buyer, seller = pair()
    with nothing_changes(broker, buyer, seller):
        refused = buyer.buy(NEED, {"text": "too long"}, "0.01 AIC").refused(422, "invalid_input")
        that("/text" in refused["detail"] and "maxLength" in refused["detail"], refused["detail"])
        buyer.buy(NEED, {}, "0.01 AIC").refused(422, "invalid_input")
    that(not [m for m in seller.inbox if m.type == "EXECUTE"], "nothing was ordered")
    deal = buyer.buy(NEED, {"text": "abc"}, "0.01 AIC").ok()
    equal(deal["result"], 3)
    balanced(broker)


@scene
def who_takes_the_input_wins_over_who_is_cheaper():
    broker, buyer, _ = pair()
    dearer = broker.session()
    dearer.work = lambda execute: 7
    dearer.sell(NEED, "0.002 AIC", input_schema={"type": "string"}, output_schema=OUTPUT)
    deal = buyer.buy(NEED, "a string", "0.01 AIC").ok()
    equal((deal["provider_id"], deal["result"]), (dearer.id, 7))
    balanced(broker)


@scene
def output_that_does_not_fit_is_not_billed():
    broker, buyer, seller = pair()
    asked = threading.Event()
    seller.work = lambda _execute: asked.set()
    answers = []
    buying = threading.Thread(
        target=lambda: answers.append(buyer.buy(NEED, {"text": "abc"}, "0.01 AIC")))
    buying.start()
    eventually(asked.is_set, "the work is ordered")
    execute = seller.inbox[-1]
    execution = execute.payload["execution_id"]

    def said(output):
        answer = seller.answer_to(seller.send(
            "RESULT", {"execution_id": execution, "output": output}, correlation_id=execute.id))
        return answer.payload.get("code"), answer.payload.get("detail", "")
    code, detail = said("three")
    equal(code, "invalid_params")
    that("schema" in detail, detail)
    equal(said(-1)[0], "invalid_params")
    equal(buyer.balance()["spent"], wire.money("0.000000 AIC")["amount"])
    equal(seller.ask("execution.result", {"execution_id": execution, "output": 3}).type, "RESULT")
    buying.join()
    equal(answers[0].ok()["result"], 3)
    balanced(broker)


@scene
def what_is_no_schema_is_not_registered():
    broker, _, seller = pair()

    def registers(**schemas):
        answer = seller.ask("discovery.update_capability", {
            "capability_id": NEED, "pricing": {"model": "per_call",
                                               "base_cost": wire.money("0.001 AIC")}, **schemas})
        return answer.payload.get("code"), answer.payload.get("detail", "")
    code, detail = registers(input_schema={"type": "text"})
    equal(code, "invalid_params")
    that("input_schema" in detail and '"type"' in detail, detail)
    equal(registers(output_schema={"$ref": "https://example.com/other"})[0], "invalid_params")
    # Another dialect is passed on to who asks, and not looked into.
    equal(registers(input_schema={"$schema": "http://json-schema.org/draft-07/schema#",
                                  "items": [{"type": "string"}]})[0], None)
    balanced(broker)


if __name__ == "__main__":
    sys.exit(main(__doc__))
