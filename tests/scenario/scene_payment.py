# SPDX-License-Identifier: Apache-2.0
"""scene_payment.py - a payment provider that fails, stalls, lies, repeats and reorders.

The provider is a real HTTP server with books of its own.  It does each payment at most
once for its id; how it answers is another matter.  In the end its books and the ledger
agree to the last digit.
"""
import decimal
import hashlib
import hmac
import http.server
import json
import random
import ssl
import subprocess
import sys
import tempfile
import threading
import time
import urllib.parse

from aicx_scene import (PATIENCE_S, Daemon, broker_conf, equal, eventually, main, place, scene,
                        skip, that, using, wire)
from aicx_scene.rest import Rest

SECRET = "correct horse battery staple"
NEED = "text.echo"
HOOK = "/hooks/payments"


def sign(method, target, body, at=None):
    """The header fields of a signed request."""
    stamp = str(int(time.time()) if at is None else at)
    text = f"{stamp}\n{method}\n{target}\n".encode() + body
    return {"AIConexus-Timestamp": stamp, "AIConexus-Signature":
            "v1=" + hmac.new(SECRET.encode(), text, hashlib.sha256).hexdigest()}


class Provider:
    """`with Provider() as bank:`; .next: how it answers the next orders, then by .usual."""

    def __init__(self, certificate=None):
        self.lock = threading.RLock()
        self.did, self.refusals = {}, set()  # (id, op) -> order; what was refused for good
        self.next, self.usual, self.status_next = [], lambda: "ok", []
        self.arrived, self.bad_signatures = threading.Condition(self.lock), 0
        self.n_orders = 0
        self.let_go = threading.Event()  # of those that stall
        bank = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def handle_one(self, body):
                bank.serve(self, body)

            def do_GET(self):  # pylint: disable=invalid-name
                self.handle_one(b"")

            def do_POST(self):  # pylint: disable=invalid-name
                self.handle_one(self.rfile.read(int(self.headers["Content-Length"])))

            def log_message(self, *_):
                pass

            def handle(self):
                try:
                    super().handle()
                except ConnectionError:
                    pass  # whoever asked was killed

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self.server.server_port}/v1"
        if certificate:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(certificate)
            self.server.socket = context.wrap_socket(self.server.socket, server_side=True)
            self.url = self.url.replace("http:", "https:")

    def __enter__(self):
        threading.Thread(target=self.server.serve_forever, args=(0.02,), daemon=True).start()
        return self

    def __exit__(self, *_):
        self.let_go.set()
        self.server.shutdown()
        self.server.server_close()

    # --- answering -----------------------------------------------------------------

    def serve(self, handler, body):
        fields = sign(handler.command, handler.path, body, handler.headers["AIConexus-Timestamp"])
        if fields["AIConexus-Signature"] != handler.headers["AIConexus-Signature"]:
            with self.lock:
                self.bad_signatures += 1
            say(handler, 401, {"code": "bad_signature"})
            return
        path = urllib.parse.urlsplit(handler.path)
        if handler.command == "GET":
            self.status(handler, path.path.rsplit("/", 1)[1],
                        urllib.parse.parse_qs(path.query)["op"][0])
            return
        order = json.loads(body)
        equal(handler.headers["Idempotency-Key"], order["id"], "Idempotency-Key")
        equal(path.path, "/v1/" + order["op"], "path")
        self.order(handler, order)

    def order(self, handler, order):
        with self.lock:
            self.n_orders += 1
            how = self.next.pop(0) if self.next else self.usual()
            key = order["id"], order["op"]
            if how == "refuse" and key not in self.did:
                self.refusals.add(key)
            if how not in ("refuse", "lost"):
                self.did.setdefault(key, order)
            self.arrived.notify_all()
        done = dict(order, state="done")
        if how == "ok":
            say(handler, 200, done)
        elif how == "refuse":
            say(handler, 402, dict(order, state="refused", reason="card declined"))
        elif how == "500":
            say(handler, 500, {"code": "internal"})
        elif how in ("drop", "lost"):
            handler.close_connection = True
        elif how == "late":
            self.let_go.wait(30)
            handler.close_connection = True
        elif how == "lie_amount":
            say(handler, 200, dict(done, amount="999999.000000"))
        elif how == "lie_currency":
            say(handler, 200, dict(done, currency="XYZ"))
        elif how == "lie_id":
            say(handler, 200, dict(done, id=wire.new_id()))
        elif how == "garbage":
            say(handler, 200, b"<html>it worked</html>")
        elif how == "huge":
            say(handler, 200, b'{"state":"done","pad":"' + b"x" * 100000 + b'"}')
        else:
            raise AssertionError(how)

    def status(self, handler, payment_id, op):
        with self.lock:
            how = self.status_next.pop(0) if self.status_next else "ok"
            order = self.did.get((payment_id, op))
            refused = (payment_id, op) in self.refusals
        about = {"id": payment_id, "op": op}
        if how == "500":
            say(handler, 500, {})
        elif order:
            say(handler, 200, dict(order, state="done"))
        elif refused:
            say(handler, 200, dict(about, state="refused", reason="card declined"))
        else:
            say(handler, 404, dict(about, state="unheard"))

    # --- its books -------------------------------------------------------------------

    def balance(self, agent_id):
        """What the provider holds for an agent."""
        sums = {"fund": 1, "payout": -1}
        total = decimal.Decimal(0)
        with self.lock:
            for (_, op), order in self.did.items():
                amount = decimal.Decimal(order["amount"])
                if op in sums and order["party"] == agent_id:
                    total += sums[op] * amount
                if op == "refund":
                    total += amount * ((order["party"] == agent_id) - (order["payee"] == agent_id))
                if op == "capture":
                    total += amount * ((order["payee"] == agent_id) - (order["party"] == agent_id))
        return total

    def open_authorizations(self):
        """Ids that are authorized and neither captured nor void."""
        with self.lock:
            done = {key for key in self.did}
        return [key[0] for key in done if key[1] == "authorize" and
                not {(key[0], "capture"), (key[0], "void")} & done]

    def wait(self, fact):
        with self.arrived:
            that(self.arrived.wait_for(fact, PATIENCE_S), "the provider was not asked")


def say(handler, status, body):
    if not isinstance(body, bytes):
        body = json.dumps(body).encode()
    try:
        handler.send_response(status)
        handler.send_header("Content-Type", "application/json")
        handler.send_header("Content-Length", str(len(body)))
        handler.end_headers()
        handler.wfile.write(body)
    except OSError:
        pass  # whoever asked has gone


class World:
    """A broker whose money moves at a provider."""

    def __init__(self, certificate=None, options="", timeout="400ms"):
        self.bank = using(Provider(certificate))
        economy = (place.CONF / "30-economy.conf").read_text().replace(
            '[payment credit "credit"]',
            f'[payment webhook "credit"]\nurl = {self.bank.url}\nsecret = {SECRET}\n'
            f'allow = 127.0.0.1\ntimeout = {timeout}\n{options}')
        broker = broker_conf(payment_retry="20ms", payment_retry_max="200ms")
        self.broker = using(Daemon({"30-economy.conf": economy, "40-broker.conf": broker}))

    def fund(self, agent, amount, key=None):
        return self.broker.operator.post(f"/v1/accounts/{agent.id}/fund",
                                         {"amount": wire.money(amount)}, key=key)

    def withdraw(self, agent, amount, key=None):
        return self.broker.operator.post(f"/v1/accounts/{agent.id}/withdraw",
                                         {"amount": wire.money(amount)}, key=key)

    def has(self, agent):
        audit = self.broker.operator.get(f"/v1/audit/balance/{agent.id}").ok()
        return decimal.Decimal(audit["available"]) + decimal.Decimal(audit["reserved"])

    def pending(self):
        return self.broker.operator.get("/v1/payments").ok()["pending"]

    def settle(self):
        """Waits until every payment is known."""
        self.bank.let_go.set()
        eventually(lambda: self.pending() == 0, "no payment is pending")

    def agree(self, *agents):
        self.settle()
        for agent in agents:
            equal(self.has(agent), self.bank.balance(agent.id), f"money of {agent.id}")
        equal(self.bank.bad_signatures, 0, "bad signatures")

    def tell(self, body, headers=None, at=None):
        """A webhook; gives the answer."""
        if not isinstance(body, bytes):
            body = json.dumps(body).encode()
        fields = sign("POST", HOOK, body, at)
        fields.update(headers or {})
        return Rest(lambda: self.broker.address).post(HOOK, body, headers=fields)


@scene
def money_comes_in_once_however_the_provider_answers():
    world = World()
    agent = world.broker.agent("buyer")
    for i, how in enumerate(["ok", "500", "drop", "lost", "late", "lie_amount", "lie_currency",
                             "lie_id", "garbage", "huge"]):
        world.bank.next = [how]
        world.fund(agent, "1.5 AIC", key=f"fund-{i}").ok()
        equal(world.has(agent), decimal.Decimal("1.5") * (i + 1), how)
    world.bank.next = ["refuse"]
    world.fund(agent, "7 AIC", key="no").refused(403, "denied")
    equal(world.fund(agent, "7 AIC", key="no").status, 403)
    world.bank.next = ["500"]
    world.bank.status_next = ["500", "500"]
    world.withdraw(agent, "2 AIC", key="out").ok()
    world.agree(agent)
    equal(world.has(agent), decimal.Decimal("13"))
    metrics = world.broker.operator.get("/metrics").body.decode()
    that('metric="lies"' in metrics and 'metric="garbled"' in metrics, "lies are counted")
    that("aiconexus_payments_pending 0" in metrics, "nothing is pending")


@scene
def a_killed_broker_books_what_the_provider_did():
    world = World()
    agent = world.broker.agent("buyer")
    for i, how in enumerate(["late", "500", "lost", "ok"]):
        key, asked = f"k{i}", world.bank.n_orders
        world.bank.next = [how]
        client = threading.Thread(target=quietly, args=(world.fund, agent, "1 AIC", key))
        client.start()
        world.bank.wait(lambda n=asked: world.bank.n_orders > n)
        world.broker.restart()
        client.join()
        world.settle()
        world.fund(agent, "1 AIC", key=key).ok()
        equal(world.has(agent), decimal.Decimal(i + 1))
    world.agree(agent)
    equal(world.bank.balance(agent.id), decimal.Decimal(4))


def quietly(function, *args):
    """What a client does whose broker dies."""
    try:
        function(*args)
    except OSError:
        pass


def buy_when_sold(buyer, n):
    """After a restart the seller has to come back first: another key for each time it has not."""
    turn, answer = 0, None
    while answer is None or answer.code == "no_offer":
        turn += 1
        answer = buyer.buy(NEED, f"hello {n}", "0.25 AIC", key=f"deal-{n}-{turn}")


@scene
def deals_are_paid_once_through_a_bad_provider_and_kills():
    world = World()
    seller = world.broker.seller("echo", NEED, "0.25 AIC")
    buyer = world.broker.agent("buyer", funds="10 AIC")
    buyer.mandate(NEED, "0.25 AIC", "10 AIC", max_deals=100)
    chance = random.Random(7)
    world.bank.usual = lambda: chance.choice(["ok", "ok", "500", "drop", "lost", "garbage"])
    for i in range(8):
        equal(buyer.buy(NEED, f"hello {i}", "0.25 AIC", key=f"deal-{i}").ok()["result"], f"hello {i}")
    for i in range(8, 11):
        asked = world.bank.n_orders
        client = threading.Thread(target=quietly, args=(buy_when_sold, buyer, i))
        client.start()
        world.bank.wait(lambda n=asked, more=1 + i % 2: world.bank.n_orders >= n + more)
        world.broker.restart()
        client.join()
        buy_when_sold(buyer, i)  # the same request: what has become of it
    world.bank.usual = lambda: "ok"
    world.agree(buyer, seller)
    equal(world.bank.open_authorizations(), [])


@scene
def refunds_go_back_at_the_provider_too_and_the_deal_file_verifies():
    world = World()
    seller = world.broker.seller("echo", NEED, "0.25 AIC")
    buyer = world.broker.agent("buyer", funds="1 AIC")
    buyer.mandate(NEED, "0.25 AIC", "1 AIC", max_deals=10)
    deal = buyer.buy(NEED, "hello", "0.25 AIC").ok()
    refund = f"/v1/transactions/{deal['receipt']['transaction_id']}/refund"
    world.bank.next = ["500"]
    seller.rest.post(refund, {"amount": wire.money("0.1 AIC"), "reference": "sorry"}).ok()
    world.agree(buyer, seller)
    world.bank.next = ["lost", "drop"]
    seller.rest.post(refund, {}).ok()
    world.agree(buyer, seller)
    equal(world.has(buyer), 1)
    seller.rest.post(refund, {}).refused(409, "wrong_state")
    path = world.broker.home / "deal.json"
    path.write_text(buyer.rest.get(f"/v1/deals/{deal['deal_id']}/file").ok_text())
    key = world.broker.home / "key"
    key.write_text(world.broker.public_key() + "\n")
    that("good" in world.broker.cli("verify", "--trust", str(key), str(path)), "the deal is good")


@scene
def webhooks_are_signed_fresh_and_each_counts_once():
    world = World()
    agent = world.broker.agent("buyer")
    payment = world.fund(agent, "2 AIC").ok()["transaction_id"]
    back = {"event": "evt_1", "type": "chargeback", "payment_id": payment, "amount": "0.5",
            "currency": "AIC", "reason": "disputed"}
    before = world.has(agent)
    refused = [
        (world.tell(back, {"AIConexus-Signature": "v1=" + "0" * 64}), 401),
        (world.tell(back, {"AIConexus-Timestamp": "1"}), 401),
        (world.tell(back, at=int(time.time()) - 3600), 401),
        (world.tell(b"{nonsense"), 400), (world.tell(b"[]"), 400),
        (world.tell(dict(back, type="gift")), 400), (world.tell(dict(back, amount="-1")), 400),
        (world.tell(dict(back, amount="0.0000001")), 400), (world.tell(dict(back, currency="EUR")), 400),
        (world.tell(dict(back, amount="2.000001")), 422), (world.tell(dict(back, amount="0")), 422),
        (world.tell(dict(back, payment_id=wire.new_id())), 404),
        (world.tell({"event": "evt_0", "type": "failed", "payment_id": payment}), 409)]
    for answer, status in refused:
        equal(answer.status, status, answer)
    equal(world.has(agent), before)
    for _ in range(3):
        equal(world.tell(back).status, 200)
    equal(world.has(agent), before - decimal.Decimal("0.5"))
    equal(world.tell(dict(back, amount="0.6")).status, 409)
    world.broker.restart()
    equal(world.tell(back).status, 200)
    equal(world.has(agent), before - decimal.Decimal("0.5"))
    world.withdraw(agent, "1 AIC").ok()
    equal(world.tell(dict(back, event="evt_2", amount="1.5")).status, 200)
    equal(world.has(agent), 0)
    said = world.broker.operator.get(f"/v1/payments/{payment}").ok()
    equal((said["taken_back"]["amount"], said["lost"]["amount"]), ("2.000000", "1.000000"))
    equal(world.tell({"event": "evt_3", "type": "settled", "payment_id": payment}).status, 200)


@scene
def money_that_was_refused_and_came_late_is_booked_when_told():
    world = World()
    agent = world.broker.agent("buyer")
    world.bank.next = ["refuse"]
    world.fund(agent, "3 AIC", key="late").refused(403, "denied")
    (payment, op), = world.bank.refusals
    with world.bank.lock:
        world.bank.did[payment, op] = {"id": payment, "op": op, "amount": "3.000000",
                                       "currency": "AIC", "party": agent.id}
    told = {"event": "evt_late", "type": "settled", "payment_id": payment}
    equal([world.tell(told).status for _ in range(2)], [200, 200])
    world.agree(agent)
    equal(world.has(agent), 3)


def certificate_for(name):
    """A file with a key and a certificate of its own authority."""
    folder = using(tempfile.TemporaryDirectory(prefix="aicx-tls-"))
    try:
        subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt",
                        "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2", "-subj", "/CN=bank",
                        "-addext", f"subjectAltName={name}", "-keyout", f"{folder}/key",
                        "-out", f"{folder}/cert"], check=True, capture_output=True)
    except FileNotFoundError:
        skip("no openssl")
    both = f"{folder}/both"
    with open(both, "w", encoding="ascii") as out:
        for part in ("key", "cert"):
            with open(f"{folder}/{part}", encoding="ascii") as one:
                out.write(one.read())
    return both


@scene
def a_provider_is_asked_only_under_its_own_certificate():
    good = certificate_for("IP:127.0.0.1")
    world = World(good, f"ca_file = {good}\n", "20s")
    agent = world.broker.agent("buyer")
    world.fund(agent, "1 AIC").ok()
    world.agree(agent)
    for certificate, options in ((good, ""), (certificate_for("DNS:other.example"), None)):
        world = World(certificate, f"ca_file = {certificate}\n" if options is None else options, "20s")
        agent = world.broker.agent("buyer")
        client = threading.Thread(target=quietly, args=(world.fund, agent, "1 AIC"), daemon=True)
        client.start()
        that("certificate" in world.broker.event("payment.doubted")["text"], "its certificate is wrong")
        equal((world.bank.n_orders, world.pending(), world.has(agent)), (0, 1, 0))
        world.broker.kill()
        client.join()
        world.broker.start()


@scene
def a_neighbour_is_not_asked_unless_it_is_allowed():
    world = World(options="")
    economy = world.broker.conf / "30-economy.conf"
    economy.write_text(economy.read_text().replace("allow = 127.0.0.1\n", ""))
    world.broker.stop()
    world.broker.start()
    agent = world.broker.agent("buyer")
    client = threading.Thread(target=quietly, args=(world.fund, agent, "1 AIC"), daemon=True)
    client.start()
    that("not public" in world.broker.event("payment.doubted")["text"], "loopback is refused")
    equal((world.bank.n_orders, world.pending()), (0, 1))
    world.broker.kill()
    client.join()
    world.broker.start()


if __name__ == "__main__":
    sys.exit(main(__doc__))
