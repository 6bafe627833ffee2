# SPDX-License-Identifier: Apache-2.0
"""scene_tls.py - TLS: what passes, who is let in, what an operator is told, what reloads."""
import http.client
import json
import os
import socket
import ssl
import subprocess
import sys
import tempfile

from aicx_scene import Certificates, Daemon, Rest, WebSocket, equal, eventually, main, place, \
    refused, scene, skip, that, using, wire
from aicx_scene.certificates import WAIT_S, aicx, connect, fetch, plain


def shown(sock):
    return sock.getpeercert(binary_form=True)


# --- what passes -------------------------------------------------------------------


@scene
def a_deal_is_made_over_https_and_wss():
    broker = using(using(Certificates()).daemon())
    that(json.loads((broker.data / "operator.identity").read_text())["broker"]
         == f"https://{broker.address}", "the operator's file names https")
    broker.session()  # over wss
    broker.seller("echo", "text.echo", "0.001 AIC")
    buyer = broker.agent("buyer", funds="1.00 AIC")
    buyer.mandate("text.echo", "0.01 AIC", "0.10 AIC", max_deals=2)
    equal(buyer.buy("text.echo", "hello", "0.01 AIC").ok()["result"], "hello")
    big = "x" * 300000
    equal(buyer.buy("text.echo", big, "0.01 AIC").ok()["result"], big)


@scene
def aicx_buys_and_sells_over_tls():
    files = using(Certificates())
    broker = using(files.daemon())
    operator = broker.data / "operator.identity"
    common = ["--ca", files.path("server.pem"), "--broker", f"https://localhost:"
              f"{broker.address.rsplit(':', 1)[1]}"]
    env = {"XDG_CONFIG_HOME": str(broker.home / "config")}
    buyer = broker.home / "buyer"
    agent = json.loads(aicx(*common, "--identity", operator, "-o", "json", "agent", "register",
                            "--name", "buyer", env=env))["agent_id"]
    aicx(*common, "--identity", operator, "account", "fund", agent, "--amount", "1 AIC", env=env)
    aicx(*common, "--identity", operator, "credential", "new", agent, "--save", buyer, env=env)
    aicx(*common, "--identity", buyer, "mandate", "new", "--need", "text.shout", "--max-each",
         "0.01 AIC", "--max-total", "0.1 AIC", env=env)
    said = broker.home / "seller.log"
    with open(said, "w", encoding="utf-8") as log:
        # pylint: disable-next=consider-using-with
        seller = subprocess.Popen(
            [str(place.AICX), *common, "--identity", str(broker.home / "seller"), "sell",
             "text.shout", "--price", "0.001 AIC", "--", "tr", "a-z", "A-Z"],
            env=dict(os.environ, **env), stderr=log, stdout=subprocess.DEVNULL)
    try:
        eventually(lambda: "ready: " in said.read_text(), "the seller is ready")
        got = aicx(*common, "--identity", buyer, "buy", "text.shout", "--input", "-", "--max",
                   "0.01 AIC", stdin="hello", env=env)
        that("HELLO" in got, got)
    finally:
        seller.kill()
        seller.wait()
    # Whom it does not trust it tells nothing.
    url = ["--broker", f"https://{broker.address}"]
    said = aicx(*url, "--identity", operator, "search", "x", status=1, env=env)
    that("certificate_self_signed" in said and "--ca" in said, said)


@scene
def only_tls_1_3_and_http_1_1_are_spoken():
    files = using(Certificates())
    broker = using(files.daemon())
    with connect(broker, files.client()) as sock:
        equal(sock.version(), "TLSv1.3")
        equal(sock.selected_alpn_protocol(), None)
    tls = files.client()
    tls.set_alpn_protocols(["h2", "http/1.1"])
    with connect(broker, tls) as sock:
        equal(sock.selected_alpn_protocol(), "http/1.1")
        equal(fetch(sock), 200)
    tls.set_alpn_protocols(["h2"])
    refused(ssl.SSLError, connect, broker, tls)
    broker.event("client.refused", reason="no_shared_protocol")
    old = files.client(maximum_version=ssl.TLSVersion.TLSv1_2)
    refused(ssl.SSLError, connect, broker, old)
    broker.event("client.refused", reason="protocol_too_old")
    # In the clear nothing is said, not even a refusal in HTTP.
    host, port = broker.address.rsplit(":", 1)
    with socket.create_connection((host, int(port)), WAIT_S) as sock:
        sock.sendall(b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n")
        got = b""
        try:
            got = sock.recv(100)
        except ConnectionError:
            pass
        equal(got, b"")
    broker.event("client.refused", reason="no_tls")
    equal(broker.rest().get("/healthz").status, 200)


@scene
def a_session_is_resumed():
    files = using(Certificates())
    broker = using(files.daemon())
    tls = files.client()
    with connect(broker, tls) as sock:
        equal(fetch(sock), 200)  # the ticket has come by then
        session = sock.session
    host, port = broker.address.rsplit(":", 1)
    with socket.create_connection((host, int(port)), WAIT_S) as raw, \
            tls.wrap_socket(raw, server_hostname="localhost", session=session) as sock:
        that(sock.session_reused, "the session is resumed")
        equal(fetch(sock), 200)


# --- what an operator is told ---------------------------------------------------------


def told(conf, *words):
    """`aicxd -t` refuses this and says all of the words."""
    status, said = Daemon(conf).check()
    equal(status, 78, said)
    for word in words:
        that(word in said, f"{word!r} in {said!r}")


@scene
def what_others_could_read_is_not_served_unless_it_is_said():
    files = using(Certificates())
    for address in ("0.0.0.0:8700", "192.0.2.1:8700", "[::]:8700", "[2001:db8::1]:8700"):
        told(plain(listen=address), "90-http.conf:2:10:", "insecure = yes", "certificate")
        equal(Daemon(plain(listen=address, insecure="yes")).check()[0], 0)
        equal(Daemon(files.conf(listen=address)).check()[0], 0)
    for address in ("127.0.0.1:8700", "127.8.8.8:8700", "[::1]:8700", "localhost:8700",
                    "unix:/run/x.sock"):
        equal(Daemon(plain(listen=address)).check()[0], 0)
    broker = Daemon()
    broker.address = "0.0.0.0:0"
    broker.spawn()
    equal(broker.process.wait(WAIT_S), 78)
    eventually(lambda: any("insecure = yes" in line for line in broker.lines), "it says why")


@scene
def the_same_holds_for_nng():
    if not (place.PLUGINS / "transport_nng.so").exists():
        skip("no transport_nng in this build")

    def nng(**options):
        lines = "".join(f"{name} = {value}\n" for name, value in options.items())
        return {"92-nng.conf": f'[transport nng "nng"]\n{lines}'}

    for url in ("tcp://0.0.0.0:1", "tcp://*:1", "tcp://:1", "ws://192.0.2.1:1/x", "tcp://[::]:1"):
        for name in ("listen", "publish", "survey"):
            told(nng(**{name: url}), "92-nng.conf:2:", "insecure = yes")
        equal(Daemon(nng(listen=url, insecure="yes")).check()[0], 0)
    told(nng(listen="tcp://127.0.0.1:1, tcp://192.0.2.1:1"), "192.0.2.1")
    equal(Daemon(nng(listen="tcp://127.0.0.1:1,ipc:///run/x,ws://[::1]:1/x")).check()[0], 0)


@scene
def files_that_do_not_fit_are_refused_by_name():
    files = using(Certificates())
    files.renew("other")
    server = {"certificate": files.path("server.pem"), "key": files.path("server.key")}
    told(plain(certificate=server["certificate"]), "90-http.conf:2:15:", "lacks its key")
    told(plain(key=server["key"]), "90-http.conf:2:7:", "lacks its certificate")
    told(plain(certificate="none.pem", key=server["key"]), "none.pem", "No such file")
    told(plain(certificate=server["certificate"], key=files.path("other.key")), "mismatch")
    told(plain(client_certificate="optional"), ":2:22:", "over TLS only")
    told(plain(**server, client_certificate="maybe"), "no, optional or required")
    told(plain(proxies="10.0.0.0/8"), "client_from")
    told(plain(client_from="proxy"), "name the proxies")
    told(plain(client_from="rumour", proxies="10.0.0.1"), "rumour")
    told(plain(client_from="proxy", proxies="10.0.0.0/64"), "10.0.0.0/64")
    os.chmod(server["key"], 0o644)
    told(plain(**server), "chmod 600")
    small = {"certificate": files.path("small.pem"), "key": files.path("small.key")}
    subprocess.run(["openssl", "req", "-x509", "-newkey", "rsa:1024", "-nodes", "-subj",
                    "/CN=localhost", "-keyout", small["key"], "-out", small["certificate"]],
                   check=True, capture_output=True)
    told(plain(**small), "ee key too small")


# --- what reloads ---------------------------------------------------------------------


@scene
def certificates_are_read_anew_and_no_connection_ends():
    files = using(Certificates())
    broker = using(files.daemon())
    before = using(connect(broker, files.client()))
    web = using(WebSocket(broker.address, tls=files.client()))
    web.recv_text()  # the challenge
    old = shown(before)
    files.renew("server")
    broker.reload()
    equal(broker.event("conf.reloaded")["certified_listeners"], 1)
    equal(fetch(before), 200)
    web.send_bytes(b"\x89\x80\0\0\0\0")  # a ping
    equal(web.recv_frame()[0], 10)
    refused(ssl.SSLError, connect, broker, broker.tls)  # trusts the old one only
    broker.tls = files.client()
    with connect(broker, broker.tls) as after:
        that(shown(after) != old, "another certificate is shown")
        equal(fetch(after), 200)
        # A file that is not good is told of, and changes nothing.
        with open(files.path("server.pem"), "w", encoding="utf-8") as file:
            file.write("nonsense")
        broker.reload()
        that("server.pem" in broker.event("conf.kept")["reason"], "it names the file")
        equal(fetch(after), 200)
        equal(fetch(before), 200)
        with connect(broker, broker.tls) as again:
            equal(shown(again), shown(after))


# --- who is let in ---------------------------------------------------------------------


def certificate_of(broker, files, agent_id, name, **options):
    """Has one made by aicx; gives its file."""
    more = [word for key, value in options.items() for word in (f"--{key}", value)]
    aicx("--ca", files.path("server.pem"), "--broker", f"https://{broker.address}", "--identity",
         broker.data / "operator.identity", "certificate", "new", agent_id, "--save",
         files.path(name), *more)
    return files.path(name)


def as_certified(broker, files, path):
    return Rest(lambda: broker.address, tls=files.client(path))


@scene
def an_agent_is_known_by_its_certificate():
    files = using(Certificates())
    broker = using(files.daemon(client_certificate="optional"))
    agent = broker.agent("agent", funds="1.00 AIC")
    path = certificate_of(broker, files, agent.id, "agent.pem")
    equal(os.stat(path).st_mode & 0o777, 0o600)
    rest = as_certified(broker, files, path)
    who = rest.get("/v1/credentials/current").ok()
    equal((who["agent_id"], who["role"]), (agent.id, "agent"))
    equal(rest.get(f"/v1/audit/balance/{agent.id}").ok()["available"], "1.000000")
    # Its rights are the agent's, no more.
    rest.post(f"/v1/accounts/{agent.id}/fund", {"amount": wire.money("1 AIC"), "reference": "r"}) \
        .refused(403, "denied")
    # A key that is shown counts before the certificate; without both one is nobody.
    equal(broker.operator.get("/v1/credentials/current").ok()["role"], "operator")
    mixed = Rest(lambda: broker.address, broker.identity()["api_key"], tls=files.client(path))
    equal(mixed.get("/v1/credentials/current").ok()["role"], "operator")
    equal(broker.rest().get("/v1/credentials/current").ok()["role"], "guest")
    said = aicx("--ca", files.path("server.pem"), "--broker", f"https://{broker.address}",
                "--identity", "-", "--certificate", path, "credential", "show")
    that(agent.id in said, said)
    # It is no bearer key, and a session that is resumed has it too.
    with open(path, encoding="utf-8") as file:
        pem = file.read()
    der = ssl.PEM_cert_to_DER_cert(pem[pem.index("-----BEGIN CERT"):])
    for text in (der.hex(), der.decode("latin-1").replace("\0", "").replace("\n", "")
                 .replace("\r", "")):
        answer = broker.rest().get("/v1/mailbox", headers={"Authorization": "Bearer " + text})
        equal(answer.status in (400, 401), True, answer)


@scene
def a_revoked_certificate_ends_at_once():
    files = using(Certificates())
    broker = using(files.daemon(client_certificate="optional"))
    agent = broker.agent("agent")
    path = certificate_of(broker, files, agent.id, "agent.pem")
    rest = as_certified(broker, files, path)
    current = rest.get("/v1/credentials/current").ok()["credential_id"]
    tls = files.client(path)
    sock = using(connect(broker, tls))
    equal(fetch(sock, "/v1/credentials/current"), 200)
    broker.operator.post(f"/v1/credentials/{current}/rotate").refused(409, "wrong_state")
    broker.operator.delete(f"/v1/credentials/{current}").ok()
    equal(fetch(sock, "/v1/credentials/current"), 401)  # on the open connection
    problem = rest.get("/v1/credentials/current").refused(401, "unauthenticated")
    that("revoked" in problem["detail"], problem)
    refused(Exception, WebSocket, broker.address, tls=tls)
    # The agent's other credentials stay.
    equal(agent.rest.get("/v1/credentials/current").ok()["agent_id"], agent.id)


@scene
def certificates_that_are_not_good_are_refused_by_name():
    files = using(Certificates())
    broker = using(files.daemon(client_certificate="required"))
    refused((ssl.SSLError, ConnectionError, http.client.HTTPException),
            broker.rest().get, "/healthz")
    broker.event("client.refused", reason="certificate_missing")

    def stranger(name, *args):
        subprocess.run(["openssl", "req", "-x509", "-nodes", "-subj", f"/CN={name}", *args,
                        "-keyout", files.path(name + ".key"), "-out", files.path(name + ".crt")],
                       check=True, capture_output=True)
        with open(files.path(name + ".pem"), "w", encoding="utf-8") as out:
            for end in (".key", ".crt"):
                with open(files.path(name + end), encoding="utf-8") as part:
                    out.write(part.read())
        return as_certified(broker, files, files.path(name + ".pem"))

    for name, args in (("ec", ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256"]),
                       ("rsa", ["-newkey", "rsa:2048"])):
        refused((ssl.SSLError, ConnectionError, http.client.HTTPException),
                stranger(name, *args).get, "/healthz")
        broker.event("client.refused", reason="certificate_self_signed")


@scene
def a_request_for_a_certificate_is_checked():
    broker = using(Daemon())
    agent, other = broker.agent("agent"), broker.agent("other")

    def ask(rest, request, **members):
        return rest.post("/v1/credentials", {"agent_id": agent.id, "kind": "certificate",
                                             **({"request": request} if request else {}),
                                             **members})

    def csr(*args):
        with tempfile.NamedTemporaryFile() as key:
            return subprocess.run(["openssl", "req", "-new", "-nodes", "-subj", "/CN=x", "-keyout",
                                   key.name, *args], check=True, capture_output=True,
                                  text=True).stdout

    good = csr("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256")
    seq = broker.operator.get("/v1/credentials/current").ok()
    for args in (["-newkey", "rsa:1024"], ["-newkey", "rsa:2048"],
                 ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-384"],
                 ["-newkey", "ed448"]):
        ask(broker.operator, csr(*args)).refused(400, "bad_key")
    lines = good.splitlines()
    lines[2] = lines[2][:10] + ("A" if lines[2][10] != "A" else "B") + lines[2][11:]
    altered = ask(broker.operator, "\n".join(lines))
    that(altered.status == 400 and altered.code in ("bad_key", "invalid_params"), altered)
    ask(broker.operator, "no request").refused(400, "invalid_params")
    ask(broker.operator, None).refused(400, "invalid_params")
    that(ask(other.rest, good).status in (403, 404), "not for another")
    ask(agent.rest, good, role="operator").refused(403, "denied")
    ask(broker.operator, good, expires="2020-01-01T00:00:00.000Z").refused(400, "invalid_params")
    broker.operator.post("/v1/credentials", {"agent_id": agent.id, "request": good}) \
        .refused(400, "invalid_params")
    equal(broker.operator.get("/v1/credentials/current").ok(), seq)
    made = ask(agent.rest, csr("-newkey", "ed25519")).ok()
    that("BEGIN CERTIFICATE" in made["certificate"], made)
    equal(ask(agent.rest, good).ok()["authority"], made["authority"])


if __name__ == "__main__":
    sys.exit(main(__doc__))
