# SPDX-License-Identifier: Apache-2.0
"""fault_slow.py - a crowd of slow connections: heads and bodies that come a byte at a time, and
answers that nobody reads.  They are cut off, and honest requests hardly notice.

SLOW says how many (make slow SLOW=2000); with UNGUARDED=1 heads may take for ever and the crowd fills
the door: honest requests must be missed.
"""
import os
import re
import resource
import selectors
import shutil
import socket
import subprocess
import sys
import threading
import time

from aicx_scene import Daemon, eventually, main, scene, skip, that, using

SLOW = int(os.environ.get("SLOW") or "200")
UNGUARDED = bool(os.environ.get("UNGUARDED"))
ASKS = 400  # honest requests in one measurement
ROUNDS = 6  # a busy machine may spoil some
passed = []
HEAD = b"GET /healthz HTTP/1.1\r\nHost: x\r\nX-Slow: "
BODY = b"POST /v1/messages HTTP/1.1\r\nHost: x\r\nContent-Length: 4000\r\n\r\n"
MANY = b"GET /openapi.json HTTP/1.1\r\nHost: x\r\n\r\n" * 32


def transport(**options):
    lines = "".join(f"{name} = {value}\n" for name, value in options.items())
    return {"90-http.conf": f'[transport http "http"]\nlisten = 127.0.0.1:8700\n{lines}'}


def broker_for(header_timeout, **more):
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = 4 * SLOW + 200
    if soft < wanted:
        if hard != resource.RLIM_INFINITY and hard < wanted:
            skip(f"only {hard} open files are allowed here")
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
    return using(Daemon(transport(header_timeout=header_timeout, write_timeout="1s",
                                  close_timeout="1s", **more)))


def address_of(broker):
    host, port = broker.address.rsplit(":", 1)
    return host, int(port)


class Crowd(threading.Thread):
    """So many connections that send first, then a byte of drip each every_s."""

    def __init__(self, broker, first, drip, every_s=1.0, n=SLOW, reads=True):
        super().__init__(daemon=True)
        self.address, self.first, self.drip = address_of(broker), first, drip
        self.every_s, self.n, self.reads = every_s, n, reads
        self.n_opened, self.n_cut = 0, 0
        self.end = threading.Event()
        self.sockets = set()

    def open(self):
        for _ in range(self.n):
            try:
                one = socket.create_connection(self.address, timeout=10)
                if not self.reads:
                    one.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 2048)
                one.setblocking(False)
                one.send(self.first)
            except OSError:
                continue
            self.sockets.add(one)
            self.n_opened += 1
        return self

    def cut(self, one):
        self.sockets.discard(one)
        one.close()
        self.n_cut += 1

    def drop(self):
        """Closes what is still open."""
        self.end.set()
        self.join()
        for one in self.sockets:
            one.close()

    def run(self):
        selector = selectors.DefaultSelector()
        for one in self.sockets:
            selector.register(one, selectors.EVENT_READ)
        due = time.monotonic() + self.every_s
        while not self.end.is_set():
            if self.reads:
                for key, _ in selector.select(0.05):
                    self.read(selector, key.fileobj)
            else:
                time.sleep(0.05)
            if time.monotonic() >= due:
                due += self.every_s
                for one in list(self.sockets):
                    self.write(selector, one)

    def read(self, selector, one):
        try:
            if one.recv(4096):
                return
        except BlockingIOError:
            return
        except OSError:
            pass
        selector.unregister(one)
        self.cut(one)

    def write(self, selector, one):
        try:
            one.send(self.drip)
        except BlockingIOError:
            pass
        except OSError:
            selector.unregister(one)
            self.cut(one)


def ask(connection):
    """One request on a connection of its own that stays open; its milliseconds."""
    began = time.monotonic()
    connection.sendall(b"GET /v1/search?q=x HTTP/1.1\r\nHost: x\r\n\r\n")
    said = b""
    while b"\r\n\r\n" not in said or not said.rstrip().endswith(b"}"):
        part = connection.recv(65536)
        if not part:
            raise ConnectionError(said.decode("latin-1"))
        said += part
    that(said.startswith(b"HTTP/1.1 200 "), said)
    return (time.monotonic() - began) * 1000


def p99(broker, n=ASKS):
    with socket.create_connection(address_of(broker), timeout=30) as connection:
        times = sorted(ask(connection) for _ in range(n))
    return times[len(times) * 99 // 100]


def beside(broker, attack):
    """The smallest ratio of p99 with the attack to p99 without, of a few rounds."""
    ratios = []
    for _ in range(ROUNDS):
        alone = p99(broker)
        crowd = attack()
        under = p99(broker)
        crowd.drop()
        ratios.append(under / alone)
        if ratios[-1] <= 3:
            break
    print(f"# {crowd.n_opened} slow, p99 {under:.2f} ms, alone {alone:.2f} ms")
    that(min(ratios) <= 3, f"p99 is {min(ratios):.1f} times what it is alone")


def crowd_of(broker, *how, **more):
    crowd = Crowd(broker, *how, **more).open()
    crowd.start()
    return crowd


@scene
def honest_requests_hardly_notice_a_crowd_of_slow_heads_and_bodies():
    if UNGUARDED:
        broker = broker_for("1h", max_connections=SLOW)
    else:
        broker = broker_for("600s")
    for first in (HEAD, BODY):
        beside(broker, lambda first=first: crowd_of(broker, first, b"a", every_s=0.5))
        passed.append("beside a crowd")


@scene
def slow_heads_and_bodies_are_cut_off():
    broker = broker_for("1s")
    for first in (HEAD, BODY):
        crowd = crowd_of(broker, first, b"a")
        eventually(lambda crowd=crowd: crowd.n_cut == crowd.n_opened, "all are cut off")
        crowd.drop()
        print(f"# {crowd.n_cut} of {crowd.n_opened} cut off")
        that(crowd.n_opened == SLOW, "all came in")
        passed.append("cut off")


def descriptors(broker):
    """How many files and sockets the broker has open."""
    text = broker.rest().get("/metrics").body.decode()
    return int(float(re.search(r"^process_open_fds (\S+)$", text, re.MULTILINE)[1]))


@scene
def who_does_not_read_is_cut_off():
    broker = broker_for("600s", max_queue="64k")
    before = descriptors(broker)
    crowd = crowd_of(broker, MANY, b"", reads=False, n=min(SLOW, 100))
    that(descriptors(broker) > before, "they came in")
    eventually(lambda: descriptors(broker) <= before, "all are cut off")
    crowd.drop()
    passed.append("readers")


@scene
def slowhttptest_finds_the_door_open():
    if shutil.which("slowhttptest") is None:
        skip("no slowhttptest here")
    broker = broker_for("5s")
    url = f"http://{broker.address}/v1/search?q=x"
    for how in (["-H"], ["-B", "-t", "POST"], ["-X", "-w", "1", "-y", "2", "-n", "2", "-z", "1"]):
        with subprocess.Popen(["slowhttptest", *how, "-c", str(SLOW), "-r", "500", "-i", "1", "-l", "6",
                               "-p", "5", "-u", url], stdout=subprocess.DEVNULL,
                              stderr=subprocess.DEVNULL) as attack:
            while attack.poll() is None:
                p99(broker, 50)
        passed.append(f"slowhttptest {' '.join(how)}")


if __name__ == "__main__":
    status = main(__doc__)
    print(f"{len(passed)} passed, {status} failed")
    sys.exit(status)
