# SPDX-License-Identifier: Apache-2.0
"""scene_proxy.py - behind proxies: whose address counts, and whom it is believed from."""
import http.client
import shutil
import socket
import subprocess
import sys

from aicx_scene import Certificates, Daemon, Rest, equal, eventually, main, scene, skip, using
from aicx_scene.certificates import WAIT_S, plain

SIGNATURE = b"\r\n\r\n\0\r\nQUIT\n"


def proxied(address, source="192.0.2.7", tls=False):
    """A connection that begins with a PROXY header."""
    extra = b"\x20\x00\x05\x01\0\0\0\0" if tls else b""
    host, port = address.rsplit(":", 1)
    sock = socket.create_connection((host, int(port)), WAIT_S)
    body = socket.inet_aton(source) + socket.inet_aton("192.0.2.1") + b"\x12\x67\x01\xbb" + extra
    sock.sendall(SIGNATURE + b"\x21\x11" + len(body).to_bytes(2, "big") + body)
    return sock


def ask(sock, path="/v1/credentials/current", **fields):
    lines = "".join(f"{name.replace('_', '-')}: {value}\r\n" for name, value in fields.items())
    sock.sendall(f"GET {path} HTTP/1.1\r\nHost: localhost\r\n{lines}\r\n".encode())
    response = http.client.HTTPResponse(sock)
    response.begin()
    response.read()
    return response.status


@scene
def behind_a_proxy_a_client_has_its_own_address():
    broker = using(Daemon(plain(listen="127.0.0.1:8700", client_from="proxy",
                               proxies="127.0.0.1", max_per_address=2, insecure="yes")))
    bearer = "Bearer " + broker.identity()["api_key"]
    first = using(proxied(broker.address, tls=True))
    equal(ask(first, Authorization=bearer), 200)
    # What came to the proxy in the clear brings no key.
    second = using(proxied(broker.address))
    equal(ask(second, Authorization=bearer), 401)
    third = using(proxied(broker.address))
    equal(ask(third), 503)  # the third of one address
    other = using(proxied(broker.address, "192.0.2.8", tls=True))
    equal(ask(other, Authorization=bearer), 200)
    # A trusted proxy that says nothing is not served.
    host, port = broker.address.rsplit(":", 1)
    with socket.create_connection((host, int(port)), WAIT_S) as sock:
        sock.sendall(b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n")
        got = b""
        try:
            got = sock.recv(100)
        except ConnectionError:
            pass
        equal(got, b"")
    broker.event("client.refused", reason="proxy_header_missing")


@scene
def forwarded_fields_count_from_trusted_proxies_only():
    for names, field, proto in (("x-forwarded-for", "X_Forwarded_For", {"X_Forwarded_Proto": "http"}),
                                ("forwarded", "Forwarded", {})):
        for trusted in ("127.0.0.1", "10.0.0.1"):
            broker = using(Daemon(plain(listen="127.0.0.1:8700", client_from=names,
                                       proxies=trusted)))
            bearer = "Bearer " + broker.identity()["api_key"]
            host, port = broker.address.rsplit(":", 1)
            sock = using(socket.create_connection((host, int(port)), WAIT_S))
            believed = trusted == "127.0.0.1"
            value = "192.0.2.7" if field != "Forwarded" else "for=192.0.2.7;proto=http"
            equal(ask(sock, Authorization=bearer), 200)
            equal(ask(sock, Authorization=bearer, **{field: value}, **proto),
                  401 if believed else 200, f"{names} {trusted}")
            secure = {"X_Forwarded_Proto": "https"} if proto else {}
            value = value.replace("http", "https")
            equal(ask(sock, Authorization=bearer, **{field: value}, **secure), 200)
            # The client's own lies stand further left.
            value = "127.0.0.1, 192.0.2.7" if proto else \
                'for=127.0.0.1;proto=https, for="192.0.2.7:1";proto=http'
            equal(ask(sock, Authorization=bearer, **{field: value}, **proto),
                  401 if believed else 200)
            equal(ask(sock, Authorization=bearer, **{field: "unknown"}, **proto), 200)
            broker.stop()


@scene
def haproxy_in_front_is_believed():
    if not shutil.which("haproxy"):
        skip("haproxy is not installed")
    files = using(Certificates())
    broker = using(Daemon(plain(listen="127.0.0.1:8700", client_from="proxy",
                               proxies="127.0.0.1", insecure="yes")))
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    with open(files.path("both.pem"), "w", encoding="utf-8") as out:
        for end in ("server.pem", "server.key"):
            with open(files.path(end), encoding="utf-8") as part:
                out.write(part.read())
    with open(files.path("haproxy.cfg"), "w", encoding="utf-8") as conf:
        conf.write("defaults\n mode tcp\n timeout connect 30s\n timeout client 30s\n"
                   f" timeout server 30s\nlisten front\n bind 127.0.0.1:{port} ssl crt "
                   f"{files.path('both.pem')}\n server one {broker.address} "
                   "send-proxy-v2-ssl\n")
    # pylint: disable-next=consider-using-with
    proxy = subprocess.Popen(["haproxy", "-db", "-f", files.path("haproxy.cfg")],
                             stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        rest = Rest(f"127.0.0.1:{port}", broker.identity()["api_key"], tls=files.client())

        def up():
            try:
                return rest.get("/healthz").status == 200
            except OSError:
                return False
        eventually(up, "haproxy serves")
        equal(rest.get("/v1/credentials/current").ok()["role"], "operator")
    finally:
        proxy.terminate()
        proxy.wait()


if __name__ == "__main__":
    sys.exit(main(__doc__))
