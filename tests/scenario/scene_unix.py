# SPDX-License-Identifier: Apache-2.0
"""scene_unix.py - the unix socket: the operator's user needs no key, others do."""
import json
import os
import socket
import stat
import subprocess
import sys
import time

from aicx_scene import Daemon, Late, equal, main, place, scene, skip, that, using, wire

WAIT_S = 20
STRANGER = 65534  # nobody
FUND = wire.dump({"amount": wire.money("1 AIC"), "reference": "r"})


def conf(**options):
    lines = "".join(f"{name} = {value}\n" for name, value in options.items())
    return {"91-unix.conf": f'[transport unix "local"]\n{lines}'}


def curl(path, url, *args, uid=None):
    """(status, body) of a request over the socket, perhaps as another user."""
    command = ["curl", "-sS", "-w", "\n%{http_code}", "--unix-socket", str(path), *args,
               f"http://localhost{url}"]
    done = subprocess.run(command, text=True, check=False, capture_output=True, timeout=WAIT_S,
                          user=uid, cwd="/")
    if done.returncode != 0:
        return 0, done.stderr
    body, status = done.stdout.rsplit("\n", 1)
    return int(status), json.loads(body)


def fund(path, agent, *args, uid=None):
    return curl(path, f"/v1/accounts/{agent.id}/fund", "-d", FUND,
                "-H", "Content-Type: application/json", *args, uid=uid)


def balance(broker, agent):
    return broker.operator.get(f"/v1/audit/balance/{agent.id}").ok()["available"]


@scene
def the_operators_user_needs_no_key():
    broker = using(Daemon())
    agent = broker.agent("buyer")
    path = broker.data / "broker.sock"
    equal(stat.S_IMODE(path.stat().st_mode), 0o600)
    equal(broker.event("transport.ready", transport="local")["listen"], "unix:broker.sock")
    status, who = curl(path, "/v1/credentials/current")
    equal((status, who["agent_id"], who["role"]),
          (200, broker.identity()["agent_id"], "operator"))
    equal(fund(path, agent)[0], 201)
    equal(balance(broker, agent), "1.000000")
    # A key that is shown counts, also one that may not do this, or is none.
    equal(fund(path, agent, "-H", f"Authorization: Bearer {agent.api_key}")[0], 403)
    equal(fund(path, agent, "-H", "Authorization: Bearer aicx_none")[0], 401)
    equal(balance(broker, agent), "1.000000")
    # Over TCP nothing changed.
    broker.rest().post(f"/v1/accounts/{agent.id}/fund", FUND).refused(401, "unauthenticated")
    broker.stop()
    that(not path.exists(), "the socket's file is gone with the broker")
    broker.start()
    equal(fund(path, agent)[0], 201)
    broker.restart()  # after a kill the file is left over
    equal(fund(path, agent)[0], 201)
    equal(balance(broker, agent), "3.000000")


@scene
def an_operator_who_lost_the_key_makes_another():
    broker = using(Daemon())
    path = broker.data / "broker.sock"
    old = broker.operator
    current = old.get("/v1/credentials/current").ok()
    old.delete(f"/v1/credentials/{current['credential_id']}").ok()
    old.get("/v1/mailbox").refused(401, "unauthenticated")
    status, made = curl(path, "/v1/credentials", "-d", wire.dump({
        "agent_id": current["agent_id"], "kind": "api_key", "role": "operator"}),
        "-H", "Content-Type: application/json")
    equal(status, 201, made)
    equal(broker.rest(made["api_key"]).get("/v1/credentials/current").ok()["role"], "operator")
    equal(curl(path, "/v1/credentials/current")[1]["credential_id"], made["credential_id"])


@scene
def who_is_not_the_operators_user_needs_a_key():
    broker = using(Daemon(conf(mode="0600", operator_uid=os.geteuid() + 1)))
    agent = broker.agent("buyer")
    path = broker.data / "broker.sock"
    equal(fund(path, agent)[0], 401)
    equal(balance(broker, agent), "0.000000")
    key = broker.identity()["api_key"]
    equal(fund(path, agent, "-H", f"Authorization: Bearer {key}")[0], 201)


@scene
def another_user_is_let_in_by_mode_and_is_the_operator_by_option():
    if os.geteuid() != 0:
        skip("needs root, to be another user")
    broker = using(Daemon(conf(path="../open.sock", mode="0666")))
    agent = broker.agent("buyer")
    os.chmod(broker.home, 0o711)
    path = broker.home / "open.sock"
    equal(curl(path, "/healthz", uid=STRANGER)[0], 200)
    equal(fund(path, agent, uid=STRANGER)[0], 401)
    equal(fund(path, agent)[0], 201)
    broker.stop()
    (broker.conf / "91-unix.conf").write_text(
        conf(path="../open.sock", mode="0666", operator_uid=STRANGER)["91-unix.conf"])
    broker.start()
    equal(fund(path, agent, uid=STRANGER)[0], 201)
    equal(fund(path, agent)[0], 401)
    broker.stop()
    (broker.conf / "91-unix.conf").write_text(conf(path="../open.sock")["91-unix.conf"])
    broker.start()
    equal(curl(path, "/healthz", uid=STRANGER)[0], 0)
    equal(curl(path, "/healthz")[0], 200)


@scene
def aicx_sells_and_buys_over_the_socket():
    if not place.AICX.exists():
        skip("no aicx in this build")
    broker = using(Daemon())
    url = f"unix:{broker.data}/broker.sock"
    env = dict(os.environ, NO_COLOR="1", XDG_CONFIG_HOME=str(broker.home / "config"))

    def aicx(identity, *args, status=0, stdin=""):
        done = subprocess.run([str(place.AICX), "--broker", url, "--identity", str(identity), *args],
                              env=env, input=stdin, text=True, check=False, capture_output=True,
                              timeout=WAIT_S)
        equal(done.returncode, status, done.stdout + done.stderr)
        return done.stdout

    buyer = broker.home / "buyer"
    agent_id = json.loads(aicx("-", "-o", "json", "agent", "register", "--name", "buyer"))["agent_id"]
    aicx("-", "account", "fund", agent_id, "--amount", "1 AIC")
    aicx("-", "credential", "new", agent_id, "--save", str(buyer))
    aicx(buyer, "mandate", "new", "--need", "text.shout", "--max-each", "0.01 AIC",
         "--max-total", "0.1 AIC")
    said = broker.home / "seller.log"
    saved = broker.home / "deal.json"
    with open(said, "w", encoding="utf-8") as log:
        # pylint: disable-next=consider-using-with
        seller = subprocess.Popen(
            [str(place.AICX), "--broker", url, "--identity", str(broker.home / "seller"), "sell",
             "text.shout", "--price", "0.001 AIC", "--", "tr", "a-z", "A-Z"], env=env, stderr=log,
            stdout=subprocess.DEVNULL)
    try:
        end = time.monotonic() + WAIT_S
        while "ready: " not in said.read_text():
            if time.monotonic() > end:
                raise Late(said.read_text())
            time.sleep(0.01)
        got = aicx(buyer, "buy", "text.shout", "--input", "-", "--max", "0.01 AIC", "--save",
                   str(saved), stdin="hello")
        that("HELLO" in got, got)
    finally:
        seller.kill()
        seller.wait()
    aicx(buyer, "verify", str(saved))
    # Nobody is there without the identity that sessions need.
    aicx("-", "buy", "text.shout", "--input", "-", "--max", "0.01 AIC", status=66)
    done = subprocess.run([str(place.AICX), "--broker", "unix:/nowhere/s", "--identity", "-",
                           "search", "x"], env=env, check=False, capture_output=True, text=True)
    that("unix:/nowhere/s" in done.stderr and done.returncode != 0, done)


@scene
def garbage_on_the_socket_is_refused_as_on_any_door():
    broker = using(Daemon())
    for bad in (b"\0" * 100, b"GET / HTTP/1.1\n\n", b"POST /v1/deals HTTP/1.1\r\nHost: x\r\n"
                b"Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"):
        with socket.socket(socket.AF_UNIX) as client:
            client.settimeout(WAIT_S)
            client.connect(str(broker.data / "broker.sock"))
            client.sendall(bad)
            that(client.recv(4096).startswith(b"HTTP/1.1 400 "), bad)
    code, said = Daemon(conf(mode="0777")).check()
    equal(code, 0, said)  # -t opens nothing
    broken = Daemon(conf(mode="0777"))
    try:
        broken.start()
        raise AssertionError("started")
    except Late:
        that(any("mode" in line and "0777" in line for line in broken.lines), broken.log())


if __name__ == "__main__":
    sys.exit(main(__doc__))
