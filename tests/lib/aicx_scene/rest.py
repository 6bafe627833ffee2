# SPDX-License-Identifier: Apache-2.0
"""rest.py - calls over HTTP, well formed (Rest) and not (raw)."""
import http.client
import json
import socket

from . import wire
from .patience import PATIENCE_S


class Answer:
    """.status, .headers, .body (bytes), .json (or None); an error has .code."""

    def __init__(self, status, headers, body):
        self.status, self.headers, self.body = status, headers, body
        self.json = None
        if "json" in (headers.get("content-type") or ""):
            self.json = json.loads(body)

    @property
    def code(self):
        """The stable word of a problem (RFC 9457)."""
        return (self.json or {}).get("code")

    def ok(self):
        """The result; AssertionError when it is a refusal."""
        if self.status >= 300:
            raise AssertionError(f"{self.status} {self.body.decode('utf-8', 'replace')}")
        return self.json

    def ok_text(self):
        """The result as the text it came in."""
        self.ok()
        return self.body.decode()

    def refused(self, status, code):
        """The problem, which must be this one."""
        if (self.status, self.code) != (status, code):
            raise AssertionError(f"{self.status} {self.code}, not {status} {code}: "
                                 f"{self.body.decode('utf-8', 'replace')}")
        return self.json

    def __repr__(self):
        return f"<{self.status} {self.body[:500]!r}>"


class Rest:
    """Calls of one principal; a connection each, so threads may share it.

    address: "127.0.0.1:8700", or a function that gives it (a broker may move).
    """

    watcher = None  # called with verb, path and each answer; see openapi.py

    def __init__(self, address, api_key=None, timeout_s=60, tls=None):
        self.address = address if callable(address) else lambda: address
        self.api_key, self.timeout_s = api_key, timeout_s
        self.tls = tls  # an ssl.SSLContext: https

    def request(self, method, path, body=None, headers=None, key=None):
        """body: a JSON value, or bytes or str as they are; key: Idempotency-Key."""
        all_headers = {}
        if self.api_key:
            all_headers["Authorization"] = f"Bearer {self.api_key}"
        if key:
            all_headers["Idempotency-Key"] = key
        if body is not None:
            all_headers["Content-Type"] = "application/json"
            if not isinstance(body, (bytes, str)):
                body = wire.dump(body)
            if isinstance(body, str):
                body = body.encode()
        all_headers.update(headers or {})
        host, port = self.address().rsplit(":", 1)
        where = (host.strip("[]"), int(port))
        if self.tls:
            connection = http.client.HTTPSConnection(*where, timeout=self.timeout_s,
                                                     context=self.tls)
        else:
            connection = http.client.HTTPConnection(*where, timeout=self.timeout_s)
        try:
            connection.request(method, path, body, all_headers)
            response = connection.getresponse()
            answer = Answer(response.status, response.headers, response.read())
            if Rest.watcher:
                Rest.watcher(method, path, answer)
            return answer
        finally:
            connection.close()

    def get(self, path, **named):
        return self.request("GET", path, **named)

    def post(self, path, body=None, **named):
        return self.request("POST", path, body, **named)

    def put(self, path, body=None, **named):
        return self.request("PUT", path, body, **named)

    def patch(self, path, body=None, **named):
        return self.request("PATCH", path, body, **named)

    def delete(self, path, **named):
        return self.request("DELETE", path, **named)


def raw(address, *parts, timeout_s=PATIENCE_S):
    """Sends bytes as they are and gives all that comes until the other side closes."""
    host, port = address.rsplit(":", 1)
    got = b""
    with socket.create_connection((host.strip("[]"), int(port)), timeout_s) as sock:
        try:
            for part in parts:
                sock.sendall(part)
            while data := sock.recv(65536):
                got += data
        except ConnectionError:
            pass  # closed with bytes unread: what came before it counts
    return got
