# SPDX-License-Identifier: Apache-2.0
"""doors.py - every way into a broker, each as one call: ask(method, params) -> (status, problem).

A door speaks for one principal.  problem is the refusal's payload, {} for a good answer.
"""
import http.client
import json
import re
import socket
import urllib.parse

from aicx_scene import place, wire

METHODS = {row["method"]: row for row in
           json.loads((place.SRC / "abi/wire/methods.json").read_text())["methods"]}
NOBODY = "00000000-0000-7000-8000-000000000001"


class UnixConnection(http.client.HTTPConnection):
    """HTTP over a unix socket."""

    def __init__(self, path):
        super().__init__("localhost", timeout=30)
        self.path = path

    def connect(self):
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.settimeout(30)
        self.sock.connect(str(self.path))


class Rest:
    """REST, over TCP or a unix socket."""

    def __init__(self, connection, api_key):
        self.connection, self.api_key = connection, api_key

    def ask(self, method, params):
        verb, path = METHODS[method]["rest"].split(" ", 1)
        left = dict(params)
        path = re.sub(r"\{(\w+)\}", lambda name: urllib.parse.quote(
            str(left.pop(name[1], NOBODY)), safe=""), path)
        headers, body = {}, None
        if self.api_key:
            headers["Authorization"] = f"Bearer {self.api_key}"
        if verb in ("GET", "DELETE"):
            query = {name: value if isinstance(value, str) else wire.dump(value)
                     for name, value in left.items()}
            path += "?" + urllib.parse.urlencode(query) if query else ""
        else:
            headers["Content-Type"], body = "application/json", wire.dump(left)
        self.connection.request(verb, path, body, headers)
        answer = self.connection.getresponse()
        text = answer.read()
        good = answer.status < 300
        return answer.status, {} if good else json.loads(text)

    def close(self):
        self.connection.close()


class Messages:
    """POST /v1/messages: an envelope under an API key's MAC."""

    def __init__(self, broker, agent_id, made):
        self.broker, self.id = broker, agent_id
        self.macs = wire.api_key_macs(made["api_key"], made["credential_id"])
        self.connection = http.client.HTTPConnection(broker.address, timeout=30)

    def ask(self, method, params):
        text = wire.head(self.id, self.broker.broker_id, "QUERY", {"method": method, **params})
        self.connection.request("POST", "/v1/messages",
                                wire.sign_mac(text, self.macs.to_broker, self.macs.id))
        answer = self.connection.getresponse()
        return told(json.loads(answer.read()))

    def close(self):
        self.connection.close()


class KeySocket:
    """A WebSocket whose upgrade brought an API key; messages under the key's MAC."""

    def __init__(self, broker, agent_id, made):
        self.broker, self.id = broker, agent_id
        self.macs = wire.api_key_macs(made["api_key"], made["credential_id"])
        self.socket = broker.socket({"Authorization": f"Bearer {made['api_key']}"})
        self.socket.recv_text()  # the challenge, which a key need not answer

    def ask(self, method, params):
        asked = wire.new_id()
        text = wire.head(self.id, self.broker.broker_id, "QUERY", {"method": method, **params},
                         id=asked)
        self.socket.send_text(wire.sign_mac(text, self.macs.to_broker, self.macs.id))
        while True:
            answer = json.loads(self.socket.recv_text())
            if answer.get("correlation_id") == asked:
                return told(answer)

    def close(self):
        self.socket.close()


class Session:
    """A session under the agent's own key: over a WebSocket or NNG."""

    def __init__(self, agent):
        self.agent = agent

    def ask(self, method, params):
        answer = self.agent.ask(method, params)
        return told({"type": answer.type, "payload": answer.payload})

    def close(self):
        self.agent.leave()


def told(answer):
    """(status, problem) of an answer that came as an envelope, or as a bare problem."""
    payload = answer.get("payload", answer)
    if answer.get("type") in ("RESULT", "ACK"):
        return 200, {}
    return payload.get("status", 0), payload
