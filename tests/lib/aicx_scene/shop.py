# SPDX-License-Identifier: Apache-2.0
"""shop.py - a broker, and sellers and buyers that are `aicx`."""
import json
import os
import subprocess
import time

from . import Daemon, Late, place, skip, using

WAIT_S = 20


class Shop:
    """A broker, and whoever is started on it by aicx."""

    def __init__(self, conf=None):
        if not place.AICX.exists():
            skip("no aicx in this build")
        self.broker = using(Daemon(conf))
        self.env = dict(os.environ, NO_COLOR="1", XDG_CONFIG_HOME=str(self.broker.home / "config"))
        self.broker.env = self.env
        self.running = []

    def __enter__(self):
        return self

    def __exit__(self, *_):
        for process in self.running:
            process.kill()
            process.wait()

    def path(self, name):
        return self.broker.home / name

    def command(self, identity, *args):
        return [str(place.AICX), "--broker", f"http://{self.broker.address}", "--identity",
                str(self.path(identity)), *args]

    def start(self, identity, *args, stdin=None):
        """aicx in the background; its standard error goes to NAME.log."""
        with open(self.path(identity + ".log"), "w", encoding="utf-8") as log:
            # pylint: disable-next=consider-using-with
            process = subprocess.Popen(self.command(identity, *args), env=self.env, stderr=log,
                                       stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        if stdin is not None:
            process.stdin.write(stdin)
            process.stdin.close()
        self.running.append(process)
        return process

    def said(self, identity, text):
        """Waits until aicx wrote this on standard error."""
        end = time.monotonic() + WAIT_S
        while text not in self.path(identity + ".log").read_text():
            if time.monotonic() > end:
                raise Late(f'"{text}" not in:\n' + self.path(identity + ".log").read_text())
            time.sleep(0.01)

    def sell(self, name, capability, price, *program, options=()):
        process = self.start(name, "sell", capability, "--price", price, *options, "--", *program)
        self.said(name, "ready: ")
        return process

    def sell_http(self, name, capability, price, url, *options):
        process = self.start(name, "sell", capability, "--price", price, *options, "--http", url)
        self.said(name, "ready: ")
        return process

    def aicx(self, identity, *args, stdin="", status=0):
        done = subprocess.run(self.command(identity, *args), env=self.env, input=stdin, text=True,
                              check=False, capture_output=True, timeout=WAIT_S)
        if done.returncode != status:
            raise AssertionError(f"aicx {' '.join(args)}: status {done.returncode}, not {status}\n"
                                 f"{done.stdout}{done.stderr}")
        return done.stdout

    def json(self, identity, *args, **more):
        return json.loads(self.aicx(identity, "-o", "json", *args, **more))

    def buyer(self, name, funds="1 AIC", mandate=True):
        """An agent whose identity file holds an API key alone."""
        operator = "data/operator.identity"
        agent_id = self.json(operator, "agent", "register", "--name", name)["agent_id"]
        self.aicx(operator, "credential", "new", agent_id, "--save", str(self.path(name)))
        self.aicx(operator, "account", "fund", agent_id, "--amount", funds)
        if mandate:
            self.aicx(name, "mandate", "new", "--need", "text.*", "--max-each", "0.01 AIC",
                      "--max-total", "1 AIC", "--max-deals", "100")
        return name

    def buy(self, identity, capability, text, *more, status=0):
        return self.aicx(identity, "buy", capability, "--input", "-", "--max", "0.01 AIC", *more,
                         stdin=text, status=status)

    def verify(self, name, *more, status=0):
        return self.aicx("nobody", "verify", str(self.path(name)), *more, status=status)
