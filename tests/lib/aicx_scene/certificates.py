# SPDX-License-Identifier: Apache-2.0
"""certificates.py - servers' keys and certificates, and who connects over TLS."""
import http.client
import os
import socket
import ssl
import subprocess
import tempfile

from . import place
from .daemon import Daemon
from .patience import PATIENCE_S
from .runner import equal, skip

WAIT_S = PATIENCE_S


def aicx(*args, status=0, stdin="", env=None):
    if not place.AICX.exists():
        skip("no aicx in this build")
    done = subprocess.run([str(place.AICX), *map(str, args)], input=stdin, text=True, check=False,
                          capture_output=True, timeout=PATIENCE_S,
                          env=dict(os.environ, NO_COLOR="1", **(env or {})))
    equal(done.returncode, status, done.stdout + done.stderr)
    return done.stdout + done.stderr


class Certificates:
    """A folder with a server's key and certificate, and what listens with them."""

    def __init__(self):
        self._home = tempfile.TemporaryDirectory(prefix="aicx-tls-")
        self.home = self._home.name
        self.renew("server")

    def __enter__(self):
        return self

    def __exit__(self, *_error):
        self._home.cleanup()

    def path(self, name):
        return os.path.join(self.home, name)

    def renew(self, name):
        """NAME.pem and NAME.key, new ones where there were some."""
        for end in (".pem", ".key"):
            if os.path.exists(self.path(name + end)):
                os.unlink(self.path(name + end))
        aicx("certificate", "self", "localhost,127.0.0.1", "--save", self.path(name))

    def conf(self, **options):
        lines = {"listen": "127.0.0.1:8700", "certificate": self.path("server.pem"),
                 "key": self.path("server.key"), **options}
        text = "".join(f"{name} = {value}\n" for name, value in lines.items() if value)
        return {"90-http.conf": f'[transport http "http"]\n{text}'}

    def client(self, certificate=None, **members):
        """An ssl.SSLContext that trusts this server; members: what else to set."""
        tls = ssl.create_default_context(cafile=self.path("server.pem"))
        if certificate:
            tls.load_cert_chain(certificate)
        for name, value in members.items():
            setattr(tls, name, value)
        return tls

    def daemon(self, **options):
        broker = Daemon(self.conf(**options))
        broker.tls = self.client()
        return broker


def connect(broker, tls):
    host, port = broker.address.rsplit(":", 1)
    return tls.wrap_socket(socket.create_connection((host, int(port)), PATIENCE_S),
                           server_hostname="localhost")


def fetch(sock, path="/healthz"):
    """A request on an open connection, which stays open."""
    sock.sendall(f"GET {path} HTTP/1.1\r\nHost: localhost\r\n\r\n".encode())
    response = http.client.HTTPResponse(sock)
    response.begin()
    response.read()
    return response.status


def plain(**options):
    text = "".join(f"{name} = {value}\n" for name, value in options.items())
    return {"90-http.conf": f'[transport http "http"]\n{text}'}
