# SPDX-License-Identifier: Apache-2.0
"""daemon.py - a real aicxd on a port of its own, its log read as it is written."""
import json
import os
import pathlib
import re
import shutil
import signal
import subprocess
import tempfile
import threading
import time

from . import place, wire
from .agent import MailboxAgent, SessionAgent, capability
from .patience import PATIENCE_S, Late
from .rest import Rest
from .runner import skip
from .websocket import WebSocket

WAIT_S = PATIENCE_S
BROKER_CONF = "40-broker.conf"
# Times that only a seller who stays silent or away would feel: a busy machine may stall
# everybody for seconds.
PATIENT = {"offer_window": "20s", "grace": "20s"}


def broker_conf(**options):
    """The shipped file of the broker's own section, patient, and these options in it."""
    text = (place.CONF / BROKER_CONF).read_text()
    for name, value in {**PATIENT, **options}.items():
        text = re.sub(rf"^{name} = .*\n", "", text, flags=re.MULTILINE) + f"{name} = {value}\n"
    return text


def conf_dir(into, conf):
    """Fills a folder: {"30-x.conf": text, "40-y.conf": None}; a shipped file is replaced
    by text, left out by None, and kept when it is not named (the broker's own is made
    patient).  The shipped policies stand beside it, where the shipped files name them."""
    shutil.copytree(place.CONF, into, ignore=shutil.ignore_patterns("local.mk", "examples"))
    shutil.copytree(place.POLICY, into.parent / "scripts/policy", dirs_exist_ok=True)
    for name, text in {BROKER_CONF: broker_conf(), **(conf or {})}.items():
        path = into / name
        if text is None:
            path.unlink()
        else:
            path.write_text(text)
    return into


class Daemon:
    """`with Daemon() as broker:` runs one until the end of the block.

    conf: see conf_dir(), or the path of a folder to use as it is.
    """

    def __init__(self, conf=None, args=(), env=None):
        if not place.AICXD.exists():
            skip("no aicxd in this build")
        self._home = tempfile.TemporaryDirectory(prefix="aicx-scene-")
        self.home = pathlib.Path(self._home.name)
        self.conf = conf if isinstance(conf, (str, pathlib.Path)) \
            else conf_dir(self.home / "conf.d", conf)
        self.data = self.home / "data"
        self.args, self.env = list(args), dict(os.environ, **(env or {}))
        self.address = "127.0.0.1:0"
        self.broker_id = None
        self.tls = None  # an ssl.SSLContext, where it listens with TLS
        self.process, self.events, self.lines = None, [], []
        self._ended = None  # the process whose log was read to its end
        self.agents = []  # ended with the broker
        self._news = threading.Condition()

    # --- its life ----------------------------------------------------------------

    def command(self, *more):
        return [str(place.AICXD), "-c", str(self.conf), "-d", str(self.data), "--plugins",
                str(place.PLUGINS), "--listen", self.address, *self.args, *more]

    def spawn(self):
        """Starts it and does not wait; gives the process."""
        self.events, self.lines = [], []
        # pylint: disable-next=consider-using-with
        self.process = subprocess.Popen(self.command(), env=self.env, text=True, errors="replace",
                                        stdin=subprocess.DEVNULL, stderr=subprocess.PIPE)
        threading.Thread(target=self._read, daemon=True,
                         args=(self.process, self.events, self.lines)).start()
        return self.process

    def start(self):
        """Starts it and waits until it serves; after a first time on the same port."""
        self.spawn()
        ready = self.event("broker.ready")
        self.address, self.broker_id = ready["listen"], ready["broker_id"]
        return self

    def _read(self, process, events, lines):
        for line in process.stderr:
            try:
                event = json.loads(line)
            except ValueError:
                event = {}
            with self._news:
                lines.append(line.rstrip("\n"))
                events.append(event)
                self._news.notify_all()
        process.wait()
        with self._news:
            self._ended = process
            self._news.notify_all()

    def event(self, name, timeout_s=WAIT_S, **members):
        """Waits for a log line with this event and these members; gives it."""
        end = time.monotonic() + timeout_s
        n_seen = 0
        with self._news:
            while True:
                for event in self.events[n_seen:]:
                    if event.get("event") == name and \
                            all(event.get(key) == value for key, value in members.items()):
                        return event
                n_seen = len(self.events)
                left = end - time.monotonic()
                if left <= 0 or self._ended is self.process:
                    raise Late(f'no log line "{name}" {members}\n' + self.log())
                self._news.wait(left)

    def log(self, n_lines=40):
        """The last lines of the log, as text."""
        return "\n".join(self.lines[-n_lines:])

    def wait(self):
        """Until it has ended; its status."""
        try:
            status = self.process.wait(WAIT_S)
            with self._news:
                self._news.wait_for(lambda: self._ended is self.process, WAIT_S)
            return status
        except subprocess.TimeoutExpired as error:
            raise Late(f"aicxd {self.process.pid} does not end\n" + self.log()) from error

    def kill(self):
        """kill -9."""
        self.process.kill()
        self.wait()

    def stop(self):
        """SIGTERM; it must drain and end well (also for the sanitizers)."""
        self.process.send_signal(signal.SIGTERM)
        status = self.wait()
        if status != 0:
            raise AssertionError(f"aicxd ended with {status}\n" + self.log())

    def reload(self):
        self.process.send_signal(signal.SIGHUP)

    def restart(self):
        """kill -9, then start on the same data and port."""
        self.kill()
        return self.start()

    def check(self, *args):
        """`aicxd -t` (or other arguments) on this configuration: (status, what it said)."""
        done = subprocess.run(self.command(*(args or ("-t",))), env=self.env, text=True, check=False,
                              stdin=subprocess.DEVNULL, capture_output=True, timeout=WAIT_S)
        return done.returncode, done.stdout + done.stderr

    def __enter__(self):
        return self.start()

    def __exit__(self, kind, _error, _trace):
        for agent in self.agents:
            agent.leave()
        try:
            if self.process and self.process.poll() is None:
                if kind:
                    self.kill()
                else:
                    self.stop()
            if kind:
                print(self.log())
        finally:
            for agent in self.agents:
                agent.stop()
            self._home.cleanup()

    # --- who speaks to it ----------------------------------------------------------

    def identity(self):
        """The operator's identity file."""
        return json.loads((self.data / "operator.identity").read_text())

    def rest(self, api_key=None):
        return Rest(lambda: self.address, api_key, tls=self.tls)

    @property
    def operator(self):
        return self.rest(self.identity()["api_key"])

    def public_key(self):
        return self.rest().get("/.well-known/aiconexus").ok()["public_key"]

    def agent(self, name, funds=None, **members):
        """An agent with an API key, its signing key in the broker's keeping; funded with
        for instance "10.00 AIC".  members: more of its registration."""
        agent_id = self.operator.post("/v1/agents", {"name": name, **members}).ok()["agent_id"]
        made = self.operator.post("/v1/credentials", {"agent_id": agent_id, "kind": "api_key"}).ok()
        if funds:
            self.operator.post(f"/v1/accounts/{agent_id}/fund",
                               {"amount": wire.money(funds), "reference": name}).ok()
        self.agents.append(MailboxAgent(self, agent_id, made["credential_id"], made["api_key"]))
        return self.agents[-1]

    def seller(self, name, need, price, **more):
        """Such an agent that offers and works from its mailbox, in a thread."""
        agent = self.agent(name, description=f"sells {need}", tags=[],
                           endpoints=[{"kind": "mailbox"}],
                           capabilities=[capability(need, price, **more)])
        agent.price = price
        return agent.serve()

    # pylint: disable-next=too-many-arguments,too-many-positional-arguments
    def session(self, key=None, agent_id=None, headers=None, price=None, socket=None):
        """An agent with a key of its own on a session; one that comes back to sell brings its
        price, since it is asked at once."""
        self.agents.append(SessionAgent(self, key, agent_id, headers, price, socket))
        return self.agents[-1]

    def socket(self, headers=None):
        """A bare WebSocket, for what no good agent sends."""
        return WebSocket(self.address, headers=headers, tls=self.tls)

    def cli(self, *args, stdin="", identity=None, status=0):
        """Runs aicx as the operator, or with this identity file; gives its output."""
        if not place.AICX.exists():
            skip("no aicx in this build")
        done = subprocess.run(
            [str(place.AICX), "--broker", f"http://{self.address}", "--identity",
             str(identity or self.data / "operator.identity"), *args],
            input=stdin, text=True, check=False, capture_output=True, timeout=WAIT_S,
            env=dict(self.env, HOME=str(self.home), NO_COLOR="1"))
        if done.returncode != status:
            raise AssertionError(f"aicx {' '.join(args)}: status {done.returncode}\n{done.stderr}")
        return done.stdout

    def curl(self, *args):
        """Runs curl on a path of this broker: curl("/v1/deals", "-d", ...) gives (status, body)."""
        path, *rest = args
        done = subprocess.run(["curl", "-sS", "-w", "\n%{http_code}", *rest,
                               f"http://{self.address}{path}"], text=True, check=True,
                              capture_output=True, timeout=WAIT_S)
        body, status = done.stdout.rsplit("\n", 1)
        return int(status), body
