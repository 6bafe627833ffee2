# SPDX-License-Identifier: Apache-2.0
"""fault_reload.py - SIGHUP with a good and with a broken configuration, and SIGTERM with a start
after it, while deals are made: no acknowledged step is lost.

ROUNDS says how often (make fault-reload ROUNDS=100); every third is a drain.  With LOSE=1 what was
decided in the last round is taken off the disk behind the broker's back: it must be missed.
"""
import os
import shutil
import sys
import time

from aicx_scene import Daemon, eventually, main, scene, that, using
from load import Load
from script import CONF

ROUNDS = int(os.environ.get("ROUNDS") or "6")
LOSE = bool(os.environ.get("LOSE"))
ON = 0.2  # seconds of dealing between two faults
done = {"reloads": 0, "kept": 0, "drains": 0}


def n_events(broker, name):
    return sum(event.get("event") == name for event in broker.events)


class Reloaded(Load):
    """A load whose broker reads its configuration again, and is stopped and started."""

    def __init__(self):
        super().__init__(using(Daemon({"40-broker.conf": CONF})), may_say=["draining"])
        self.path = self.broker.conf / "40-broker.conf"
        self.copy = self.broker.home / "earlier"

    def reload(self, text, event):
        before = n_events(self.broker, event)
        self.path.write_text(text)
        self.broker.reload()
        eventually(lambda: n_events(self.broker, event) > before, event)

    def dealt(self):
        """Deals go on: one more than before is settled."""
        before = sum(len(buyer.settled) for buyer in self.buyers)
        time.sleep(ON)
        eventually(lambda: sum(len(buyer.settled) for buyer in self.buyers) > before, "a deal")

    def drain(self):
        self.broker.stop()
        if LOSE and self.copy.exists():
            shutil.rmtree(self.broker.data)
            shutil.copytree(self.copy, self.broker.data)
        elif LOSE:
            shutil.copytree(self.broker.data, self.copy)
        self.broker.start()
        self.reader.still_there()
        done["drains"] += 1

    def round(self, number):
        self.dealt()
        if number % 3 == 0:
            self.reload(CONF + "no_such_option = 1\n", "conf.kept")
            done["kept"] += 1
        elif number % 3 == 1:
            self.reload(CONF.replace("reservations_max = 100000",
                                     f"reservations_max = {number + 1000}"), "conf.reloaded")
            done["reloads"] += 1
        else:
            self.drain()


@scene
def reloaded_and_drained_under_load():
    load = Reloaded()
    for number in range(ROUNDS):
        load.round(number)
    n_settled = load.check()
    that(n_settled > 0, "deals were settled")
    print(f"# {n_settled} deals settled, {sum(len(buyer.failed) for buyer in load.buyers)} refused, "
          f"{load.reader.n_reads} reads beside")
    load.broker.stop()


if __name__ == "__main__":
    status = main(__doc__)
    print(f"# {done['reloads']} reloads, {done['kept']} refused, {done['drains']} drains")
    print(f"{sum(done.values())} passed, {status} failed")
    sys.exit(status)
