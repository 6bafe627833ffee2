# SPDX-License-Identifier: Apache-2.0
"""scene_x402.py - payers without an account, and a facilitator that fails, stalls and lies.

The facilitator is a real HTTP server with a chain of its own: a nonce moves money once.
However it answers, and wherever the broker is killed, its books and the ledger agree in
the end: each payment was taken at most once, and only for a result.
"""
import base64
import decimal
import json
import secrets
import subprocess
import sys
import threading
import time

from aicx_scene import Daemon, Declined, broker_conf, equal, main, place, scene, that, using
from aicx_scene.agent import capability
from aicx_scene.rest import Rest
from aicx_scene.x402 import NETWORK, Facilitator, decode, encode, sign

NEED, PRICE, ATOMIC = "text.echo", "0.25 AIC", "250000"
FLOAT = decimal.Decimal(10)  # what the operator gave the buyer
ASSET = "0x5FbDB2315678afecb367f032d93F642f64180aa3"
PAY_TO = "0x3C44CdDdB6a900fa2b585dd299e03d12FA4293BC"
A2A_X402 = "https://github.com/google-agentic-commerce/a2a-x402/blob/main/spec/v0.2"


class World:
    """A broker that sells to payers, with its facilitator."""

    def __init__(self, timeout="20s"):
        self.chain = using(Facilitator())
        self.broker = using(Daemon({
            "40-broker.conf": broker_conf(payment_retry="20ms", payment_retry_max="200ms")}))
        buyer = self.broker.agent("payers", funds=f"{FLOAT} AIC")
        buyer.mandate(NEED, PRICE, "1000 AIC", max_deals=1000)
        self.buyer_id = buyer.id
        self.seller = self.broker.seller("echo", NEED, PRICE)
        self.broker.kill()
        (self.broker.conf / "31-x402.conf").write_text(
            f'[payment x402 "x402"]\nfacilitator = {self.chain.url}\nallow = 127.0.0.1\n'
            f'network = {NETWORK}\nasset = {ASSET}\ntoken_name = Test USD\npay_to = {PAY_TO}\n'
            f'buyer = {buyer.id}\nbuyer_key = {buyer.api_key}\ntimeout = {timeout}\n')
        for name in ("81-mcp.conf", "81-a2a.conf"):
            gateway = self.broker.conf / name
            gateway.write_text(
                gateway.read_text() + f"payments = x402\npayer_key = {buyer.api_key}\n")
        self.broker.start()
        self.payer = Rest(lambda: self.broker.address)
        self.require()

    def list_at(self, price):
        """The catalog says another price; what the seller asks for stays."""
        self.broker.operator.put(f"/v1/agents/{self.seller.id}/capabilities/{NEED}",
                                 capability(NEED, price)).ok()

    def manual_says(self):
        """What the first example of the manual prints, here."""
        page = place.SRC / "plugins/payment_x402/aiconexus-payment_x402.7"
        text = page.read_text(encoding="utf-8").split(".Sh EXAMPLES")[1]
        text = text.split(".Bd -literal\n")[1].split(".Ed")[0].replace("\\e\n", "\\\n")
        for was, now in (("127.0.0.1:8700", self.broker.address), ("text.upper", NEED)):
            that(was in text, f"the example names {was}")
            text = text.replace(was, now)
        return json.loads(subprocess.run(["bash", "-euo", "pipefail", "-c", text], check=True,
                                         capture_output=True, timeout=30).stdout)

    def post(self, payment=None, said="hi"):
        headers = {"PAYMENT-SIGNATURE": payment} if payment else {}
        return self.payer.post(f"/x402/{NEED}", {"say": said}, headers=headers)

    def pay(self, sent):
        """Posts the last of these until a seller is back: a payment that met none is spent, and
        another one goes."""
        end, answer = time.monotonic() + 30, None
        while time.monotonic() < end and (answer is None or answer.status in (404, 503)):
            answer = self.post(sent[-1])
            if answer.status == 404:
                sent.append(self.payment(f"again-{secrets.token_hex(12)}"))
        return answer

    def require(self):
        """The first answer, once the facilitator was asked and the seller is back."""
        end = time.monotonic() + 30
        while True:
            answer = self.post()
            if answer.status == 402 or time.monotonic() > end:
                equal(answer.status, 402)
                return decode(answer.headers["PAYMENT-REQUIRED"])
            threading.Event().wait(0.05)

    def payment(self, payment_id=None):
        """A header that pays."""
        required = self.require()
        extensions = required["extensions"]
        if payment_id:
            extensions["payment-identifier"]["info"]["id"] = payment_id
        return encode(sign(required))

    def tool(self, name, arguments, payment=None):
        """What an MCP client without a key gets from tools/call."""
        meta = {"_meta": {"x402/payment": payment}} if payment else {}
        return self.payer.post("/mcp", {
            "jsonrpc": "2.0", "id": 1, "method": "tools/call",
            "params": {"name": name, "arguments": arguments, **meta}},
            headers={"Accept": "application/json, text/event-stream"})

    def a2a(self, method, **params):
        """What an A2A client without a key gets over JSON-RPC."""
        return self.payer.post("/a2a/jsonrpc", {
            "jsonrpc": "2.0", "id": 1, "method": method, "params": params},
            headers={"A2A-Version": "1.0", "A2A-Extensions": A2A_X402}).json

    def say_a2a(self, metadata, task=None, **configuration):
        """SendMessage; the task."""
        return self.a2a("SendMessage", configuration=configuration, message={
            "messageId": secrets.token_hex(8), "role": "ROLE_USER", "parts": [{"text": "hi"}],
            "metadata": metadata, **({"taskId": task} if task else {})})["result"]["task"]

    def has(self, agent_id):
        audit = self.broker.operator.get(f"/v1/audit/balance/{agent_id}").ok()
        return decimal.Decimal(audit["available"]), decimal.Decimal(audit["reserved"])

    def agree(self, n_paid):
        """The chain moved so often, the seller has that, and the buyer's account is as before."""
        end = time.monotonic() + 30
        while time.monotonic() < end and (
                self.broker.operator.get("/v1/payments").ok()["pending"] or
                self.has(self.buyer_id) != (FLOAT, 0)):
            threading.Event().wait(0.05)
        equal(len(self.chain.moved), n_paid, "nonces that moved money")
        equal(self.has(self.seller.id), (n_paid * decimal.Decimal("0.25"), 0), "the seller")
        equal(self.has(self.buyer_id), (FLOAT, 0), "the buyer's account")

    def deals(self):
        return self.broker.operator.get(f"/v1/deals?agent_id={self.buyer_id}&limit=100").ok()["deals"]


@scene
def a_payer_without_an_account_gets_what_it_paid_for():
    world = World()
    required = world.require()
    equal(required["accepts"][0]["amount"], ATOMIC)
    equal(required["accepts"][0]["payTo"], PAY_TO)
    that("offer-receipt" in required["extensions"], "the offer is signed")
    equal(world.manual_says()[0]["amount"], ATOMIC)
    payment = world.payment()
    answer = world.post(payment)
    equal(answer.ok(), {"say": "hi"})
    response = decode(answer.headers["PAYMENT-RESPONSE"])
    equal(response["success"], True)
    that(response["transaction"] in world.chain.moved.values(), "the transaction is named")
    equal(world.post(payment).status, 409)
    world.agree(1)
    deal = world.deals()[0]["deal_id"]
    path, key = world.broker.home / "deal.json", world.broker.home / "broker.key"
    path.write_text(world.broker.operator.get(f"/v1/deals/{deal}/file").ok_text())
    key.write_text(world.broker.public_key() + "\n")
    world.broker.cli("verify", str(path), "--trust", str(key))
    ledger = world.broker.operator.get(f"/v1/transactions?agent_id={world.buyer_id}").ok()
    that(response["transaction"] in json.dumps(ledger), f"the books name the transaction: {ledger}")


@scene
def what_is_no_payment_is_refused_and_charges_nothing():
    world = World()
    equal(world.post("%%%").status, 400)
    equal(world.post(base64.b64encode(b"{}").decode()).status, 400)
    good = decode(world.payment())
    for change, status in (({"x402Version": 1}, 400),
                           ({"accepted": dict(good["accepted"], amount="1")}, 402),
                           ({"accepted": dict(good["accepted"], network="eip155:1")}, 402)):
        bad = base64.b64encode(json.dumps(dict(good, **change)).encode()).decode()
        equal(world.post(bad).status, status, change)
    world.chain.verify_next = ["insufficient_funds"]
    answer = world.post(world.payment())
    equal(answer.status, 402)
    equal(decode(answer.headers["PAYMENT-REQUIRED"])["error"], "insufficient_funds")
    for how in ("500", "drop"):
        world.chain.verify_next = [how]
        equal(world.post(world.payment()).status, 503, how)
    equal(world.deals(), [])
    world.agree(0)
    world = World("1s")
    world.chain.verify_next = ["stall"]
    equal(world.post(world.payment()).status, 503)
    world.agree(0)


@scene
def the_price_that_was_told_is_the_price_though_it_moves():
    world = World()
    first, second, third = world.payment(), world.payment(), world.payment()
    for price, atomic, payment in (("0.50 AIC", "500000", first), ("0.10 AIC", "100000", second)):
        world.list_at(price)
        equal(world.require()["accepts"][0]["amount"], atomic)
        answer = world.post(payment)
        equal(answer.ok(), {"say": "hi"}, price)
        equal(decode(answer.headers["PAYMENT-RESPONSE"])["amount"], ATOMIC)
    world.seller.price = "0.60 AIC"  # nor does the seller sell for less than it wants
    that(world.post(third).status >= 400, "nothing is sold for less")
    required = world.require()
    required["accepts"][0]["amount"] = "300000"
    never_told = base64.b64encode(json.dumps(sign(required)).encode()).decode()
    equal(world.post(never_told).status, 402)
    world.agree(2)


@scene
def failed_work_and_refused_settlements_are_not_charged():
    world = World()
    world.seller.work = lambda execute: fail()
    equal(world.post(world.payment()).status >= 400, True)
    equal([p for p, _ in world.chain.asked if p == "/settle"], [])
    world.seller.work = lambda execute: execute["input"]
    world.chain.next = ["insufficient_funds"]
    answer = world.post(world.payment())
    equal(answer.status, 402)
    equal(decode(answer.headers["PAYMENT-RESPONSE"])["success"], False)
    that(b'"say"' not in answer.body, "the result is withheld")
    world.agree(0)
    equal(world.post(world.payment()).ok(), {"say": "hi"})
    world.agree(1)


def fail():
    raise Declined("failed", "cannot")


@scene
def settlements_without_an_answer_are_found_out():
    world = World("4s")
    for i, how in enumerate(["drop", "lost", "500", "late", "lie", "settlement_pending"]):
        world.chain.next = [how]
        equal(world.post(world.payment()).ok(), {"say": "hi"}, how)
        world.agree(i + 1)


@scene
def a_killed_broker_charges_once_and_keeps_the_answer():
    world = World()
    for i, (path, how) in enumerate((("/verify", "stall"), ("/settle", "late"), ("/settle", "stall"))):
        payment_id = f"order-{i}-{secrets.token_hex(8)}"
        sent = [world.payment(payment_id)]
        asked = sum(p == path for p, _ in world.chain.asked)
        ways = world.chain.verify_next if path == "/verify" else world.chain.next
        ways.append(how)
        client = threading.Thread(target=quietly, args=(world.pay, sent))
        client.start()
        world.chain.wait(path, asked + 1)
        world.broker.restart()
        client.join()
        world.require()
        equal(world.pay(sent).ok(), {"say": "hi"}, (path, how))
        world.agree(i + 1)
    world.broker.restart()
    world.require()
    world.agree(3)


@scene
def many_payers_at_once_are_charged_once_each():
    world = World()
    payments = [world.payment() for _ in range(8)]
    answers = [None] * 8

    def pay(i):
        answers[i] = world.post(payments[i], f"no {i}")
    threads = [threading.Thread(target=pay, args=(i,)) for i in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    equal([answer.ok()["say"] for answer in answers], [f"no {i}" for i in range(8)])
    world.agree(8)


@scene
def an_mcp_client_without_a_key_pays_for_a_tool():
    world = World()
    unpaid = world.tool(NEED, {"input": "hi"}).ok()["result"]
    equal(unpaid["isError"], True)
    required = unpaid["structuredContent"]
    equal(json.loads(unpaid["content"][0]["text"]), required)
    equal(required["resource"]["url"], f"mcp://tool/{NEED}")
    equal(required["accepts"][0]["amount"], ATOMIC)
    payment = sign(required)
    paid = world.tool(NEED, {"input": "hi"}, payment).ok()["result"]
    that(not paid.get("isError"), paid)
    equal(paid["content"][0]["text"], "hi")
    equal(paid["_meta"]["x402/payment-response"]["success"], True)
    again = world.tool(NEED, {"input": "hi"}, payment).ok()["result"]
    equal((again["isError"], again["structuredContent"]["error"]), (True, "conflict"))
    bad = world.tool(NEED, {"input": "hi"}, {"x402Version": 1}).ok()["result"]
    equal((bad["isError"], bad["structuredContent"]["error"]), (True, "invalid_payment"))
    world.chain.next = ["insufficient_funds"]
    refused = world.tool(NEED, {"input": "hi"}, sign(required)).ok()["result"]
    equal((refused["isError"], refused["structuredContent"]["error"]), (True, "insufficient_funds"))
    for name in ("get_budget", "execute", "request_offers", "verify_deal", "accept_offer"):
        equal(world.tool(name, {"need": NEED}).status, 401, name)
    that("isError" not in world.tool("search_agents", {}).ok()["result"], "what is sold is seen")
    world.agree(1)


def paying(payload):
    return {"x402.payment.status": "payment-submitted", "x402.payment.payload": payload}


@scene
def an_a2a_client_without_a_key_pays_for_a_task():
    world = World()
    card = world.payer.get("/.well-known/agent-card.json").ok()
    that(A2A_X402 in [e["uri"] for e in card["capabilities"]["extensions"]], "the card says so")
    task = world.say_a2a({"skill": NEED})
    equal(task["status"]["state"], "TASK_STATE_INPUT_REQUIRED")
    told = task["status"]["message"]["metadata"]
    equal(told["x402.payment.status"], "payment-required")
    required = told["x402.payment.required"]
    equal(required["accepts"][0]["amount"], ATOMIC)
    world.chain.verify_next = ["invalid_exact_evm_signature"]
    again = world.say_a2a(paying(sign(required)), task["id"])
    equal(again["status"]["state"], "TASK_STATE_INPUT_REQUIRED")
    equal(again["status"]["message"]["metadata"]["x402.payment.required"]["error"],
          "invalid_exact_evm_signature")
    done = world.say_a2a(paying(sign(required)), task["id"])
    equal(done["status"]["state"], "TASK_STATE_COMPLETED")
    told = done["status"]["message"]["metadata"]
    equal((told["x402.payment.status"], told["x402.payment.receipts"][0]["success"]),
          ("payment-completed", True))
    equal(world.a2a("GetTask", id=task["id"])["result"]["artifacts"], done["artifacts"])
    that("error" in world.a2a("SendMessage", message={
        "messageId": "late", "role": "ROLE_USER", "parts": [{"text": "hi"}], "taskId": task["id"],
        "metadata": paying(sign(required))}), "the task is over")
    world.agree(1)


@scene
def a2a_tasks_that_are_not_paid_fail_and_those_cut_by_a_kill_are_found():
    world = World()
    task = world.say_a2a({"skill": NEED})
    required = task["status"]["message"]["metadata"]["x402.payment.required"]
    no = world.say_a2a({"x402.payment.status": "payment-rejected"}, task["id"])
    equal(no["status"]["state"], "TASK_STATE_FAILED")
    world.chain.next = ["insufficient_funds"]
    failed = world.say_a2a(paying(sign(required)), world.say_a2a({"skill": NEED})["id"])
    told = failed["status"]["message"]["metadata"]
    equal((failed["status"]["state"], told["x402.payment.status"], told["x402.payment.error"],
           told["x402.payment.receipts"][0]["success"]),
          ("TASK_STATE_FAILED", "payment-failed", "insufficient_funds", False))
    that("artifacts" not in failed, "the result is withheld")
    world.chain.next = ["late"]
    required["extensions"]["payment-identifier"]["info"]["id"] = "a2a-" + secrets.token_hex(16)
    asked = sum(p == "/settle" for p, _ in world.chain.asked)
    task = world.say_a2a({"skill": NEED})["id"]
    begun = world.say_a2a(paying(sign(required)), task, returnImmediately=True)
    equal(begun["status"]["state"], "TASK_STATE_WORKING")
    world.chain.wait("/settle", asked + 1)
    world.broker.restart()
    end, state = time.monotonic() + 30, "TASK_STATE_WORKING"
    while state == "TASK_STATE_WORKING" and time.monotonic() < end:
        got = world.a2a("GetTask", id=task)["result"]
        state = got["status"]["state"]
    equal((state, "artifacts" in got), ("TASK_STATE_COMPLETED", True), got)
    for method in ("ListTasks", "CancelTask", "SendStreamingMessage"):
        equal(world.payer.post("/a2a/jsonrpc", {"jsonrpc": "2.0", "id": 1, "method": method,
                                                "params": {"id": task}},
                               headers={"A2A-Version": "1.0"}).status, 401, method)
    world.agree(1)


@scene
def what_is_sold_for_tokens_is_listed():
    world = World()
    listed = world.payer.get("/discovery/resources?type=http&limit=10").ok()
    equal(listed["pagination"], {"limit": 10, "offset": 0, "total": 1})
    equal(listed["items"][0]["accepts"][0]["amount"], ATOMIC)
    equal(world.payer.get("/discovery/resources?limit=101").status, 400)


def quietly(function, *args):
    """What a client does whose broker dies."""
    try:
        function(*args)
    except OSError:
        pass


if __name__ == "__main__":
    sys.exit(main(__doc__))
