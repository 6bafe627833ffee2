# SPDX-License-Identifier: Apache-2.0
"""scene_crossing.py - buyers of one protocol, sellers of another; neither knows the other, or us.

Each pair leaves a deal file that both verifiers accept, and that says who held which key and
under which mandate it was.
"""
import base64
import http.server
import json
import pathlib
import secrets
import subprocess
import sys
import threading
import time

import aicx_scene
from aicx_scene import equal, main, place, scene, that, using
from aicx_scene.outside import Server
from aicx_scene.shop import Shop

MCP_SERVER = pathlib.Path(aicx_scene.__file__).parent / "mcp_server.py"
REST, HTTP = "[gateway rest \"rest\"]\n", "[gateway http \"outside\"]\nallow = 127.0.0.1\n"


# --- buyers -----------------------------------------------------------------------

def by_mcp(shop, need, text):
    """A client of MCP calls a tool: (result, deal id)."""
    meta = {"io.modelcontextprotocol/protocolVersion": "2026-07-28",
            "io.modelcontextprotocol/clientCapabilities": {}}
    answer = shop.rest.post("/mcp", {"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": {
        "name": need, "arguments": {"input": text}, "_meta": meta}}, headers={
            "Accept": "application/json, text/event-stream", "MCP-Protocol-Version": "2026-07-28",
            "Mcp-Method": "tools/call", "Mcp-Name": need}).ok()
    result = answer["result"]
    that(not result.get("isError"), result)
    return result["content"][0]["text"], result["_meta"]["example.aiconexus/execution"]["deal_id"]


def by_a2a(shop, need, text):
    """A client of A2A sends a message, whose task is the deal."""
    task = shop.rest.post("/a2a/rest/message:send", {"message": {
        "messageId": "m-" + need, "role": "ROLE_USER",
        "parts": [{"text": text} if isinstance(text, str) else {"data": text}],
        "metadata": {"skill": need}}}, headers={"A2A-Version": "1.0"}).ok()["task"]
    equal(task["status"]["state"], "TASK_STATE_COMPLETED", task)
    part = task["artifacts"][0]["parts"][0]
    return part["text"] if "text" in part else json.dumps(part["data"]), task["id"]


# --- a payer without an account ------------------------------------------------------

NETWORK, ASSET = "eip155:31337", "0x5FbDB2315678afecb367f032d93F642f64180aa3"
PAY_TO, PAYER = "0x3C44CdDdB6a900fa2b585dd299e03d12FA4293BC", "0x70997970C51812dc3A010C7d01b50e0d17dc79C8"


class Facilitator(http.server.BaseHTTPRequestHandler):
    """An honest one: whatever is signed moves once."""

    def say(self, body):
        text = json.dumps(body).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text)

    def do_GET(self):  # pylint: disable=invalid-name
        self.say({"kinds": [{"x402Version": 2, "scheme": "exact", "network": NETWORK}],
                  "extensions": [], "signers": {}})

    def do_POST(self):  # pylint: disable=invalid-name
        self.rfile.read(int(self.headers["Content-Length"]))
        if self.path == "/verify":
            self.say({"isValid": True, "payer": PAYER})
            return
        self.server.moved.append("0x" + secrets.token_hex(32))
        self.say({"success": True, "transaction": self.server.moved[-1], "payer": PAYER,
                  "network": NETWORK})

    def log_message(self, *_):
        pass


def accept_x402(shop):
    """The broker takes payments for `buyer`; it is started anew for that."""
    chain = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Facilitator)
    chain.daemon_threads, chain.moved, shop.chain = True, [], chain
    threading.Thread(target=chain.serve_forever, args=(0.02,), daemon=True).start()
    identity = json.loads(shop.path("buyer").read_text())
    shop.broker.kill()
    (shop.broker.conf / "31-x402.conf").write_text(
        f'[payment x402 "x402"]\nfacilitator = http://127.0.0.1:{chain.server_port}\n'
        f'allow = 127.0.0.1\nnetwork = {NETWORK}\nasset = {ASSET}\ntoken_name = Test USD\n'
        f'pay_to = {PAY_TO}\nbuyer = {identity["agent_id"]}\nbuyer_key = {identity["api_key"]}\n')
    shop.broker.start()


def by_x402(shop, need, given):
    """Asks, is told what it costs, pays and gets: (result, deal id)."""
    payer, end = shop.broker.rest(), time.monotonic() + 30
    while (answer := payer.post(f"/x402/{need}", given)).status != 402:
        that(time.monotonic() < end, answer)  # the facilitator is being asked
        time.sleep(0.05)
    required = json.loads(base64.b64decode(answer.headers["PAYMENT-REQUIRED"]))
    price = required["accepts"][0]
    paid = {"x402Version": 2, "resource": required["resource"], "accepted": price,
            "extensions": required["extensions"], "payload": {
                "signature": "0x" + "7" * 130, "authorization": {
                    "from": PAYER, "to": PAY_TO, "value": price["amount"], "validAfter": "0",
                    "validBefore": str(int(time.time()) + 60), "nonce": "0x" + secrets.token_hex(32)}}}
    answer = payer.post(f"/x402/{need}", given, headers={
        "PAYMENT-SIGNATURE": base64.b64encode(json.dumps(paid).encode()).decode()})
    result = answer.ok()
    response = json.loads(base64.b64decode(answer.headers["PAYMENT-RESPONSE"]))
    equal((response["success"], shop.chain.moved), (True, [response["transaction"]]))
    deals = shop.rest.get(f"/v1/deals?agent_id={shop.buyer_id}").ok()["deals"]
    equal(len(deals), 1)
    return json.dumps(result), deals[0]["deal_id"]


# --- sellers ----------------------------------------------------------------------

def server_beside_aicx(shop):
    server = using(Server())
    server.answers = [(200, {"words": 2})]
    shop.sell_http("seller", "text.count", "0.001 AIC", server.url)
    return "text.count", "own"


def server_asked_by_the_broker(shop):
    server = using(Server())
    server.answers = [(200, {"words": 2})]
    shop.json("data/operator.identity", "agent", "register", "--url", server.url,
              "--price", "0.001 AIC", "--capability", "text.count", "--name", "counter")
    return "text.count", "broker"


def unix_program(shop):
    shop.sell("seller", "text.upper", "0.001 AIC", "tr", "a-z", "A-Z")
    return "text.upper", "own"


def unix_program_that_takes_a_message(shop):
    """A text part of A2A is the member `text` of the input."""
    shop.sell("seller", "text.upper", "0.001 AIC", "tr", "a-z", "A-Z", options=("--input-field", "text"))
    return "text.upper", "own"


def mcp_server(shop):
    shop.start("seller", "sell", "text", "--mcp", "--price", "0.001 AIC", "--", sys.executable,
               str(MCP_SERVER), "both")
    shop.said("seller", "ready: ")
    return "text.echo", "own"


# --- what the file says -------------------------------------------------------------

def open_shop():
    shop = using(Shop({"80-gateways.conf": REST + HTTP}))
    shop.buyer("buyer")
    identity = json.loads(shop.path("buyer").read_text())
    shop.rest = shop.broker.rest(identity["api_key"])
    shop.buyer_id = identity["agent_id"]
    return shop


def proves(shop, deal_id, provider_custody):
    """Both verifiers accept it; the custody and the mandate are those of this deal."""
    shop.path("deal").write_text(shop.rest.get(f"/v1/deals/{deal_id}/file").ok_text())
    shop.path("key").write_text(shop.broker.public_key() + "\n")
    report = shop.verify("deal", "--trust", str(shop.path("key")))
    that(report.endswith("\ngood\n"), report)
    done = subprocess.run([sys.executable, "-B", place.SRC / "tests/verifier/aicx_verify.py",
                           shop.path("deal"), "--trust", shop.path("key")], check=False,
                          capture_output=True, text=True)
    equal(done.returncode, 0, done.stdout + done.stderr)
    deal = json.loads(shop.path("deal").read_text())
    contract, mandate = (json.loads(deal[name]["text"]) for name in ("contract", "mandate"))
    equal(contract["custody"], {"requester": "broker", "provider": provider_custody})
    equal((mandate["requester"], mandate["custody"]), (shop.buyer_id, "broker"), mandate)
    equal((contract["requester_id"], contract["mandate_id"]), (shop.buyer_id, mandate["id"]))
    equal(("kept by the broker" in report or "keeping" in report), True, report)


def cross(buy, sell, result, given="hello world"):
    shop = open_shop()
    need, custody = sell(shop)
    said, deal_id = buy(shop, need, given)
    equal(said, result)
    proves(shop, deal_id, custody)
    equal(shop.json("buyer", "ledger", "audit")["spent"], "0.001000")


@scene
def an_mcp_client_buys_from_a_plain_http_server():
    cross(by_mcp, server_beside_aicx, '{"words": 2}')


@scene
def an_mcp_client_buys_from_a_server_that_the_broker_asks():
    cross(by_mcp, server_asked_by_the_broker, '{"words": 2}')


@scene
def an_a2a_client_buys_from_a_unix_program():
    cross(by_a2a, unix_program_that_takes_a_message, "HELLO WORLD")


@scene
def an_mcp_client_buys_from_a_unix_program():
    cross(by_mcp, unix_program, "HELLO WORLD")


@scene
def an_a2a_client_buys_from_an_mcp_server():
    cross(by_a2a, mcp_server, '{"content": [{"type": "text", "text": "hello"}]}', {"text": "hello"})


@scene
def an_x402_client_buys_from_an_mcp_server():
    shop = open_shop()
    accept_x402(shop)
    need, custody = mcp_server(shop)
    said, deal_id = by_x402(shop, need, {"text": "hello"})
    that("hello" in said, said)
    proves(shop, deal_id, custody)


if __name__ == "__main__":
    sys.exit(main(__doc__))
