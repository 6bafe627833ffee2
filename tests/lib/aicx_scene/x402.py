# SPDX-License-Identifier: Apache-2.0
"""x402.py - a facilitator for tests on an offline chain, and a payer; only the standard library.

There is no token: the facilitator moves what it is asked to move and believes every signature,
so the payer's is none. By hand, as README's tutorial has it:

    python3 x402.py facilitator 127.0.0.1:9402
    python3 x402.py pay http://127.0.0.1:8700/x402/text.upper '"hello"'
"""
import base64
import http.client
import http.server
import json
import secrets
import sys
import threading
import time
import urllib.parse

NETWORK = "eip155:31337"
PAYER = "0x70997970C51812dc3A010C7d01b50e0d17dc79C8"
KIND = {"x402Version": 2, "scheme": "exact", "network": NETWORK}
WAIT_S = 30


def say(handler, body, status=200):
    text = json.dumps(body).encode()
    try:
        handler.send_response(status)
        handler.send_header("Content-Type", "application/json")
        handler.send_header("Content-Length", str(len(text)))
        handler.end_headers()
        handler.wfile.write(text)
    except OSError:
        pass  # whoever asked was killed


class Facilitator:
    """.next: how it answers the next settlements, then "ok"; .verify_next the same."""

    def __init__(self, host="127.0.0.1", port=0):
        self.lock = threading.Condition()
        self.moved, self.asked = {}, []  # nonce -> transaction; what came
        self.next, self.verify_next = [], []
        self.let_go = threading.Event()
        chain = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self):  # pylint: disable=invalid-name
                say(self, {"kinds": [KIND], "extensions": [], "signers": {}})

            def do_POST(self):  # pylint: disable=invalid-name
                body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                chain.serve(self, body)

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer((host, port), Handler)
        self.server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self.server.server_port}"

    def __enter__(self):
        threading.Thread(target=self.server.serve_forever, args=(0.02,), daemon=True).start()
        return self

    def __exit__(self, *_):
        self.let_go.set()
        self.server.shutdown()
        self.server.server_close()

    def serve(self, handler, body):
        paid = body["paymentPayload"]["payload"]["authorization"]
        nonce = paid["nonce"]
        with self.lock:
            ways = self.verify_next if handler.path == "/verify" else self.next
            how = ways.pop(0) if ways else "ok"
            used = nonce in self.moved
            if handler.path == "/settle" and how in ("ok", "drop", "late", "lie") and not used:
                self.moved[nonce] = "0x" + secrets.token_hex(32)
            self.asked.append((handler.path, nonce))
            self.lock.notify_all()
        if how in ("drop", "lost"):
            handler.close_connection = True
        elif how in ("late", "stall"):
            self.let_go.wait(WAIT_S)
            handler.close_connection = True
        elif how == "500":
            say(handler, {}, 500)
        elif handler.path == "/verify":
            say(handler, {"isValid": how == "ok", "invalidReason": how, "payer": paid["from"]})
        elif how not in ("ok", "lie"):
            say(handler, {"success": False, "errorReason": how, "transaction": "", "network": NETWORK})
        elif used:
            say(handler, {"success": False, "errorReason": "invalid_exact_evm_nonce_already_used",
                          "transaction": self.moved[nonce], "network": NETWORK})
        else:
            say(handler, {"success": True, "transaction": self.moved[nonce], "payer": paid["from"],
                          "network": "eip155:1" if how == "lie" else NETWORK})

    def wait(self, path, n=1):
        with self.lock:
            if not self.lock.wait_for(lambda: sum(p == path for p, _ in self.asked) >= n, WAIT_S):
                raise AssertionError(f"{path} was not asked {n} times")


def decode(header):
    return json.loads(base64.b64decode(header))


def encode(value):
    return base64.b64encode(json.dumps(value).encode()).decode()


def sign(required):
    """PaymentPayload for this PaymentRequired."""
    wanted = required["accepts"][0]
    return {"x402Version": 2, "resource": required["resource"], "accepted": wanted,
            "extensions": required["extensions"],
            "payload": {"signature": "0x" + "7" * 130, "authorization": {
                "from": PAYER, "to": wanted["payTo"], "value": wanted["amount"],
                "validAfter": "0", "validBefore": str(int(time.time()) + 60),
                "nonce": "0x" + secrets.token_hex(32)}}}


def post(url, body, headers):
    at = urllib.parse.urlsplit(url)
    link = http.client.HTTPConnection(at.hostname, at.port, timeout=WAIT_S)
    link.request("POST", at.path, body.encode(), {"Content-Type": "application/json", **headers})
    answer = link.getresponse()
    text = answer.read().decode()
    link.close()
    return answer, text


def once(url, body):
    """Asks what it costs and pays that."""
    answer, text = post(url, body, {})
    if answer.status == 402:
        required = decode(answer.headers["PAYMENT-REQUIRED"])
        answer, text = post(url, body, {"PAYMENT-SIGNATURE": encode(sign(required))})
    return answer, text


def pay(url, body):
    """Prints what came.  For a while nobody may be there who sells it: then nothing was paid,
    and the next try signs anew."""
    end = time.monotonic() + WAIT_S
    answer, text = once(url, body)
    while answer.status in (404, 503) and time.monotonic() < end:
        time.sleep(0.1)
        answer, text = once(url, body)
    response = answer.headers["PAYMENT-RESPONSE"]
    print(text)
    print("paid by transaction", decode(response)["transaction"] if response else "none")
    return 0 if response and answer.status == 200 else 1


def main(way, where, *body):
    if way == "pay":
        return pay(where, *body)
    host, port = where.rsplit(":", 1)
    print("a facilitator for tests: it moves no money and believes every signature", file=sys.stderr)
    Facilitator(host, int(port)).server.serve_forever()
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
