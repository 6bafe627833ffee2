# SPDX-License-Identifier: Apache-2.0
"""agent.py - agents: one that polls a mailbox with an API key, one on a WebSocket session.

Both sell when told to: offers_for(intent) and work(execute) may be replaced by a
scene to be late, wrong or silent.
"""
import json
import secrets
import threading

from . import crypto, wire
from .patience import PATIENCE_S, Late
from .websocket import Closed, WebSocket

ANSWER_S = PATIENCE_S  # for the broker to answer a request


class Declined(Exception):
    """A refusal to send as an ERROR: Declined("declined", "why")."""

    def __init__(self, code, detail="", retryable=False):
        super().__init__(code)
        self.payload = {"code": code, "detail": detail, "retryable": retryable}


def capability(name, price, **more):
    """What a seller registers: so much for each call."""
    return {"name": name, "version": "1.0", "description": f"does {name}", "tags": [],
            "input_schema": {}, "output_schema": {},
            "pricing": {"model": "per_call", "base_cost": wire.money(price)}, **more}


class Agent:
    """What both kinds share; a subclass knows how to send one envelope."""

    def __init__(self, broker, agent_id):
        self.broker, self.id = broker, agent_id
        self.key = None  # Ed25519; without one the broker signs for this agent
        self.price = None
        self._thread = None
        self.seen = {}  # message id -> our answer: a repeat gets the same
        self.inbox = []  # all that came

    def send(self, kind, payload, **more):
        raise NotImplementedError

    def leave(self):
        """Takes nothing new; does not wait."""
        raise NotImplementedError

    def stop(self):
        """Leaves, and waits for the thread."""
        self.leave()
        if self._thread:
            self._thread.join()

    # --- selling -------------------------------------------------------------------

    def offers_for(self, intent):
        """The answer to an intent: the payload of an OFFER, None for silence, or Declined."""
        terms = wire.per_call_terms(self.price)
        payload = {"method": "negotiation.offer", "intent_id": intent["intent_id"], "terms": terms}
        if self.key:
            payload["offer"] = wire.sign_object(
                self.key, "offer", broker_id=self.broker.broker_id, intent_id=intent["intent_id"],
                provider_id=self.id, terms_sha256=crypto.b64(crypto.sha256(terms.encode())),
                expires=wire.at(60))
        return payload

    def work(self, execute):
        """The answer to an EXECUTE: its output, None for silence, or Declined."""
        return execute["input"]

    def answer(self, envelope):
        """Does what a seller owes for one message of the broker."""
        self.inbox.append(envelope)
        if envelope.id in self.seen:
            answered = self.seen[envelope.id]
        else:
            answered = self.seen[envelope.id] = self._decide(envelope)
        if answered:
            kind, payload = answered
            self.send(kind, payload, correlation_id=envelope.id)

    def _decide(self, envelope):
        """(type, payload), or None for silence."""
        execution = {"execution_id": envelope.payload["execution_id"]} \
            if envelope.type == "EXECUTE" else {}
        try:
            if envelope.type == "QUERY" and envelope.method == "negotiation.intent":
                payload = self.offers_for(envelope.payload)
                return payload and ("OFFER", payload)
            if envelope.type == "EXECUTE":
                output = self.work(envelope.payload)
                return None if output is None else ("RESULT", {**execution, "output": output})
        except Declined as why:
            return "ERROR", {**execution, **why.payload}
        return None


class MailboxAgent(Agent):
    """An agent that holds an API key and polls; its REST calls are .rest."""

    def __init__(self, broker, agent_id, credential_id, api_key):
        super().__init__(broker, agent_id)
        self.api_key, self.rest = api_key, broker.rest(api_key)
        self.macs = wire.api_key_macs(api_key, credential_id)
        self._stop = threading.Event()

    def mandate(self, need, max_each, max_total, max_deals=1, **more):
        """A standing mandate; the broker signs for this agent.  Gives its id."""
        return self.rest.post("/v1/mandates", {"mandate": {
            "need": [need], "max_each": wire.money(max_each), "max_total": wire.money(max_total),
            "max_deals": max_deals, **more}}).ok()["mandate_id"]

    def buy(self, need, given, max_price, key=None, **more):
        """POST /v1/deals; the answer, good or not."""
        return self.rest.post("/v1/deals", {"need": need, "input": given,
                                            "max_price": wire.money(max_price), **more}, key=key)

    def balance(self):
        return self.rest.get(f"/v1/audit/balance/{self.id}").ok()

    def send_text(self, text):
        """A whole envelope through POST /v1/messages; the envelope that answers."""
        answer = self.rest.post("/v1/messages", text)
        return json.loads(answer.body) if answer.body else None

    def send(self, kind, payload, **more):
        text = wire.head(self.id, self.broker.broker_id, kind, payload, **more)
        return self.send_text(wire.sign_mac(text, self.macs.to_broker, self.macs.id))

    def poll(self, wait_ms=0):
        """The messages that wait, each verified."""
        texts = self.rest.get(f"/v1/mailbox?wait_ms={wait_ms}").ok()["messages"]
        known = {self.macs.id: (self.broker.broker_id, self.macs.to_agent)}
        return [wire.read(text, lambda _alg, key_id: known.get(key_id)) for text in texts]

    def ack(self, envelope):
        return self.send("ACK", {}, correlation_id=envelope.id)

    def serve(self):
        """Polls and answers until stop(), through restarts of the broker too."""
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()
        return self

    def _serve(self):
        while not self._stop.is_set():
            try:
                for envelope in self.poll(wait_ms=500):
                    self.answer(envelope)
            except (ConnectionError, OSError):
                self._stop.wait(0.05)  # the broker is away; it comes back or we are stopped

    def leave(self):
        self._stop.set()


class SessionAgent(Agent):
    """An agent on a session, over a WebSocket or another socket that has its calls.  A thread
    reads; requests wait for their answers."""

    # pylint: disable-next=too-many-arguments,too-many-positional-arguments
    def __init__(self, broker, key=None, agent_id=None, headers=None, price=None, socket=None):
        super().__init__(broker, agent_id or wire.new_id())
        self.key, self.price = key or crypto.Key(), price
        self.socket = socket or WebSocket(broker.address, headers=headers, tls=broker.tls)
        self.macs = self._open()
        self.partners = set()  # whose relayed messages are expected, under our session's MAC
        self.keys = {}  # key id -> (agent id, public key) of who signs for itself
        self._answers, self._news = {}, threading.Condition()
        self._closed = None
        self._thread = threading.Thread(target=self._read, daemon=True)
        self._thread.start()

    def _open(self):
        """The handshake of wire.md, checking the broker at each step."""
        broker_key = crypto.unb64(self.broker.public_key())
        broker = {crypto.key_id(broker_key): (self.broker.broker_id, broker_key)}
        challenge = wire.read(self.socket.recv_text(), lambda _alg, key_id: broker.get(key_id))
        if challenge.method != "session.challenge" or challenge.receiver_id != wire.NIL:
            raise AssertionError(f"no challenge: {challenge}")
        seed = secrets.token_bytes(32)
        text = wire.head(self.id, self.broker.broker_id, "QUERY", {
            "method": "session.open", "nonce": challenge.payload["nonce"],
            "x25519": crypto.b64(crypto.x25519_public(seed)),
            "public_key": crypto.b64(self.key.public)})
        opened = wire.sign_key(text, self.key)
        self.socket.send_text(opened)
        result = wire.read(self.socket.recv_text(), lambda _alg, key_id: broker.get(key_id))
        if result.type != "RESULT":
            raise wire.Refused(result.payload.get("code", ""), result.payload.get("detail", ""))
        if result.correlation_id != json.loads(opened)["id"] or result.receiver_id != self.id:
            raise AssertionError(f"an answer to something else: {result}")
        return wire.session_macs(seed, crypto.unb64(result.payload["x25519"]), challenge.text,
                                 opened, result.text, result.payload["session_id"])

    def send_text(self, text):
        self.socket.send_text(text)

    def send(self, kind, payload, **more):
        """Sends to the broker, or to receiver=; gives the message's id."""
        receiver = more.pop("receiver", None) or self.broker.broker_id
        more.setdefault("id", wire.new_id())
        text = wire.head(self.id, receiver, kind, payload, **more)
        self.send_text(wire.sign_mac(text, self.macs.to_broker, self.macs.id))
        return more["id"]

    def answer_to(self, message_id):
        """Waits for the RESULT, ERROR or ACK with this correlation id."""
        with self._news:
            self._news.wait_for(lambda: message_id in self._answers or self._closed, ANSWER_S)
            if message_id in self._answers:
                return self._answers.pop(message_id)
        raise self._closed or Late(f"no answer to {message_id}")

    def ask(self, method, parameters=None, **more):
        """The answer's envelope, whatever it is."""
        return self.answer_to(self.send("QUERY", {"method": method, **(parameters or {})}, **more))

    def call(self, method, parameters=None, **more):
        """The result of a wire method; wire.Refused when it is refused."""
        answer = self.ask(method, parameters, **more)
        if answer.type == "ERROR":
            raise wire.Refused(answer.payload["code"], answer.payload.get("detail", ""))
        return answer.payload

    def sell(self, need, price, **more):
        """Registers itself with this capability; offers and works from now on."""
        self.price = price
        self.call("discovery.register", {
            "agent_id": self.id, "name": f"seller of {need}", "description": "", "tags": [],
            "endpoints": [{"kind": "session"}], "capabilities": [capability(need, price, **more)]})
        return self

    def _envelope(self, text):
        """Reads one message: the broker's, or a partner's that the broker passes on."""
        known = {self.macs.id: (self.broker.broker_id, self.macs.to_agent), **self.keys}
        try:
            return wire.read(text, lambda _alg, key_id: known.get(key_id))
        except wire.Refused:
            sender = json.loads(text).get("sender_id")
            if sender not in self.partners:
                raise
            return wire.read(text, lambda _alg, key_id: {
                self.macs.id: (sender, self.macs.to_agent)}.get(key_id))

    def _read(self):
        try:
            while True:
                envelope = self._envelope(self.socket.recv_text())
                if envelope.type in ("RESULT", "ERROR", "ACK"):
                    with self._news:
                        self._answers[envelope.correlation_id] = envelope
                        self._news.notify_all()
                else:
                    self.answer(envelope)
        except (Closed, OSError, wire.Refused) as error:
            with self._news:
                self._closed = error
                self._news.notify_all()

    def closed(self, timeout_s=ANSWER_S):
        """Waits for the broker to end the connection; why it ended."""
        self._thread.join(timeout_s)
        return self._closed

    def leave(self):
        self.socket.close()
