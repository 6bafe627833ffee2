# SPDX-License-Identifier: Apache-2.0
"""fault_kill.py - kill -9 at every step of the disk work of a paid deal, and at random under load.

KILLS says how many in all (make fault-kill KILLS=300); the short form is for make check.
After each restart: no answer lost or changed, no effect twice, nothing undone that was
read, and the books sum to zero.  With SEED another run is had.
"""
import os
import random
import statistics
import sys
import time

import shim
from aicx_scene import Daemon, main, scene, that, using
from load import Load
from script import CONF, Reader, Script

KILLS = int(os.environ.get("KILLS") or "24")
SEED = int(os.environ.get("SEED") or "7")
PAUSE_US = 10000  # between the kill's decision and its end: what is not held back gets out
KILLS_OF_ONE_STORE = 400
BUYERS = 4
count = {"kills": 0, "effective": 0, "failed": 0}
starts_ms = []


def start(broker):
    began = time.monotonic()
    broker.start()
    starts_ms.append((time.monotonic() - began) * 1000)


def shimmed():
    """A broker under the shim."""
    broker = Daemon({"40-broker.conf": CONF})
    faults = shim.Shim(broker.data)
    broker.env.update(faults.env)
    using(broker)
    faults.page.pause_us = PAUSE_US
    return broker, faults


class Aimed:
    """One kill for each deal of a script, at one event of its disk work or of the restart."""

    def __init__(self):
        self.broker, self.shim = shimmed()
        self.script = Script(self.broker, self.back)
        self.reader = Reader(self.broker, self.script.buyer.id)
        self.at_start = None  # (event, deed) for the next start
        self.script.deal()
        before = self.shim.page.n_events
        self.script.deal()
        self.n_deal = self.shim.page.n_events - before
        before = self.shim.page.n_events
        self.broker.restart()
        self.n_start = self.shim.page.n_events - before
        self.script.returned()
        self.reader.start()

    def cases(self):
        """(kind of moment, event, deed)"""
        for event in range(1, self.n_deal + 1):
            for deed in (shim.KILL, shim.KILL_AFTER):
                yield "deal", event, deed
            if event % 2:
                yield "write", event // 2 + 1, shim.KILL_HALF
        for event in range(1, self.n_start + 1):
            yield "start", event, random.Random(event).choice((shim.KILL, shim.KILL_AFTER))

    def back(self):
        """The broker is gone: start it, look at what was promised."""
        that(self.shim.fired() or self.at_start, "the broker ended by itself:\n" + self.broker.log())
        self.broker.kill()
        self.shim.disarm()
        count["kills"] += 1
        count["effective"] += 1
        if self.at_start:
            self.start_and_die()
        start(self.broker)
        self.reader.still_there()
        self.script.returned()

    def start_and_die(self):
        event, deed = self.at_start
        self.at_start = None
        self.shim.arm(event, deed)
        process = self.broker.spawn()
        self.broker.wait()
        self.shim.disarm()
        count["kills"] += 1
        count["effective"] += process.returncode == -9

    def one(self, moment, event, deed):
        self.shim.page.kinds = shim.WRITE if moment == "write" else shim.ALL
        if moment == "start":
            self.at_start = event, deed
            self.shim.arm(self.n_deal // 2, shim.KILL)
        else:
            self.shim.arm(event, deed)
        self.script.deal()
        if not self.shim.page.n_fired:  # the deal took fewer events this time
            self.shim.disarm()
            count["kills"] += 1


def spread(cases, n):
    """n of them over the whole range, all when there are no more, and then from the start."""
    cases = list(cases)
    if n >= len(cases):
        return (cases * (n // len(cases) + 1))[:n]
    return [cases[i * len(cases) // n] for i in range(n)]


@scene
def killed_at_each_event_of_a_scripted_deal():
    n_left = KILLS - KILLS // 2
    while n_left > 0:
        aimed = Aimed()
        before = count["kills"]
        for case in spread(aimed.cases(), min(n_left, KILLS_OF_ONE_STORE)):
            try:
                aimed.one(*case)
            except BaseException:
                print(f"# {case[0]} event {case[1]}, {shim.DEEDS[case[2]]}: {aimed.shim.fired()}")
                raise
            if count["kills"] - before >= min(n_left, KILLS_OF_ONE_STORE):
                break
        aimed.reader.end.set()
        aimed.reader.join()
        n_left -= count["kills"] - before
        print(f"# {count['kills'] - before} kills aimed at the {aimed.n_deal} events of a deal and the "
              f"{aimed.n_start} of a start; {aimed.script.n_again} answers asked again, "
              f"{aimed.reader.n_reads} reads beside")
        aimed.broker.stop()


# --- at random, under load -----------------------------------------------------------------------

class Killed(Load):
    """A load under the shim, whose broker is killed."""

    def __init__(self):
        broker, self.shim = shimmed()
        super().__init__(broker, BUYERS)

    def kill(self, dice):
        """At a random event, or after a random time."""
        before = self.shim.page.n_events
        if dice.random() < 0.5:
            self.shim.arm(dice.randint(1, 60), dice.choice((shim.KILL, shim.KILL_AFTER)))
            try:
                self.broker.process.wait(2)
            except Exception:  # pylint: disable=broad-except
                pass  # nothing to do for so long
        else:
            time.sleep(dice.uniform(0.005, 0.1))
        count["effective"] += self.shim.page.n_events > before
        self.broker.kill()
        self.shim.disarm()
        count["kills"] += 1
        start(self.broker)
        self.reader.still_there()


@scene
def killed_at_random_under_load():
    dice = random.Random(SEED)
    n_left = KILLS // 2
    while n_left > 0:
        load = Killed()
        n_kills = min(n_left, KILLS_OF_ONE_STORE)
        for _ in range(n_kills):
            load.kill(dice)
        n_settled = load.check()
        n_left -= n_kills
        print(f"# {n_kills} kills under load; {n_settled} deals settled, "
              f"{sum(len(buyer.failed) for buyer in load.buyers)} refused, "
              f"{load.reader.n_reads} reads beside")
        load.broker.stop()


if __name__ == "__main__":
    status = main(__doc__)
    if starts_ms:
        print(f"# {count['kills']} kills, {count['effective']} hit work; restart to readiness "
              f"{statistics.median(starts_ms):.0f} ms in the middle, {max(starts_ms):.0f} at most")
    print(f"{count['kills']} passed, {status} failed")
    sys.exit(status)
